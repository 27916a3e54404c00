//! A cohort of runs in, their outcomes out: one visible loop; no disk, no printing.
//!
//! The loop is the same for both backends: [`cpu`], one run in planned buffers, and [`tensors`], a cohort as candle
//! tensors.

mod batch;
mod cohort;
mod cpu;
mod footprint;
mod tensors;

use std::sync::atomic::Ordering;

use sha2::{Digest as _, Sha256};

use crate::{
    digest::Digest,
    error::Result,
    parallel,
    plan::Config,
    random::stream,
    record::{End, EpochMetrics, Outcome},
    spec::Vary,
    task::Measure,
    testing::seeded_bugs::{self, Bug},
};
use cohort::{MetricSums, Set, Steps};

pub use cohort::{Backend, Cohort, Member};
pub use footprint::{Footprint, cpu_bytes};

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
