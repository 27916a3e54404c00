//! `figures:`: what is drawn of which configs. Nothing here enters a run key.

use std::collections::BTreeMap;

use super::{
    ClaimsSpec, Grid, Spec, WordsKind,
    outputs::{Context, Split, Statistic, Where, every, filter, metric, named, text_or_empty},
};
use crate::{
    task::Metric,
    yaml::{
        decode::{Decoder, Fields, suggest},
        node::{Node, Value},
    },
};

/// A figure.
#[derive(Debug, Clone, PartialEq)]
pub struct FigureSpec {
    /// Shown above the figure.
    pub title: String,
    /// The configs that it shows.
    pub filter: Where,
    /// What is drawn.
    pub kind: FigureKind,
}

/// What a figure draws.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FigureKind {
    /// The metrics against epochs, one set of axes each.
    Curves(Vec<Metric>),
    /// Each round's last epoch as a dot over a box, one row per config.
    Dots(Metric, Split),
    /// Each round's last epoch, with a line from config to config for each seed.
    Paired(Metric, Split),
    /// The claims against ours, with intervals.
    Forest(ForestOf),
    /// Where the statistics of a table fall for as many rounds as the paper had, and the paper's numbers.
    Envelope(String),
    /// A statistic of the rounds' last epochs over two axes of the grid.
    HeatMap(HeatMap),
    /// How much the rounds of each config differ at the last epoch.
    Spread(Metric, Split),
}

/// Which claims a forest plot shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForestOf {
    /// The numbers that the paper prints.
    Numbers,
    /// The orderings that it claims in words.
    Orderings,
}

/// A statistic over two axes of the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeatMap {
    /// The quantity.
    pub metric: Metric,
    /// Training or test set.
    pub split: Split,
    /// The statistic of the rounds' last epochs.
    pub statistic: Statistic,
    /// The axis from left to right.
    pub x: GridAxis,
    /// The axis from bottom to top.
    pub y: GridAxis,
}

/// An axis of the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GridAxis {
    /// Architectures.
    Architecture,
    /// Learning rates.
    Lr,
    /// Dropout rates.
    Dropout,
    /// What follows the seed.
    Vary,
}

impl GridAxis {
    /// Every axis with its word in specs.
    pub const WORDS: &[(&str, Self)] = &[
        ("architecture", Self::Architecture),
        ("lr", Self::Lr),
        ("dropout", Self::Dropout),
        ("vary", Self::Vary),
    ];

    /// Returns how many values of this axis a filter leaves.
    fn values(self, grid: &Grid, filter: &Where) -> usize {
        let (fixed, values) = match self {
            Self::Architecture => (filter.architecture.is_some(), grid.architecture.len()),
            Self::Lr => (filter.lr.is_some(), grid.lr.len()),
            Self::Dropout => (filter.dropout.is_some(), grid.dropout.len()),
            Self::Vary => (filter.vary.is_some(), grid.vary.len()),
        };
        if fixed { 1 } else { values }
    }
}

/// Returns how many configs of a grid a filter leaves.
pub(super) fn configs(grid: &Grid, filter: &Where) -> usize {
    GridAxis::WORDS.iter().map(|(_, axis)| axis.values(grid, filter)).product()
}

const KINDS: [&str; 7] = ["curves", "dots", "paired", "spread", "forest", "envelope", "heat-map"];

/// Reads `figures:`.
pub(super) fn figures(d: &mut Decoder, c: &Context<'_>, node: Option<&Node>) -> BTreeMap<String, FigureSpec> {
    named(d, node, |d, node| {
        let fields = d.fields(node, &[["title", "where"].as_slice(), &KINDS].concat())?;
        let title = text_or_empty(d, &fields, "title");
        let filter = filter(d, c, fields.get("where"));
        let kind = kind(d, c, node, &fields, filter.as_ref());
        Some(FigureSpec { title: title?, filter: filter?, kind: kind? })
    })
}

fn kind(
    d: &mut Decoder,
    c: &Context<'_>,
    node: &Node,
    fields: &Fields<'_>,
    filter: Option<&Where>,
) -> Option<FigureKind> {
    let given: Vec<(&str, &Node)> =
        KINDS.into_iter().filter_map(|kind| Some((kind, fields.get(kind)?))).collect();
    let [(kind, n)] = given[..] else {
        let message = format!("{}: a figure has one of `{}:`", node.path, KINDS.join(":`, `"));
        return d.fault(&node.span, message, Some("write `curves: [loss, accuracy]`".to_owned()));
    };
    if let ("forest" | "envelope", Some(filter)) = (kind, fields.get("where")) {
        let message = format!("{}: `{kind}:` shows what is claimed, of whatever config", filter.path);
        return d.fault(&filter.span, message, Some("remove `where:`".to_owned()));
    }
    match kind {
        "curves" => every(d, n, |d, n| d.choice(n, &c.task.words())).map(FigureKind::Curves),
        "dots" => metric_and_split(d, c, n).map(|(metric, split)| FigureKind::Dots(metric, split)),
        "spread" => metric_and_split(d, c, n).map(|(metric, split)| FigureKind::Spread(metric, split)),
        "paired" => paired(d, c, n, filter?),
        "forest" => d
            .choice(n, &[("numbers", ForestOf::Numbers), ("orderings", ForestOf::Orderings)])
            .map(FigureKind::Forest),
        "envelope" => {
            let fields = d.fields(n, &["table"])?;
            let table = d.required(&fields, "table").and_then(|n| d.text(n))?;
            Some(FigureKind::Envelope(table.to_owned()))
        }
        _ => heat_map(d, c, n, filter?).map(FigureKind::HeatMap),
    }
}

