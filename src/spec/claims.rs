//! `claims:`: how the paper's numbers are judged, and what it claims in words.
//!
//! The numbers themselves stand in the rows of `tables:`.

use serde::Serialize;

use super::{
    filter::Where,
    outputs::{Context, METRIC, SPLIT, every, filter, metric, percent, scored, text_or_empty},
    words::Split,
};
use crate::{
    task::Metric,
    yaml::{
        decode::Decoder,
        kind::{Entry, Kind, Section},
        node::{Node, Value},
    },
};

/// How the paper's numbers are judged, and what it claims in words.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClaimsSpec {
    /// Rounds behind each printed number; at least 2.
    pub rounds: usize,
    /// How far apart two numbers may be to count as equal, in percentage points; above 0.
    pub margin: f64,
    /// When a round counts as collapsed.
    pub collapsed: Option<CollapseRule>,
    /// What the paper claims in words.
    pub words: Vec<Words>,
}

/// A round counts as collapsed if its last epoch's metric lies below a limit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CollapseRule {
    /// Training or test set.
    pub split: Split,
    /// An accuracy.
    pub metric: Metric,
    /// The limit, in percent.
    pub below: f64,
}

impl CollapseRule {
    /// Says whether a round collapsed, by the fraction at its last epoch.
    #[must_use]
    pub fn holds(&self, fraction: f64) -> bool {
        fraction < self.below / 100.0
    }
}

/// A claim in words, about the rounds' last epochs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Words {
    /// The claim as the paper puts it.
    pub name: String,
    /// Training or test set.
    pub split: Split,
    /// The quantity.
    pub metric: Metric,
    /// What is claimed.
    pub kind: WordsKind,
}

/// What is claimed in words.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum WordsKind {
    /// One config has larger values than another.
    Ordering {
        /// The config with the larger values.
        greater: Where,
        /// The config with the smaller values.
        less: Where,
    },
    /// Every round of a config stays below a limit.
    Below {
        /// The config.
        filter: Where,
        /// The limit, in percent for accuracies.
        limit: f64,
    },
}

