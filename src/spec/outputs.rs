//! Bands, and what tables, figures and claims share with them. Nothing here enters a run key.

use super::{
    filter::Where,
    grid::{Axis, Grid},
    named::Named,
    settings::flattened,
    words::{Over, Reading, Split, Statistic},
};
use crate::{
    task::{Metric, Task},
    yaml::{
        decode::{Decoder, Fields},
        kind::{Entry, Kind, Scalar, Section},
        near::suggest,
        node::{Key, Node, Value},
    },
};

/// An interval that a statistic must lie in.
#[derive(Debug, Clone, PartialEq)]
pub struct Band {
    /// The configs; each must be inside.
    pub filter: Where,
    /// Training or test set.
    pub split: Split,
    /// What the statistic is taken of.
    pub reading: Reading,
    /// The statistic.
    pub statistic: Statistic,
    /// Lower and upper end, both allowed; in percent for accuracies.
    pub within: [f64; 2],
}

/// `expect:`.
pub(super) const EXPECT: Section = Section {
    name: "expect",
    kind: Kind::List(&Kind::Map(BAND)),
    doc: "Intervals that statistics must lie in, as a guard for this program; `replikat check` fails if one does not.",
    example: "expect:
  - {where: {architecture: simple}, over: epochs, statistic: mean, within: [63.6, 76.8]}
",
};

const BAND: &[Entry] = &[
    WHERE,
    SPLIT,
    METRIC,
    OVER,
    Entry::must("statistic", Kind::Words(Statistic::NAMES), "The statistic."),
    Entry::must(
        "within",
        Kind::Any("two numbers"),
        "Lower and upper end, both allowed; accuracies in percent.",
    ),
];

/// What a statistic is taken of.
pub(super) const READING: &[Entry] = &[METRIC, OVER];

pub(super) const METRIC: Entry =
    Entry::may("metric", Kind::Text("the name of a metric"), "accuracy", "The quantity.");
const OVER: Entry = Entry::may(
    "over",
    Kind::Words(Over::NAMES),
    "rounds",
    "The rounds at their last epoch, or the epochs of the curve averaged over the rounds.",
);
pub(super) const SPLIT: Entry = Entry::may(
    "split",
    Kind::Words(Split::NAMES),
    "test",
    "The training or the test pairs, without dropout.",
);
pub(super) const WHERE: Entry =
    Entry::may("where", Kind::Paths(&Kind::Any("a value")), "", "The configs; all if left out.");

/// What outputs may refer to.
pub(crate) struct Context<'a> {
    pub(crate) task: &'static Task,
    pub(crate) grid: &'a Grid,
}

/// Reads `expect:`.
pub(super) fn expect(d: &mut Decoder, c: &Context<'_>, node: Option<&Node>) -> Vec<Band> {
    node.and_then(|n| every(d, n, "[{statistic: mean, within: [60, 80]}]", |d, n| band(d, c, n)))
        .unwrap_or_default()
}

fn band(d: &mut Decoder, c: &Context<'_>, node: &Node) -> Option<Band> {
    let fields = d.declared(node, BAND)?;
    let filter = filter(d, c, fields.get("where"));
    let split = fields.get("split").map_or(Some(Split::Test), |n| d.choice(n, Split::WORDS));
    let reading = reading_of(d, c, &fields);
    let statistic = d.required(&fields, "statistic").and_then(|n| d.choice(n, Statistic::WORDS));
    let within = d.required(&fields, "within").and_then(|n| within(d, n));
    let (reading, within) = (reading?, within?);
    if reading.metric.is_accuracy() {
        in_percent(d, fields.get("within")?, within)?;
    }
    let filter = filter?;
    scored(d, c, node, &[&filter])?;
    Some(Band { filter, split: split?, reading, statistic: statistic?, within })
}

