//! What printed numbers say about themselves: whether there are values that have them.
//!
//! *The smallest value.* Given are mean, maximum, median and standard deviation of `n` values, each known to half of its last
//! printed place. For a given smallest value the sorted values form a polytope, on which the sum of squares about the mean
//! takes every value between its least and its largest one. So a smallest value is possible if, and only if, that range
//! meets the printed deviation's.
//!
//! - The least sum is a convex function of the smallest value; all values that are not pressed against a bound are equal.
//! - The largest sum is taken at a corner: every value lies at the smallest, at an end of the median or at an end of the
//!   maximum, but for one if the mean lies at an end. It never grows with the smallest value: lowering that, and raising
//!   others to keep the mean, moves values apart.
//! - The two middle ones of an even number of values add up to twice the median. How far they are apart is cut into cells,
//!   and inside of one they are bounded singly: what is excluded is excluded by proof, and the range is at most as much
//!   wider as the cells are wide.

use std::ops::RangeInclusive;

/// Says whether `value`, printed to `±half_unit`, can be a percentage `100·k/units`.
#[must_use]
pub fn possible(value: f64, half_unit: f64, units: f64) -> bool {
    let nearest = (value * units / 100.0).round() * 100.0 / units;
    // Rounding at a half goes either way.
    (nearest - value).abs() <= half_unit * (1.0 + 1e-9)
}

/// Lower and upper end.
type Ends = [f64; 2];

/// What rounding in the arithmetic may have done, in percentage points.
const SLACK: f64 = 1e-7;
/// How much wider the range of an even number of values may be, in percentage points.
const CLOSE: f64 = 0.02;
/// Cells of the distance of the two middle values from the median are not cut if they are so narrow, in percentage points.
const NARROW: f64 = 1e-3;

/// Returns the range of the smallest of `n` percentages, at least 3, with a given `[mean, max, median, std]`, each printed to
/// `±half_unit`; `None` if there are no such numbers. The range holds every possible value; for an even `n` it
/// may be wider by some hundredths.
#[must_use]
pub fn smallest(n: usize, [mean, max, median, std]: [f64; 4], half_unit: f64) -> Option<Ends> {
    let known = |v: f64| [v - half_unit - SLACK, v + half_unit + SLACK];
    let ([mean_low, mean_high], count) = (known(mean), n as f64);
    let [std_low, std_high] = known(std).map(|s| s.max(0.0));
    let printed = Printed {
        others: (n - 3) / 2,
        median: known(median),
        max: [known(max)[0], known(max)[1].min(100.0 + SLACK)],
        sum: [mean_low * count, mean_high * count],
        squares: [(count - 1.0) * std_low * std_low, (count - 1.0) * std_high * std_high],
    };
    if printed.median[0] > printed.max[1] {
        return None;
    }
    let found = if n.is_multiple_of(2) { printed.even() } else { printed.with(&[printed.median]).range() };
    found.map(|[low, high]| [(low - NEAR).max(0.0), (high + NEAR).min(100.0)])
}

/// What is known of the values.
struct Printed {
    /// Values below the middle beside the smallest, and as many above it beside the largest.
    others: usize,
    median: Ends,
    max: Ends,
    sum: Ends,
    /// Sum of squares about the mean.
    squares: Ends,
}

impl Printed {
    fn with<'a>(&'a self, middle: &'a [Ends]) -> Bounds<'a> {
        Bounds { printed: self, middle }
    }

    /// Returns the range with the two middle values so far from the median as the ends say, each bounded singly.
    fn apart(&self, [from, to]: Ends) -> Option<Ends> {
        let [low, high] = self.median;
        let upper = [low + from, (high + to).min(self.max[1])];
        self.with(&[[low - to, high - from], upper]).range()
    }

