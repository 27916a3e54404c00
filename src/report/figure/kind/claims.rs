//! Figures of claims: forest plots and envelopes.

use super::Shown;
use crate::{
    report::{
        figure::kind::forest::{Claim, Forest, Group, Mark},
        figure::kind::resampling::{Envelopes, Fan, Statistic},
    },
    spec::{FigureSpec, ForestOf},
    stats,
    verdict::{Finding, NumberVerdict, RowVerdict, Verdicts, Word, WordsVerdict, reading_name},
};

/// What is claimed against ours.
pub(super) fn forest(figure: &FigureSpec, of: ForestOf, shown: &Shown<'_>) -> Forest {
    let (title, stamp) = (figure.title.clone(), shown.stamp.map(str::to_owned));
    let Some(verdicts) = shown.verdicts else {
        let x_label = "nothing is judged".to_owned();
        return Forest { title, stamp, x_label, ..Forest::default() };
    };
    match of {
        ForestOf::Numbers => Forest {
            title,
            stamp,
            x_label: "Ours minus the paper's (percentage points)".to_owned(),
            zero: Some("the paper's".to_owned()),
            margin: Some(verdicts.rule.margin),
            narrow: "ours, 95 % interval".to_owned(),
            wide: format!("{} rounds like ours (95 %)", verdicts.rule.rounds),
            groups: verdicts.rows.iter().map(numbers).collect(),
        },
        ForestOf::Orderings => Forest {
            title,
            stamp,
            x_label: orderings_label(verdicts),
            zero: Some("no difference".to_owned()),
            margin: None,
            narrow: "95 % of the mean".to_owned(),
            wide: String::new(),
            groups: vec![Group {
                name: String::new(),
                claims: verdicts.words.iter().filter_map(ordering).collect(),
            }],
        },
    }
}

/// A printed row: ours minus the paper's.
fn numbers(row: &RowVerdict) -> Group {
    let name = format!("{}: {}, {}", row.row.name, reading(row), count(row));
    Group { name, claims: row.cells.iter().map(number).collect() }
}

/// What the numbers are of.
fn reading(row: &RowVerdict) -> String {
    reading_name(row.row.reading).replace('_', " ")
}

/// How many rounds there are.
fn count(row: &RowVerdict) -> String {
    match row.rounds {
        1 => "1 round".to_owned(),
        rounds if rounds == row.planned => format!("{rounds} rounds"),
        rounds => format!("{rounds} of {} rounds", row.planned),
    }
}

fn number(cell: &NumberVerdict) -> Claim {
    let paper = cell.claim.value;
    let apart = |interval: [f64; 2]| interval.map(|end| end - paper);
    let decimals = cell.claim.decimals;
    let ours = cell.ours.map_or(String::new(), |ours| format!("{ours:.decimals$}"));
    Claim {
        name: cell.claim.statistic.word().to_owned(),
        note: String::new(),
        words: format!("{ours} − {}", cell.claim.printed()),
        point: cell.ours.map(|ours| ours - paper),
        narrow: cell.interval.map(apart),
        wide: cell.envelope.as_ref().map(|envelope| apart(envelope.interval)),
        mark: mark(cell.word),
    }
}

/// How a verdict looks.
fn mark(word: Word) -> Mark {
    match word {
        Word::BitIdentical | Word::Replicated => Mark::For,
        Word::Consistent | Word::Partly => Mark::Open,
        Word::NotReplicated => Mark::Against,
        Word::Undecidable => Mark::Unknown,
    }
}

/// An ordering in words: the mean difference by seed; nothing for other claims.
fn ordering(words: &WordsVerdict) -> Option<Claim> {
    if !matches!(words.claim.kind, crate::spec::WordsKind::Ordering { .. }) {
        return None;
    }
    let name = words.claim.name.clone();
    let Some(Finding::Ordering(found)) = &words.finding else {
        return Some(Claim {
            name,
            note: "no common seed".to_owned(),
            mark: Mark::Unknown,
            ..Claim::default()
        });
    };
    let scale = if words.claim.metric.is_accuracy() { 1 } else { 3 };
    Some(Claim {
        name,
        note: format!("{} seeds", found.pairs),
        words: format!("{:+.scale$}", found.difference).replace('-', "−"),
        point: Some(found.difference),
        narrow: (found.pairs > 1).then_some(found.interval),
        wide: None,
        mark: mark(words.word),
    })
}

/// What the differences are of; several claims may be of different quantities.
fn orderings_label(verdicts: &Verdicts) -> String {
    let mut kinds: Vec<String> = verdicts
        .words
        .iter()
        .filter(|words| ordering(words).is_some())
        .map(|words| {
            let unit = words.claim.metric.unit_of_differences();
            let metric = words.claim.metric.phrase();
            format!("{} {metric} ({unit})", words.claim.split.word())
        })
        .collect();
    kinds.dedup();
    format!("Mean difference by seed: {}", kinds.join("; "))
}

/// Where the statistics of a table fall.
pub(super) fn envelope(figure: &FigureSpec, table: &str, shown: &Shown<'_>) -> Envelopes {
    let (title, stamp) = (figure.title.clone(), shown.stamp.map(str::to_owned));
    let Some(verdicts) = shown.verdicts else {
        let x_label = "nothing is judged".to_owned();
        return Envelopes { title, stamp, x_label, ..Envelopes::default() };
    };
    let rows: Vec<&RowVerdict> = verdicts.rows.iter().filter(|row| row.row.table == table).collect();
    let cells = rows.first().map_or(0, |row| row.cells.len());
    let statistics = (0..cells).map(|cell| Statistic {
        name: rows[0].cells[cell].claim.statistic.word().to_owned(),
        rows: rows.iter().map(|row| fan(row, &row.cells[cell], table)).collect(),
    });
    let of = rows.first().map_or(String::new(), |row| {
        let choice = row.cells.iter().find_map(|cell| Some(cell.envelope.as_ref()?.choice.word()));
        let choice = choice.map_or(String::new(), |choice| format!(" ({choice})"));
        format!("{}, sets of {} from {}{choice}", reading(row), verdicts.rule.rounds, count(row))
    });
    Envelopes {
        title,
        stamp,
        x_label: format!("Percent: {of}; on the right the paper's number and its percentile"),
        statistics: statistics.collect(),
    }
}

fn fan(row: &RowVerdict, cell: &NumberVerdict, table: &str) -> Fan {
    let envelope = cell.envelope.as_ref();
    let name = row.row.name.strip_prefix(&format!("{table}, ")).unwrap_or(&row.row.name);
    Fan {
        name: name.to_owned(),
        paper: (cell.claim.value, cell.claim.printed()),
        ours: cell.ours,
        quantiles: envelope
            .map(|e| [0.025, 0.25, 0.5, 0.75, 0.975].map(|p| stats::quantile(&e.quantiles, p))),
        interval: envelope.map(|e| e.interval),
        percentile: envelope.map(|e| e.percentile),
    }
}