/// `claims:`.
pub(super) const CLAIMS: Section = Section {
    name: "claims",
    kind: Kind::Map(PARTS),
    doc: "How the paper's numbers in the tables are judged, and what it claims in words.",
    example: "claims:
  rounds: 10
  margin: 5
  collapsed: {below: 60}
  words:
    - {name: \"Sharing helps\", greater: {architecture: siamese}, less: {architecture: simple}}
    - {name: \"Never above 85 %\", where: {architecture: simple}, below: 85}
",
};

const PARTS: &[Entry] = &[
    Entry::must("rounds", Kind::Integer(2, 1_000), "Rounds behind each number that the paper prints."),
    Entry::may("margin", MARGIN, "5", "How far apart two numbers may be to count as equal."),
    Entry::may("collapsed", Kind::Map(COLLAPSED), "", "When a round counts as one that never learned."),
    Entry::may("words", Kind::List(&Kind::Map(WORDS)), "", "What the paper claims in words."),
];

const MARGIN: Kind = Kind::Number("in percentage points, above 0 and at most 100", |v| v > 0.0 && v <= 100.0);
const CONFIG: Kind = Kind::Paths(&Kind::Any("a value"));

const COLLAPSED: &[Entry] = &[
    SPLIT,
    METRIC,
    Entry::must(
        "below",
        Kind::Any("a number in percent, above 1 and at most 100"),
        "The limit at the last epoch.",
    ),
];

const WORDS: &[Entry] = &[
    Entry::must("name", Kind::Text("a line of text"), "The claim as the paper puts it."),
    SPLIT,
    METRIC,
    Entry::may("greater", CONFIG, "", "The one config with the larger values; with `less`."),
    Entry::may("less", CONFIG, "", "The one config with the smaller values."),
    Entry::may("where", CONFIG, "", "The one config that stays below a limit; with `below`."),
    Entry::may("below", Kind::Any("a number"), "", "The limit of every round; in percent for accuracies."),
];

/// A list of claims in words.
const ENTRY: &str = "[{name: A beats B, greater: {architecture: A}, less: {architecture: B}}]";

const EXAMPLE: &str = "write `greater: {architecture: A}, less: {architecture: B}`, or `where: …, below: 85`";

/// Reads `claims:`.
pub(super) fn claims(d: &mut Decoder, c: &Context<'_>, node: Option<&Node>) -> Option<ClaimsSpec> {
    let node = node?;
    let fields = d.declared(node, PARTS)?;
    let rounds = d.required(&fields, "rounds").and_then(|n| d.integer(n, 2..=1_000));
    let margin = fields.get("margin").map_or(Some(5.0), |n| {
        d.number(n, "in percentage points, above 0 and at most 100", |v| v > 0.0 && v <= 100.0)
    });
    let collapsed = match fields.get("collapsed") {
        None => Some(None),
        Some(n) => collapse_rule(d, c, n).map(Some),
    };
    let words = fields.get("words").map_or(Some(Vec::new()), |n| every(d, n, ENTRY, |d, n| words(d, c, n)));
    let words = words.filter(|found| all_differ(d, fields.get("words"), found));
    Some(ClaimsSpec { rounds: rounds? as usize, margin: margin?, collapsed: collapsed?, words: words? })
}

/// Checks that no two claims have one name, by which sweeps and checks know them.
fn all_differ(d: &mut Decoder, node: Option<&Node>, found: &[Words]) -> bool {
    let Some(Value::List(items)) = node.map(|node| &node.value) else { return true };
    let again = (0..found.len()).filter(|i| found[..*i].iter().any(|other| other.name == found[*i].name));
    let again: Vec<usize> = again.collect();
    for i in &again {
        let message = format!("{}: another claim is named `{}` too", items[*i].path, found[*i].name);
        d.fault::<()>(&items[*i].span, message, "give every claim a name of its own".to_owned());
    }
    again.is_empty()
}

fn collapse_rule(d: &mut Decoder, c: &Context<'_>, node: &Node) -> Option<CollapseRule> {
    let fields = d.declared(node, COLLAPSED)?;
    let split = fields.get("split").map_or(Some(Split::Test), |n| d.choice(n, Split::WORDS));
    let accuracies: Vec<_> = c.task.words().into_iter().filter(|(_, m)| m.is_accuracy()).collect();
    let metric = match (fields.get("metric"), accuracies.first()) {
        (Some(n), _) => d.choice(n, &accuracies),
        (None, first) => first.map(|(_, metric)| *metric),
    };
    let below = d
        .required(&fields, "below")
        .and_then(|n| d.number(n, "in percent, above 1 and at most 100", |v| v > 1.0 && v <= 100.0));
    scored(d, c, node, &[&Where::default()])?;
    Some(CollapseRule { split: split?, metric: metric?, below: below? })
}

fn words(d: &mut Decoder, c: &Context<'_>, node: &Node) -> Option<Words> {
    let fields = d.declared(node, WORDS)?;
    let name = d.required(&fields, "name").and_then(|_| text_or_empty(d, &fields, "name"));
    let split = fields.get("split").map_or(Some(Split::Test), |n| d.choice(n, Split::WORDS));
    let metric = metric(d, c, &fields);
    let given = ["greater", "less", "where", "below"].map(|name| fields.get(name));
    let kind = match given {
        [Some(greater), Some(less), None, None] => {
            let (greater, less) = (one_config(d, c, greater), one_config(d, c, less));
            if greater.is_some() && greater == less {
                let message = format!("{}: `greater` and `less` are one config", node.path);
                return d.fault(&node.span, message, "name two configs that differ".to_owned());
            }
            Some(WordsKind::Ordering { greater: greater?, less: less? })
        }
        [None, None, Some(filter), Some(limit)] => {
            let filter = one_config(d, c, filter);
            let limit = d.number(limit, "a finite number", |_| true);
            Some(WordsKind::Below { filter: filter?, limit: limit? })
        }
        _ if fields.has_strange() => None,
        _ => {
            let message = format!("{}: a claim in words orders two configs or sets one a limit", node.path);
            d.fault(&node.span, message, Some(EXAMPLE.to_owned()))
        }
    };
    let (metric, kind) = (metric?, kind?);
    if let (WordsKind::Below { limit, .. }, true, Some(node)) = (&kind, metric.is_accuracy(), given[3])
        && *limit <= 1.0
    {
        let message = format!("{}: {limit} looks like a fraction", node.path);
        let help = format!("accuracies are in percent: write `below: {}`", percent(*limit));
        return d.fault(&node.span, message, help);
    }
    each_scores(d, c, fields.get("metric"), &kind)?;
    Some(Words { name: name?, split: split?, metric, kind })
}

/// Faults a metric of the digits that one of the configs does not have.
fn each_scores(d: &mut Decoder, c: &Context<'_>, node: Option<&Node>, kind: &WordsKind) -> Option<()> {
    let Some(node) = node.filter(|node| c.task.is_of_digits(&node.scalar().to_string())) else {
        return Some(());
    };
    let filters = match kind {
        WordsKind::Ordering { greater, less } => vec![greater, less],
        WordsKind::Below { filter, .. } => vec![filter],
    };
    let Some(without) = filters.into_iter().find(|filter| !c.grid.scores_digits(filter)) else {
        return Some(());
    };
    let names: Vec<String> = c.grid.values_left(without).collect();
    let message = format!("{}: `{}` does not score the digits", node.path, names.join("`, `"));
    let help = "choose `accuracy` or `loss`, or a network with `each:` and `digits: {loss_weight: 1.0}`";
    d.fault(&node.span, message, help.to_owned())
}

/// Reads a choice of exactly one config of the grid.
fn one_config(d: &mut Decoder, c: &Context<'_>, node: &Node) -> Option<Where> {
    let chosen = filter(d, c, Some(node))?;
    let configs = c.grid.count(&chosen);
    if configs == 1 {
        return Some(chosen);
    }
    let varied = c.grid.axes.iter().filter(|axis| axis.values.len() > 1);
    let axes: Vec<String> = varied.map(|axis| format!("`{}`", axis.name)).collect();
    let message = format!("{}: {configs} configs of the grid are like this", node.path);
    d.fault(&node.span, message, format!("name one by {}", axes.join(", ")))
}