    /// Returns the range for an even number of values: of all distances of the two middle ones from the median.
    fn even(&self) -> Option<Ends> {
        let widest = self.median[1].min(self.max[1] - self.median[0]).max(0.0);
        let cell = |ends: Ends| self.apart(ends).map(|range| (ends, range));
        let mut cells: Vec<(Ends, Ends)> = cell([0.0, widest]).into_iter().collect();
        // What one distance alone reaches; nothing yet.
        let mut reached = [f64::INFINITY, f64::NEG_INFINITY];
        loop {
            // The cell that goes farthest beyond is halved.
            let beyond = |(_, range): &(Ends, Ends)| (reached[0] - range[0]).max(range[1] - reached[1]);
            let farthest =
                (0..cells.len()).max_by(|a, b| beyond(&cells[*a]).total_cmp(&beyond(&cells[*b])))?;
            let (ends, _) = cells[farthest];
            if beyond(&cells[farthest]) <= CLOSE || ends[1] - ends[0] < NARROW {
                break;
            }
            let half = f64::midpoint(ends[0], ends[1]);
            cells.swap_remove(farthest);
            cells.extend([[ends[0], half], [half, ends[1]]].into_iter().filter_map(cell));
            if let Some([low, high]) = self.apart([half, half]) {
                reached = [reached[0].min(low), reached[1].max(high)];
            }
        }
        let low = cells.iter().map(|(_, range)| range[0]).fold(f64::INFINITY, f64::min);
        let high = cells.iter().map(|(_, range)| range[1]).fold(f64::NEG_INFINITY, f64::max);
        Some([low, high])
    }
}

/// What is known of the values, with bounds for the one or two in the middle.
struct Bounds<'a> {
    printed: &'a Printed,
    middle: &'a [Ends],
}

/// A sum of values, and of their squares.
#[derive(Clone, Copy, Default)]
struct Sums {
    count: f64,
    sum: f64,
    squares: f64,
}

impl Sums {
    fn and(self, times: usize, value: f64) -> Self {
        let times = times as f64;
        Self {
            count: self.count + times,
            sum: self.sum + times * value,
            squares: self.squares + times * value * value,
        }
    }

    /// Moves one value, which lies at `from`, so that the sum is `sum`; `None` if its bounds do not let it.
    fn moved(self, from: f64, [low, high]: Ends, sum: f64) -> Option<Self> {
        let to = from + sum - self.sum;
        let fits = to >= low - SLACK && to <= high + SLACK;
        fits.then_some(Self { sum, squares: self.squares - from * from + to * to, ..self })
    }

    /// Returns the sum of squares about the mean.
    fn about_the_mean(self) -> f64 {
        (self.squares - self.sum * self.sum / self.count).max(0.0)
    }
}

