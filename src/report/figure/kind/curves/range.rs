//! Which epochs and values the axes of a panel show.

use super::series::{Panel, Series};
use crate::report::figure::{
    axis::{drawable, extremes, with_air},
    scene::Point,
};

/// The epochs to show: those of any point that can be drawn.
pub(super) fn of_epochs(panel: &Panel) -> Option<(f64, f64)> {
    let points = panel.series.iter().flat_map(|series| lines(series).chain(band(series)));
    let (first, last) = extremes(points.filter(|(_, y)| drawable(*y)).map(|(x, _)| x))?;
    Some(if first < last { with_air((first, last), 0.02, false) } else { (first - 0.5, last + 0.5) })
}

/// The values to show, or nothing if there are none.
///
/// A loss may explode in a round or two: then the axis ends where the others do, and lines leave it at the top. A band
/// may reach beyond all values, and after an explosion far beyond: it gets some room, not all it asks for.
pub(super) fn of_values(panel: &Panel) -> Option<(f64, f64)> {
    let bands = extremes(panel.series.iter().flat_map(band).map(|(_, y)| y));
    let (low, mut high) = extremes(panel.series.iter().flat_map(lines).map(|(_, y)| y)).or(bands)?;
    let limit = usual_top(panel).max(low);
    let explodes = !panel.percent && high > low + 3.0 * (limit - low);
    if explodes {
        high = limit;
    }
    let room = 0.25 * (high - low);
    let (least, most) = match (panel.percent, explodes) {
        (true, _) => (low.min(0.0), high.max(100.0)),
        (false, true) => (low - room, high),
        (false, false) => (low - room, high + room),
    };
    let (band_low, band_high) = bands.unwrap_or((low, high));
    let reference = panel.reference.iter().map(|(_, value)| *value);
    let ends = [low, high, band_low.clamp(least, most), band_high.clamp(least, most)];
    let all = extremes(reference.clone().chain(ends))?;

    let (airy_low, airy_high) = with_air(all, 0.05, panel.percent);
    // A loss that comes near zero is best judged against zero, even if its band goes below.
    let positive = low >= 0.0 && !reference.into_iter().any(|value| value < 0.0);
    let from_zero = !panel.percent && positive && low < 0.4 * high;
    Some((if from_zero { 0.0 } else { airy_low }, airy_high))
}

/// The highest value that is nothing unusual: where lines start, and what most rounds get to. With few rounds, their
/// bulk of values stands in for what most of them get to.
fn usual_top(panel: &Panel) -> f64 {
    let rounds: Vec<Vec<f64>> = panel.series.iter().flat_map(rounds_of).map(|round| values(round)).collect();
    let starts = quantile(rounds.iter().filter_map(|round| round.first().copied()).collect(), 0.5);
    let tops: Vec<f64> = rounds.iter().filter_map(|round| round.iter().copied().reduce(f64::max)).collect();
    let most_get_to = if panel.series.iter().any(|series| series.rounds.len() > 2) {
        quantile(tops, 0.5)
    } else {
        let all: Vec<f64> = rounds.into_iter().flatten().collect();
        let (low, high) = (quantile(all.clone(), 0.1), quantile(all, 0.85));
        high + (high - low)
    };
    starts.max(most_get_to)
}

/// The rounds of a series, or its mean if it has none.
fn rounds_of(series: &Series) -> &[Vec<Point>] {
    if series.rounds.is_empty() { std::slice::from_ref(&series.mean) } else { &series.rounds }
}

/// The values of a round that can be drawn.
fn values(round: &[Point]) -> Vec<f64> {
    round.iter().map(|(_, y)| *y).filter(|y| drawable(*y)).collect()
}

/// The value below which a share of the values lies, or the smallest number if there are none.
fn quantile(mut values: Vec<f64>, share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let index = (values.len().saturating_sub(1) as f64 * share).round() as usize;
    values.get(index).copied().unwrap_or(f64::MIN)
}

/// All points of a series' lines.
fn lines(series: &Series) -> impl Iterator<Item = Point> {
    series.mean.iter().chain(series.rounds.iter().flatten()).copied()
}

/// All corners of a series' band.
fn band(series: &Series) -> impl Iterator<Item = Point> {
    series.band.iter().flat_map(|(x, low, high)| [(*x, *low), (*x, *high)])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rounds of a loss that falls from 2.3 to 0.2, with a band as wide as it is high.
    fn falling(rounds: usize) -> Panel {
        let round: Vec<Point> =
            (1..=25).map(|epoch| (f64::from(epoch), 0.2 + 2.1 / f64::from(epoch))).collect();
        let band = round.iter().map(|(x, y)| (*x, y - 0.3, y + 0.3)).collect();
        let series = Series {
            name: "training".into(),
            mean: round.clone(),
            band,
            rounds: vec![round; rounds],
            ..Series::default()
        };
        Panel { series: vec![series], ..Panel::default() }
    }

    #[test]
    fn a_common_loss_is_shown_in_full_and_from_zero() {
        for rounds in [0, 1, 2, 10] {
            let (low, high) = of_values(&falling(rounds)).unwrap();
            assert!(low.abs() < 1e-12, "{low}");
            assert!(high > 2.6 && high < 2.9, "{high}");
        }
    }

    #[test]
    fn an_exploding_round_squashes_nothing() {
        for rounds in [1, 2, 10] {
            let mut panel = falling(rounds);
            let series = &mut panel.series[0];
            series.rounds[0][23].1 = 1e9;
            series.rounds[0][24].1 = f64::INFINITY;
            series.mean[23].1 = 1e8;
            series.band[23] = (24.0, -3e8, 5e8);
            let (low, high) = of_values(&panel).unwrap();
            assert!(low.abs() < 1e-12, "{low}");
            assert!((2.3..10.0).contains(&high), "{high} with {rounds} rounds");
        }
    }

    #[test]
    fn percentages_are_never_cut() {
        let mut panel = Panel { percent: true, ..falling(10) };
        panel.series[0].rounds[0][3].1 = 99.0;
        let (low, high) = of_values(&panel).unwrap();
        assert!(low.abs() < 1e-12, "{low}");
        assert!((99.0..=100.0).contains(&high), "{high}");
    }
}
