//! Random streams, and statistics on slices, summed in index order in `f64`; no I/O, no tensors.
//!
//! A crate of its own so that it is compiled with all optimisations and beside the large dependencies: whatever repeats
//! a statistic many times stands here, and takes no closure, which would be compiled with its caller.

mod compare;
pub mod forensic;
mod interval;
mod ordered;
pub mod random;
pub mod special;
mod subsets;

pub use compare::{Moments, TTest, Wilcoxon, difference, holm, paired_t, welch, wilcoxon};
pub use interval::{
    Interval, bca_interval, clopper_pearson, percentile_interval, predict_mean, predict_std, quantile,
    t_interval, wilson,
};
pub use ordered::Sorted;
pub use subsets::{Choice, Matrix, Of, Statistics, Subset, Subsets, resampled_means, resampled_stds};

/// Mean, median, maximum, minimum, sample standard deviation and count of some numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// How many numbers there were.
    pub n: usize,
    /// Arithmetic mean.
    pub mean: f64,
    /// Middle number, or the mean of the two middle ones.
    pub median: f64,
    /// Largest number.
    pub max: f64,
    /// Smallest number.
    pub min: f64,
    /// Sample standard deviation (divisor `n − 1`); NaN for one number.
    pub std: f64,
}

impl Summary {
    /// Returns the summary of numbers so many times as large.
    #[must_use]
    pub fn times(self, scale: f64) -> Self {
        let Self { n, mean, median, max, min, std } = self;
        Self {
            n,
            mean: mean * scale,
            median: median * scale,
            max: max * scale,
            min: min * scale,
            std: std * scale,
        }
    }
}

/// Returns the summary of `values`; `None` if there are none or one is NaN.
#[must_use]
pub fn summarize(values: &[f64]) -> Option<Summary> {
    summarize_in(values, &mut Vec::new())
}

/// Like [`summarize`], with room for the sorted values that many calls share.
#[must_use]
pub fn summarize_in(values: &[f64], sorted: &mut Vec<f64>) -> Option<Summary> {
    if values.is_empty() || values.iter().any(|v| v.is_nan()) {
        return None;
    }
    sorted.clear();
    sorted.extend_from_slice(values);
    sorted.sort_unstable_by(f64::total_cmp);
    let n = values.len();
    Some(Summary {
        n,
        mean: mean(values),
        median: f64::midpoint(sorted[(n - 1) / 2], sorted[n / 2]),
        max: sorted[n - 1],
        min: sorted[0],
        std: std(values),
    })
}

/// How far two numbers may be apart that arithmetic made of equal ones: 100 times 0.57 is a little less than 57.
const SAME: f64 = 1e-9;

/// Says whether two numbers are equal but for what rounding left.
#[must_use]
pub fn same(a: f64, b: f64) -> bool {
    a == b || (a - b).abs() <= SAME * a.abs().max(b.abs()).max(1.0)
}

/// Says whether `value` is at least `limit`, but for what rounding left.
#[must_use]
pub fn at_least(value: f64, limit: f64) -> bool {
    value >= limit - SAME * limit.abs().max(1.0)
}

/// Returns numbers in order.
#[must_use]
pub fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// Returns the arithmetic mean, or NaN for no numbers.
#[must_use]
pub fn mean(values: &[f64]) -> f64 {
    sum(values) / values.len() as f64
}

/// Returns the sample standard deviation (two passes, divisor `n − 1`); NaN below two numbers.
#[must_use]
pub fn std(values: &[f64]) -> f64 {
    if values.len() < 2 {
        return f64::NAN;
    }
    let mean = mean(values);
    let squares = values.iter().fold(0.0, |total, v| total + (v - mean) * (v - mean));
    (squares / (values.len() - 1) as f64).sqrt()
}

/// Returns the sum in index order, from the first number on.
#[must_use]
pub fn sum(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |total, v| total + v)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summary_equals_numpys() {
        // python: a = numpy.array([80.1, 52.0, 79.3, 81.7]); a.mean(), numpy.median(a), a.max(),
        // a.min(), a.std(ddof=1) -> 73.275, 79.69999999999999, 81.7, 52.0, 14.218385984351388
        let s = summarize(&[80.1, 52.0, 79.3, 81.7]).unwrap();
        assert!((s.mean - 73.275).abs() < 1e-12);
        assert!((s.median - 79.7).abs() < 1e-12);
        assert_eq!((s.max, s.min, s.n), (81.7, 52.0, 4));
        assert!((s.std - 14.218_385_984_351_388).abs() < 1e-10, "{}", s.std);
    }

    #[test]
    fn nothing_and_nan_have_no_summary_and_one_number_no_spread() {
        assert_eq!(summarize(&[]), None);
        assert_eq!(summarize(&[1.0, f64::NAN]), None);
        let one = summarize(&[3.0]).unwrap();
        assert_eq!((one.mean, one.median), (3.0, 3.0));
        assert!(one.std.is_nan());
    }
}