/// Reads `{metric: accuracy, split: test}`.
fn metric_and_split(d: &mut Decoder, c: &Context<'_>, node: &Node) -> Option<(Metric, Split)> {
    let fields = d.fields(node, &["metric", "split"])?;
    metric_and_split_of(d, c, &fields)
}

fn metric_and_split_of(d: &mut Decoder, c: &Context<'_>, fields: &Fields<'_>) -> Option<(Metric, Split)> {
    let metric = metric(d, c, fields);
    let split = fields.get("split").map_or(Some(Split::Test), |n| d.choice(n, Split::WORDS));
    Some((metric?, split?))
}

fn paired(d: &mut Decoder, c: &Context<'_>, node: &Node, filter: &Where) -> Option<FigureKind> {
    let (metric, split) = metric_and_split(d, c, node)?;
    if configs(c.grid, filter) > 1 {
        return Some(FigureKind::Paired(metric, split));
    }
    let message = format!("{}: one config has nothing to be paired with", node.path);
    d.fault(&node.span, message, Some("choose two or more configs, or draw `dots:`".to_owned()))
}

fn heat_map(d: &mut Decoder, c: &Context<'_>, node: &Node, filter: &Where) -> Option<HeatMap> {
    let fields = d.fields(node, &["metric", "split", "statistic", "x", "y"])?;
    let of = metric_and_split_of(d, c, &fields);
    let statistic = fields.get("statistic").map_or(Some(Statistic::Mean), |n| d.choice(n, Statistic::WORDS));
    let x = d.required(&fields, "x").and_then(|n| d.choice(n, GridAxis::WORDS));
    let y = d.required(&fields, "y").and_then(|n| d.choice(n, GridAxis::WORDS));
    let ((metric, split), statistic, x, y) = (of?, statistic?, x?, y?);
    if x == y {
        let message = format!("{}: `x` and `y` are the same axis", node.path);
        return d.fault(&node.span, message, Some("write `x: lr, y: dropout`".to_owned()));
    }
    let values = |axis: &GridAxis| axis.values(c.grid, filter);
    let mut rest = GridAxis::WORDS.iter().filter(|(_, axis)| *axis != x && *axis != y);
    if let Some((word, axis)) = rest.find(|(_, axis)| values(axis) > 1) {
        let message = format!("{}: each cell would stand for {} values of `{word}`", node.path, values(axis));
        return d.fault(&node.span, message, Some(format!("choose one: `where: {{{word}: …}}`")));
    }
    Some(HeatMap { metric, split, statistic, x, y })
}

/// Checks that claims that are to be drawn are there.
pub(super) fn check(d: &mut Decoder, node: Option<&Node>, spec: &Spec) {
    // Faulty tables and claims were left out; what is missing because of that is no fault of its own.
    if !d.faults.is_empty() {
        return;
    }
    let Some(Value::Map(figures)) = node.map(|node| &node.value) else { return };
    for (key, node) in figures {
        let Some(figure) = spec.figures.get(&key.name) else { continue };
        if let Some((message, help)) = missing(&figure.kind, spec) {
            d.fault::<()>(&node.span, format!("{}: {message}", node.path), help);
        }
    }
}

/// Returns what a figure of claims lacks, and the remedy.
fn missing(kind: &FigureKind, spec: &Spec) -> Option<(String, String)> {
    let tables: Vec<&str> = spec
        .tables
        .iter()
        .filter(|(_, table)| table.rows.iter().any(|row| row.paper.is_some()))
        .filter(|(_, table)| table.readings.iter().any(|reading| reading.metric.is_accuracy()))
        .map(|(name, _)| name.as_str())
        .collect();
    let drawn = match kind {
        FigureKind::Forest(_) => "`forest:`",
        FigureKind::Envelope(_) => "`envelope:`",
        _ => return None,
    };
    let ordering = |claims: &ClaimsSpec| {
        claims.words.iter().any(|words| matches!(words.kind, WordsKind::Ordering { .. }))
    };
    match (kind, &spec.claims) {
        (_, None) => Some((
            format!("{drawn} shows claims, and the spec has no `claims:`"),
            "add `claims: {rounds: 10}`".to_owned(),
        )),
        (FigureKind::Envelope(table), _) if !tables.contains(&table.as_str()) => {
            let help = if tables.is_empty() {
                "give a table's rows `paper: {mean: …, max: …, median: …, std: …}`".to_owned()
            } else {
                suggest(table, &tables)
            };
            Some((format!("no table `{table}` has accuracies of the paper"), help))
        }
        (FigureKind::Forest(ForestOf::Numbers), _) if tables.is_empty() => Some((
            "no table has accuracies of the paper".to_owned(),
            "give a table's rows `paper: {mean: …, max: …, median: …, std: …}`".to_owned(),
        )),
        (FigureKind::Forest(ForestOf::Orderings), Some(claims)) if !ordering(claims) => Some((
            "no claim in words orders two configs".to_owned(),
            "add `{name: …, greater: {…}, less: {…}}` to `claims.words`".to_owned(),
        )),
        _ => None,
    }
}
