//! Where a statistic of `n` rounds falls if the paper's rounds are like ours.
//!
//! The envelope is the distribution of the statistic over subsets of `n` of our `N` rounds: all of them if they are few,
//! else seeded draws. With fewer than `2n` rounds the draws are with replacement.
//!
//! Our own number of rounds is finite too. The variance of a mean over subsets is `s²(1/n − 1/N)`, over draws with
//! replacement `s²(N − 1)/(nN)`; the difference between the paper's rounds and ours has `s²(1/n + 1/N)`. So
//! the envelope is widened about its centre by `√((N + n)/(N − n))`, or `√((N + n)/(N − 1))`.

use super::{
    bands::pick,
    rounds::{Matrix, summary},
};
use crate::{
    random::stream,
    spec::{Reading, Statistic},
    stats::{self, Interval, special},
};

/// Draws for one envelope, where not all subsets are taken.
pub const DRAWS: usize = 100_000;

/// How the subsets were chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

/// Sets of `size` rounds, one after the other.
#[derive(Debug, Clone)]
pub struct Subsets {
    /// How they were chosen.
    pub choice: Choice,
    /// Rounds to choose from.
    pub rounds: usize,
    /// Rounds in a set.
    pub size: usize,
    chosen: Vec<usize>,
}

impl Subsets {
    /// Chooses sets of `size` of `rounds`, both at least 1: all, or `draws` of them.
    #[must_use]
    pub fn choose(rounds: usize, size: usize, draws: usize) -> Self {
        let mut random = stream(0, "verdict/subsets");
        let mut chosen = Vec::new();
        let replacement = rounds < 2 * size;
        let choice = match count(rounds, size).filter(|_| !replacement) {
            Some(all) if all <= draws => {
                every_subset(rounds, size, &mut chosen);
                Choice::All
            }
            _ if replacement => {
                chosen.extend((0..draws * size).map(|_| random.below(rounds as u32) as usize));
                Choice::Replacement
            }
            _ => {
                let mut order: Vec<usize> = (0..rounds).collect();
                for _ in 0..draws {
                    for i in 0..size {
                        order.swap(i, i + random.below((rounds - i) as u32) as usize);
                    }
                    chosen.extend_from_slice(&order[..size]);
                }
                Choice::Subsets
            }
        };
        Self { choice, rounds, size, chosen }
    }

    /// Returns the four printed statistics, and the minimum, of every set.
    #[must_use]
    pub fn statistics(&self, matrix: &Matrix, reading: Reading) -> Vec<stats::Summary> {
        self.chosen.chunks_exact(self.size).filter_map(|chosen| summary(matrix, chosen, reading)).collect()
    }

    /// Returns by how much the envelope is widened.
    fn widening(&self) -> f64 {
        let (ours, size) = (self.rounds as f64, self.size as f64);
        let rest = if self.choice == Choice::Replacement { ours - 1.0 } else { ours - size };
        ((ours + size) / rest).sqrt()
    }
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
#[derive(Debug, Clone, PartialEq)]
pub struct Envelope {
    /// How the subsets were chosen.
    pub choice: Choice,
    /// How many there were.
    pub draws: usize,
    /// Mean of the statistic over the subsets.
    pub centre: f64,
    /// Its quantiles at 0, 1, …, 100 %.
    pub quantiles: Vec<f64>,
    /// The 95 % interval for the statistic of `n` new rounds: the wider ends of the widened envelope and of
    /// Student's t.
    pub interval: Interval,
    /// Where the paper's value lies in the envelope, in percent: the share below it and half of the share that
    /// equals it.
    pub percentile: f64,
    /// Two-sided p-value of the paper's value, in `[0, 1]`: the larger of those of the widened envelope and of Student's
    /// t with `N − 1` degrees of freedom.
    pub p: f64,
    /// Standard deviation of the difference between the statistic of the paper's rounds and of ours.
    pub error: f64,
}

impl Envelope {
    /// Compares the paper's `value`, printed to `±half_unit`, with one statistic over the subsets; `None` if it is
    /// nowhere a number, as the spread of one round.
    #[must_use]
    pub fn of(
        subsets: &Subsets,
        summaries: &[stats::Summary],
        statistic: Statistic,
        value: f64,
        half_unit: f64,
    ) -> Option<Self> {
        let mut sorted: Vec<f64> = summaries.iter().map(|s| pick(s, statistic)).collect();
        if sorted.is_empty() || sorted.iter().any(|v| !v.is_finite()) || subsets.rounds < 2 {
            return None;
        }
        sorted.sort_by(f64::total_cmp);
        let (draws, centre) = (sorted.len(), stats::mean(&sorted));
        let spread = if draws > 1 { stats::std(&sorted) } else { 0.0 };
        let widening = subsets.widening();
        let (error, df) = (widening * spread, (subsets.rounds - 1) as f64);
        // What rounding may have added to the distance does not count against the paper.
        let distance = (value - centre).signum() * ((value - centre).abs() - half_unit).max(0.0);
        let share = |v: f64| {
            let below = sorted.partition_point(|s| *s < v);
            let up_to = sorted.partition_point(|s| *s <= v);
            (below + up_to) as f64 / (2 * draws) as f64
        };
        let inside = share(centre + distance / widening);
        let tail = inside.min(1.0 - inside).max(0.5 / draws as f64);
        let p_t = match (error > 0.0, distance == 0.0) {
            (true, _) => special::t_two_sided(distance / error, df),
            (false, same) => f64::from(u8::from(same)),
        };
        let wide = |p: f64| centre + widening * (stats::quantile(&sorted, p) - centre);
        let half = special::t_quantile(0.975, df) * error;
        Some(Self {
            choice: subsets.choice,
            draws,
            centre,
            quantiles: (0..=100).map(|p| stats::quantile(&sorted, f64::from(p) / 100.0)).collect(),
            interval: [wide(0.025).min(centre - half), wide(0.975).max(centre + half)],
            percentile: 100.0 * share(value),
            p: (2.0 * tail).min(1.0).max(p_t),
            error,
        })
    }
}
