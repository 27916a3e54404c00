//! What is trained at once, and what the loop asks of whatever trains it.

use std::sync::{Arc, atomic::AtomicBool};

use candle_core::Device;

use crate::{
    engine::batch::BatchResult,
    error::Result,
    plan::Config,
    task::{
        Measure, Task,
        pairs::{PairSet, Split},
    },
};

/// Runs of the same tensor shapes that are trained in lock-step.
pub struct Cohort<'a> {
    /// The config, of which learning rate and dropout rate are each member's own.
    pub config: &'a Config,
    /// What each run has of its own.
    pub members: &'a [Member],
    /// What computes the steps.
    pub backend: Backend<'a>,
    /// Set from outside to stop before the end.
    pub stop: &'a AtomicBool,
}

/// One run of a cohort.
#[derive(Debug, Clone)]
pub struct Member {
    /// The seed of its random streams.
    pub seed: u64,
    /// Learning rate.
    pub lr: f64,
    /// Dropout rate, in `[0, 1)`.
    pub dropout: f64,
    /// Its pairs.
    pub data: Arc<Split>,
}

impl Member {
    /// Returns the run of `config` with `seed`.
    #[must_use]
    pub fn of(config: &Config, seed: u64, data: Arc<Split>) -> Self {
        Self { seed, lr: config.lr, dropout: config.dropout, data }
    }
}

/// What computes the steps.
#[derive(Debug, Clone, Copy)]
pub enum Backend<'a> {
    /// The CPU's kernels, run after run in planned buffers.
    Cpu,
    /// candle's tensors on a device, all runs at once.
    Tensors(&'a Device),
}

/// What the loop asks of a backend; each answer has one entry per run.
pub(super) trait Steps {
    /// Takes step `step` of epoch `epoch`, both from 1 on, on the pairs `chosen[r]` of each run `r`.
    fn step(&mut self, epoch: usize, step: usize, chosen: &[&[u32]]) -> Result<Vec<BatchResult>>;
    /// Evaluates every run on its own pairs.
    fn evaluate(&mut self, set: Set) -> Result<Vec<MetricSums>>;
    /// Returns the weights of every run, all parameters in order.
    fn weights(&self) -> Result<Vec<Vec<f32>>>;
}

/// One of the two sets of pairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Set {
    Train,
    Test,
}

impl Set {
    pub(super) fn of(self, split: &Split) -> &PairSet {
        match self {
            Self::Train => &split.train,
            Self::Test => &split.test,
        }
    }
}

/// Sums over samples, in sample order.
#[derive(Debug, Clone, Default)]
pub(super) struct MetricSums {
    pairs: usize,
    pub(super) loss: f64,
    correct: usize,
    pub(super) digit_loss: f64,
    digits_correct: usize,
    scores_digits: bool,
}

impl MetricSums {
    /// Adds what a network said about some pairs.
    pub(super) fn add(&mut self, result: &BatchResult) {
        let sum = |losses: &[f32], total: f64| losses.iter().fold(total, |sum, l| sum + f64::from(*l));
        self.pairs += result.losses.len();
        self.loss = sum(&result.losses, self.loss);
        self.correct += result.correct;
        if let Some((losses, correct)) = &result.digits {
            self.scores_digits = true;
            self.digit_loss = sum(losses, self.digit_loss);
            self.digits_correct += correct;
        }
    }

    pub(super) fn measure(&self, task: &'static Task) -> Measure {
        let pairs = self.pairs as f64;
        let digits = [self.digits_correct as f64, self.digit_loss]
            .map(|v| self.scores_digits.then_some(v / (2.0 * pairs)));
        Measure::new(task, [Some(self.correct as f64 / pairs), Some(self.loss / pairs), digits[0], digits[1]])
    }
}
