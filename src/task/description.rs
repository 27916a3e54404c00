//! What the program knows of a task.

use serde::{Serialize, Serializer};

use super::{
    metric::Metric,
    pairs::{self, Pairs, Scale, Split, Target},
};
use crate::{data::Dataset, error::Result};

/// What networks are trained for.
pub struct Task {
    /// Its word in specs and keys.
    pub word: &'static str,
    /// What is measured after an epoch: accuracy and loss of the comparison, then of the digits if a network scores them.
    /// The first one is what is meant where none is named.
    pub metrics: [Metric; 4],
    /// What is asked of a pair.
    pub target: Target,
}

impl Task {
    /// Draws the samples of a run; see [`pairs`] for the streams of `data_seed`.
    ///
    /// # Errors
    /// Returns an error if the data set has too few images.
    pub fn draw(&self, dataset: &Dataset, pairs: &Pairs, scale: Scale, data_seed: u64) -> Result<Split> {
        pairs::draw(dataset, pairs, scale, data_seed, self.target)
    }

    /// Says whether a metric is of the digits, which not every network scores.
    #[must_use]
    pub fn is_of_digits(&self, word: &str) -> bool {
        self.metrics[2..].iter().any(|metric| metric.name == word)
    }

    /// Returns the words of its metrics, with the metrics.
    #[must_use]
    pub fn words(&self) -> Vec<(&'static str, Metric)> {
        self.metrics.iter().map(|metric| (metric.name, *metric)).collect()
    }

    /// Returns its metrics, accuracies before losses.
    #[must_use]
    pub fn accuracies_first(&self) -> Vec<Metric> {
        let (mut first, rest): (Vec<Metric>, Vec<Metric>) =
            self.metrics.iter().partition(|m| m.is_accuracy());
        first.extend(rest);
        first
    }
}

impl PartialEq for Task {
    fn eq(&self, other: &Self) -> bool {
        self.word == other.word
    }
}

impl Eq for Task {}

impl std::fmt::Debug for Task {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word)
    }
}

impl Serialize for Task {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word)
    }
}
