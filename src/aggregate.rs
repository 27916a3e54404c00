//! Records → a summary per config, and frames: one row per run, one row per epoch.
//!
//! Summaries are taken of the outcomes themselves and their statistics come from [`crate::stats`], in a fixed order;
//! polars builds the frames and writes them as CSV and Parquet.

use std::collections::BTreeMap;

use polars::prelude::*;

use crate::{
    error::Result,
    plan::Plan,
    record::{End, EpochMetrics, StoredOutcome},
    spec::{Over, Reading, Split},
    stats,
    task::{Measure, Metric, Task},
};

/// What is known of one config.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ConfigSummary {
    /// Rounds that the plan has.
    pub planned: usize,
    /// Rounds that trained all epochs.
    pub finished: usize,
    /// Rounds whose loss was no longer a finite number.
    pub diverged: usize,
    /// Rounds that failed in another way.
    pub failed: usize,
    /// Seeds of the rounds that trained all epochs, in the order of each curve's rounds.
    pub seeds: Vec<u64>,
    /// Each metric over the epochs, for the finished rounds.
    pub curves: BTreeMap<(Split, Metric), Curve>,
}

/// A metric over the epochs and rounds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Curve {
    /// The evaluated epochs.
    pub epochs: Vec<usize>,
    /// `[epoch][round]`, rounds in the order of their seeds.
    pub values: Vec<Vec<f64>>,
}

impl Curve {
    /// Returns what a reading takes its statistics of: the last epoch's rounds, or the epochs of
    /// the curve averaged over the rounds.
    #[must_use]
    pub fn reading(&self, over: Over) -> Vec<f64> {
        match over {
            Over::Rounds => self.values.last().cloned().unwrap_or_default(),
            Over::Epochs => self.values.iter().map(|rounds| stats::mean(rounds)).collect(),
        }
    }
}

impl ConfigSummary {
    /// Returns the statistics of a reading; `None` if the config does not have the metric.
    #[must_use]
    pub fn statistics(&self, split: Split, reading: Reading) -> Option<stats::Summary> {
        stats::summarize(&self.curves.get(&(split, reading.metric))?.reading(reading.over))
    }
}

/// Builds the frame of the runs: one row per planned run, in the order of the plan.
///
/// # Errors
/// Returns an error if polars refuses a column.
pub fn runs_frame(plan: &Plan, records: &[Option<StoredOutcome>]) -> Result<DataFrame> {
    let runs: Vec<_> = plan.runs.iter().zip(records).collect();
    let config = |f: &dyn Fn(&crate::plan::Config) -> String| -> Vec<String> {
        runs.iter().map(|(run, _)| f(plan.config(run))).collect()
    };
    let number = |f: &dyn Fn(&crate::plan::Config) -> f64| -> Vec<f64> {
        runs.iter().map(|(run, _)| f(plan.config(run))).collect()
    };
    let height = runs.len();
    let status = runs.iter().map(|(_, record)| record.as_ref().map_or("missing", |r| r.outcome.status()));
    let detail =
        runs.iter().map(|(_, record)| record.as_ref().map(|r| r.outcome.detail()).unwrap_or_default());
    let outcome = runs.iter().map(|(_, r)| r.as_ref().map(|r| r.digest.to_string()).unwrap_or_default());
    let mut columns = vec![
        Column::new("config".into(), runs.iter().map(|(run, _)| run.config as u32).collect::<Vec<_>>()),
        Column::new("architecture".into(), config(&|c| c.name.to_string())),
        Column::new("data".into(), vec![plan.dataset.source.word(); height]),
        Column::new("lr".into(), number(&|c| c.lr)),
        Column::new("dropout".into(), number(&|c| c.dropout)),
        Column::new("vary".into(), config(&|c| c.vary.word().to_owned())),
        Column::new("seed".into(), runs.iter().map(|(run, _)| run.seed).collect::<Vec<_>>()),
        Column::new("status".into(), status.collect::<Vec<_>>()),
        Column::new("detail".into(), detail.collect::<Vec<_>>()),
        Column::new("key".into(), runs.iter().map(|(run, _)| run.key.to_string()).collect::<Vec<_>>()),
        Column::new("outcome_sha256".into(), outcome.collect::<Vec<_>>()),
    ];
    let last = |record: &Option<StoredOutcome>| {
        record.as_ref().filter(|r| r.outcome.finished()).and_then(|r| r.outcome.epochs.last().copied())
    };
    let rows: Vec<_> = runs.iter().map(|(_, record)| last(record)).collect();
    columns.extend(metric_columns(plan.task, &rows));
    Ok(DataFrame::new(height, columns)?)
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
            configs.push(run.config as u32);
            seeds.push(run.seed);
            finished.push(record.as_ref().is_some_and(|r| r.outcome.finished()));
            found.push(Some(*metrics));
        }
    }
    let epochs: Vec<u32> = found.iter().flatten().map(|m| m.epoch as u32).collect();
    let mut columns = vec![
        Column::new("config".into(), configs),
        Column::new("data".into(), vec![plan.dataset.source.word(); found.len()]),
        Column::new("seed".into(), seeds),
        Column::new("finished".into(), finished),
        Column::new("epoch".into(), epochs),
    ];
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

/// Summarises the outcomes, one for each run of the plan in its order: one entry per config.
#[must_use]
pub fn summarize(plan: &Plan, records: &[Option<StoredOutcome>]) -> Vec<ConfigSummary> {
    let mut summaries = vec![ConfigSummary::default(); plan.configs.len()];
    for (run, record) in plan.runs.iter().zip(records) {
        let summary = &mut summaries[run.config];
        summary.planned += 1;
        match record.as_ref().map(|r| &r.outcome.end) {
            Some(End::Finished { .. }) => {
                summary.finished += 1;
                summary.seeds.push(run.seed);
            }
            Some(End::Diverged { .. }) => summary.diverged += 1,
            Some(End::Failed { .. }) => summary.failed += 1,
            None => {}
        }
    }
    // The rounds of a config stand together, in the order of their seeds.
    let rounds: Vec<_> = plan.runs.iter().zip(records).collect();
    for rounds in rounds.chunk_by(|(a, _), (b, _)| a.config == b.config) {
        let finished = rounds.iter().filter_map(|(_, r)| r.as_ref()).filter(|r| r.outcome.finished());
        let mut epochs: BTreeMap<usize, Vec<&EpochMetrics>> = BTreeMap::new();
        for metrics in finished.flat_map(|record| &record.outcome.epochs) {
            epochs.entry(metrics.epoch).or_default().push(metrics);
        }
        summaries[rounds[0].0.config].curves = curves(plan.task, &epochs);
    }
    summaries
}

/// Turns epochs of rounds into one curve for each metric that all of them have.
fn curves(task: &Task, epochs: &BTreeMap<usize, Vec<&EpochMetrics>>) -> BTreeMap<(Split, Metric), Curve> {
    let mut found: BTreeMap<(Split, Metric), Curve> = BTreeMap::new();
    for split in [Split::Train, Split::Test] {
        for metric in &task.metrics {
            for (epoch, rounds) in epochs {
                let values: Option<Vec<f64>> = rounds.iter().map(|m| m.get(split, *metric)).collect();
                if let Some(values) = values {
                    let curve = found.entry((split, *metric)).or_default();
                    curve.epochs.push(*epoch);
                    curve.values.push(values);
                }
            }
        }
    }
    found
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
