//! Bands, and what tables, figures and claims share with them. Nothing here enters a run key.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Grid;
use crate::{
    task::{Metric, Task},
    yaml::{
        decode::{Decoder, Fields, suggest},
        node::{Key, Node},
    },
};

/// What a statistic is taken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Reading {
    /// The quantity.
    pub metric: Metric,
    /// What it varies over.
    pub over: Over,
}

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

/// Chooses configs: those that agree in every field that is given.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Where {
    /// Name of the architecture.
    pub architecture: Option<String>,
    /// Learning rate.
    pub lr: Option<f64>,
    /// Dropout rate.
    pub dropout: Option<f64>,
    /// What follows the seed.
    pub vary: Option<Vary>,
}

impl Where {
    /// Says whether a config with these values is chosen.
    #[must_use]
    pub fn matches(&self, architecture: &str, lr: f64, dropout: f64, vary: Vary) -> bool {
        self.architecture.as_deref().is_none_or(|a| a == architecture)
            && self.lr.is_none_or(|v| v == lr)
            && self.dropout.is_none_or(|v| v == dropout)
            && self.vary.is_none_or(|v| v == vary)
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name { $($(#[$variant_doc])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every value with its word in specs and tables.
            pub const WORDS: &[(&str, Self)] = &[$(($word, Self::$variant)),+];

            /// Returns the word for this value.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    };
}

words! {
    /// A set of pairs.
    Split {
        /// The training pairs, evaluated without dropout.
        Train = "train",
        /// The test pairs.
        Test = "test",
    }
}

words! {
    /// What a statistic varies over.
    Over {
        /// The epochs of the curve averaged over the rounds.
        Epochs = "epochs",
        /// The rounds at the last epoch.
        Rounds = "rounds",
    }
}

words! {
    /// A statistic of several numbers.
    Statistic {
        /// Mean.
        Mean = "mean",
        /// Maximum.
        Max = "max",
        /// Median.
        Median = "median",
        /// Sample standard deviation.
        Std = "std",
        /// Minimum.
        Min = "min",
    }
}

words! {
    /// Which of a run's random streams follow its seed; the others are those of seed 0.
    Vary {
        /// All of them.
        All = "all",
        /// The initial weights.
        Init = "init",
        /// The order of the pairs.
        Shuffle = "shuffle",
        /// The dropout masks.
        Dropout = "dropout",
        /// The pairs of images, if each round draws its own.
        Pairs = "pairs",
    }
}

impl Vary {
    /// Returns the seed of the streams of one kind in the run of `seed`.
    #[must_use]
    pub fn seed(self, kind: Self, seed: u64) -> u64 {
        if self == Self::All || self == kind { seed } else { 0 }
    }

    /// Says whether everything follows the seed.
    #[must_use]
    pub fn is_all(&self) -> bool {
        *self == Self::All
    }
}

/// What outputs may refer to.
pub(crate) struct Context<'a> {
    pub(crate) task: &'static Task,
    pub(crate) grid: &'a Grid,
}

/// Reads `expect:`.
pub(super) fn expect(d: &mut Decoder, c: &Context<'_>, node: Option<&Node>) -> Vec<Band> {
    node.and_then(|n| every(d, n, |d, n| band(d, c, n))).unwrap_or_default()
}

fn band(d: &mut Decoder, c: &Context<'_>, node: &Node) -> Option<Band> {
    let fields = d.fields(node, &["where", "split", "metric", "over", "statistic", "within"])?;
    let filter = filter(d, c, fields.get("where"));
    let split = fields.get("split").map_or(Some(Split::Test), |n| d.choice(n, Split::WORDS));
    let reading = reading_of(d, c, &fields);
    let statistic = d.required(&fields, "statistic").and_then(|n| d.choice(n, Statistic::WORDS));
    let within = d.required(&fields, "within").and_then(|n| within(d, n));
    let (reading, within) = (reading?, within?);
    if reading.metric.is_accuracy() && within[1] <= 1.0 {
        let message = format!("{}: [{}, {}] looks like fractions", node.path, within[0], within[1]);
        return d.fault(
            &node.span,
            message,
            Some("accuracies are in percent: write `within: [72, 80]`".to_owned()),
        );
    }
    Some(Band { filter: filter?, split: split?, reading, statistic: statistic?, within })
}

fn within(d: &mut Decoder, node: &Node) -> Option<[f64; 2]> {
    let ends = every(d, node, |d, n| d.number(n, "a finite number", |_| true))?;
    match ends[..] {
        [low, high] if low <= high => Some([low, high]),
        _ => {
            let message = format!("{}: a band has a lower and an upper end", node.path);
            d.fault(&node.span, message, Some("write `within: [72, 80]`".to_owned()))
        }
    }
}

pub(super) fn reading(d: &mut Decoder, c: &Context<'_>, node: &Node) -> Option<Reading> {
    let fields = d.fields(node, &["metric", "over"])?;
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

pub(super) fn filter(d: &mut Decoder, c: &Context<'_>, node: Option<&Node>) -> Option<Where> {
    let Some(node) = node else { return Some(Where::default()) };
    let fields = d.fields(node, &["architecture", "lr", "dropout", "vary"])?;
    let known: Vec<&str> = c.grid.architecture.iter().map(String::as_str).collect();
    let architecture = match fields.get("architecture") {
        None => Some(None),
        Some(n) => match d.text(n)? {
            name if known.contains(&name) => Some(Some(name.to_owned())),
            name => {
                let message = format!("{}: the grid has no architecture `{name}`", n.path);
                d.fault(&n.span, message, Some(suggest(name, &known)))
            }
        },
    };
    let mut value = |name: &str, axis: &[f64]| match fields.get(name) {
        None => Some(None),
        Some(n) => value_of(d, n, axis).map(Some),
    };
    let (lr, dropout) = (value("lr", &c.grid.lr), value("dropout", &c.grid.dropout));
    let vary = match fields.get("vary") {
        None => Some(None),
        Some(n) => {
            let known: Vec<(&str, Vary)> = c.grid.vary.iter().map(|v| (v.word(), *v)).collect();
            d.choice(n, &known).map(Some)
        }
    };
    Some(Where { architecture: architecture?, lr: lr?, dropout: dropout?, vary: vary? })
}

/// Reads a value that must be on an axis of the grid.
fn value_of(d: &mut Decoder, node: &Node, axis: &[f64]) -> Option<f64> {
    let value = d.number(node, "a finite number", |_| true)?;
    if axis.contains(&value) {
        return Some(value);
    }
    let message = format!("{}: the grid has no value {value} here", node.path);
    d.fault(&node.span, message, Some(format!("its values: {axis:?}")))
}

/// Reads a map from safe names to values.
pub(super) fn named<T>(
    d: &mut Decoder,
    node: Option<&Node>,
    mut read: impl FnMut(&mut Decoder, &Node) -> Option<T>,
) -> BTreeMap<String, T> {
    let Some(entries) = node.and_then(|n| d.entries(n)) else { return BTreeMap::new() };
    let mut entry = |(key, node): &(Key, Node)| {
        let name = d.name(&key.span, &node.path, &key.name);
        let value = read(d, node);
        Some((name?, value?))
    };
    entries.iter().filter_map(&mut entry).collect()
}

/// Reads every item of a list with at least one item.
pub(crate) fn every<T>(
    d: &mut Decoder,
    node: &Node,
    mut read: impl FnMut(&mut Decoder, &Node) -> Option<T>,
) -> Option<Vec<T>> {
    let items = d.list(node)?;
    if items.is_empty() {
        return d.fault(&node.span, format!("{}: the list is empty", node.path), None);
    }
    let found: Vec<T> = items.iter().filter_map(|item| read(d, item)).collect();
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
