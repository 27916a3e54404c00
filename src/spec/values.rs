//! The values of an axis, and the seeds.

use std::collections::HashSet;

use super::{
    combine,
    grid::{MAX_RUNS, Seeds},
};
use crate::yaml::{
    decode::Decoder,
    node::{Node, Value},
};

/// Returns the values of an axis: at least one; a single one is a list of one.
pub(super) fn values<'a>(d: &mut Decoder, node: &'a Node) -> Option<&'a [Node]> {
    if matches!(node.value, Value::Null) && node.path == "grid.seed" {
        let message = "grid.seed: expected seeds, found nothing".to_owned();
        return d.fault(
            &node.span,
            message,
            "write `{from: 0, count: 10}`, `[1, 2, 3]` or one number".to_owned(),
        );
    }
    let items = d.list(node)?;
    if !items.is_empty() {
        return Some(items);
    }
    let message = format!("{}: an axis needs at least one value", node.path);
    d.fault(&node.span, message, "an empty axis makes an empty grid; give one value".to_owned())
}

/// Returns a text with a round bracket that is not closed in it.
pub(super) fn open_bracket(node: &Node) -> Option<&str> {
    let Value::Text(text) = &node.value else { return None };
    (text.contains('(') && !text.contains(')')).then_some(text)
}

/// Reads an item; if it has a fault, and two of the items look like one number with a decimal comma, says so.
pub(super) fn decimal_comma<T>(
    d: &mut Decoder,
    items: &[Node],
    read: impl FnOnce(&mut Decoder) -> Option<T>,
) -> Option<T> {
    let before = d.faults.len();
    let found = read(d);
    if d.faults.len() == before {
        return found;
    }
    // A number that begins with 0, such as `02`, is read as one with a point.
    let whole = |node: &Node| match node.value {
        Value::Integer(v) => v >= 0,
        Value::Float(v) => v >= 0.0 && v.fract() == 0.0 && node.decimals == 0,
        _ => false,
    };
    let glued = items.array_windows().find_map(|[a, b]| {
        let glued = a.span.bytes.end + 1 == b.span.bytes.start && whole(a) && whole(b);
        glued.then(|| format!("{}.{:0>2$}", a.scalar(), b.scalar(), b.span.bytes.len()))
    });
    for fault in &mut d.faults[before..] {
        if let (Some(number), Some(help)) = (&glued, &mut fault.help) {
            help.push_str(&format!("; numbers have a decimal point: `{number}`"));
        }
    }
    found
}

/// Reads `7`, `[1, 5, 9]` or `{from: 0, count: 10}`.
pub(super) fn seeds(d: &mut Decoder, node: &Node) -> Option<Seeds> {
    if !matches!(node.value, Value::Map(_)) {
        if let Value::Text(text) = &node.value
            && let Some((first, last)) = text.split_once("..")
            && let (Ok(first), Ok(last)) = (first.parse::<u64>(), last.trim_start_matches('=').parse::<u64>())
            && first <= last
        {
            let message = format!("{}: expected seeds, found a text", node.path);
            let help = format!("write `{{from: {first}, count: {}}}`", (last - first).saturating_add(1));
            return d.fault(&node.span, message, help);
        }
        let (items, mut seen) = (values(d, node)?, HashSet::new());
        let mut found = Vec::new();
        for item in items {
            if d.is_full() {
                return None;
            }
            let Some(seed) = d.integer(item, 0..=u64::MAX) else { continue };
            if seen.insert(seed) {
                found.push(seed);
            } else {
                combine::twice(d, item);
            }
        }
        return (found.len() == items.len()).then_some(Seeds::List(found));
    }
    let fields = d.fields(node, &["from", "count"])?;
    let from = fields.get("from").map_or(Some(0), |n| d.integer(n, 0..=u64::MAX));
    let count = d.required(&fields, "count").and_then(|n| {
        // More than a grid may have is told of the whole grid.
        let most = if matches!(n.value, Value::Integer(v) if v > 0) { u64::MAX } else { MAX_RUNS };
        d.integer(n, 1..=most)
    });
    let (from, count) = (from?, count?);
    if from.checked_add(count - 1).is_none() {
        let message = format!("{}: seeds from {from} on, {count} of them, exceed 2^64 − 1", node.path);
        return d.fault(&node.span, message, "begin with a smaller seed".to_owned());
    }
    Some(Seeds::From(from, count))
}
