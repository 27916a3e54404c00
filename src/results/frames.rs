//! The frames of runs and epochs, and frames as files.

use polars::prelude::*;

use crate::{
    error::Result,
    plan::Plan,
    record::{EpochMetrics, StoredOutcome},
    task::{Measure, Task},
};

/// Returns the settings of the configs of some rows, a column each, so that nobody has to join frames.
pub(super) fn settings(plan: &Plan, configs: &[usize]) -> Vec<Column> {
    let text = |name: &str, value: &dyn Fn(&crate::plan::Config) -> String| {
        let values: Vec<String> = configs.iter().map(|c| value(&plan.configs[*c])).collect();
        Column::new(name.into(), values)
    };
    let number = |name: &str, value: &dyn Fn(&crate::plan::Config) -> f64| {
        let values: Vec<f64> = configs.iter().map(|c| value(&plan.configs[*c])).collect();
        Column::new(name.into(), values)
    };
    vec![
        Column::new("config".into(), configs.iter().map(|c| *c as u32).collect::<Vec<_>>()),
        text("architecture", &|c| c.name.to_string()),
        text("data", &|_| plan.dataset.source.word().to_owned()),
        number("lr", &|c| c.lr),
        number("dropout", &|c| c.dropout),
        text("vary", &|c| c.vary.word().to_owned()),
    ]
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

/// Returns a frame as CSV.
///
/// # Errors
/// Returns an error if polars cannot write it.
pub fn csv(frame: &DataFrame) -> Result<Vec<u8>> {
    use polars_io::SerWriter;
    let mut bytes = Vec::new();
    polars_io::csv::write::CsvWriter::new(&mut bytes).finish(&mut frame.clone())?;
    Ok(bytes)
}

/// Returns a frame as Parquet.
///
/// # Errors
/// Returns an error if polars cannot write it.
pub fn parquet(frame: &DataFrame) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    polars_io::parquet::write::ParquetWriter::new(&mut bytes).finish(&mut frame.clone())?;
    Ok(bytes)
}
