//! Axes: which stretch of numbers they show, where their ticks stand, and how they are drawn.
//!
//! Powers of ten are read from text, which rounds correctly everywhere; logarithms would not.

use super::{
    fonts::{Fonts, TEXT, Weight},
    palette::{GRID, INK},
    scene::{Anchor, LINE, Letters, Pen, Scene, crisp},
};

/// Larger values are taken for no values: nothing can be computed with them.
const LARGEST: f64 = 1e300;

/// Values below this are what rounding left of nought: percentages and losses have some 15 digits.
const NOISE: f64 = 1e-11;

/// Whether a value can be drawn.
pub(super) fn drawable(value: f64) -> bool {
    value.abs() <= LARGEST
}

/// A stretch of numbers laid along a stretch of the page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Axis {
    /// The numbers at both ends.
    pub range: (f64, f64),
    /// Where the ends are, in pixels of the page.
    pub ends: (f64, f64),
}

impl Axis {
    /// Where a number belongs; far outside the axis, it stops somewhere far outside.
    pub(super) fn at(&self, value: f64) -> f64 {
        let ((low, high), (from, to)) = (self.range, self.ends);
        let share = (value - low) / (high - low);
        (from + share * (to - from)).clamp(-1e6, 1e6)
    }

    /// Its ticks, at most `most`.
    pub(super) fn ticks(&self, most: u32, whole: bool) -> Vec<Tick> {
        ticks(self.range, most, whole)
    }

    /// The ends of a stretch on it, cut off where the axis ends.
    pub(super) fn stretch(&self, [low, high]: [f64; 2]) -> Option<(f64, f64)> {
        let cut = |value: f64| self.at(value.clamp(self.range.0, self.range.1));
        (drawable(low) && drawable(high)).then(|| (cut(low), cut(high)))
    }

    /// Draws level lines of a grid at ticks of an upright axis, with the numbers on their left.
    pub(super) fn draw_upright(&self, scene: &mut Scene, ticks: &[Tick], (left, right): (f64, f64)) {
        for tick in ticks {
            let at = crisp(self.at(tick.value));
            scene.stroke(vec![(left, at), (right, at)], Pen::solid(GRID, 1.0));
            scene.text((left - GAP, at + 5.3), &tick.label, Letters::plain(Anchor::Right));
        }
    }

    /// Draws upright lines of a grid from `top` to `foot` at ticks of a level axis, and below it the numbers, if wanted.
    pub(super) fn draw_level(
        &self,
        scene: &mut Scene,
        ticks: &[Tick],
        (top, foot, bottom): (f64, f64, f64),
        numbers: bool,
    ) {
        let base = crisp(bottom);
        for tick in ticks {
            let at = crisp(self.at(tick.value));
            scene.stroke(vec![(at, top), (at, foot)], Pen::solid(GRID, 1.0));
            if numbers {
                scene.stroke(vec![(at, base), (at, base + 4.0)], Pen::solid(INK, 1.0));
                let place = (at, bottom + 4.0 + 0.85 * LINE);
                scene.text(place, &tick.label, Letters::plain(Anchor::Center));
            }
        }
    }
}

/// Space between the numbers of an upright axis and the axis.
const GAP: f64 = 7.0;

/// Where an upright axis stands if its numbers begin at `left`.
pub(super) fn beside(ticks: &[Tick], fonts: &Fonts, left: f64) -> f64 {
    let widths = ticks.iter().map(|tick| fonts.width(&tick.label, TEXT, Weight::Regular));
    crisp(left + widths.fold(8.0, f64::max) + GAP)
}

/// Draws the lines on the left of and below a set of axes.
pub(super) fn frame(scene: &mut Scene, (left, right): (f64, f64), (top, bottom): (f64, f64)) {
    let base = crisp(bottom);
    scene.stroke(vec![(left, top), (left, base), (right, base)], Pen::solid(INK, 1.0));
}

/// A marked place on an axis.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tick {
    pub value: f64,
    pub label: String,
}

/// The smallest and the largest of some numbers.
pub(super) fn extremes(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.filter(|value| drawable(*value)).fold(None, |range, value| {
        let (low, high) = range.unwrap_or((value, value));
        Some((value.min(low), value.max(high)))
    })
}

/// Widens a range so that marks at its ends have air; percentages stay between 0 and 100 if they were.
pub(super) fn with_air((low, high): (f64, f64), share: f64, percent: bool) -> (f64, f64) {
    // Spreads of equal values are nought but for what rounding left: one unit shows that better than its noise.
    if !percent && low.abs().max(high.abs()) < NOISE {
        return (0.0, 1.0);
    }
    let same = if percent { 2.0 } else { (low.abs() * 0.1).max(1e-9) };
    // Means and spreads of equal values differ by what rounding left.
    let differ = high - low > (1e-9 * low.abs().max(high.abs())).max(NOISE);
    let air = if differ { (high - low) * share } else { same };
    let (mut wide_low, mut wide_high) = (low - air, high + air);
    if percent && low >= 0.0 && high <= 100.0 {
        (wide_low, wide_high) = (wide_low.max(0.0), wide_high.min(100.0));
    }
    // Where doubles are coarse, a little air is none.
    if wide_high > wide_low {
        (wide_low, wide_high)
    } else {
        (low - low.abs() * 0.5, high + high.abs() * 0.5)
    }
}

