//! Numbers in order.

use crate::{Interval, mean, quantile, sorted, special, std};

/// Numbers in order, with mean and spread.
#[derive(Debug, Clone)]
pub struct Sorted {
    /// The numbers.
    pub values: Vec<f64>,
    /// Their mean.
    pub mean: f64,
    /// Their sample standard deviation; 0 for one number.
    pub spread: f64,
}

impl Sorted {
    /// Sorts some numbers; returns `None` if there are none, or one is not finite.
    #[must_use]
    pub fn of(values: Vec<f64>) -> Option<Self> {
        Self::new(sorted(values))
    }

    /// Returns these numbers and some more; `None` if one is not finite.
    #[must_use]
    pub fn with(&self, more: Vec<f64>) -> Option<Self> {
        Self::new(merged(&self.values, &sorted(more)))
    }

    /// Returns their natural logarithms; `None` if one has none.
    #[must_use]
    pub fn logarithms(&self) -> Option<Self> {
        Self::new(self.values.iter().map(|v| libm::log(*v)).collect())
    }

    /// Takes numbers in order; returns `None` if there are none, or one is not finite.
    fn new(values: Vec<f64>) -> Option<Self> {
        if values.is_empty() || values.iter().any(|v| !v.is_finite()) {
            return None;
        }
        let spread = if values.len() > 1 { std(&values) } else { 0.0 };
        Some(Self { mean: mean(&values), spread, values })
    }

    /// Returns the 95 % interval of the numbers, `widening` times as far from their mean, and the two-sided p-value of
    /// `value` in them; for both what is milder, the numbers themselves or Student's t with `df` degrees of freedom.
    #[must_use]
    pub fn place(&self, value: f64, widening: f64, df: f64) -> (Interval, f64) {
        let (centre, error) = (self.mean, widening * self.spread);
        let inside = self.share_below(centre + (value - centre) / widening);
        let tail = inside.min(1.0 - inside).max(0.5 / self.values.len() as f64);
        let p_t = match (error > 0.0, value == centre) {
            (true, _) => special::t_two_sided((value - centre) / error, df),
            (false, same) => f64::from(u8::from(same)),
        };
        let wide = |p: f64| centre + widening * (quantile(&self.values, p) - centre);
        let half = special::t_quantile(0.975, df) * error;
        ([wide(0.025).min(centre - half), wide(0.975).max(centre + half)], (2.0 * tail).min(1.0).max(p_t))
    }

    /// Returns the share of the numbers below `v`, and half of the share that equals it; in `[0, 1]`.
    #[must_use]
    pub fn share_below(&self, v: f64) -> f64 {
        // Equal numbers may differ by what rounding did to their sums.
        let near = 1e-9 * v.abs().max(1.0);
        let below = self.values.partition_point(|s| *s < v - near);
        let up_to = self.values.partition_point(|s| *s <= v + near);
        (below + up_to) as f64 / (2 * self.values.len()) as f64
    }
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
