//! What the paper's numbers say about themselves: can they be what a reading takes them for?

use super::{claim::ClaimRow, number::p_is};
use crate::{
    parallel,
    plan::Plan,
    spec::{ClaimsSpec, Over, Reading, Split, Statistic, Words, WordsKind},
    stats::{self, Moments},
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
            // Of one or two values nothing is left to be found out.
            if n > 2 {
                found.push(smallest_value(row, *reading, n, thing));
            }
        }
        found
    })
    .concat();
    found.extend(claims.words.iter().filter_map(|words| own_ordering(plan, rows, words, claims.rounds)));
    found
}

fn number(row: &ClaimRow, statistic: Statistic) -> f64 {
    row.cells.iter().find(|c| c.statistic == statistic).map_or(f64::NAN, |c| c.value)
}

/// Says whether `value`, printed to `±half_unit`, can be a percentage `100·k/units`.
#[must_use]
pub fn possible(value: f64, half_unit: f64, units: f64) -> bool {
    let nearest = (value * units / 100.0).round() * 100.0 / units;
    // Rounding at a half goes either way.
    (nearest - value).abs() <= half_unit * (1.0 + 1e-9)
}

fn granularity(row: &ClaimRow, reading: Reading, units: usize, rounds: usize, epochs: usize) -> Forensic {
    // One value of the reading is a count out of `units`, or a mean of `rounds` such counts.
    let (one, n) = match reading.over {
        Over::Rounds => (units, rounds),
        Over::Epochs => (units * rounds, epochs),
    };
    let middle = if n % 2 == 0 { 2 * one } else { one };
    let steps = [(Statistic::Max, one), (Statistic::Median, middle), (Statistic::Mean, one * n)];
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

fn smallest_value(row: &ClaimRow, reading: Reading, n: usize, thing: &str) -> Forensic {
    let [mean, max, median, std] =
        [Statistic::Mean, Statistic::Max, Statistic::Median, Statistic::Std].map(|s| number(row, s));
    let half_unit = row.cells.first().map_or(0.0, super::claim::Claim::half_unit);
    let begin = format!("{n} {thing}s with mean {mean}, max {max}, median {median} and std {std}");
    let found = smallest(n, [mean, max, median, std], half_unit);
    let text = match found {
        Some([low, high]) => {
            let guessed = reading.metric.guessing.is_some_and(|share| high < 100.0 * share);
            let guess = if guessed { ", below what guessing gives" } else { "" };
            format!("{begin} have a smallest {thing} between {low:.1} and {high:.1} %{guess}")
        }
        None => format!("{begin} do not exist"),
    };
    Forensic { subject: row.name.clone(), reading, check: Check::Smallest, holds: found.is_some(), text }
}

/// Returns the range of the smallest of `n` percentages, at least 3, with a given `[mean, max, median, std]`, each printed to
/// `±half_unit`, to 0.05; `None` if there are no such numbers.
///
/// For a given smallest value the others form a convex set, so their sum of squares takes every value between its
/// least and its largest one; both follow from the caps by median and maximum.
#[must_use]
pub fn smallest(n: usize, [mean, max, median, std]: [f64; 4], half_unit: f64) -> Option<[f64; 2]> {
    const STEP: f64 = 0.05;
    let reach = std * (n as f64 - 1.0) / (n as f64).sqrt();
    let from = (mean - reach).max(0.0);
    let squares = |std: f64| (n as f64 - 1.0) * std * std;
    let (least, most) = (squares((std - half_unit).max(0.0)), squares(std + half_unit));
    let fits = |x: &f64| {
        squares_range(n, *x, [mean, max, median], half_unit)
            .is_some_and(|[low, high]| low <= most && least <= high)
    };
    let steps = ((median - from) / STEP).max(0.0) as usize;
    let mut good = (0..=steps).map(|i| from + STEP * i as f64).filter(fits);
    let low = good.next()?;
    Some([low, good.next_back().unwrap_or(low)])
}

/// Returns the range of the sum of squared deviations, given the smallest value.
fn squares_range(n: usize, smallest: f64, [mean, max, median]: [f64; 3], half_unit: f64) -> Option<[f64; 2]> {
    let even = n.is_multiple_of(2);
    // Values beside the smallest, the largest and the middle.
    let each = (n / 2).checked_sub(if even { 2 } else { 1 })?;
    let widest = if even { (median - smallest).min(max - median) } else { 0.0 };
    let steps = if even { 100 } else { 0 };
    let mut range: Option<[f64; 2]> = None;
    for step in 0..=steps {
        let apart = widest * f64::from(step) / 100.0;
        let middle = if even { 2.0 * median } else { median };
        let rest = n as f64 * mean - smallest - max - middle;
        let square = |v: f64| (v - mean) * (v - mean);
        let fixed = square(smallest)
            + square(max)
            + if even { square(median - apart) + square(median + apart) } else { square(median) };
        let groups = [[smallest, median - apart], [median + apart, max]].map(|ends| ends.map(|v| v - mean));
        let rest = rest - 2.0 * each as f64 * mean;
        // What the others add up to is known as well as mean, maximum and median are printed.
        let slack = (n as f64 + 3.0) * half_unit;
        let fine = [rest];
        let coarse = [rest - slack, rest, rest + slack];
        for rest in if slack < 0.1 { fine.as_slice() } else { &coarse } {
            if let Some([low, high]) = group_squares(each, *rest, slack, groups) {
                let [l, h] = range.unwrap_or([f64::INFINITY, f64::NEG_INFINITY]);
                range = Some([l.min(fixed + low), h.max(fixed + high)]);
            }
        }
    }
    range
}

/// Returns the range of the sum of squares of two groups of `count` numbers each, within their ends, that add up to
/// `total`; of none, to `±slack`.
fn group_squares(count: usize, total: f64, slack: f64, [lower, upper]: [[f64; 2]; 2]) -> Option<[f64; 2]> {
    let n = count as f64;
    let low = (n * lower[0]).max(total - n * upper[1]);
    let high = (n * lower[1]).min(total - n * upper[0]);
    if count == 0 {
        return (total.abs() <= slack.max(0.1)).then_some([0.0, 0.0]);
    }
    if low > high {
        return None;
    }
    let equal = (total / 2.0).clamp(low, high);
    let least = (equal * equal + (total - equal) * (total - equal)) / n;
    // The largest sum of squares has all but one number at the ends; it is convex between the sums where one group is
    // all at its ends.
    let corners = (0..=count).flat_map(|k| {
        let corner = |[a, b]: [f64; 2]| a * k as f64 + b * (count - k) as f64;
        [corner(lower), total - corner(upper)]
    });
    let largest = |sum: f64| extreme(count, sum, lower) + extreme(count, total - sum, upper);
    let most = corners.chain([low, high]).map(|sum| largest(sum.clamp(low, high))).fold(least, f64::max);
    Some([least, most])
}

/// Returns the largest sum of squares of `count` numbers between two ends with a given sum.
fn extreme(count: usize, sum: f64, [a, b]: [f64; 2]) -> f64 {
    if b <= a {
        return count as f64 * a * a;
    }
    let at_top = ((sum - count as f64 * a) / (b - a)).clamp(0.0, count as f64);
    let whole = at_top.floor().min(count as f64 - 1.0);
    let one = a + (at_top - whole) * (b - a);
    whole * b * b + one * one + (count as f64 - whole - 1.0) * a * a
}

/// Compares two rows of the paper by their own summaries, read over rounds.
fn own_ordering(plan: &Plan, rows: &[ClaimRow], words: &Words, rounds: usize) -> Option<Forensic> {
    let WordsKind::Ordering { greater, less } = &words.kind else { return None };
    let row = |filter| {
        let config = plan.chosen(filter).next()?;
        rows.iter().find(|row| row.config == config && row.split == words.split)
    };
    let (a, b) = (row(greater)?, row(less)?);
    let moments =
        |row| Moments { n: rounds, mean: number(row, Statistic::Mean), std: number(row, Statistic::Std) };
    let welch = stats::welch(moments(a), moments(b))?;
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
