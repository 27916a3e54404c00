//! Tables and the numbers that a paper prints in them.

use serde::Serialize;

use super::{
    filter::Where,
    named::Named,
    outputs::{
        Context, READING, SPLIT, WHERE, every, filter, named, percent, reading, scored, text_or_empty,
    },
    words::{Over, Reading, Split, Statistic},
};
use crate::yaml::{
    decode::{Decoder, Fields},
    kind::{Entry, Kind, Section},
    node::{Node, Value},
};

/// A table: statistics of some configs, under one or more readings.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TableSpec {
    /// Shown above the table.
    pub caption: String,
    /// The first reading is the one that fits the paper's numbers best.
    pub readings: Vec<Reading>,
    /// One or more rows; a row that matches several configs is repeated for each.
    pub rows: Vec<RowSpec>,
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RowSpec {
    /// Shown in front; empty: the config's label.
    pub name: String,
    /// Training or test set.
    pub split: Split,
    /// The configs.
    pub filter: Where,
    /// The paper's numbers, in percent as printed.
    pub paper: Option<PaperRow>,
}

/// Numbers of the paper, in percent as printed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PaperRow {
    /// The statistics that it prints, at least one, in the order of [`Statistic::ALL`].
    pub numbers: Vec<(Statistic, f64)>,
    /// Decimals that they are printed with: the most that one of them has, unless the spec says it.
    pub decimals: usize,
}

impl PaperRow {
    /// Returns a statistic as the paper prints it; `None` if it does not.
    #[must_use]
    pub fn written(&self, statistic: Statistic) -> Option<String> {
        let (_, value) = self.numbers.iter().find(|(printed, _)| *printed == statistic)?;
        Some(format!("{value:.*}", self.decimals))
    }
}

impl TableSpec {
    /// Returns the statistics that the table shows: mean, maximum, median, standard deviation, and what else the paper prints.
    #[must_use]
    pub fn statistics(&self) -> Vec<Statistic> {
        let printed = |s: Statistic| self.rows.iter().flat_map(|r| &r.paper).any(|p| p.written(s).is_some());
        Statistic::ALL.iter().copied().filter(|s| *s != Statistic::Min || printed(*s)).collect()
    }
}

/// `tables:`.
pub(super) const TABLES: Section = Section {
    name: "tables",
    kind: Kind::Named(&Kind::Map(TABLE)),
    doc: "Tables by name: mean, maximum, median and standard deviation of configs, beside the paper's numbers. Without \
          `tables:` there is one of every config on the test set, `results`; with `tables: {}` there is none.",
    example: "tables:
  table1:
    caption: \"Table I\"
    readings: [{metric: accuracy, over: epochs}, {over: rounds}]
    rows:
      - {name: Testing, where: {lr: 0.01}, paper: {mean: 71.75, max: 76.42, median: 73.43, std: 5.19}}
",
};

const TABLE: &[Entry] = &[
    Entry::may("caption", Kind::Text("a line of text"), "", "Shown above the table."),
    Entry::may(
        "readings",
        Kind::List(&Kind::Map(READING)),
        "",
        "What the statistics are taken of, the accuracy of the rounds if left out; the first is what the paper's numbers are judged by.",
    ),
    Entry::must(
        "rows",
        Kind::List(&Kind::Map(ROW)),
        "The rows; one that chooses several configs is repeated for each.",
    ),
];

const ROW: &[Entry] = &[
    Entry::may("name", Kind::Text("a line of text"), "", "Shown in front; the config's name if left out."),
    SPLIT,
    WHERE,
    Entry::may(
        "paper",
        Kind::Map(PAPER),
        "",
        "The paper's numbers, at least one; in all rows of a table or in none.",
    ),
];

const PERCENT: Kind = Kind::Number("in percent, from 0 to 100", |v| (0.0..=100.0).contains(&v));

const PAPER: &[Entry] = &[
    Entry::may("mean", PERCENT, "", "Mean."),
    Entry::may("max", PERCENT, "", "Maximum."),
    Entry::may("median", PERCENT, "", "Median."),
    Entry::may("std", PERCENT, "", "Standard deviation."),
    Entry::may("min", PERCENT, "", "Minimum."),
    Entry::may(
        "decimals",
        Kind::Integer(0, 6),
        "",
        "Decimals that they are printed with; the most that one of them has if left out.",
    ),
];

/// Files that reports have beside the tables.
const TAKEN: [&str; 5] = ["effects", "numbers", "ranking", "tables", "verdict"];

/// Reads `tables:`.
pub(super) fn tables(d: &mut Decoder, c: &Context<'_>, node: Option<&Node>) -> Named<TableSpec> {
    if node.is_none() {
        return by_default(c);
    }
    named(d, node, |d, node| {
        if let Some(name) = node.path.rsplit('.').next().filter(|name| TAKEN.contains(name)) {
            let message = format!("{}: a file of every report is called `{name}`", node.path);
            d.fault::<()>(
                &node.span,
                message,
                Some(format!("call the table another name, such as `{name}1`")),
            );
        }
        let fields = d.declared(node, TABLE)?;
        let caption = text_or_empty(d, &fields, "caption");
        let readings = match fields.get("readings") {
            None => Some(vec![Reading { metric: c.task.metrics[0], over: Over::Rounds }]),
            Some(n) => every(d, n, "[{over: rounds}]", |d, n| reading(d, c, n)),
        };
        let in_percent = readings.iter().flatten().all(|reading| reading.metric.is_accuracy());
        let rows = d.required(&fields, "rows").and_then(|n| {
            let rows = every(d, n, "[{split: test}]", |d, n| row(d, c, n, in_percent))?;
            with_paper_in_each(d, n, &rows).then_some(rows)
        });
        let rows = rows?;
        scored(d, c, node, &rows.iter().map(|row| &row.filter).collect::<Vec<_>>())?;
        Some(TableSpec { caption: caption?, readings: readings?, rows })
    })
}

