//! The frames of runs and epochs, and frames as files.

use polars::prelude::*;

use crate::{
    error::Result,
    plan::{Plan, SettingColumn},
    record::{EpochMetrics, StoredOutcome},
    task::{Measure, Task},
    yaml::kind::{Field, Scalar},
};

/// Returns the settings of the configs of some rows, a column each, so that nobody has to join frames.
pub(super) fn settings(plan: &Plan, configs: &[usize]) -> Vec<Column> {
    let source = vec![plan.dataset.source.word(); configs.len()];
    let mut found = vec![Column::new("config".into(), configs.iter().map(|c| *c as u32).collect::<Vec<_>>())];
    found.extend(plan.setting_columns().iter().map(|column| setting(column, configs)));
    found.insert(2, Column::new("data".into(), source));
    found
}

/// Returns a column of the type that all its values have: true/false, integers, numbers, or else text.
fn setting(column: &SettingColumn, configs: &[usize]) -> Column {
    let name = column.name.as_str().into();
    let values = || configs.iter().map(|c| &column.values[*c]);
    let all = |kind: fn(&Scalar) -> bool| column.values.iter().all(|v| *v == Scalar::Nothing || kind(v));
    if all(|v| matches!(v, Scalar::Flag(_))) {
        return Column::new(name, values().map(bool::of).collect::<Vec<_>>());
    }
    if all(|v| matches!(v, Scalar::Integer(_))) {
        let value = |v: &Scalar| if let Scalar::Integer(v) = v { Some(*v) } else { None };
        return Column::new(name, values().map(value).collect::<Vec<_>>());
    }
    if all(|v| matches!(v, Scalar::Integer(_) | Scalar::Number(_))) {
        let value = |v: &Scalar| match v {
            Scalar::Integer(v) => Some(*v as f64),
            Scalar::Number(v) => Some(*v),
            Scalar::Nothing | Scalar::Flag(_) | Scalar::Text(_) => None,
        };
        return Column::new(name, values().map(value).collect::<Vec<_>>());
    }
    let value = |v: &Scalar| Some(v).filter(|v| **v != Scalar::Nothing).map(ToString::to_string);
    Column::new(name, values().map(value).collect::<Vec<_>>())
}

/// Builds the frame of the runs: one row per planned run, in the order of the plan.
///
/// # Errors
/// Returns an error if polars refuses a column.
pub fn runs_frame(plan: &Plan, records: &[Option<StoredOutcome>]) -> Result<DataFrame> {
    let configs: Vec<usize> = plan.runs.iter().map(|run| run.config).collect();
    let status = records.iter().map(|record| record.as_ref().map_or("missing", |r| r.outcome.status()));
    let detail = records.iter().map(|record| record.as_ref().map(|r| r.outcome.detail()).unwrap_or_default());
    let outcome = records.iter().map(|r| r.as_ref().map(|r| r.digest.to_string()).unwrap_or_default());
    let mut columns = settings(plan, &configs);
    columns.extend([
        Column::new("seed".into(), plan.runs.iter().map(|run| run.seed).collect::<Vec<_>>()),
        Column::new("status".into(), status.collect::<Vec<_>>()),
        Column::new("detail".into(), detail.collect::<Vec<_>>()),
        Column::new("key".into(), plan.runs.iter().map(|run| run.key.to_string()).collect::<Vec<_>>()),
        Column::new("outcome_sha256".into(), outcome.collect::<Vec<_>>()),
    ]);
    let last = |record: &Option<StoredOutcome>| {
        record.as_ref().filter(|r| r.outcome.finished()).and_then(|r| r.outcome.epochs.last().copied())
    };
    columns.extend(metric_columns(plan.task, &records.iter().map(last).collect::<Vec<_>>()));
    Ok(DataFrame::new(configs.len(), columns)?)
}

/// Builds the frame of the epochs: one row per evaluated epoch of each run.
///
/// # Errors
/// Returns an error if polars refuses a column.
pub fn epochs_frame(plan: &Plan, records: &[Option<StoredOutcome>]) -> Result<DataFrame> {
    let mut found = Vec::new();
    let (mut configs, mut seeds, mut finished) = (Vec::new(), Vec::new(), Vec::new());
    for (run, record) in plan.runs.iter().zip(records) {
        for metrics in record.iter().flat_map(|r| &r.outcome.epochs) {
            configs.push(run.config);
            seeds.push(run.seed);
            finished.push(record.as_ref().is_some_and(|r| r.outcome.finished()));
            found.push(Some(*metrics));
        }
    }
    let epochs: Vec<u32> = found.iter().flatten().map(|m| m.epoch as u32).collect();
    let mut columns = settings(plan, &configs);
    columns.extend([
        Column::new("seed".into(), seeds),
        Column::new("finished".into(), finished),
        Column::new("epoch".into(), epochs),
    ]);
    columns.extend(metric_columns(plan.task, &found));
    Ok(DataFrame::new(found.len(), columns)?)
}

/// Returns the columns `train_accuracy` and so on; empty where a row has no value.
fn metric_columns(task: &Task, rows: &[Option<EpochMetrics>]) -> Vec<Column> {
    type Part = (&'static str, fn(&EpochMetrics) -> Measure);
    let parts: [Part; 3] = [("running", |m| m.running), ("train", |m| m.train), ("test", |m| m.test)];
    let mut columns = Vec::new();
    for (part, measure) in parts {
        for metric in &task.metrics {
            let values: Vec<Option<f64>> =
                rows.iter().map(|row| row.as_ref().and_then(|m| measure(m).get(*metric))).collect();
            columns.push(Column::new(format!("{part}_{}", metric.name).into(), values));
        }
    }
    columns
}
