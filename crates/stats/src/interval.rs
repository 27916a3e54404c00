//! Intervals: Student's t, Clopper and Pearson, prediction from a summary, bootstrap.

use crate::{Moments, TTest, mean, same, sorted, special};

/// Lower and upper end.
pub type Interval = [f64; 2];

/// Returns the quantile of sorted numbers with linear interpolation (type 7 of Hyndman and Fan, 1996).
#[must_use]
pub fn quantile(sorted: &[f64], p: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let at = p.clamp(0.0, 1.0) * last as f64;
    let low = at.floor();
    let (a, b) = (sorted[low as usize], sorted[last.min(low as usize + 1)]);
    a + (at - low) * (b - a)
}

/// Returns Student's interval of a mean at `level`, such as 0.95; `None` below two numbers.
#[must_use]
pub fn t_interval(m: Moments, level: f64) -> Option<Interval> {
    let df = m.n.checked_sub(1).filter(|df| *df > 0)?;
    let half = special::t_quantile(f64::midpoint(1.0, level), df as f64) * m.std / (m.n as f64).sqrt();
    Some([m.mean - half, m.mean + half])
}

impl TTest {
    /// Returns the interval of the difference at `level`, such as 0.95.
    #[must_use]
    pub fn interval(self, level: f64) -> Interval {
        let half = special::t_quantile(f64::midpoint(1.0, level), self.df) * self.error;
        [self.difference - half, self.difference + half]
    }
}

/// Returns the interval in which the mean of `n` new numbers lies at `level`, given a summary of `m.n` normal ones:
/// `mean ± t·std·√(1/m.n + 1/n)`.
#[must_use]
pub fn predict_mean(m: Moments, n: usize, level: f64) -> Option<Interval> {
    let df = m.n.checked_sub(1).filter(|df| *df > 0 && n > 0)?;
    let t = special::t_quantile(f64::midpoint(1.0, level), df as f64);
    let half = t * m.std * (1.0 / m.n as f64 + 1.0 / n as f64).sqrt();
    Some([m.mean - half, m.mean + half])
}

/// Returns the interval in which the standard deviation of `n` new numbers lies at `level`, given a summary of
/// `m.n` normal ones: `std·√F(n − 1, m.n − 1)`.
#[must_use]
pub fn predict_std(m: Moments, n: usize, level: f64) -> Option<Interval> {
    let (new, old) = (n.checked_sub(1)?, m.n.checked_sub(1)?);
    if new == 0 || old == 0 {
        return None;
    }
    let tail = (1.0 - level) / 2.0;
    let end = |p| m.std * special::f_quantile(p, new as f64, old as f64).sqrt();
    Some([end(tail), end(1.0 - tail)])
}

/// Returns the interval of a share at `level`, given `k` of `n`; never narrower than it claims.
///
/// Clopper and Pearson, *Biometrika* 26 (1934).
#[must_use]
pub fn clopper_pearson(k: usize, n: usize, level: f64) -> Interval {
    let tail = (1.0 - level) / 2.0;
    let (hits, misses) = (k as f64, (n - k.min(n)) as f64);
    let low = if k == 0 { 0.0 } else { special::beta_quantile(tail, hits, misses + 1.0) };
    let high = if k >= n { 1.0 } else { special::beta_quantile(1.0 - tail, hits + 1.0, misses) };
    [low, high]
}

/// Returns the interval of a `share` of `n` at `level`; halves may be among what is counted.
///
/// Wilson, *Journal of the American Statistical Association* 22 (1927).
#[must_use]
pub fn wilson(share: f64, n: usize, level: f64) -> Interval {
    let (z, n) = (special::normal_quantile(f64::midpoint(1.0, level)), n as f64);
    let centre = (share + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z / (1.0 + z * z / n) * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    [(centre - half).max(0.0), (centre + half).min(1.0)]
}

/// Returns the percentile interval of a bootstrap distribution at `level`.
#[must_use]
pub fn percentile_interval(distribution: &[f64], level: f64) -> Interval {
    let sorted = sorted(distribution.to_vec());
    let tail = (1.0 - level) / 2.0;
    [quantile(&sorted, tail), quantile(&sorted, 1.0 - tail)]
}

/// Returns the bias-corrected and accelerated interval at `level`: of a bootstrap distribution, the `observed`
/// statistic and the statistics with one number left out. Without spread it is the percentile interval. Equal statistics
/// count as equal, whatever the order of their sums left in the last digits.
///
/// Efron, *Journal of the American Statistical Association* 82 (1987).
#[must_use]
pub fn bca_interval(distribution: &[f64], observed: f64, left_out: &[f64], level: f64) -> Interval {
    let sorted = sorted(distribution.to_vec());
    let below = distribution.iter().filter(|v| **v < observed && !same(**v, observed)).count();
    let up_to = distribution.iter().filter(|v| **v <= observed || same(**v, observed)).count();
    let bias = special::normal_quantile((below + up_to) as f64 / (2 * distribution.len()) as f64);
    let centre = mean(left_out);
    let power = |k| left_out.iter().map(|v| libm::pow(centre - v, k)).fold(0.0, |total, v| total + v);
    let acceleration = power(3.0) / (6.0 * libm::pow(power(2.0), 1.5));
    if !bias.is_finite() || !acceleration.is_finite() {
        return percentile_interval(distribution, level);
    }
    let end = |p| {
        let z = bias + special::normal_quantile(p);
        quantile(&sorted, special::normal_cdf(bias + z / (1.0 - acceleration * z)))
    };
    let tail = (1.0 - level) / 2.0;
    [end(tail), end(1.0 - tail)]
}
