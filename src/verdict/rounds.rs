//! The finished rounds of one config, by seed.

use crate::{
    plan::Plan,
    record::{End, StoredOutcome},
    spec::{Metric, Over, Reading, Split},
    stats,
};

/// The finished rounds of one config.
#[derive(Debug, Clone)]
pub struct Rounds<'a> {
    /// Rounds that the plan has.
    pub planned: usize,
    /// Seeds of the rounds whose loss was no longer a finite number.
    pub diverged: Vec<u64>,
    finished: Vec<(u64, &'a StoredOutcome)>,
}

/// A metric of several rounds: `[round][epoch]`.
pub type Matrix = Vec<Vec<f64>>;

impl<'a> Rounds<'a> {
    /// Collects the rounds of a config.
    #[must_use]
    pub fn of(plan: &Plan, records: &'a [Option<StoredOutcome>], config: usize) -> Self {
        let mut found = Self { planned: 0, diverged: Vec::new(), finished: Vec::new() };
        for (run, record) in plan.runs.iter().zip(records).filter(|(run, _)| run.config == config) {
            found.planned += 1;
            match record.as_ref().map(|r| (&r.outcome.end, r)) {
                Some((End::Finished { .. }, record)) => found.finished.push((run.seed, record)),
                Some((End::Diverged { .. }, _)) => found.diverged.push(run.seed),
                Some((End::Failed { .. }, _)) | None => {}
            }
        }
        found
    }

    /// Returns how many finished.
    #[must_use]
    pub fn len(&self) -> usize {
        self.finished.len()
    }

    /// Says whether none finished.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.finished.is_empty()
    }

    /// Returns how many planned rounds did not finish.
    #[must_use]
    pub fn missing(&self) -> usize {
        self.planned - self.len()
    }

    /// Returns a metric over the epochs of every round; `None` if no round has it.
    #[must_use]
    pub fn matrix(&self, split: Split, metric: Metric) -> Option<Matrix> {
        let round = |(_, record): &(u64, &StoredOutcome)| -> Option<Vec<f64>> {
            record.outcome.epochs.iter().map(|epoch| epoch.get(split, metric)).collect()
        };
        let matrix: Matrix = self.finished.iter().map(round).collect::<Option<_>>()?;
        matrix.iter().all(|epochs| !epochs.is_empty()).then_some(matrix).filter(|m| !m.is_empty())
    }

    /// Returns seed and last epoch of every round; `None` if no round has the metric.
    #[must_use]
    pub fn last(&self, split: Split, metric: Metric) -> Option<Vec<(u64, f64)>> {
        let matrix = self.matrix(split, metric)?;
        let last = matrix.iter().map(|epochs| epochs[epochs.len() - 1]);
        Some(self.finished.iter().map(|(seed, _)| *seed).zip(last).collect())
    }
}

/// Summarises sets of rounds of a matrix in one reading, scaled for people; the sets share its room.
#[derive(Debug, Clone)]
pub struct Summaries<'a> {
    matrix: &'a Matrix,
    reading: Reading,
    values: Vec<f64>,
    sorted: Vec<f64>,
}

impl<'a> Summaries<'a> {
    /// Begins without any set.
    #[must_use]
    pub fn new(matrix: &'a Matrix, reading: Reading) -> Self {
        Self { matrix, reading, values: Vec::new(), sorted: Vec::new() }
    }

    /// Returns the statistics of the rounds `chosen`; `None` if there are none or one is not a number.
    pub fn of(&mut self, chosen: &[usize]) -> Option<stats::Summary> {
        let (matrix, scale) = (self.matrix, self.reading.metric.scale());
        self.values.clear();
        match self.reading.over {
            Over::Rounds => {
                let last = chosen.iter().filter_map(|round| matrix[*round].last());
                self.values.extend(last);
            }
            Over::Epochs => {
                self.values.resize(matrix.first().map_or(0, Vec::len), 0.0);
                for round in chosen {
                    self.values.iter_mut().zip(&matrix[*round]).for_each(|(sum, v)| *sum += v);
                }
                let count = chosen.len() as f64;
                self.values.iter_mut().for_each(|sum| *sum /= count);
            }
        }
        // Scaled at the end, as tables are: a number has the same last digit in both.
        Some(stats::summarize_in(&self.values, &mut self.sorted)?.times(scale))
    }
}
