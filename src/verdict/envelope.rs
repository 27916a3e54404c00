//! Where a statistic of `n` rounds falls if the paper's rounds are like ours.
//!
//! The envelope is the distribution of the statistic over subsets of `n` of our `N` rounds: all of them if they are few,
//! else seeded draws. With fewer than `2n` rounds the draws are with replacement.
//!
//! Two things are added before the paper's number is judged by it.
//!
//! 1. *A round that we may have missed.* Ten rounds without a collapse do not say that there is none: one in four could
//!    (Clopper–Pearson). So one more round is counted among ours, by Laplace's rule of succession: one that
//!    stays where our worst round began. The share of such a round falls as `1/(N + 1)`.
//! 2. *Our own number of rounds.* The variance of a mean over subsets is `s²(1/n − 1/N)`, over draws with replacement
//!    `s²(N − 1)/(nN)`; the difference between the paper's rounds and ours has `s²(1/n + 1/N)`. So the envelope is
//!    widened about its centre by `√((N + n)/(N − n))`, or `√((N + n)/(N − 1))`.

use serde::{Deserialize, Serialize};

use super::bands::pick;
use crate::{
    random::stream,
    results::{Matrix, Subset},
    spec::{Reading, Statistic},
    stats::{self, Interval, special},
};

/// Draws for one envelope, where not all subsets are taken.
pub const DRAWS: usize = 100_000;

/// How the subsets were chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Choice {
    /// All subsets.
    All,
    /// Random subsets.
    Subsets,
    /// Random draws with replacement, since there are fewer than `2n` rounds.
    Replacement,
}

impl Choice {
    /// Names it for people.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::All => "all subsets",
            Self::Subsets => "random subsets",
            Self::Replacement => "draws with replacement",
        }
    }
}

/// Sets of `size` rounds, one after the other; the round of index `rounds` is the one that we may have missed.
#[derive(Debug, Clone)]
pub struct Subsets {
    /// How they were chosen.
    pub choice: Choice,
    /// Rounds of ours.
    pub rounds: usize,
    /// Rounds in a set.
    pub size: usize,
    chosen: Vec<usize>,
}

impl Subsets {
    /// Chooses sets of `size` of `rounds` and one more, both at least 1: all, or `draws` of them.
    #[must_use]
    pub fn choose(rounds: usize, size: usize, draws: usize) -> Self {
        let all = rounds + 1;
        let mut random = stream(0, "verdict/subsets");
        let mut chosen = Vec::new();
        let replacement = rounds < 2 * size;
        let choice = match count(all, size).filter(|_| !replacement) {
            Some(count) if count <= draws => {
                every_subset(all, size, &mut chosen);
                Choice::All
            }
            _ if replacement => {
                chosen.extend((0..draws * size).map(|_| random.below(all as u32) as usize));
                Choice::Replacement
            }
            _ => {
                let mut order: Vec<usize> = (0..all).collect();
                for _ in 0..draws {
                    for i in 0..size {
                        order.swap(i, i + random.below((all - i) as u32) as usize);
                    }
                    chosen.extend_from_slice(&order[..size]);
                }
                Choice::Subsets
            }
        };
        Self { choice, rounds, size, chosen }
    }

    /// Returns the statistics of every set: first of those of our rounds only, then of all others.
    #[must_use]
    pub fn statistics(&self, matrix: &Matrix, reading: Reading) -> Statistics {
        let worst = matrix.iter().filter_map(|epochs| epochs.first()).copied().fold(f64::INFINITY, f64::min);
        let mut with_one_more = matrix.clone();
        with_one_more.push(vec![worst; matrix.first().map_or(0, Vec::len)]);
        let mut subset = Subset::new(&with_one_more, reading);
        let mut found = Statistics::default();
        for chosen in self.chosen.chunks_exact(self.size) {
            let group = if chosen.contains(&self.rounds) { &mut found.others } else { &mut found.ours };
            group.extend(subset.statistics(chosen));
        }
        found
    }