fn within(d: &mut Decoder, node: &Node) -> Option<[f64; 2]> {
    const EXAMPLE: &str = "[60, 80]";
    if let Value::Text(text) = &node.value {
        let ends = ["..", "–", " to ", ",", "-"].iter().find_map(|between| text.split_once(between));
        let ends = ends.map(|(low, high)| [low.trim(), high.trim()]);
        if let Some([low, high]) = ends.filter(|ends| ends.iter().all(|end| end.parse::<f64>().is_ok())) {
            let message = format!("{}: expected two numbers, found a text", node.path);
            return d.fault(&node.span, message, format!("write `within: [{low}, {high}]`"));
        }
    }
    let ends = every(d, node, EXAMPLE, |d, n| d.number(n, "a finite number", |_| true))?;
    match ends[..] {
        [low, high] if low <= high => Some([low, high]),
        [low, high] => {
            let message = format!("{}: {low} is above {high}", node.path);
            d.fault(&node.span, message, format!("write `within: [{high}, {low}]`"))
        }
        _ => {
            let message = format!("{}: a band has a lower and an upper end", node.path);
            d.fault(&node.span, message, format!("write `within: {EXAMPLE}`"))
        }
    }
}

/// Refuses ends of a band that are fractions, or that no percentage reaches.
fn in_percent(d: &mut Decoder, node: &Node, [low, high]: [f64; 2]) -> Option<()> {
    if high <= 1.0 {
        let message = format!("{}: [{low}, {high}] looks like fractions", node.path);
        let [low, high] = [low, high].map(percent);
        let help = format!("accuracies are in percent: write `within: [{low}, {high}]`");
        return d.fault(&node.span, message, help);
    }
    not_above_100(d, node, high)
}

/// Refuses a percentage that there is not.
fn not_above_100(d: &mut Decoder, node: &Node, value: f64) -> Option<()> {
    if value <= 100.0 {
        return Some(());
    }
    let message = format!("{}: {value} is more than 100 %", node.path);
    d.fault(&node.span, message, "accuracies are in percent, from 0 to 100".to_owned())
}

/// Returns a fraction in percent, as a person writes it.
pub(super) fn percent(fraction: f64) -> f64 {
    (fraction * 1e8).round() / 1e6
}

pub(super) fn reading(d: &mut Decoder, c: &Context<'_>, node: &Node) -> Option<Reading> {
    let fields = d.declared(node, READING)?;
    reading_of(d, c, &fields)
}

pub(super) fn reading_of(d: &mut Decoder, c: &Context<'_>, fields: &Fields<'_>) -> Option<Reading> {
    let metric = metric(d, c, fields);
    let over = fields.get("over").map_or(Some(Over::Rounds), |n| d.choice(n, Over::WORDS));
    Some(Reading { metric: metric?, over: over? })
}

/// Reads `metric:`; the task's first one, if it is left out.
pub(super) fn metric(d: &mut Decoder, c: &Context<'_>, fields: &Fields<'_>) -> Option<Metric> {
    fields.get("metric").map_or(Some(c.task.metrics[0]), |n| d.choice(n, &c.task.words()))
}

/// Faults metrics of the digits in an output none of whose configs scores them.
pub(super) fn scored(d: &mut Decoder, c: &Context<'_>, node: &Node, filters: &[&Where]) -> Option<()> {
    fn first<'a>(node: &'a Node, of_digits: &dyn Fn(&str) -> bool) -> Option<&'a Node> {
        match &node.value {
            Value::Text(word) if of_digits(word) => Some(node),
            Value::List(items) => items.iter().find_map(|item| first(item, of_digits)),
            Value::Map(entries) => {
                let said =
                    |(key, _): &&(Key, Node)| !["title", "caption", "name"].contains(&key.name.as_str());
                entries.iter().filter(said).find_map(|(_, item)| first(item, of_digits))
            }
            _ => None,
        }
    }
    let Some(found) = first(node, &|word| c.task.is_of_digits(word)) else { return Some(()) };
    if filters.iter().any(|filter| c.grid.scores_digits(filter)) {
        return Some(());
    }
    let message = format!("{}: none of these networks scores the digits", found.path);
    let help = "choose `accuracy` or `loss`, or a network with `each:` and `digits: {loss_weight: 1.0}`";
    d.fault(&found.span, message, Some(help.to_owned()))
}

