//! The tree of `grid:` → [`Grid`].

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::{
    combine::{self, Placed},
    config::Config,
    grid::{Axis, Grid, Home, MAX_CONFIGS, MAX_RUNS, Networks, Seeds},
    settings::{SETTINGS, Setting, flattened, section, settings_below},
    values::{decimal_comma, open_bracket, seeds, values},
    words::Vary,
};
use crate::{
    error::Span,
    model,
    task::pairs::Draw,
    yaml::{
        decode::Decoder,
        kind::Scalar,
        near::{cut_number, suggest},
        node::Node,
    },
};

/// The most axes of one grid.
const MAX_AXES: usize = 64;

/// What `grid:` says, before anything is put at its path.
pub(super) struct Written<'a> {
    node: &'a Node,
    /// The axes that are put at their paths, as written.
    placed: Vec<Placed<'a>>,
    /// The axes with short names, by setting.
    short: BTreeMap<&'static str, &'a Node>,
    seed: Option<&'a Node>,
}

/// Reads the names of the axes and whether each has values.
pub(super) fn written<'a>(d: &mut Decoder, node: &'a Node) -> Option<Written<'a>> {
    d.entries(node)?;
    let mut found = Written { node, placed: Vec::new(), short: BTreeMap::new(), seed: None };
    let mut names = HashSet::new();
    let mut complete = true;
    let whole: Vec<&str> = settings_below("grid").map(Setting::name).chain(["seed"]).collect();
    let axes = flattened(node, &whole);
    if axes.len() > MAX_AXES {
        let message = format!("grid: {} axes; the limit is {MAX_AXES}", axes.len());
        return d.fault(&node.span, message, "write what does not vary where it belongs".to_owned());
    }
    let mut call = false;
    for (path, span, node) in axes {
        if call {
            // What a comma cut off.
            call = !path.ends_with(')');
            continue;
        }
        if let Some(text) = open_bracket(node) {
            let message = format!("{}: `{text}` is no number", node.path);
            let help = "a list has square brackets: `[0.1, 0.2]`; there are no functions".to_owned();
            d.fault::<()>(&node.span, message, help);
            (call, complete) = (true, false);
        } else if !names.insert(path.clone()) {
            let message = format!("grid: the axis `{path}` is there twice");
            d.fault::<()>(span, message, "join their values".to_owned());
            complete = false;
        } else if path == "seed" {
            found.seed = Some(node);
        } else if let Some(setting) = Setting::short_named(&path) {
            found.short.insert(setting.name(), node);
        } else {
            match placed(d, path, span, node) {
                Some(axis) => found.placed.push(axis),
                None => complete = false,
            }
        }
    }
    for (i, axis) in found.placed.iter().enumerate() {
        let inside = |other: &&Placed<'_>| {
            axis.path.strip_prefix(&*other.path).is_some_and(|r| r.starts_with(['.', '[']))
        };
        if let Some(other) =
            found.placed.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, o)| o).find(inside)
        {
            let message = format!("grid: the axis `{}` is a part of the axis `{}`", axis.path, other.path);
            d.fault::<()>(axis.span, message, "write them as one axis, with whole values".to_owned());
            complete = false;
        }
    }
    complete.then_some(found)
}

/// Checks an axis that is put at its path.
fn placed<'a>(d: &mut Decoder, path: String, span: &'a Span, node: &'a Node) -> Option<Placed<'a>> {
    let section = path.split(['.', '[']).next().unwrap_or_default();
    let inside = ["data", "train", "architectures"].contains(&section) && section != path;
    if let Some(short) =
        path.strip_prefix("grid.").filter(|s| Setting::short_named(s).is_some() || *s == "seed")
    {
        return d.fault(
            span,
            format!("grid: the axis `{path}` has a shorter name"),
            format!("write `{short}`"),
        );
    }
    if path.contains('"') {
        let message = format!("grid: the axis `{path}` has quotes in its path");
        return d.fault(
            span,
            message,
            "write it without them; a name that is there may have dots".to_owned(),
        );
    }
    if ["data", "train", "architectures"].contains(&path.as_str()) {
        let below = settings_below(&path).filter(|s| s.fixed.is_none()).map(Setting::name);
        let some: Vec<&str> = below.take(3).collect();
        let message = format!("grid: `{path}` is a section");
        return d.fault(span, message, format!("name one setting of it: {}, …", some.join(", ")));
    }
    if let Some(reason) = settings_below(&path).find_map(|s| s.fixed) {
        return d.fault(span, format!("grid: `{path}` cannot be an axis"), reason.to_owned());
    }
    if !inside {
        let names: Vec<&str> = SETTINGS
            .iter()
            .filter(|s| s.fixed.is_none())
            .map(Setting::name)
            .chain(["seed", "seed.count"])
            .collect();
        let message = format!("grid: `{path}` is no setting of `data`, `train` or `architectures`");
        return d.fault(span, message, cut_number(&path).unwrap_or_else(|| suggest(&path, &names)));
    }
    Some(Placed { values: values(d, node)?, path, span })
}