/// Returns what a spec without `tables:` has: every config on the test set.
fn by_default(c: &Context<'_>) -> Named<TableSpec> {
    let metric = c.task.metrics[0];
    let unit = if metric.is_accuracy() { "percent" } else { "nats" };
    let caption = format!("{} of every config on the test set, in {unit}", metric.title);
    let rows =
        vec![RowSpec { name: String::new(), split: Split::Test, filter: Where::default(), paper: None }];
    let table = TableSpec { caption, readings: vec![Reading { metric, over: Over::Rounds }], rows };
    Named::from_iter([("results".to_owned(), table)])
}

fn row(d: &mut Decoder, c: &Context<'_>, node: &Node, in_percent: bool) -> Option<RowSpec> {
    let fields = d.declared(node, ROW)?;
    let name = text_or_empty(d, &fields, "name");
    let split = fields.get("split").map_or(Some(Split::Test), |n| d.choice(n, Split::WORDS));
    let filter = filter(d, c, fields.get("where"));
    let paper = match fields.get("paper") {
        None => Some(None),
        Some(n) => paper(d, n, in_percent).map(Some),
    };
    Some(RowSpec { name: name?, split: split?, filter: filter?, paper: paper? })
}

/// Decimals that a printed number may have.
const MOST_DECIMALS: usize = 6;

/// Reads the paper's numbers, accuracies in percent.
fn paper(d: &mut Decoder, node: &Node, in_percent: bool) -> Option<PaperRow> {
    let fields = d.declared(node, PAPER)?;
    let decimals = fields.get("decimals").map(|n| d.integer(n, 0..=MOST_DECIMALS as u64));
    let mut written = 0;
    let mut number = |node: &Node| {
        written = written.max(node.decimals.min(MOST_DECIMALS));
        d.number(node, "in percent, from 0 to 100", |v| (0.0..=100.0).contains(&v))
    };
    let given = Statistic::WORDS.iter().filter_map(|(name, s)| Some((*s, number(fields.get(name)?))));
    let given: Vec<(Statistic, Option<f64>)> = given.collect();
    if given.is_empty() && fields.has_strange() {
        return None;
    }
    if given.is_empty() {
        let message = format!("{}: the paper's row has no number", node.path);
        return d.fault(
            &node.span,
            message,
            Some("write what it prints, such as `{mean: 71.75}`".to_owned()),
        );
    }
    let numbers = given.into_iter().map(|(s, value)| Some((s, value?))).collect::<Option<Vec<_>>>()?;
    let decimals = match decimals {
        None => written,
        Some(given) => given? as usize,
    };
    plausible(d, node, &fields, &numbers, in_percent)?;
    Some(PaperRow { numbers, decimals })
}

/// Refuses numbers that look like fractions, and such as no one list has: a mean above its maximum.
fn plausible(
    d: &mut Decoder,
    node: &Node,
    fields: &Fields<'_>,
    numbers: &[(Statistic, f64)],
    in_percent: bool,
) -> Option<()> {
    use Statistic::{Max, Mean, Median, Min};
    // A small standard deviation is honest, and so is a zero.
    let fraction =
        |(statistic, value): &&(Statistic, f64)| *statistic != Statistic::Std && *value > 0.0 && *value < 1.0;
    // One percent or more anywhere shows that they are none.
    let small = numbers.iter().all(|(statistic, value)| *statistic == Statistic::Std || *value <= 1.0);
    if in_percent
        && small
        && let Some((statistic, value)) = numbers.iter().find(fraction)
    {
        let at = fields.get(statistic.word()).unwrap_or(node);
        let message = format!("{}: {value} looks like a fraction", at.path);
        let help =
            format!("numbers of the paper are in percent: write `{}: {}`", statistic.word(), percent(*value));
        return d.fault(&at.span, message, help);
    }
    let of = |wanted: Statistic| numbers.iter().find(|(s, _)| *s == wanted).map(|(_, value)| *value);
    let name = |statistic: Statistic| match statistic {
        Statistic::Max => "maximum",
        Statistic::Min => "minimum",
        other => other.word(),
    };
    for (high, low) in [(Max, Mean), (Max, Median), (Mean, Min), (Median, Min), (Max, Min)] {
        if let (Some(above), Some(below)) = (of(high), of(low))
            && above < below
        {
            let message =
                format!("{}: the {} {above} is below the {} {below}", node.path, name(high), name(low));
            return d.fault(&node.span, message, "check both in the paper".to_owned());
        }
    }
    Some(())
}

/// Checks that the paper's numbers are there for every row or for none.
fn with_paper_in_each(d: &mut Decoder, node: &Node, rows: &[RowSpec]) -> bool {
    let with = rows.iter().filter(|r| r.paper.is_some()).count();
    if with == 0 || with == rows.len() {
        return true;
    }
    for (i, row) in rows.iter().enumerate().filter(|(_, r)| r.paper.is_none()) {
        let span = match &node.value {
            Value::List(items) => &items[i].span,
            _ => &node.span,
        };
        let name =
            if row.name.is_empty() { format!("row {}", i + 1) } else { format!("the row `{}`", row.name) };
        let message = format!("{}[{i}]: {name} has no `paper:`, other rows of the table have", node.path);
        let help = "give what the paper prints of it, such as `paper: {mean: 71.75}`, or make a second table";
        d.fault::<()>(span, message, Some(help.to_owned()));
    }
    false
}
