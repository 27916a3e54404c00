//! What printed numbers say about themselves: whether there are values that have them.

/// Says whether `value`, printed to `±half_unit`, can be a percentage `100·k/units`.
#[must_use]
pub fn possible(value: f64, half_unit: f64, units: f64) -> bool {
    let nearest = (value * units / 100.0).round() * 100.0 / units;
    // Rounding at a half goes either way.
    (nearest - value).abs() <= half_unit * (1.0 + 1e-9)
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
