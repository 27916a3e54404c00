//! A figure of the spec → the data that [`super::curves`] and [`super::dots`] draw.

use super::{
    curves::{Curves, Panel, Series},
    dots::{Dots, Group},
    figure::{curves_png, curves_svg, dots_png, dots_svg},
};
use crate::{
    aggregate::{ConfigSummary, Curve},
    error::{Error, Result},
    plan::Plan,
    spec::{FigureKind, FigureSpec, Metric, Over, Reading, Split},
    stats,
};

/// Draws a figure as SVG and PNG.
pub(super) fn figure(
    spec: &FigureSpec,
    plan: &Plan,
    summaries: &[ConfigSummary],
    stamp: Option<&str>,
) -> Result<(String, Vec<u8>)> {
    let failed = |e: super::figure::FigureError| Error::Figure(e.to_string());
    match &spec.kind {
        FigureKind::Curves(metrics) => {
            let data = curves(spec, metrics, plan, summaries, stamp);
            Ok((curves_svg(&data).map_err(failed)?, curves_png(&data).map_err(failed)?))
        }
        FigureKind::Dots(metric, split) => {
            let data = dots(spec, *metric, *split, plan, summaries, stamp);
            Ok((dots_svg(&data).map_err(failed)?, dots_png(&data).map_err(failed)?))
        }
    }
}

/// Names a metric for an axis, with its unit.
fn axis_label(metric: Metric) -> String {
    match metric {
        Metric::Accuracy => "Comparison accuracy (%)",
        Metric::Loss => "Comparison loss (nats)",
        Metric::DigitAccuracy => "Digit accuracy (%)",
        Metric::DigitLoss => "Digit loss (nats)",
    }
    .to_owned()
}

fn scale(metric: Metric) -> f64 {
    if metric.is_accuracy() { 100.0 } else { 1.0 }
}

/// One panel per metric; training and test set of one config, or the test set of several.
fn curves(
    spec: &FigureSpec,
    metrics: &[Metric],
    plan: &Plan,
    summaries: &[ConfigSummary],
    stamp: Option<&str>,
) -> Curves {
    let configs: Vec<usize> = plan.chosen(&spec.filter).collect();
    let panels = metrics.iter().map(|metric| {
        let series = match configs[..] {
            [config] => [(Split::Train, "training"), (Split::Test, "test")]
                .into_iter()
                .filter_map(|(split, name)| {
                    let curve = summaries[config].curves.get(&(split, *metric))?;
                    Some(series(name.to_owned(), curve, scale(*metric)))
                })
                .collect(),
            _ => configs
                .iter()
                .filter_map(|config| {
                    let curve = summaries[*config].curves.get(&(Split::Test, *metric))?;
                    Some(series(plan.label(*config), curve, scale(*metric)))
                })
                .collect(),
        };
        Panel { y_label: axis_label(*metric), percent: metric.is_accuracy(), reference: None, series }
    });
    let panels = panels.collect();
    Curves { title: with_rounds(&spec.title, &configs, summaries), stamp: stamp.map(str::to_owned), panels }
}

/// Single rounds that are drawn of each config; more of them would only make one grey, and a figure of gigabytes.
const DRAWN: usize = 200;

/// Returns the rounds that are drawn of `count`: all, or evenly chosen ones.
fn drawn(count: usize) -> impl Iterator<Item = usize> {
    let shown = count.min(DRAWN);
    (0..shown).map(move |i| i * count / shown)
}

/// Says what the lines and the band are.
fn with_rounds(title: &str, configs: &[usize], summaries: &[ConfigSummary]) -> String {
    let rounds = configs.iter().map(|c| summaries[*c].finished).max().unwrap_or(0);
    let separator = if title.is_empty() { "" } else { ": " };
    match rounds {
        0 => format!("{title}{separator}no finished rounds"),
        1 => format!("{title}{separator}one round"),
        _ if rounds > DRAWN => {
            format!("{title}{separator}mean ± std of {rounds} rounds, {DRAWN} of them drawn")
        }
        _ => format!("{title}{separator}mean ± std of {rounds} rounds"),
    }
}

fn series(name: String, curve: &Curve, scale: f64) -> Series {
    let epochs = || curve.epochs.iter().map(|e| *e as f64);
    let mean: Vec<(f64, f64)> =
        epochs().zip(curve.reading(Over::Epochs)).map(|(x, y)| (x, y * scale)).collect();
    let spread = |(x, m): &(f64, f64), values: &Vec<f64>| {
        let std = stats::std(values) * scale;
        let std = if std.is_finite() { std } else { 0.0 };
        (*x, m - std, m + std)
    };
    let band = mean.iter().zip(&curve.values).map(|(point, values)| spread(point, values)).collect();
    let rounds = drawn(curve.values.first().map_or(0, Vec::len))
        .map(|round| {
            let points = epochs().zip(&curve.values);
            points.filter_map(|(x, values)| Some((x, values.get(round)? * scale))).collect()
        })
        .collect();
    Series { name, mean, band, rounds }
}

/// Every round's last epoch, one row per config.
fn dots(
    spec: &FigureSpec,
    metric: Metric,
    split: Split,
    plan: &Plan,
    summaries: &[ConfigSummary],
    stamp: Option<&str>,
) -> Dots {
    let reading = Reading { metric, over: Over::Rounds };
    let groups = plan.chosen(&spec.filter).filter_map(|config| {
        let summary = &summaries[config];
        let statistics = summary.statistics(split, reading)?;
        let values = summary.curves.get(&(split, metric))?.reading(Over::Rounds);
        let values = drawn(values.len()).map(|i| values[i] * scale(metric)).collect();
        let (mean, std) = (statistics.mean * scale(metric), statistics.std * scale(metric));
        Some(Group { name: plan.label(config), values, mean, std })
    });
    let set = match split {
        Split::Train => "training set",
        Split::Test => "test set",
    };
    let rounds = plan.chosen(&spec.filter).map(|c| summaries[c].finished).max().unwrap_or(0);
    let some = if rounds > DRAWN { format!("; {DRAWN} rounds of {rounds} drawn") } else { String::new() };
    Dots {
        title: spec.title.clone(),
        stamp: stamp.map(str::to_owned),
        x_label: format!("{}, {set}, last epoch{some}", axis_label(metric)),
        percent: metric.is_accuracy(),
        groups: groups.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_rounds_some_are_drawn_from_the_first_on() {
        assert_eq!(drawn(0).count(), 0);
        assert!(drawn(DRAWN).eq(0..DRAWN));
        let some: Vec<usize> = drawn(10 * DRAWN + 3).collect();
        assert_eq!((some.len(), some[0], some[1]), (DRAWN, 0, 10));
        assert!(some.windows(2).all(|pair| pair[0] < pair[1]) && some[DRAWN - 1] < 10 * DRAWN + 3);
    }
}
