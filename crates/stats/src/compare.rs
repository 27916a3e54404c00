//! Comparisons of two groups: Welch's t, Student's paired t, Wilcoxon's signed ranks.

use crate::{mean, same, special, std, sum};

/// What a paper prints of a group: count, mean and sample standard deviation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moments {
    /// How many numbers there were.
    pub n: usize,
    /// Arithmetic mean.
    pub mean: f64,
    /// Sample standard deviation, divisor `n − 1`.
    pub std: f64,
}

impl Moments {
    /// Returns the moments of `values`.
    #[must_use]
    pub fn of(values: &[f64]) -> Self {
        Self { n: values.len(), mean: mean(values), std: std(values) }
    }
}

/// A t test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TTest {
    /// Difference of the means, first minus second.
    pub difference: f64,
    /// Its standard error.
    pub error: f64,
    /// Degrees of freedom.
    pub df: f64,
    /// Two-sided p-value, in `[0, 1]`.
    pub p: f64,
}

impl TTest {
    /// Returns the statistic, the difference in standard errors; infinite where there is no spread.
    #[must_use]
    pub fn t(self) -> f64 {
        self.difference / self.error
    }
}

/// Compares two means without assuming equal variances; `None` below two numbers, or if nothing differs at all. Two
/// different constants have an infinite `t`, and `p = 0`.
///
/// Welch, *Biometrika* 34 (1947); degrees of freedom by Welch and Satterthwaite.
#[must_use]
pub fn welch(a: Moments, b: Moments) -> Option<TTest> {
    if a.n < 2 || b.n < 2 {
        return None;
    }
    let part = |m: Moments| m.std * m.std / m.n as f64;
    let (va, vb) = (part(a), part(b));
    let total = va + vb;
    let (df_a, df_b) = ((a.n - 1) as f64, (b.n - 1) as f64);
    let df = if total > 0.0 { total * total / (va * va / df_a + vb * vb / df_b) } else { df_a + df_b };
    finish(a.mean - b.mean, total.sqrt(), df)
}

/// Compares paired numbers by Student's t of their differences; `None` below two pairs, or if all are zero. Differences that
/// are all the same have an infinite `t`, and `p = 0`.
#[must_use]
pub fn paired_t(differences: &[f64]) -> Option<TTest> {
    let m = Moments::of(differences);
    let df = m.n.checked_sub(1).filter(|df| *df > 0)?;
    finish(m.mean, m.std / (m.n as f64).sqrt(), df as f64)
}

fn finish(difference: f64, error: f64, df: f64) -> Option<TTest> {
    // Nothing differs, or one is no number: 0 / 0 is none either.
    let t = difference / error;
    if t.is_nan() {
        return None;
    }
    let p = if t.is_finite() { special::t_two_sided(t, df) } else { 0.0 };
    Some(TTest { difference, error, df, p })
}

/// Wilcoxon's signed-rank test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wilcoxon {
    /// Sum of the ranks of the positive differences.
    pub positive: f64,
    /// Differences that are not zero.
    pub n: usize,
    /// Whether the p-value is exact; else the normal approximation with correction for ties.
    pub exact: bool,
    /// Two-sided p-value, in `[0, 1]`.
    pub p: f64,
}

/// The exact distribution is used up to this many differences; its counts are below 2⁵³.
const EXACT: usize = 50;

/// Returns `a − b`; 0 if they are equal but for what arithmetic did to them.
#[must_use]
pub fn difference(a: f64, b: f64) -> f64 {
    if same(a, b) { 0.0 } else { a - b }
}

/// Tests whether paired differences lie around zero; `None` if all are zero.
///
/// Zeros are left out, equal sizes share their mean rank. Exact up to 50 differences: every pattern of signs is as
/// probable as any other, with ties as well. Above, the normal approximation with the variance corrected for ties and no
/// correction for continuity. Wilcoxon, *Biometrics Bulletin* 1 (1945); Pratt and Gibbons, *Concepts of Nonparametric
/// Theory* (1981), 3.
#[must_use]
pub fn wilcoxon(differences: &[f64]) -> Option<Wilcoxon> {
    let mut kept: Vec<f64> = differences.iter().copied().filter(|d| *d != 0.0).collect();
    kept.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
    let n = kept.len();
    if n == 0 || kept.iter().any(|d| d.is_nan()) {
        return None;
    }
    // Twice the ranks, which are whole numbers.
    let (mut positive, mut ties, mut ranks) = (0, 0.0, Vec::with_capacity(n));
    for group in kept.chunk_by(|a, b| same(a.abs(), b.abs())) {
        let rank = 2 * ranks.len() + group.len() + 1;
        positive += rank * group.iter().filter(|d| **d > 0.0).count();
        let size = group.len() as f64;
        ties += size * size * size - size;
        ranks.extend(group.iter().map(|_| rank));
    }
    let exact = n <= EXACT;
    let sum = positive as f64 / 2.0;
    let p = if exact { exact_p(&ranks, positive) } else { normal_p(n as f64, sum, ties) };
    Some(Wilcoxon { positive: sum, n, exact, p })
}

fn normal_p(n: f64, positive: f64, ties: f64) -> f64 {
    let variance = (n * (n + 1.0) * (2.0 * n + 1.0) - ties / 2.0) / 24.0;
    let z = (positive - n * (n + 1.0) / 4.0) / variance.sqrt();
    (2.0 * special::normal_cdf(-z.abs())).min(1.0)
}

/// Counts the patterns of signs by the sum of their positive ranks; counts below 2⁵³ are exact in `f64`.
fn exact_p(ranks: &[usize], positive: usize) -> f64 {
    let most = ranks.iter().sum();
    let mut counts = vec![0.0; most + 1];
    counts[0] = 1.0;
    for rank in ranks {
        for total in (*rank..=most).rev() {
            counts[total] += counts[total - rank];
        }
    }
    let all = sum(&counts);
    let (below, above) = (sum(&counts[..=positive]) / all, sum(&counts[positive..]) / all);
    (2.0 * below.min(above)).min(1.0)
}

/// Adjusts p-values for their number by Holm's step-down method; the order is kept.
///
/// Holm, *Scandinavian Journal of Statistics* 6 (1979). Results are in `[0, 1]`.
#[must_use]
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    let mut adjusted = vec![0.0; p.len()];
    let mut largest = 0.0_f64;
    for (done, index) in order.into_iter().enumerate() {
        largest = largest.max(p[index] * (p.len() - done) as f64).min(1.0);
        adjusted[index] = largest;
    }
    adjusted
}
