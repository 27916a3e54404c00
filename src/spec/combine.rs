//! Axes whose values are put at a path of the spec: what is read for each combination of their values.

use std::collections::HashSet;

use super::grid::{Axis, Home};
use crate::{
    error::{Fault, Span},
    parallel,
    yaml::{decode::Decoder, node::Node},
};

/// An axis as it is written.
pub(super) struct Placed<'a> {
    /// Its path in the spec.
    pub(super) path: String,
    /// The place of its name.
    pub(super) span: &'a Span,
    /// Its values.
    pub(super) values: &'a [Node],
}

impl Placed<'_> {
    /// Returns the architecture that it is a setting of.
    pub(super) fn network(&self, names: &[String]) -> Option<String> {
        let rest = self.path.strip_prefix("architectures.")?;
        let begins = |name: &&String| {
            rest.strip_prefix(name.as_str()).is_some_and(|r| r.is_empty() || r.starts_with(['.', '[']))
        };
        let name = names.iter().filter(begins).max_by_key(|name| name.len());
        Some(name.cloned().unwrap_or_else(|| rest.split(['.', '[']).next().unwrap_or_default().to_owned()))
    }

    /// Returns the axis with its values as they are decoded, where it is a single setting.
    pub(super) fn axis(&self, names: &[String]) -> Axis {
        let of = self.network(names).map_or(Home::Base, Home::Network);
        let mut axis = Axis { name: self.path.clone(), label: self.path.clone(), values: Vec::new(), of };
        let setting = axis.setting();
        let value = |node: &Node| {
            let decoded = setting.and_then(|s| s.kind.decode(&mut Decoder::default(), node));
            decoded.unwrap_or_else(|| node.scalar())
        };
        axis.values = self.values.iter().map(value).collect();
        if let Some(setting) = setting {
            setting.label.clone_into(&mut axis.label);
        }
        axis
    }
}

/// Faults a value that is on its axis already.
pub(super) fn twice(d: &mut Decoder, node: &Node) {
    let message = format!("{}: this value is there twice", node.path);
    d.fault::<()>(&node.span, message, "remove one of them".to_owned());
}

/// The most values that are read for all combinations.
const MOST_READ: usize = 4_000_000;

/// Combinations that are read before their faults are looked at.
const AT_ONCE: usize = 4096;

/// Reads `root` for each combination of the values, of which those of the last axis change fastest.
pub(super) fn each<T: std::fmt::Debug + Send>(
    d: &mut Decoder,
    root: &Node,
    axes: &[&Placed<'_>],
    read: impl Fn(&mut Decoder, &Node) -> Option<T> + Sync,
) -> Option<Vec<T>> {
    let combinations: usize = axes.iter().map(|axis| axis.values.len()).product();
    let size = root.size();
    if combinations > 1 && combinations.saturating_mul(size) > MOST_READ {
        let message = format!(
            "grid: {combinations} combinations of what is put at its path, each read as {size} values; the limit is \
             {MOST_READ} in all"
        );
        return d.fault(axes[0].span, message, "shorten an axis or split the experiment".to_owned());
    }
    let advice = d.advice;
    let one = |index: usize| {
        let mut here = Decoder { advice, ..Decoder::default() };
        let mut root = root.clone();
        let mut placed = Some(());
        for (axis, value) in axes.iter().zip(values_of(axes, index)) {
            if let Err(blocked) = root.insert(&axis.path, axis.span, axis.values[value].clone()) {
                let message = format!("grid: there is no `{}`: {}", axis.path, blocked.message);
                placed = here.fault(axis.span, message, "put a value there, or correct the path".to_owned());
            }
        }
        let found = placed.and_then(|()| read(&mut here, &root));
        (found, here.faults)
    };
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    while found.len() < combinations {
        let begin = found.len();
        let next = parallel::map(AT_ONCE.min(combinations - begin), |i| one(begin + i));
        for (value, of) in next {
            found.push(value);
            faults.push(of);
        }
        // What is wrong in these may be wrong in all that follow.
        if faults.iter().any(|of: &Vec<Fault>| !of.is_empty()) && faults.len() >= AT_ONCE {
            break;
        }
    }
    tell(d, axes, &faults);
    let found = found.into_iter().collect::<Option<Vec<T>>>().filter(|_| faults.iter().all(Vec::is_empty))?;
    let mut step = 1;
    let mut distinct = Some(());
    for axis in axes.iter().rev() {
        let mut seen = HashSet::new();
        for (value, node) in axis.values.iter().enumerate() {
            if !seen.insert(format!("{:?}", found[value * step])) {
                twice(d, node);
                distinct = None;
            }
        }
        step *= axis.values.len();
    }
    distinct.map(|()| found)
}

/// Returns the value on each axis in the combination of this number.
fn values_of(axes: &[&Placed<'_>], mut index: usize) -> Vec<usize> {
    let mut found = vec![0; axes.len()];
    for (value, axis) in found.iter_mut().zip(axes).rev() {
        *value = index % axis.values.len();
        index /= axis.values.len();
    }
    found
}

/// Tells each fault once; and where it depends on values that stand elsewhere, in which combination it is.
fn tell(d: &mut Decoder, axes: &[&Placed<'_>], faults: &[Vec<Fault>]) {
    let mut told: HashSet<(usize, usize, usize, &str)> = HashSet::new();
    for fault in faults.iter().flatten() {
        if d.is_full() {
            return;
        }
        // Several names may be missing at one place.
        let missing = if fault.message.ends_with("is missing") { fault.message.as_str() } else { "" };
        let at = (fault.span.source, fault.span.bytes.start, fault.span.bytes.end, missing);
        if !told.insert(at) {
            continue;
        }
        let with: Vec<usize> =
            (0..faults.len()).filter(|i| faults[*i].iter().any(|f| f.span == fault.span)).collect();
        let mut needed = Vec::new();
        for (i, axis) in axes.iter().enumerate() {
            let values: HashSet<usize> = with.iter().map(|c| values_of(axes, *c)[i]).collect();
            let shown = values.iter().all(|v| covers(&axis.values[*v].span, &fault.span));
            // Of what was read: what follows the first faults is not.
            let read: HashSet<usize> = (0..faults.len()).map(|c| values_of(axes, c)[i]).collect();
            if values.len() < read.len() && !shown {
                let value = values_of(axes, with[0])[i];
                needed.push((&axis.path, &axis.values[value]));
            }
        }
        let mut fault = fault.clone();
        // What is good with another value of one axis is mended there.
        if let [(_, value)] = needed[..] {
            fault.span = value.span.clone();
            let remove = "or remove this value from the axis";
            fault.help = Some(fault.help.map_or(remove.to_owned(), |help| format!("{help}; {remove}")));
        }
        let needed: Vec<String> =
            needed.iter().map(|(axis, value)| format!("`{axis}` {}", value.scalar())).collect();
        if !needed.is_empty() {
            fault.message += &format!(" (in the combination with {})", needed.join(", "));
        }
        d.faults.push(fault);
    }
}

/// Says whether a place lies in another.
fn covers(outer: &Span, inner: &Span) -> bool {
    outer.source == inner.source
        && outer.bytes.start <= inner.bytes.start
        && inner.bytes.end <= outer.bytes.end
}
