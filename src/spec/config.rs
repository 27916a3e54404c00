//! One point of the grid without its seed, and its parts.

use std::sync::Arc;

use super::words::Vary;
use crate::{
    data,
    engine::optimizer::Optimizer,
    model::Architecture,
    task::{
        TASKS, Task,
        pairs::{Draw, Pairs, Scale},
    },
    yaml::kind::{Field, Scalar},
};

/// One point of the grid without its seed.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Name of the architecture; not part of the key.
    pub name: Arc<str>,
    /// The network.
    pub architecture: Arc<Architecture>,
    /// What it is trained for.
    pub task: &'static Task,
    /// Where the data comes from; what is trained on stands in the plan.
    pub data: DataSpec,
    /// How the pairs are made.
    pub pairs: Pairs,
    /// The scale of a pixel.
    pub scale: Scale,
    /// How it is trained.
    pub train: TrainSpec,
    /// Learning rate.
    pub lr: f64,
    /// Dropout rate.
    pub dropout: f64,
    /// Which random streams follow the seed.
    pub vary: Vary,
    /// Which value it has on each axis of the grid; nothing on the axes of other architectures.
    pub point: Vec<Option<u32>>,
}

impl Config {
    /// A config before anything is set.
    pub(super) fn blank() -> Self {
        Self {
            name: "".into(),
            architecture: Arc::new(Architecture::Pair(Vec::new())),
            task: TASKS[0],
            data: DataSpec { source: data::SOURCES[0], otherwise: None },
            pairs: Pairs { draw: Draw::Fixed, index: 0, test: 0, train: 0 },
            scale: Scale::Raw,
            train: TrainSpec::default(),
            lr: 0.0,
            dropout: 0.0,
            vary: Vary::All,
            point: Vec::new(),
        }
    }

    /// Says whether runs of both can be one cohort: all but name, learning rate, dropout rate and place in the grid is the
    /// same.
    #[must_use]
    pub fn stacks_with(&self, other: &Self) -> bool {
        let Self {
            name: _,
            architecture,
            task,
            data,
            pairs,
            scale,
            train,
            lr: _,
            dropout: _,
            vary,
            point: _,
        } = self;
        (architecture, task, data, pairs, scale, train, vary)
            == (
                &other.architecture,
                &other.task,
                &other.data,
                &other.pairs,
                &other.scale,
                &other.train,
                &other.vary,
            )
    }
}

/// Where the data comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DataSpec {
    /// The data set.
    pub source: &'static data::Source,
    /// What to use if the data set cannot be had.
    pub otherwise: Option<&'static data::Source>,
}

impl DataSpec {
    /// Returns the other data set that may be used if the spec's own cannot be had.
    #[must_use]
    pub fn fallback(&self) -> Option<&'static data::Source> {
        self.otherwise.filter(|other| *other != self.source)
    }
}

/// How each run is trained; the learning rate and the dropout rate are axes of the grid.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct TrainSpec {
    /// Pairs per step.
    pub batch: usize,
    /// Passes over the training pairs.
    pub epochs: usize,
    /// Both sets are evaluated after every so many epochs, and after the last.
    pub evaluate_every: usize,
    /// How weights are changed; its settings stand in the key beside these.
    pub optimizer: Optimizer,
    /// Whether each epoch visits the pairs in a new random order.
    pub shuffle: bool,
}

impl Field for &'static data::Source {
    fn scalar(self) -> Scalar {
        Scalar::Text(self.word().into())
    }
    fn of(scalar: &Scalar) -> Option<Self> {
        if let Scalar::Text(word) = scalar { data::find(word) } else { None }
    }
}

impl Field for &'static Task {
    fn scalar(self) -> Scalar {
        Scalar::Text(self.word.into())
    }
    fn of(scalar: &Scalar) -> Option<Self> {
        TASKS.into_iter().find(|task| matches!(scalar, Scalar::Text(word) if word == task.word))
    }
}