impl Written<'_> {
    /// Says how many runs there would be; refuses more than there may.
    fn check_size(&self, d: &mut Decoder, architectures: &[String], seeds: u64, others: u64) -> Option<()> {
        let mut products: BTreeMap<Option<String>, Option<u64>> = BTreeMap::new();
        for (network, axes) in by_network(&self.placed, architectures) {
            let product = axes.iter().try_fold(1_u64, |n, axis| n.checked_mul(axis.values.len() as u64));
            products.insert(network, product);
        }
        let product = |of: Option<String>| products.get(&of).copied().unwrap_or(Some(1));
        let networks =
            architectures.iter().try_fold(0_u64, |n, name| n.checked_add(product(Some(name.clone()))?));
        let base = product(None);
        let times = |first: u64| {
            [base, networks, Some(others)].into_iter().try_fold(first, |n, factor| n.checked_mul(factor?))
        };
        let (configs, runs) = (times(1), times(seeds));
        let few = configs.is_some_and(|n| n <= MAX_CONFIGS);
        if few && runs.is_some_and(|n| n <= MAX_RUNS) {
            return Some(());
        }
        let (found, what, limit) =
            if few { (runs, "runs", MAX_RUNS) } else { (configs, "configs", MAX_CONFIGS) };
        let size = found.map_or("more than 10^19".into(), |n| n.to_string());
        let message = format!("grid: {size} {what}; the limit is {limit}");
        d.fault(&self.node.span, message, "shorten an axis or split the experiment".to_owned())
    }
}

/// Reads the values of an axis with a short name.
fn short(d: &mut Decoder, w: &Written<'_>, setting: &Setting, known: &[String]) -> Option<Axis> {
    let found = match (w.short.get(setting.name()), &setting.default) {
        (None, Some(default)) => vec![default.clone()],
        (None, None) => {
            let message = format!("{}: `{}` is missing", w.node.path, setting.name());
            return d.fault(&w.node.span, message, format!("add `{}:` here", setting.name()));
        }
        (Some(node), _) => {
            let mut seen = HashSet::new();
            let items = values(d, node)?;
            let names: HashSet<&str> = known.iter().map(String::as_str).collect();
            let mut found = Vec::new();
            for item in items {
                if d.is_full() {
                    return None;
                }
                let Some(value) = decimal_comma(d, items, |d| setting.kind.decode(d, item)) else { continue };
                let text = value.to_string();
                if setting.name() == "architecture" && !names.is_empty() && !names.contains(text.as_str()) {
                    let known: Vec<&str> = known.iter().map(String::as_str).collect();
                    let message = format!("{}: there is no architecture `{text}`", item.path);
                    let several = text.contains(',').then(|| format!("several are a list: `[{text}]`"));
                    d.fault::<()>(&item.span, message, several.unwrap_or_else(|| suggest(&text, &known)));
                } else if seen.insert(text) {
                    found.push(value);
                } else {
                    combine::twice(d, item);
                }
            }
            if found.len() < items.len() {
                return None;
            }
            found
        }
    };
    Some(Axis { name: setting.name().into(), label: setting.label.into(), values: found, of: Home::Grid })
}

/// Reads the grid, and with it `data:`, `train:` and `architectures:` for each combination of the axes.
pub(super) fn grid(d: &mut Decoder, root: &Node, w: Option<Written<'_>>) -> Option<Grid> {
    let names = network_names(d, root);
    let placed = w.as_ref().map_or(&[][..], |w| &w.placed);
    let mut axes = Vec::new();
    let mut seed = None;
    let mut fits = None;
    if let Some(w) = &w {
        let short: Vec<Option<Axis>> =
            settings_below("grid").map(|setting| short(d, w, setting, &names)).collect();
        seed = w.seed.map_or(Some(Seeds::From(0, 1)), |n| seeds(d, n));
        axes = short.into_iter().collect::<Option<Vec<Axis>>>().unwrap_or_default();
        if let (Some(seeds), [architecture, others @ ..]) = (&seed, &axes[..]) {
            let others = others.iter().map(|a| a.values.len() as u64).fold(1, u64::saturating_mul);
            let used: Vec<String> = architecture.values.iter().map(Scalar::to_string).collect();
            w.unused(d, &names, &used);
            fits = w.check_size(d, &used, seeds.count(), others);
        }
    }
    // What is not expanded is read once, so that its faults are told too.
    let placed = if fits.is_some() { placed } else { &[] };
    let read = read(d, root, placed, &names);
    let ((bases, networks), seeds, w, ()) = (read?, seed?, w?, fits?);
    let place = |axis: &Placed<'_>| axis.axis(&names);
    axes.splice(1..1, w.placed.iter().map(place));
    let grid = Grid { axes, seeds, bases, networks };
    pairs_may_vary(d, &w, &grid)?;
    Some(grid)
}