/// Round numbers within a range: multiples of 1, 2 or 5 times a power of ten.
fn ticks((low, high): (f64, f64), most: u32, whole: bool) -> Vec<Tick> {
    let wanted = (high - low) / f64::from(most.max(1));
    let mut exponent = 0;
    while exponent > -300 && power(exponent) > wanted {
        exponent -= 1;
    }
    while exponent < 300 && power(exponent + 1) <= wanted {
        exponent += 1;
    }
    let coarser =
        [(1.0, 0), (2.0, 0), (5.0, 0), (1.0, 1), (2.0, 1)].map(|(digit, up)| (digit, exponent + up));
    for (digit, exponent) in coarser {
        if whole && exponent < 0 {
            continue;
        }
        let found = multiples(low, high, digit, exponent);
        if found.len() <= most as usize {
            return found;
        }
    }
    // Only reached when whole numbers were asked of a range that holds a few of them.
    multiples(low, high, 1.0, 0).into_iter().take(most as usize).collect()
}

/// The multiples of `digit` times ten to the power of `exponent` within a range.
fn multiples(low: f64, high: f64, digit: f64, exponent: i32) -> Vec<Tick> {
    let step = digit * power(exponent);
    let nearly = 1e-9;
    let (mut count, last) = ((low / step - nearly).ceil(), (high / step + nearly).floor());
    let mut found = Vec::new();
    while count <= last && found.len() < 50 {
        // Dividing by a whole power rounds once; multiplying by 0.1 would round twice.
        let multiple = count * digit;
        let value = if exponent < 0 { multiple / power(-exponent) } else { multiple * power(exponent) };
        found.push(Tick { value, label: label(value, exponent) });
        count += 1.0;
    }
    found
}

/// Ten to the power of `exponent`.
fn power(exponent: i32) -> f64 {
    format!("1e{exponent}").parse().unwrap_or(1.0)
}

/// A tick's number, with as many decimals as its neighbours need.
fn label(value: f64, exponent: i32) -> String {
    let value = if value == 0.0 { 0.0 } else { value };
    let text = if exponent < -4 || value.abs() >= 1e5 {
        if value == 0.0 { "0".to_owned() } else { scientific(value, exponent) }
    } else {
        format!("{value:.*}", usize::try_from(-exponent).unwrap_or(0))
    };
    text.replace('-', "−")
}

/// A number in words: one decimal for percentages, else as many as make four digits.
pub(super) fn number(value: f64, percent: bool) -> String {
    let size = value.abs();
    let decimals = match size {
        _ if percent => 1,
        _ if size < 10.0 => 3,
        _ if size < 100.0 => 2,
        _ => 1,
    };
    let text = if size < 1e6 { format!("{value:.decimals$}") } else { format!("{value:.2e}") };
    text.replace('-', "−")
}

/// A number as a short product with a power of ten, such as 2.5e6.
fn scientific(value: f64, exponent: i32) -> String {
    let own =
        format!("{value:e}").split_once('e').and_then(|(_, power)| power.parse::<i32>().ok()).unwrap_or(0);
    format!("{value:.*e}", usize::try_from(own - exponent).unwrap_or(0).min(6))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(low: f64, high: f64, most: u32, whole: bool) -> Vec<String> {
        ticks((low, high), most, whole).into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn ticks_are_round_numbers() {
        assert_eq!(labels(0.0, 2.4, 6, false), ["0.0", "0.5", "1.0", "1.5", "2.0"]);
        assert_eq!(labels(50.3, 91.0, 6, false), ["60", "70", "80", "90"]);
        assert_eq!(labels(0.5, 25.5, 6, true), ["5", "10", "15", "20", "25"]);
        assert_eq!(labels(0.5, 1.5, 6, true), ["1"]);
        assert_eq!(labels(-0.3, 0.3, 4, false), ["−0.2", "0.0", "0.2"]);
        assert_eq!(labels(0.0, 4.1e6, 5, false), ["0", "1e6", "2e6", "3e6", "4e6"]);
        assert_eq!(labels(0.0, 4.1e-7, 3, false), ["0", "2e-7", "4e-7"].map(|text| text.replace('-', "−")));
    }

    #[test]
    fn no_range_breaks_ticks() {
        for (low, high) in [(0.0, 1e-300), (-1e300, 1e300), (1e16, 1e16 + 4.0), (5.0, 5.000_000_001)] {
            assert!(labels(low, high, 6, false).len() <= 6, "{low} to {high}");
            assert!(labels(low, high, 6, true).len() <= 6, "{low} to {high}");
        }
    }

    #[test]
    fn equal_values_get_a_range() {
        for value in [0.0, 1.0, -3.0, 1e17, 100.0] {
            let (low, high) = with_air((value, value), 0.05, true);
            assert!(low < high, "{value}");
        }
        assert_eq!(with_air((50.0, 100.0), 0.05, true), (47.5, 100.0));
        for percent in [false, true] {
            let (low, high) = with_air((0.0, 7e-15), 0.05, percent);
            assert!(low.abs() < 1e-9 && high >= 1.0, "what rounding left is no spread: {low} to {high}");
        }
    }
}