impl Bounds<'_> {
    /// Returns the range of the smallest value.
    fn range(&self) -> Option<Ends> {
        let [low, high] = self.with_the_mean()?;
        let inside = first_below(low, high, self.printed.squares[1], |x| self.least(x))?;
        let narrow_enough = |x: f64| self.least(x) <= self.printed.squares[1];
        let (low, high) = (border(inside, low, narrow_enough), border(inside, high, narrow_enough));
        let wide_enough = |x: f64| self.reaches_squares(x);
        wide_enough(low).then(|| [low, border(low, high, wide_enough)])
    }

    /// Returns the range of the smallest value by the mean alone: the least and the largest sum grow with it.
    fn with_the_mean(&self) -> Option<Ends> {
        let [least_sum, most_sum] = self.printed.sum;
        let (low, high) = (0.0, self.middle[0][1]);
        let reaches = |x: f64| self.level(x, self.printed.max[1]).sum >= least_sum;
        let fits = |x: f64| self.level(x, x).sum <= most_sum;
        if high < low || !reaches(high) || !fits(low) {
            return None;
        }
        let (low, high) = (border(high, low, reaches), border(low, high, fits));
        (low <= high).then_some([low, high])
    }

    /// Returns the values that are as near to `level` as their bounds let them be, given the smallest.
    fn level(&self, smallest: f64, level: f64) -> Sums {
        let (first, last) = (self.middle[0], self.middle[self.middle.len() - 1]);
        let others = self.printed.others;
        let [max_low, max_high] = self.printed.max;
        let mut sums = Sums::default().and(1, smallest).and(others, level.min(first[1]).max(smallest));
        for [low, high] in self.middle {
            sums = sums.and(1, level.clamp(low.max(smallest), high.max(smallest)));
        }
        sums.and(others, level.max(last[0]).min(max_high)).and(1, level.max(max_low).min(max_high))
    }

    /// Returns the least sum of squares about the mean, given the smallest value.
    fn least(&self, smallest: f64) -> f64 {
        let [least_sum, most_sum] = self.printed.sum;
        let sum = |level: f64| self.level(smallest, level).sum;
        let (from, to) = (self.solve(smallest, least_sum, sum), self.solve(smallest, most_sum, sum));
        // Where those that move lie below the mean, moving them up brings all together.
        let above_the_mean = |level: f64| {
            let sums = self.level(smallest, level);
            level * sums.count - sums.sum
        };
        let best = self.solve(smallest, 0.0, above_the_mean);
        self.level(smallest, best.min(to).max(from)).about_the_mean()
    }

    /// Returns the level at which a function of it that never falls, and bends only where values meet their bounds, has a
    /// value; the nearest one if it has it nowhere.
    fn solve(&self, smallest: f64, value: f64, of: impl Fn(f64) -> f64) -> f64 {
        let top = self.printed.max[1].max(smallest);
        let mut bends = [smallest, self.printed.max[0], top, top, top, top, top];
        for (place, end) in self.middle.iter().flatten().enumerate() {
            bends[3 + place] = *end;
        }
        bends.sort_unstable_by(f64::total_cmp);
        let (mut before, mut at_before) = (smallest, of(smallest));
        for bend in bends.map(|bend| bend.clamp(smallest, top)) {
            let at_bend = of(bend);
            if at_bend >= value {
                let share =
                    if at_bend > at_before { (value - at_before) / (at_bend - at_before) } else { 0.0 };
                return before + share.max(0.0) * (bend - before);
            }
            (before, at_before) = (bend, at_bend);
        }
        top
    }

    /// Says whether the largest sum of squares about the mean, given the smallest value, is as large as is printed.
    fn reaches_squares(&self, smallest: f64) -> bool {
        (0..1 << (self.middle.len() + 1)).any(|corner| {
            let end = |place: usize, ends: Ends| ends[corner >> place & 1].max(smallest);
            let max = end(0, self.printed.max);
            let first = end(1, self.middle[0]);
            let last = end(self.middle.len(), self.middle[self.middle.len() - 1]);
            self.corner_reaches_squares(smallest, first, last, max)
        })
    }

    /// The same with the middle and the largest value at given places, or one of them free.
    fn corner_reaches_squares(&self, smallest: f64, first: f64, last: f64, max: f64) -> bool {
        let (others, two) = (self.printed.others, self.middle.len() == 2);
        let [low, high] = self.printed.sum;
        let enough = |sums: Sums| sums.about_the_mean() >= self.printed.squares[0];
        let mut all = Sums::default().and(1, smallest).and(1, last).and(1, max);
        if two {
            all = all.and(1, first);
        }
        let room = (first - smallest).max(max - last);
        (0..=others).any(|below| {
            let lower = all.and(below, smallest).and(others - below, first);
            self.counts(lower.sum + others as f64 * last, max - last, room).any(|above| {
                let sums = lower.and(above, max).and(others - above, last);
                let (all_below, all_above) = (below == others, above == others);
                sums.sum >= low && sums.sum <= high && enough(sums)
                    || [
                        (first, !all_below, [smallest, first]),
                        (smallest, below > 0, [smallest, first]),
                        (last, !all_above, [last, max]),
                        (max, above > 0, [last, max]),
                        (max, above == 0, self.printed.max),
                        (first, all_below && (two || all_above), self.middle[0]),
                        (last, two && all_above, self.middle[self.middle.len() - 1]),
                    ]
                    .into_iter()
                    .filter(|(_, free, _)| *free)
                    .any(|(from, _, ends)| {
                        [low, high].into_iter().any(|sum| sums.moved(from, ends, sum).is_some_and(enough))
                    })
            })
        })
    }

    /// Returns how many of the upper values may lie at the maximum, if each adds `step` to a sum, and one value may be
    /// anywhere within `room`.
    fn counts(&self, sum: f64, step: f64, room: f64) -> RangeInclusive<usize> {
        let others = self.printed.others;
        if step <= SLACK {
            return 0..=others;
        }
        let at = |sum: f64| (sum / step).clamp(0.0, others as f64) as usize;
        let [low, high] = self.printed.sum;
        at(low - sum - room - step)..=at(high - sum + room + step)
    }
}

