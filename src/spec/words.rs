//! Words of a spec that several of its sections share.

use serde::Serialize;

use crate::{task::Metric, yaml::words::words};

words! {
    /// A set of pairs.
    Split {
        /// The training pairs, evaluated without dropout.
        Train = "train",
        /// The test pairs.
        Test = "test",
    }
}

words! {
    /// What a statistic varies over.
    Over {
        /// The epochs of the curve averaged over the rounds.
        Epochs = "epochs",
        /// The rounds at the last epoch.
        Rounds = "rounds",
    }
}

words! {
    /// A statistic of several numbers.
    Statistic {
        /// Mean.
        Mean = "mean",
        /// Maximum.
        Max = "max",
        /// Median.
        Median = "median",
        /// Sample standard deviation.
        Std = "std",
        /// Minimum.
        Min = "min",
    }
}

words! {
    /// Which of a run's random streams follow its seed; the others are those of seed 0.
    Vary {
        /// All of them.
        All = "all",
        /// The initial weights.
        Init = "init",
        /// The order of the pairs.
        Shuffle = "shuffle",
        /// The dropout masks.
        Dropout = "dropout",
        /// The pairs of images, if each round draws its own.
        Pairs = "pairs",
    }
}

impl Vary {
    /// Returns the seed of the streams of one kind in the run of `seed`.
    #[must_use]
    pub fn seed(self, kind: Self, seed: u64) -> u64 {
        if self == Self::All || self == kind { seed } else { 0 }
    }

    /// Says whether everything follows the seed.
    #[must_use]
    pub fn is_all(&self) -> bool {
        *self == Self::All
    }
}

/// What a statistic is taken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Reading {
    /// The quantity.
    pub metric: Metric,
    /// What it varies over.
    pub over: Over,
}
