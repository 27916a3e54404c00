//! Records → frames (one row per run, one row per epoch) → a summary per config.
//!
//! polars builds, sorts, groups and writes the frames; the statistics themselves come from
//! [`crate::stats`] in a fixed order, since polars does not promise an order of summation.

use std::collections::BTreeMap;

use polars::prelude::*;

use crate::{
    error::Result,
    outcome::{End, EpochMetrics, Measure},
    plan::Plan,
    record::Record,
    spec::{Metric, Over, Reading, Split},
    stats,
};

/// What is known of all runs of a plan.
#[derive(Debug, Clone)]
pub struct Frames {
    /// One row per planned run, in the order of the plan.
    pub runs: DataFrame,
    /// One row per evaluated epoch of each run.
    pub epochs: DataFrame,
}

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

/// Builds the frames from the records of a plan, one for each run in its order, `None` where there is none.
///
/// # Errors
/// Returns an error if polars refuses a column.
pub fn frames(plan: &Plan, records: &[Option<Record>]) -> Result<Frames> {
    let runs: Vec<_> = plan.runs.iter().zip(records).collect();
    let config = |f: &dyn Fn(&crate::plan::Config) -> String| -> Vec<String> {
        runs.iter().map(|(run, _)| f(plan.config(run))).collect()
    };
    let number = |f: &dyn Fn(&crate::plan::Config) -> f64| -> Vec<f64> {
        runs.iter().map(|(run, _)| f(plan.config(run))).collect()
    };
    let height = runs.len();
    let status = runs.iter().map(|(_, record)| record.as_ref().map_or("missing", status));
    let detail = runs.iter().map(|(_, record)| record.as_ref().map(detail).unwrap_or_default());
    let outcome = runs.iter().map(|(_, r)| r.as_ref().map(|r| r.outcome_sha256.clone()).unwrap_or_default());
    let mut columns = vec![
        Column::new("config".into(), runs.iter().map(|(run, _)| run.config as u32).collect::<Vec<_>>()),
        Column::new("architecture".into(), config(&|c| c.name.clone())),
        Column::new("data".into(), vec![plan.dataset.source.word(); height]),
        Column::new("lr".into(), number(&|c| c.lr)),
        Column::new("dropout".into(), number(&|c| c.dropout)),
        Column::new("seed".into(), runs.iter().map(|(run, _)| run.seed).collect::<Vec<_>>()),
        Column::new("status".into(), status.collect::<Vec<_>>()),
        Column::new("detail".into(), detail.collect::<Vec<_>>()),
        Column::new("key".into(), runs.iter().map(|(run, _)| run.key.to_string()).collect::<Vec<_>>()),
        Column::new("outcome_sha256".into(), outcome.collect::<Vec<_>>()),
    ];
    let last = |record: &Option<Record>| {
        record.as_ref().filter(|r| r.outcome.finished()).and_then(|r| r.outcome.epochs.last().copied())
    };
    let rows: Vec<_> = runs.iter().map(|(_, record)| last(record)).collect();
    columns.extend(metric_columns(&rows));
    let epochs = epoch_frame(plan, &runs)?;
    Ok(Frames { runs: DataFrame::new(height, columns)?, epochs })
}

fn epoch_frame(plan: &Plan, runs: &[(&crate::plan::Run, &Option<Record>)]) -> Result<DataFrame> {
    let mut found = Vec::new();
    let (mut configs, mut seeds, mut finished) = (Vec::new(), Vec::new(), Vec::new());
    for (run, record) in runs {
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
    columns.extend(metric_columns(&found));
    Ok(DataFrame::new(found.len(), columns)?)
}

/// Returns the columns `train_accuracy` and so on; empty where a row has no value.
fn metric_columns(rows: &[Option<EpochMetrics>]) -> Vec<Column> {
    type Part = (&'static str, fn(&EpochMetrics) -> Measure);
    let parts: [Part; 3] = [("running", |m| m.running), ("train", |m| m.train), ("test", |m| m.test)];
    let mut columns = Vec::new();
    for (part, measure) in parts {
        for (word, metric) in Metric::WORDS {
            let values: Vec<Option<f64>> =
                rows.iter().map(|row| row.as_ref().and_then(|m| measure(m).get(*metric))).collect();
            columns.push(Column::new(format!("{part}_{word}").into(), values));
        }
    }
    columns
}

fn status(record: &Record) -> &'static str {
    match record.outcome.end {
        End::Finished { .. } => "finished",
        End::Diverged { .. } => "diverged",
        End::Failed { .. } => "failed",
    }
}

fn detail(record: &Record) -> String {
    match &record.outcome.end {
        End::Finished { .. } => String::new(),
        End::Diverged { epoch, step } => format!("loss not finite at epoch {epoch}, step {step}"),
        End::Failed { reason } => reason.clone(),
    }
}

/// Summarises the frames: one entry per config of the plan, in its order.
///
/// # Errors
/// Returns an error if polars refuses the query.
pub fn summarize(plan: &Plan, frames: &Frames) -> Result<Vec<ConfigSummary>> {
    let mut summaries = vec![ConfigSummary::default(); plan.configs.len()];
    let configs = frames.runs.column("config")?.u32()?;
    let states = frames.runs.column("status")?.str()?;
    let seeds = frames.runs.column("seed")?.u64()?.into_no_null_iter();
    for ((config, state), seed) in configs.into_no_null_iter().zip(states.iter().flatten()).zip(seeds) {
        let summary = &mut summaries[config as usize];
        summary.planned += 1;
        match state {
            "finished" => {
                summary.finished += 1;
                summary.seeds.push(seed);
            }
            "diverged" => summary.diverged += 1,
            "failed" => summary.failed += 1,
            _ => {}
        }
    }
    let metrics = [Split::Train, Split::Test].into_iter().flat_map(|split| {
        Metric::WORDS.iter().map(move |(word, metric)| ((split, *metric), format!("{}_{word}", split.word())))
    });
    let metrics: Vec<_> = metrics.collect();
    let values: Vec<Expr> = metrics.iter().map(|(_, name)| col(name.as_str())).collect();
    let grouped = frames
        .epochs
        .clone()
        .lazy()
        .filter(col("finished"))
        .sort(["config", "epoch", "seed"], SortMultipleOptions::default())
        .group_by_stable([col("config"), col("epoch")])
        .agg(values)
        .collect()?;
    let configs = grouped.column("config")?.u32()?;
    let epochs = grouped.column("epoch")?.u32()?;
    for (curve, name) in &metrics {
        let lists = grouped.column(name)?.list()?;
        for row in 0..grouped.height() {
            let (Some(config), Some(epoch)) = (configs.get(row), epochs.get(row)) else { continue };
            let Some(list) = lists.get_as_series(row) else { continue };
            let rounds = list.f64()?;
            if rounds.null_count() == 0 {
                let curve = summaries[config as usize].curves.entry(*curve).or_default();
                curve.epochs.push(epoch as usize);
                curve.values.push(rounds.into_no_null_iter().collect());
            }
        }
    }
    Ok(summaries)
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