    /// Returns by how much the envelope is widened.
    fn widening(&self) -> f64 {
        let (ours, size) = (self.rounds as f64, self.size as f64);
        let rest = if self.choice == Choice::Replacement { ours - 1.0 } else { ours - size };
        ((ours + size) / rest).sqrt()
    }
}

/// Statistics of sets of rounds.
#[derive(Debug, Clone, Default)]
pub struct Statistics {
    /// Of the sets of our rounds only.
    pub ours: Vec<stats::Summary>,
    /// Of the sets with the round that we may have missed.
    pub others: Vec<stats::Summary>,
}

/// Returns the binomial coefficient if it fits.
fn count(rounds: usize, size: usize) -> Option<usize> {
    (0..size).try_fold(1_usize, |n, i| Some(n.checked_mul(rounds.checked_sub(i)?)? / (i + 1)))
}

fn every_subset(rounds: usize, size: usize, chosen: &mut Vec<usize>) {
    let mut subset: Vec<usize> = (0..size).collect();
    loop {
        chosen.extend_from_slice(&subset);
        let Some(at) = (0..size).rev().find(|i| subset[*i] < rounds - size + i) else { return };
        subset[at] += 1;
        for i in at + 1..size {
            subset[i] = subset[i - 1] + 1;
        }
    }
}

/// Where a statistic of `n` rounds falls if the paper's rounds are like ours, and where the paper's lies in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Envelope {
    /// How the subsets were chosen.
    pub choice: Choice,
    /// How many subsets of our rounds there were.
    pub draws: usize,
    /// Quantiles of the statistic over the subsets of our rounds, at 0, 1, …, 100 %.
    pub quantiles: Vec<f64>,
    /// Where the paper's value lies among the subsets of our rounds, in percent: the share below it and half of the
    /// share that equals it.
    pub percentile: f64,
    /// Mean of the statistic over the subsets of our rounds.
    pub mean: f64,
    /// Standard deviation of the statistic of the paper's rounds minus that of ours, by the subsets of our rounds.
    pub own_error: f64,
    /// Mean of the statistic, with the round that we may have missed.
    pub centre: f64,
    /// Standard deviation of that difference, with the round that we may have missed.
    pub error: f64,
    /// The 95 % interval for the statistic of `n` new rounds: the wider ends of the widened envelope and of
    /// Student's t.
    pub interval: Interval,
    /// Two-sided p-value of the paper's value, in `[0, 1]`: the larger of those of the widened envelope and of Student's
    /// t with `N − 1` degrees of freedom. A standard deviation is compared by its logarithm, if that varies by less than a
    /// half.
    pub p: f64,
}

impl Envelope {
    /// Compares the paper's `value`, printed to `±half_unit`, with one statistic over the subsets; `None` if it is
    /// nowhere a number, as the spread of one round.
    #[must_use]
    pub fn of(
        subsets: &Subsets,
        statistics: &Statistics,
        statistic: Statistic,
        value: f64,
        half_unit: f64,
    ) -> Option<Self> {
        let sorted = |of: &[stats::Summary]| {
            let mut values: Vec<f64> = of.iter().map(|s| pick(s, statistic)).collect();
            values.sort_unstable_by(f64::total_cmp);
            values
        };
        let ours = Sorted::new(sorted(&statistics.ours))?;
        let all = Sorted::new(merged(&ours.values, &sorted(&statistics.others)))?;
        if subsets.rounds < 2 {
            return None;
        }
        let (widening, df) = (subsets.widening(), (subsets.rounds - 1) as f64);
        // What rounding may have added to the distance does not count against the paper.
        let apart = ((value - all.mean).abs() - half_unit).max(0.0);
        let nearest = all.mean + (value - all.mean).signum() * apart;
        // Ratios of spreads are what is symmetric, unless some of them vanish.
        let logs = (statistic == Statistic::Std && nearest > 0.0)
            .then(|| Sorted::new(all.values.iter().map(|v| libm::log(*v)).collect()));
        let (interval, p) = match logs.flatten() {
            Some(logs) if logs.spread < 0.5 => {
                let (interval, p) = logs.place(libm::log(nearest), widening, df);
                (interval.map(libm::exp), p)
            }
            _ => all.place(nearest, widening, df),
        };
        Some(Self {
            choice: subsets.choice,
            draws: ours.values.len(),
            quantiles: (0..=100).map(|p| stats::quantile(&ours.values, f64::from(p) / 100.0)).collect(),
            percentile: 100.0 * ours.share_below(value),
            mean: ours.mean,
            own_error: widening * ours.spread,
            centre: all.mean,
            error: widening * all.spread,
            interval,
            p,
        })
    }
}

