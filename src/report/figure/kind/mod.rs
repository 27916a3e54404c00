//! A figure of the spec → the data that [`curves`], [`strip`] and their like draw.

mod claims;
pub(in crate::report::figure) mod curves;
mod forest;
mod grid;
mod heat_map;
mod paired;
mod resampling;
mod rounds;
pub(in crate::report::figure) mod strip;

use super::both;
use curves::{Curves, Panel, Series};
use strip::{DRAWN, drawn};

use crate::{
    aggregate::{ConfigSummary, Curve},
    error::{Error, Result},
    plan::Plan,
    spec::{CollapseRule, FigureKind, FigureSpec, Metric, Over, Spec, Split},
    stats,
    verdict::Verdicts,
};

/// What figures are made of.
#[derive(Clone, Copy)]
pub(in crate::report) struct Shown<'a> {
    pub spec: &'a Spec,
    pub plan: &'a Plan,
    pub summaries: &'a [ConfigSummary],
    pub verdicts: Option<&'a Verdicts>,
    pub stamp: Option<&'a str>,
}

impl Shown<'_> {
    /// When a round counts as collapsed, if the spec says so.
    fn collapse_rule(&self) -> Option<CollapseRule> {
        self.spec.claims.as_ref()?.collapsed
    }
}

/// Draws a figure as SVG and PNG.
pub(in crate::report) fn figure(spec: &FigureSpec, shown: &Shown<'_>) -> Result<(String, Vec<u8>)> {
    let title = &spec.title;
    let drawn = match &spec.kind {
        FigureKind::Curves(metrics) => {
            let data = of_curves(spec, metrics, shown);
            both(&data.title, |fonts| curves::lay_out(&data, fonts))
        }
        FigureKind::Dots(metric, split) => {
            let data = rounds::dots(spec, (*metric, *split), shown);
            both(title, |fonts| strip::lay_out(&data, fonts))
        }
        FigureKind::Paired(metric, split) => {
            let data = rounds::paired(spec, (*metric, *split), shown);
            both(title, |fonts| paired::lay_out(&data, fonts))
        }
        FigureKind::Forest(of) => {
            let data = claims::forest(spec, *of, shown);
            both(title, |fonts| forest::lay_out(&data, fonts))
        }
        FigureKind::Envelope(table) => {
            let data = claims::envelope(spec, table, shown);
            both(title, |fonts| resampling::lay_out(&data, fonts))
        }
        FigureKind::Spread(metric, split) => {
            let data = grid::spread(spec, (*metric, *split), shown);
            both(title, |fonts| forest::lay_out(&data, fonts))
        }
        FigureKind::HeatMap(map) => {
            let data = grid::heat_map(spec, *map, shown);
            both(title, |fonts| heat_map::lay_out(&data, fonts))
        }
    };
    drawn.map_err(|e| Error::Figure(e.to_string()))
}

/// Names a set of pairs.
fn set_name(split: Split) -> &'static str {
    match split {
        Split::Train => "training set",
        Split::Test => "test set",
    }
}

/// One panel per metric; training and test set of one config, or the test set of several.
fn of_curves(spec: &FigureSpec, metrics: &[Metric], shown: &Shown<'_>) -> Curves {
    let Shown { plan, summaries, stamp, .. } = *shown;
    let collapsed = |config: usize| rounds::collapsed(&summaries[config], shown.collapse_rule());
    let configs: Vec<usize> = plan.chosen(&spec.filter).collect();
    let panels = metrics.iter().map(|metric| {
        let series = match configs[..] {
            [config] => [(Split::Train, "training"), (Split::Test, "test")]
                .into_iter()
                .filter_map(|(split, name)| {
                    let curve = summaries[config].curves.get(&(split, *metric))?;
                    Some(series(name.to_owned(), curve, &collapsed(config), metric.scale()))
                })
                .collect(),
            _ => configs
                .iter()
                .filter_map(|config| {
                    let curve = summaries[*config].curves.get(&(Split::Test, *metric))?;
                    Some(series(plan.label(*config), curve, &collapsed(*config), metric.scale()))
                })
                .collect(),
        };
        Panel { y_label: metric.axis(), percent: metric.is_accuracy(), reference: None, series }
    });
    let panels = panels.collect();
    Curves { title: with_rounds(&spec.title, &configs, summaries), stamp: stamp.map(str::to_owned), panels }
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

fn series(name: String, curve: &Curve, collapsed: &[usize], scale: f64) -> Series {
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
    let shown = drawn(curve.values.first().map_or(0, Vec::len)).enumerate();
    let collapsed = shown.filter(|(_, round)| collapsed.contains(round)).map(|(i, _)| i).collect();
    Series { name, mean, band, rounds, collapsed }
}
