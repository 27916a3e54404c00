//! A cohort of runs in, their outcomes out: one visible loop; no disk, no printing.
//!
//! The loop is the same for both backends: [`cpu`], one run in planned buffers, and [`tensors`], a cohort as candle
//! tensors.

mod batch;
mod cpu;
mod footprint;
mod tensors;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use candle_core::Device;
use sha2::{Digest as _, Sha256};

use crate::{
    digest::Digest,
    engine::batch::BatchResult,
    error::Result,
    parallel,
    plan::Config,
    random::stream,
    record::{End, EpochMetrics, Outcome},
    spec::Vary,
    task::{
        Measure, Task,
        pairs::{PairSet, Split},
    },
    testing::seeded_bugs::{self, Bug},
};

pub use footprint::Footprint;

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
trait Steps {
    /// Takes step `step` of epoch `epoch`, both from 1 on, on the pairs `chosen[r]` of each run `r`.
    fn step(&mut self, epoch: usize, step: usize, chosen: &[&[u32]]) -> Result<Vec<BatchResult>>;
    /// Evaluates every run on its own pairs.
    fn evaluate(&mut self, set: Set) -> Result<Vec<MetricSums>>;
    /// Returns the weights of every run, all parameters in order.
    fn weights(&self) -> Result<Vec<Vec<f32>>>;
}

/// One of the two sets of pairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Set {
    Train,
    Test,
}

impl Set {
    fn of(self, split: &Split) -> &PairSet {
        match self {
            Self::Train => &split.train,
            Self::Test => &split.test,
        }
    }
}

/// Trains a cohort; returns one outcome per member, or `None` if it was stopped.
///
/// # Errors
/// Returns an error if the tensor library refuses an operation.
pub fn train(cohort: &Cohort<'_>) -> Result<Option<Vec<Outcome>>> {
    match cohort.backend {
        Backend::Cpu => run_loop(cohort, &mut cpu::CpuTrainer::new(cohort)),
        Backend::Tensors(device) => run_loop(cohort, &mut tensors::TensorTrainer::new(cohort, device)?),
    }
}

fn run_loop(cohort: &Cohort<'_>, network: &mut impl Steps) -> Result<Option<Vec<Outcome>>> {
    let Cohort { config, members, stop, .. } = cohort;
    let settings = config.train;
    let steps = config.pairs.train.div_ceil(settings.batch);
    let mut runs: Vec<Tracker> = members.iter().map(|_| Tracker::default()).collect();
    for epoch in 1..=settings.epochs {
        let orders: Vec<Vec<u32>> = {
            let seed = |m: &Member| config.vary.seed(Vary::Shuffle, m.seed);
            parallel::map(members.len(), |run| order(seed(&members[run]), epoch, config))
        };
        let mut running = vec![MetricSums::default(); members.len()];
        for (step, at) in (0..config.pairs.train).step_by(settings.batch).enumerate() {
            if stop.load(Ordering::Relaxed) {
                return Ok(None);
            }
            let end = (at + settings.batch).min(config.pairs.train);
            if seeded_bugs::on(Bug::LastBatchDropped) && end - at < settings.batch {
                continue;
            }
            let chosen: Vec<&[u32]> = orders.iter().map(|o| &o[at..end]).collect();
            let results = network.step(epoch, step + 1, &chosen)?;
            for ((sums, run), result) in running.iter_mut().zip(&mut runs).zip(results) {
                sums.add(&result);
                run.watch(sums, epoch, step + 1);
            }
        }
        if epoch % settings.evaluate_every == 0 || epoch == settings.epochs {
            let train = network.evaluate(Set::Train)?;
            let test = network.evaluate(Set::Test)?;
            for (run, tracker) in runs.iter_mut().enumerate() {
                let [running, train, test] = [&running, &train, &test].map(|t| t[run].measure(config.task));
                tracker.record(EpochMetrics { epoch, running, test, train }, steps);
            }
        }
        if runs.iter().all(|run| run.diverged.is_some()) {
            break;
        }
    }
    let outcomes = runs.into_iter().zip(network.weights()?).map(|(run, weights)| run.outcome(&weights));
    Ok(Some(outcomes.collect()))
}

/// Returns the order in which an epoch visits the training pairs.
fn order(seed: u64, epoch: usize, config: &Config) -> Vec<u32> {
    let count = config.pairs.train as u32;
    if config.train.shuffle {
        stream(seed, &format!("shuffle/{epoch}")).sample(count, count)
    } else {
        (0..count).collect()
    }
}

/// Sums over samples, in sample order.
#[derive(Debug, Clone, Default)]
struct MetricSums {
    pairs: usize,
    loss: f64,
    correct: usize,
    digit_loss: f64,
    digits_correct: usize,
    scores_digits: bool,
}

impl MetricSums {
    /// Adds what a network said about some pairs.
    fn add(&mut self, result: &BatchResult) {
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

    fn measure(&self, task: &'static Task) -> Measure {
        let pairs = self.pairs as f64;
        let digits = [self.digits_correct as f64, self.digit_loss]
            .map(|v| self.scores_digits.then_some(v / (2.0 * pairs)));
        Measure::new(task, [Some(self.correct as f64 / pairs), Some(self.loss / pairs), digits[0], digits[1]])
    }
}

/// What is kept of one run while it is trained.
#[derive(Debug, Default)]
struct Tracker {
    epochs: Vec<EpochMetrics>,
    diverged: Option<(usize, usize)>,
}

impl Tracker {
    /// Notices the first step at which the loss is no longer finite.
    fn watch(&mut self, running: &MetricSums, epoch: usize, step: usize) {
        if self.diverged.is_none() && !(running.loss + running.digit_loss).is_finite() {
            self.diverged = Some((epoch, step));
        }
    }

    /// Keeps the metrics after an epoch of `steps` steps; one that is not finite ends the run.
    fn record(&mut self, metrics: EpochMetrics, steps: usize) {
        let sets = [metrics.train, metrics.test];
        let mut values = sets.iter().flat_map(Measure::iter).filter_map(|(_, value)| value);
        if self.diverged.is_some() {
            return;
        }
        if values.all(f64::is_finite) {
            self.epochs.push(metrics);
        } else {
            self.diverged = Some((metrics.epoch, steps));
        }
    }

    fn outcome(self, weights: &[f32]) -> Outcome {
        let end = if let Some((epoch, step)) = self.diverged {
            End::Diverged { epoch, step }
        } else {
            let mut hash = Sha256::new();
            for weight in weights {
                hash.update(weight.to_le_bytes());
            }
            End::Finished { weights: Digest::finish(hash).to_string() }
        };
        Outcome { epochs: self.epochs, end }
    }
}