/// Returns the two-sided p-value of the largest of `n` rounds, given how many of `rounds` others lie above it: at least
/// `least`, at most `most`, which differ by ties. It supposes nothing about the distribution.
///
/// That at least `r` lie above means that the `r` largest of all are others: `∏ (N − i)/(N + n − i)`, `i < r`.
#[must_use]
pub fn largest_p(n: usize, rounds: usize, least: usize, most: usize) -> f64 {
    let at_least = |r: usize| {
        let (n, rounds) = (n as f64, rounds as f64);
        (0..r).map(|i| i as f64).fold(1.0, |p, i| p * (rounds - i).max(0.0) / (rounds + n - i))
    };
    (2.0 * at_least(least).min(1.0 - at_least(most + 1))).min(1.0)
}

/// Returns the numbers of two sorted lists in order.
fn merged(a: &[f64], b: &[f64]) -> Vec<f64> {
    let (mut left, mut right) = (a.iter().peekable(), b.iter().peekable());
    let mut values = Vec::with_capacity(a.len() + b.len());
    while let Some(next) = match (left.peek(), right.peek()) {
        (Some(x), Some(y)) if **y < **x => right.next(),
        (Some(_), _) => left.next(),
        (None, _) => right.next(),
    } {
        values.push(*next);
    }
    values
}

/// Numbers in order, with mean and spread.
struct Sorted {
    values: Vec<f64>,
    mean: f64,
    spread: f64,
}

impl Sorted {
    /// Takes numbers in order; returns `None` if there are none, or one is not finite.
    fn new(values: Vec<f64>) -> Option<Self> {
        if values.is_empty() || values.iter().any(|v| !v.is_finite()) {
            return None;
        }
        let spread = if values.len() > 1 { stats::std(&values) } else { 0.0 };
        Some(Self { mean: stats::mean(&values), spread, values })
    }

    /// Returns the 95 % interval of the widened numbers and the two-sided p-value of `value` in them; for both what
    /// is milder, the numbers themselves or Student's t.
    fn place(&self, value: f64, widening: f64, df: f64) -> (Interval, f64) {
        let (centre, error) = (self.mean, widening * self.spread);
        let inside = self.share_below(centre + (value - centre) / widening);
        let tail = inside.min(1.0 - inside).max(0.5 / self.values.len() as f64);
        let p_t = match (error > 0.0, value == centre) {
            (true, _) => special::t_two_sided((value - centre) / error, df),
            (false, same) => f64::from(u8::from(same)),
        };
        let wide = |p: f64| centre + widening * (stats::quantile(&self.values, p) - centre);
        let half = special::t_quantile(0.975, df) * error;
        ([wide(0.025).min(centre - half), wide(0.975).max(centre + half)], (2.0 * tail).min(1.0).max(p_t))
    }

    /// Returns the share of the numbers below `v`, and half of the share that equals it.
    fn share_below(&self, v: f64) -> f64 {
        // Equal numbers may differ by what rounding did to their sums.
        let near = 1e-9 * v.abs().max(1.0);
        let below = self.values.partition_point(|s| *s < v - near);
        let up_to = self.values.partition_point(|s| *s <= v + near);
        (below + up_to) as f64 / (2 * self.values.len()) as f64
    }
}