impl Written<'_> {
    /// Faults axes of architectures that the grid does not have.
    fn unused(&self, d: &mut Decoder, names: &[String], used: &[String]) {
        for axis in &self.placed {
            if let Some(name) = axis.network(names).filter(|name| !used.contains(name)) {
                let (message, help) = if names.contains(&name) {
                    let message = format!("grid: the axis `{}` varies nothing", axis.path);
                    (message, format!("add `{name}` to `grid.architecture`"))
                } else {
                    let known: Vec<&str> = names.iter().map(String::as_str).collect();
                    (format!("grid: there is no architecture `{name}`"), suggest(&name, &known))
                };
                d.fault::<()>(axis.span, message, help);
            }
        }
    }
}

/// Returns the names of the architectures.
fn network_names(d: &mut Decoder, root: &Node) -> Vec<String> {
    let Some(node) = root.get("architectures") else { return Vec::new() };
    let names = d.entries(node).into_iter().flatten().map(|(key, _)| key.name.clone());
    // One without letters has a fault of its own.
    names.filter(|name| !name.is_empty()).collect()
}

/// Returns the axes by the architecture that they are of; none for those of `data` and `train`.
fn by_network<'a>(
    placed: &'a [Placed<'a>],
    names: &[String],
) -> BTreeMap<Option<String>, Vec<&'a Placed<'a>>> {
    let mut found: BTreeMap<Option<String>, Vec<&Placed<'_>>> = BTreeMap::new();
    for axis in placed {
        found.entry(axis.network(names)).or_default().push(axis);
    }
    found
}

/// Reads `data:`, `train:` and `architectures:` for each combination of their axes.
fn read(
    d: &mut Decoder,
    root: &Node,
    placed: &[Placed<'_>],
    names: &[String],
) -> Option<(Vec<Config>, Networks)> {
    let axes = by_network(placed, names);
    let of = |network: Option<String>| axes.get(&network).map_or(&[][..], Vec::as_slice);
    let bases = combine::each(d, &root.only(&["data", "train"]), of(None), |d, root| {
        let mut config = Config::blank();
        let data = root.get("data").and_then(|n| section(d, n, "data", &mut config));
        let train = root.get("train").and_then(|n| section(d, n, "train", &mut config));
        data.and(train).map(|()| config)
    });
    let mut networks = BTreeMap::new();
    let mut complete = true;
    let entries =
        root.get("architectures").and_then(|all| Some((root.entry("architectures")?, all.entries()?)));
    let ((key, all), entries) = entries?;
    if entries.is_empty() {
        let message = format!("{}: there is no network", all.path);
        let help = "add one, such as `net: {pair: [flatten, {linear: 2}]}`";
        return d.fault(&all.span, message, help.to_owned());
    }
    for entry in entries {
        if d.is_full() {
            return None;
        }
        // Only its own tree, or many architectures would be copied for each of them.
        let tree = root.with(vec![(key.clone(), all.with(vec![entry.clone()]))]);
        let name = &entry.0.name;
        let found = combine::each(d, &tree, of(Some(name.clone())), |d, root| {
            let (key, node) = root.get("architectures")?.entry(name)?;
            let label = d.label(key);
            let found = model::architecture(d, node).map(Arc::new);
            label.and(found)
        });
        match found {
            Some(found) => drop(networks.insert(name.clone(), found)),
            None => complete = false,
        }
    }
    Some((bases?, complete.then_some(networks)?))
}

/// Checks that pairs that are to follow the seed are drawn per round.
fn pairs_may_vary(d: &mut Decoder, w: &Written<'_>, grid: &Grid) -> Option<()> {
    let vary =
        grid.axes.last().is_some_and(|axis| axis.values.iter().any(|v| v.to_string() == Vary::Pairs.word()));
    if !vary || grid.bases.iter().all(|config| config.pairs.draw != Draw::Fixed) {
        return Some(());
    }
    let message =
        format!("{}.vary: the pairs do not follow the seed, since they are drawn once", w.node.path);
    let with = grid
        .axis("data.pairs.draw")
        .map_or("", |_| " (in the combination of `vary` pairs and `data.pairs.draw` fixed)");
    let place = w.short.get("vary").map_or(&w.node.span, |vary| &vary.span);
    d.fault(place, message + with, "write `draw: per-round` under `data.pairs`".to_owned())
}