/// How near a bisection comes to a border, in percentage points.
const NEAR: f64 = 1e-5;

/// Returns the place farthest from `inside` towards `end` where `holds` is still true, if it is true from `inside` up to a
/// border; at most [`NEAR`] short of it.
fn border(inside: f64, end: f64, holds: impl Fn(f64) -> bool) -> f64 {
    if holds(end) {
        return end;
    }
    let (mut good, mut bad) = (inside, end);
    while (good - bad).abs() > NEAR {
        let middle = f64::midpoint(good, bad);
        if holds(middle) {
            good = middle;
        } else {
            bad = middle;
        }
    }
    good
}

/// Returns a place where a convex function is at most `limit`; `None` if it is nowhere.
fn first_below(low: f64, high: f64, limit: f64, of: impl Fn(f64) -> f64) -> Option<f64> {
    let (mut low, mut high) = (low, high);
    while high - low > NEAR / 10.0 {
        let third = (high - low) / 3.0;
        let [a, b] = [low + third, high - third];
        let [at_a, at_b] = [of(a), of(b)];
        if at_a.min(at_b) <= limit {
            return Some(if at_a <= at_b { a } else { b });
        }
        if at_a <= at_b {
            high = b;
        } else {
            low = a;
        }
    }
    let middle = f64::midpoint(low, high);
    (of(middle) <= limit).then_some(middle)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{random::stream, summarize};

    /// Values of many kinds: spread, skewed, of two kinds, collapsed, constant.
    fn honest(kind: usize, n: usize, random: &mut crate::random::Stream) -> Vec<f64> {
        let mut value = |i: usize| {
            let uniform = f64::from(random.below(10_001)) / 10_000.0;
            match kind {
                0 => 60.0 + 30.0 * uniform,
                1 => 100.0 - 60.0 * uniform * uniform * uniform,
                2 => {
                    if uniform < 0.3 {
                        52.0
                    } else {
                        81.5
                    }
                }
                3 => {
                    if uniform < 0.15 {
                        47.0 + uniform
                    } else {
                        78.0 + 6.0 * uniform
                    }
                }
                4 => 77.123,
                _ => {
                    if i == 0 {
                        10.0
                    } else {
                        99.0 + uniform
                    }
                }
            }
        };
        (0..n).map(&mut value).collect()
    }

    #[test]
    fn no_honest_row_is_accused_and_each_range_holds_the_smallest_value() {
        let mut random = stream(7, "honest");
        let mut wide = 0.0_f64;
        for row in 0..10_000 {
            let (kind, n, decimals) = (row % 6, 3 + row / 6 % 23, row / 138 % 3);
            let values = honest(kind, n, &mut random);
            let s = summarize(&values).unwrap();
            let unit = libm::pow(10.0, decimals as f64);
            let printed = [s.mean, s.max, s.median, s.std].map(|v| (v * unit).round() / unit);
            let found = smallest(n, printed, 0.5 / unit);
            let [low, high] = found.unwrap_or_else(|| panic!("{values:?} printed {printed:?}"));
            assert!(low <= s.min && s.min <= high, "{values:?} printed {printed:?}: {low} to {high}");
            if n == 3 && decimals == 2 {
                wide = wide.max(high - low);
            }
        }
        // The printed numbers of the first paper, by enumeration of all corners in an independent program.
        let table2 = smallest(25, [77.67, 85.68, 80.29, 13.59], 0.005).unwrap();
        let table1 = smallest(25, [71.75, 76.42, 73.43, 5.19], 0.005).unwrap();
        for ([low, high], expected) in [(table2, [12.6, 47.45]), (table1, [47.4, 65.6])] {
            assert!((low - expected[0]).abs() < 0.06 && (high - expected[1]).abs() < 0.06, "{low} to {high}");
        }
        assert!(wide < 1.0, "three values are known but for rounding, found a range of {wide}");
    }
}