/// Reads `{lr: 0.01, train.batch: 16}`.
pub(super) fn filter(d: &mut Decoder, c: &Context<'_>, node: Option<&Node>) -> Option<Where> {
    let Some(node) = node else { return Some(Where::default()) };
    d.entries(node)?;
    let names: Vec<&str> = c.grid.axes.iter().map(|axis| axis.name.as_str()).collect();
    let (mut chosen, mut complete) = (Vec::new(), true);
    for (name, span, item) in flattened(node, &names) {
        if d.is_full() {
            return None;
        }
        let found = if let Some(axis) = c.grid.axis(&name) {
            value_of(d, item, &c.grid.axes[axis]).map(|value| (axis, value))
        } else {
            let message = format!("{}: `{name}` is no axis of the grid", node.path);
            let seed = name == "seed" || name.starts_with("seed.");
            let all = "rounds are not chosen: a statistic is over all seeds of a config; remove it";
            d.fault(span, message, if seed { all.to_owned() } else { suggest(&name, &names) })
        };
        complete &= found.is_some();
        chosen.extend(found);
    }
    complete.then_some(Where { chosen })
}

/// Reads a value that must be on an axis of the grid.
fn value_of(d: &mut Decoder, node: &Node, axis: &Axis) -> Option<usize> {
    let value = match axis.setting() {
        Some(setting) => setting.kind.decode(d, node)?,
        None => node.scalar(),
    };
    if let Some(found) = axis.values.iter().position(|other| *other == value) {
        return Some(found);
    }
    let known: Vec<String> = axis.values.iter().map(Scalar::to_string).collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let message = format!("{}: the grid has no `{}` {value}", node.path, axis.name);
    d.fault(&node.span, message, suggest(&value.to_string(), &known))
}

/// Reads a map from safe names to values.
pub(super) fn named<T>(
    d: &mut Decoder,
    node: Option<&Node>,
    mut read: impl FnMut(&mut Decoder, &Node) -> Option<T>,
) -> Named<T> {
    let Some(entries) = node.and_then(|n| d.entries(n)) else { return Named::default() };
    let mut entry = |(key, node): &(Key, Node)| {
        if d.is_full() {
            return None;
        }
        let name = d.name(&key.span, &node.path, &key.name);
        let value = read(d, node);
        Some((name?, value?))
    };
    entries.iter().filter_map(&mut entry).collect()
}

/// Reads every item of a list with at least one item, such as `example`.
pub(crate) fn every<T>(
    d: &mut Decoder,
    node: &Node,
    example: &str,
    mut read: impl FnMut(&mut Decoder, &Node) -> Option<T>,
) -> Option<Vec<T>> {
    let items = d.items(node, example)?;
    let mut found = Vec::new();
    for item in items {
        if d.is_full() {
            return None;
        }
        found.extend(read(d, item));
    }
    (found.len() == items.len()).then_some(found)
}

pub(super) fn text_or_empty(d: &mut Decoder, fields: &Fields<'_>, name: &str) -> Option<String> {
    fields.get(name).map_or(Some(String::new()), |node| short_text(d, node))
}

/// Reads one short line of text.
pub(super) fn short_text(d: &mut Decoder, node: &Node) -> Option<String> {
    let text = d.text(node)?;
    if text.chars().count() <= 300 && !text.chars().any(char::is_control) {
        return Some(text.to_owned());
    }
    let message = format!(
        "{}: this text has more than one line, more than 300 characters or control characters",
        node.path
    );
    d.fault(&node.span, message, Some("write one short line".to_owned()))
}
