//! What came out of a run: metrics per epoch and how it ended.
//!
//! Fields are declared in the order of their names, so that what serde writes is canonical JSON.

use serde::{Deserialize, Serialize};

use crate::{
    digest::{Digest, compact},
    spec::Split,
    task::{Measure, Metric},
};

/// The outcome of one run; a failure is an outcome too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// How it ended.
    pub end: End,
    /// The evaluated epochs in order, from 1 on.
    pub epochs: Vec<EpochMetrics>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum End {
    /// All epochs were trained.
    Finished {
        /// SHA-256 of the final weights: little-endian `f32`, parameters in order.
        weights: String,
    },
    /// A loss was no longer a finite number, in a step or in the evaluation after the epoch's last one.
    Diverged {
        /// The epoch, from 1 on.
        epoch: usize,
        /// The step within the epoch, from 1 on.
        step: usize,
    },
    /// Something else went wrong.
    Failed {
        /// The reason.
        reason: String,
    },
}

/// Metrics after one epoch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EpochMetrics {
    /// The epoch, from 1 on.
    pub epoch: usize,
    /// Over the steps of the epoch, with dropout, while the weights changed.
    pub running: Measure,
    /// On the test pairs after the epoch, without dropout.
    pub test: Measure,
    /// On the training pairs after the epoch, without dropout.
    pub train: Measure,
}

impl EpochMetrics {
    /// Returns a metric on one of the sets.
    #[must_use]
    pub fn get(&self, split: Split, metric: Metric) -> Option<f64> {
        match split {
            Split::Train => self.train.get(metric),
            Split::Test => self.test.get(metric),
        }
    }
}

impl Outcome {
    /// Says what a run of so many epochs, evaluated after every so many, cannot have come out with; nothing if it can: digests
    /// notice accidents, not a record that was made up.
    #[must_use]
    pub fn flaw(&self, (epochs, every): (usize, usize)) -> Option<&'static str> {
        let expected = |i: usize| every.checked_mul(i + 1).map_or(epochs, |epoch| epoch.min(epochs));
        let same = self.epochs.len() <= epochs.div_ceil(every)
            && self.epochs.iter().enumerate().all(|(i, m)| m.epoch == expected(i));
        let last = self.epochs.last().map_or(0, |m| m.epoch);
        match self.end {
            _ if !same => return Some("its epochs are not those of its config"),
            End::Finished { .. } if last != epochs => return Some("it lacks epochs"),
            End::Diverged { epoch, .. } if last >= epoch || epoch > epochs => {
                return Some("it has metrics of epochs after its end");
            }
            _ => {}
        }
        let sets = self.epochs.iter().flat_map(|m| [m.train, m.test]);
        let has = |measure: &Measure| measure.iter().map(|(_, v)| v.is_some()).collect::<Vec<_>>();
        let first = self.epochs.first().map(|m| has(&m.train));
        for measure in sets {
            if Some(has(&measure)) != first {
                return Some("its epochs have different metrics");
            }
            for (metric, value) in measure.iter().filter_map(|(metric, value)| Some((metric, value?))) {
                let possible = if metric.is_accuracy() { (0.0..=1.0).contains(&value) } else { value >= 0.0 };
                if !value.is_finite() || !possible {
                    return Some("a metric is outside of what it can be");
                }
            }
        }
        None
    }

    /// Says whether all epochs were trained.
    #[must_use]
    pub fn finished(&self) -> bool {
        matches!(self.end, End::Finished { .. })
    }

    /// Says whether it failed for a reason that is not the run's own.
    #[must_use]
    pub fn failed(&self) -> bool {
        matches!(self.end, End::Failed { .. })
    }

    /// Returns the SHA-256 of the outcome's canonical JSON, without the words of a failure.
    #[must_use]
    pub fn digest(&self) -> Digest {
        // The words of an error may name a path or a version; that it failed is the outcome.
        if self.failed() {
            let plain = Self { end: End::Failed { reason: String::new() }, epochs: self.epochs.clone() };
            return Digest::of(compact(&plain).as_bytes());
        }
        Digest::of(compact(self).as_bytes())
    }

    /// Says in words why it did not train all epochs; empty if it did.
    #[must_use]
    pub fn detail(&self) -> String {
        match &self.end {
            End::Finished { .. } => String::new(),
            End::Diverged { epoch, step } => format!("loss not finite at epoch {epoch}, step {step}"),
            End::Failed { reason } => reason.clone(),
        }
    }

    /// Names how it ended: `finished`, `diverged` or `failed`.
    #[must_use]
    pub fn status(&self) -> &'static str {
        match self.end {
            End::Finished { .. } => "finished",
            End::Diverged { .. } => "diverged",
            End::Failed { .. } => "failed",
        }
    }
}
