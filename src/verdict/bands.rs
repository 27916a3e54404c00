//! Rounds × bands → violations.

use super::claim::reading_name;
use crate::{
    plan::Plan,
    results::Rounds,
    spec::{Band, Statistic},
    stats::{self, Summary},
};

/// Returns one of the statistics.
#[must_use]
pub fn pick(summary: &Summary, statistic: Statistic) -> f64 {
    match statistic {
        Statistic::Mean => summary.mean,
        Statistic::Max => summary.max,
        Statistic::Median => summary.median,
        Statistic::Std => summary.std,
        Statistic::Min => summary.min,
    }
}

/// A band, what was found, and whether it lies inside.
#[derive(Debug, Clone, PartialEq)]
pub struct BandResult {
    /// Such as `net1: mean of test accuracy over rounds`.
    pub name: String,
    /// Lower and upper end.
    pub within: [f64; 2],
    /// The statistic, in percent for accuracies; `None` if there is none.
    pub found: Option<f64>,
}

impl BandResult {
    /// Says whether the statistic is there and inside.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.found.is_some_and(|v| stats::at_least(v, self.within[0]) && stats::at_least(self.within[1], v))
    }
}

impl BandResult {
    /// Says what was found.
    #[must_use]
    pub fn shown(&self) -> String {
        self.found
            .map_or("nothing (no round has it, or one round has no spread)".to_owned(), |v| format!("{v:.2}"))
    }
}

/// Compares every band with every config that it names.
#[must_use]
pub fn bands(plan: &Plan, rounds: &[Rounds], expect: &[Band]) -> Vec<BandResult> {
    let mut results = Vec::new();
    for band in expect {
        for config in plan.chosen(&band.filter) {
            let found = rounds[config].statistics(band.split, band.reading);
            let name = format!(
                "{}: {} of {} {}",
                plan.label(config),
                band.statistic.word(),
                band.split.word(),
                reading_name(band.reading)
            );
            let found = found.map(|s| pick(&s, band.statistic) * band.reading.metric.scale());
            // One round has no spread.
            let found = found.filter(|v| v.is_finite());
            results.push(BandResult { name, within: band.within, found });
        }
    }
    results
}
