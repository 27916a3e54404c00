//! The frame of the summary: a row per config, set, metric and reading.
//!
//! Polars groups the frame of the epochs by config; the statistics of a group are those of [`Curve`], in a fixed order, so that
//! they have the bits of every table.

use polars::prelude::*;

use super::rounds::{Curve, Rounds};
use crate::{
    error::Result,
    plan::Plan,
    spec::{CollapseRule, Over, Split},
    stats::{Matrix, Summary},
    task::Metric,
};

/// A row: what it is of, and its statistics if there are any.
struct Row {
    config: usize,
    split: Split,
    metric: Metric,
    over: Over,
    statistics: Option<Summary>,
    interval: Option<[f64; 2]>,
}

/// Builds the summary of the finished rounds in the frame of the epochs.
///
/// Every config has a row for each set, each metric that any config has, and both readings. Columns: the settings; `split`,
/// `metric`, `over`; `n`, the rounds or epochs behind the statistics; `planned`, `finished`, `diverged` and `failed` rounds;
/// `collapsed` rounds if the spec says what that is; `mean`, `median`, `max`, `min` and `std` (divisor `n − 1`), as measured:
/// fractions for accuracies, nats for losses; `mean_low` and `mean_high`, the 95 % interval of [`Curve::mean_interval`]. A number
/// that does not exist is empty.
///
/// # Errors
/// Returns an error if polars refuses a column.
pub fn summary_frame(
    plan: &Plan,
    rounds: &[Rounds],
    rule: Option<CollapseRule>,
    epochs: &DataFrame,
) -> Result<DataFrame> {
    let finished = epochs.filter(epochs.column("finished")?.bool()?)?;
    let mut groups: Vec<Option<Vec<usize>>> = vec![None; plan.configs.len()];
    let configs = finished.column("config")?.u32()?;
    for group in finished.group_by_stable(["config"])?.get_groups().iter() {
        let rows: Vec<usize> = match group {
            GroupsIndicator::Idx((_, rows)) => rows.iter().map(|row| *row as usize).collect(),
            GroupsIndicator::Slice([first, count]) => {
                (first as usize..first as usize + count as usize).collect()
            }
        };
        if let Some(config) = rows.first().and_then(|row| configs.get(*row)) {
            groups[config as usize] = Some(rows);
        }
    }
    let mut found = Vec::new();
    for (config, group) in groups.iter().enumerate() {
        for split in [Split::Train, Split::Test] {
            for metric in &plan.task.metrics {
                let column = finished.column(&format!("{}_{}", split.word(), metric.word()))?;
                if column.null_count() == column.len() {
                    continue;
                }
                let curve = group.as_ref().map(|rows| curve(&finished, column, rows)).transpose()?.flatten();
                found.extend([Over::Rounds, Over::Epochs].map(|over| Row {
                    config,
                    split,
                    metric: *metric,
                    over,
                    statistics: curve.as_ref().and_then(|curve| curve.statistics(over)),
                    interval: curve.as_ref().and_then(|curve| curve.mean_interval(over)),
                }));
            }
        }
    }
    frame(plan, rounds, rule, &found)
}

/// Returns a metric of a group's rows, which stand by round and epoch; `None` if one has none.
fn curve(frame: &DataFrame, column: &Column, rows: &[usize]) -> Result<Option<Curve>> {
    let (seeds, epochs) = (frame.column("seed")?.u64()?, frame.column("epoch")?.u32()?);
    let values = column.f64()?;
    let mut rounds = Matrix::new();
    for of_seed in rows.chunk_by(|a, b| seeds.get(*a) == seeds.get(*b)) {
        let Some(round) = of_seed.iter().map(|row| values.get(*row)).collect() else { return Ok(None) };
        rounds.push(round);
    }
    let first = rows.iter().take(rounds.first().map_or(0, Vec::len));
    let epochs = first.filter_map(|row| Some(epochs.get(*row)? as usize)).collect();
    Ok(Some(Curve { epochs, rounds }))
}

fn frame(plan: &Plan, rounds: &[Rounds], rule: Option<CollapseRule>, rows: &[Row]) -> Result<DataFrame> {
    let words = |name: &str, word: &dyn Fn(&Row) -> &'static str| {
        Column::new(name.into(), rows.iter().map(word).collect::<Vec<_>>())
    };
    let counts = |name: &str, count: &dyn Fn(&Row) -> usize| {
        Column::new(name.into(), rows.iter().map(|row| count(row) as u32).collect::<Vec<_>>())
    };
    let numbers = |name: &str, number: &dyn Fn(&Row) -> Option<f64>| {
        let values = rows.iter().map(|row| number(row).filter(|v| v.is_finite()));
        Column::new(name.into(), values.collect::<Vec<Option<f64>>>())
    };
    let statistic =
        |name: &str, pick: fn(&Summary) -> f64| numbers(name, &|row: &Row| row.statistics.as_ref().map(pick));
    let collapsed: Vec<Option<u32>> =
        rows.iter().map(|row| Some(rounds[row.config].collapsed(rule?).len() as u32)).collect();
    let mut columns = super::frames::settings(plan, &rows.iter().map(|row| row.config).collect::<Vec<_>>());
    columns.extend([
        words("split", &|row| row.split.word()),
        words("metric", &|row| row.metric.word()),
        words("over", &|row| row.over.word()),
        counts("n", &|row| row.statistics.map_or(0, |s| s.n)),
        counts("planned", &|row| rounds[row.config].planned),
        counts("finished", &|row| rounds[row.config].finished()),
        counts("diverged", &|row| rounds[row.config].diverged.len()),
        counts("failed", &|row| rounds[row.config].failed),
        Column::new("collapsed".into(), collapsed),
        statistic("mean", |s| s.mean),
        statistic("median", |s| s.median),
        statistic("max", |s| s.max),
        statistic("min", |s| s.min),
        statistic("std", |s| s.std),
        numbers("mean_low", &|row| row.interval.map(|i| i[0])),
        numbers("mean_high", &|row| row.interval.map(|i| i[1])),
    ]);
    Ok(DataFrame::new(rows.len(), columns)?)
}
