//! Figures over axes of the grid.

use super::{Shown, rounds, set_name};
use crate::{
    plan::Config,
    random::stream,
    report::{
        figure::kind::forest::{Claim, Forest, Group, Mark},
        figure::kind::heat_map::{Cell, HeatMap},
        figure::row_chart::number,
    },
    spec::{self, FigureSpec, GridAxis, Metric, Over, Reading, Split, Statistic},
    stats,
    verdict::pick,
};

/// Resamples for an interval.
const RESAMPLES: usize = 10_000;

/// A statistic of the rounds' last epochs over two axes of the grid.
pub(super) fn heat_map(figure: &FigureSpec, map: spec::HeatMap, shown: &Shown<'_>) -> HeatMap {
    let configs: Vec<usize> = shown.plan.chosen(&figure.filter).collect();
    let values = |axis: GridAxis| {
        let mut values: Vec<String> = Vec::new();
        for config in &configs {
            let value = value(axis, &shown.plan.configs[*config]);
            if !values.contains(&value) {
                values.push(value);
            }
        }
        values
    };
    let (x, y) = (values(map.x), values(map.y));
    let cell = |x: &String, y: &String| {
        let here = |config: &&usize| {
            let config = &shown.plan.configs[**config];
            value(map.x, config) == *x && value(map.y, config) == *y
        };
        configs.iter().find(here).map_or(Cell::default(), |config| cell(*config, map, shown))
    };
    let cells = y.iter().map(|y| x.iter().map(|x| cell(x, y)).collect()).collect();
    let planned = configs.iter().map(|config| shown.summaries[*config].planned).max().unwrap_or(0);
    let each = if planned == 1 { "1 round".to_owned() } else { format!("{planned} rounds") };
    HeatMap {
        title: figure.title.clone(),
        stamp: shown.stamp.map(str::to_owned),
        label: format!(
            "{}, {}, last epoch: {} of {each} each",
            map.metric.axis(),
            set_name(map.split),
            name(map.statistic)
        ),
        percent: map.metric.is_accuracy(),
        rule: rounds::rule_words(shown.collapse_rule(), map.metric, map.split),
        x: (axis_name(map.x).to_owned(), x),
        y: (axis_name(map.y).to_owned(), y),
        cells,
    }
}

/// How much the rounds of each config differ at the last epoch.
pub(super) fn spread(figure: &FigureSpec, (metric, split): (Metric, Split), shown: &Shown<'_>) -> Forest {
    let unit = metric.unit_of_differences();
    let claims = shown.plan.chosen(&figure.filter).map(|config| {
        let summary = &shown.summaries[config];
        let values = rounds::last_epoch(summary, metric, split);
        let std = Some(stats::std(&values)).filter(|std| std.is_finite());
        Claim {
            name: shown.plan.label(config),
            note: rounds::note(summary, &rounds::collapsed(summary, shown.collapse_rule())),
            words: std.map_or(String::new(), |std| number(std, metric.is_accuracy())),
            point: std,
            narrow: std.and_then(|_| std_interval(&values)),
            wide: None,
            mark: Mark::Plain,
        }
    });
    let metric = metric.phrase();
    Forest {
        title: figure.title.clone(),
        stamp: shown.stamp.map(str::to_owned),
        x_label: format!(
            "Standard deviation of the rounds' {metric}, {}, last epoch ({unit})",
            set_name(split)
        ),
        zero: Some("no difference".to_owned()),
        margin: None,
        narrow: "95 % interval".to_owned(),
        wide: String::new(),
        groups: vec![Group { name: String::new(), claims: claims.collect() }],
    }
}

/// Returns the 95 % BCa interval of a standard deviation; nothing for few values.
fn std_interval(values: &[f64]) -> Option<stats::Interval> {
    let count = values.len();
    if count < 5 {
        return None;
    }
    let of = |chosen: &[usize]| stats::std(&chosen.iter().map(|i| values[*i]).collect::<Vec<_>>());
    let mut random = stream(0, "report/spread");
    let distribution = stats::resample(count, RESAMPLES, |n| random.below(n), of);
    let without = |skip: usize| of(&(0..count).filter(|i| *i != skip).collect::<Vec<_>>());
    let left_out: Vec<f64> = (0..count).map(without).collect();
    Some(stats::bca_interval(&distribution, stats::std(values), &left_out, 0.95))
}

fn cell(config: usize, map: spec::HeatMap, shown: &Shown<'_>) -> Cell {
    let summary = &shown.summaries[config];
    let statistics = summary.statistics(map.split, Reading { metric: map.metric, over: Over::Rounds });
    let value = statistics.map(|s| pick(&s, map.statistic) * map.metric.scale()).filter(|v| v.is_finite());
    let complete = summary.finished == summary.planned;
    let note = if complete { String::new() } else { format!("{} of {}", summary.finished, summary.planned) };
    Cell { value, collapsed: rounds::collapsed(summary, shown.collapse_rule()).len(), note }
}

/// A config's value on an axis.
fn value(axis: GridAxis, config: &Config) -> String {
    match axis {
        GridAxis::Architecture => config.name.to_string(),
        GridAxis::Lr => config.lr.to_string(),
        GridAxis::Dropout => config.dropout.to_string(),
        GridAxis::Vary => config.vary.word().to_owned(),
    }
}

fn axis_name(axis: GridAxis) -> &'static str {
    match axis {
        GridAxis::Architecture => "Architecture",
        GridAxis::Lr => "Learning rate",
        GridAxis::Dropout => "Dropout rate",
        GridAxis::Vary => "What follows the seed",
    }
}

fn name(statistic: Statistic) -> &'static str {
    match statistic {
        Statistic::Mean => "mean",
        Statistic::Max => "largest",
        Statistic::Median => "median",
        Statistic::Std => "standard deviation",
        Statistic::Min => "smallest",
    }
}
