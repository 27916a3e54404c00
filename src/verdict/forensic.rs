//! What the paper's numbers say about themselves: can they be what a reading takes them for?

use super::{claim::ClaimRow, number::p_is};
use crate::{
    parallel,
    plan::Plan,
    spec::{ClaimsSpec, Over, Reading, Split, Statistic, Words, WordsKind},
    stats::{
        self, Moments,
        forensic::{possible, smallest},
    },
};

/// What was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// Whether a number can be a mean of so many counts (GRIM; Brown and Heathers, 2017).
    Granularity,
    /// What the smallest value must have been.
    Smallest,
    /// Whether the paper's own numbers show an ordering.
    Ordering,
}

impl Check {
    /// Names it for people.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Granularity => "granularity",
            Self::Smallest => "smallest value",
            Self::Ordering => "ordering",
        }
    }
}

/// A finding about the paper's numbers in one reading.
#[derive(Debug, Clone, PartialEq)]
pub struct Forensic {
    /// What it is about, such as `table1, Testing`.
    pub subject: String,
    /// The reading.
    pub reading: Reading,
    /// What was checked.
    pub check: Check,
    /// Whether the numbers can be what the reading takes them for; for an ordering, whether it is shown.
    pub holds: bool,
    /// The reasoning.
    pub text: String,
}

/// Checks the numbers of every row in every reading, and every ordering by the paper's own numbers.
#[must_use]
pub fn inspect(plan: &Plan, rows: &[ClaimRow], claims: &ClaimsSpec) -> Vec<Forensic> {
    // A row takes some milliseconds.
    let mut found = parallel::map_all(rows.len(), |i| {
        let (mut found, row) = (Vec::new(), &rows[i]);
        let pairs = plan.configs[row.config].pairs;
        let train = plan.configs[row.config].train;
        let pairs = if row.split == Split::Train { pairs.train } else { pairs.test };
        let epochs = train.epochs.div_ceil(train.evaluate_every);
        let readings: Vec<Reading> = [row.reading].into_iter().chain(row.others.iter().copied()).collect();
        for reading in &readings {
            found.push(granularity(row, *reading, reading.metric.per_sample * pairs, claims.rounds, epochs));
        }
        for reading in &readings {
            let over_rounds = reading.over == Over::Rounds;
            let (n, thing) = if over_rounds { (claims.rounds, "round") } else { (epochs, "epoch") };
            // Of one or two values nothing is left to be found out; the smallest of very many may be anything.
            if (3..=MOST_VALUES).contains(&n) {
                found.extend(smallest_value(row, *reading, n, thing));
            }
        }
        found
    })
    .concat();
    found.extend(claims.words.iter().filter_map(|words| own_ordering(plan, rows, words, claims.rounds)));
    found
}

/// The smallest of more values than this is not looked for.
const MOST_VALUES: usize = 200;

fn granularity(row: &ClaimRow, reading: Reading, units: usize, rounds: usize, epochs: usize) -> Forensic {
    // One value of the reading is a count out of `units`, or a mean of `rounds` such counts.
    let (one, n) = match reading.over {
        Over::Rounds => (units, rounds),
        Over::Epochs => (units * rounds, epochs),
    };
    let middle = if n % 2 == 0 { 2 * one } else { one };
    let steps = [
        (Statistic::Max, one),
        (Statistic::Min, one),
        (Statistic::Median, middle),
        (Statistic::Mean, one * n),
    ];
    let bad: Vec<String> = row
        .cells
        .iter()
        .filter_map(|cell| Some((cell, steps.iter().find(|(s, _)| *s == cell.statistic)?.1)))
        .filter(|(cell, step)| !possible(cell.value, cell.half_unit(), *step as f64))
        .map(|(cell, step)| {
            let step = 100.0 / step as f64;
            format!("{} {} is no multiple of {step} %", cell.statistic.word(), cell.printed())
        })
        .collect();
    let what = match reading.over {
        Over::Rounds => format!("one round's value is a count out of {units}"),
        Over::Epochs => format!("one epoch's value is a mean of {rounds} counts out of {units}"),
    };
    let text = if bad.is_empty() {
        format!("{what}; the printed numbers can be such")
    } else {
        format!("{what}; {}: they cannot be read so", bad.join(", "))
    };
    let subject = row.name.clone();
    Forensic { subject, reading, check: Check::Granularity, holds: bad.is_empty(), text }
}

/// Returns nothing where the paper prints too little for it, or the smallest value itself.
fn smallest_value(row: &ClaimRow, reading: Reading, n: usize, thing: &str) -> Option<Forensic> {
    if row.printed(Statistic::Min).is_some() {
        return None;
    }
    let (mean, max) = (row.printed(Statistic::Mean)?, row.printed(Statistic::Max)?);
    let (median, std) = (row.printed(Statistic::Median)?, row.printed(Statistic::Std)?);
    let half_unit = row.cells.first().map_or(0.0, super::claim::Claim::half_unit);
    let begin = format!("{n} {thing}s with mean {mean}, max {max}, median {median} and std {std}");
    let found = smallest(n, [mean, max, median, std], half_unit);
    let text = match found {
        Some([low, high]) => {
            let guessed = reading.metric.guessing.is_some_and(|share| high < 100.0 * share);
            let guess = if guessed { ", below what guessing gives" } else { "" };
            format!("{begin} have a smallest {thing} between {low:.1} and {high:.1} %{guess}")
        }
        None => format!(
            "no {n} {thing}s have the mean {mean}, the max {max}, the median {median} and the std {std} that are printed"
        ),
    };
    Some(Forensic {
        subject: row.name.clone(),
        reading,
        check: Check::Smallest,
        holds: found.is_some(),
        text,
    })
}

/// Compares two rows of the paper by their own summaries, read over rounds.
fn own_ordering(plan: &Plan, rows: &[ClaimRow], words: &Words, rounds: usize) -> Option<Forensic> {
    let WordsKind::Ordering { greater, less } = &words.kind else { return None };
    let row = |filter| {
        let config = plan.chosen(filter).next()?;
        rows.iter().find(|row| row.config == config && row.split == words.split)
    };
    let (a, b) = (row(greater)?, row(less)?);
    let moments = |row: &ClaimRow| {
        let (mean, std) = (row.printed(Statistic::Mean)?, row.printed(Statistic::Std)?);
        Some(Moments { n: rounds, mean, std })
    };
    let welch = stats::welch(moments(a)?, moments(b)?)?;
    let holds = welch.difference > 0.0 && welch.p < 0.05;
    let text = format!(
        "the paper's own numbers of `{}` and `{}`, read over rounds, differ by {:+.2} (Welch, {}): {}",
        a.name,
        b.name,
        welch.difference,
        p_is(welch.p),
        if holds { "they show it" } else { "alone they do not show it" }
    );
    let reading = Reading { metric: words.metric, over: Over::Rounds };
    Some(Forensic { subject: words.name.clone(), reading, check: Check::Ordering, holds, text })
}
