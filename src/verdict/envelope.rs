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

use super::bands::pick;
use crate::{
    spec::Statistic,
    stats::{self, Choice, Interval, Sorted, Statistics, Subsets},
};

/// Draws for one envelope, where not all subsets are taken.
pub const DRAWS: usize = 100_000;

/// Where a statistic of `n` rounds falls if the paper's rounds are like ours, and where the paper's lies in it.
#[derive(Debug, Clone, PartialEq)]
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
        let picked = |of: &[stats::Summary]| of.iter().map(|s| pick(s, statistic)).collect();
        let ours = Sorted::of(picked(&statistics.ours))?;
        let all = ours.with(picked(&statistics.others))?;
        if subsets.rounds < 2 {
            return None;
        }
        let (widening, df) = (subsets.widening(), (subsets.rounds - 1) as f64);
        // What rounding may have added to the distance does not count against the paper.
        let apart = ((value - all.mean).abs() - half_unit).max(0.0);
        let nearest = all.mean + (value - all.mean).signum() * apart;
        // Ratios of spreads are what is symmetric, unless some of them vanish.
        let logs = (statistic == Statistic::Std && nearest > 0.0).then(|| all.logarithms());
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
