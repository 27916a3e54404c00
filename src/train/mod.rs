//! A cohort of runs in, their outcomes out: one visible loop; no disk, no printing.

mod batch;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use candle_core::{Device, Tensor};
use candle_nn::Optimizer;
use sha2::{Digest as _, Sha256};

use crate::{
    data::pairs::{PairSet, Split},
    digest::Digest,
    error::Result,
    nn::{
        kernels::pointwise::{argmax, padded},
        network::{Mode, Network, Scores},
        ops,
        sgd::{Sgd, SgdConfig},
    },
    outcome::{End, EpochMetrics, Measure, Outcome},
    plan::Config,
    random::stream,
};
use batch::{Batch, masks};

/// Pairs per step of an evaluation; it changes no bit, since evaluation never mixes samples.
const EVALUATION_BATCH: usize = 128;

/// Runs of one config that are trained in lock-step.
pub struct Cohort<'a> {
    /// The config.
    pub config: &'a Config,
    /// One seed for each run.
    pub seeds: &'a [u64],
    /// The pairs of each run.
    pub data: &'a [Arc<Split>],
    /// Where the tensors live.
    pub device: &'a Device,
    /// Set from outside to stop before the end.
    pub stop: &'a AtomicBool,
}

/// Trains a cohort; returns one outcome per seed, or `None` if it was stopped.
///
/// # Errors
/// Returns an error if the tensor library refuses an operation.
pub fn train(cohort: &Cohort<'_>) -> Result<Option<Vec<Outcome>>> {
    let Cohort { config, seeds, data, device, stop } = cohort;
    let settings = config.train;
    let network = Network::new(&config.architecture, seeds, device)?;
    let sgd = SgdConfig { lr: config.lr, momentum: settings.momentum };
    let mut optimizer = Sgd::new(network.vars().to_vec(), sgd)?;
    let mut runs: Vec<Tracker> = seeds.iter().map(|_| Tracker::default()).collect();

    let sets: [Vec<&PairSet>; 2] =
        [data.iter().map(|d| &d.train).collect(), data.iter().map(|d| &d.test).collect()];
    let fixed = |sets: &[&PairSet]| Batch::in_order(&config.architecture, sets, EVALUATION_BATCH, device);
    let (train_batches, test_batches) = (fixed(&sets[0])?, fixed(&sets[1])?);

    for epoch in 1..=settings.epochs {
        let orders: Vec<Vec<u32>> = seeds.iter().map(|seed| order(*seed, epoch, config)).collect();
        let mut running: Vec<Tally> = seeds.iter().map(|_| Tally::default()).collect();
        for (step, at) in (0..config.pairs.train).step_by(settings.batch).enumerate() {
            if stop.load(Ordering::Relaxed) {
                return Ok(None);
            }
            let end = (at + settings.batch).min(config.pairs.train);
            let chosen: Vec<&[u32]> = orders.iter().map(|o| &o[at..end]).collect();
            let batch = Batch::of(&config.architecture, &sets[0], &chosen, device)?;
            let mut masks = masks(config.dropout, seeds, &batch, epoch, step + 1, device);
            let scores = network.forward(&batch.input, Mode::Train(&mut masks))?;
            let losses = Losses::of(&scores, &batch)?;
            optimizer.backward_step(&losses.objective(&config.architecture, &batch)?)?;
            for (run, tally) in running.iter_mut().enumerate() {
                tally.add(run, &scores, &losses, &batch)?;
                runs[run].watch(tally, epoch, step + 1);
            }
        }
        if epoch % settings.evaluate_every == 0 || epoch == settings.epochs {
            let train = evaluate(&network, &train_batches, seeds.len())?;
            let test = evaluate(&network, &test_batches, seeds.len())?;
            for (run, tracker) in runs.iter_mut().enumerate() {
                let [running, train, test] = [&running, &train, &test].map(|t| t[run].measure());
                tracker.record(EpochMetrics { epoch, running, train, test });
            }
        }
        if runs.iter().all(|run| run.diverged.is_some()) {
            break;
        }
    }
    let outcomes = runs.into_iter().enumerate().map(|(run, tracker)| tracker.outcome(run, &network));
    outcomes.collect::<Result<Vec<_>>>().map(Some)
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

/// Evaluates every run on its own pairs.
fn evaluate(network: &Network, batches: &[Batch], runs: usize) -> Result<Vec<Tally>> {
    let mut tallies: Vec<Tally> = (0..runs).map(|_| Tally::default()).collect();
    for batch in batches {
        let scores = network.forward(&batch.input, Mode::Eval)?;
        let losses = Losses::of(&scores, batch)?;
        for (run, tally) in tallies.iter_mut().enumerate() {
            tally.add(run, &scores, &losses, batch)?;
        }
    }
    Ok(tallies)
}

/// Loss of each sample.
struct Losses {
    /// `[R, N]`.
    comparison: Tensor,
    /// `[R, 2N]`.
    digits: Option<Tensor>,
}

impl Losses {
    fn of(scores: &Scores, batch: &Batch) -> Result<Self> {
        let comparison = ops::nll(&scores.comparison, batch.targets.clone())?;
        let digits = scores.digits.as_ref().map(|z| ops::nll(z, batch.digits.clone())).transpose()?;
        Ok(Self { comparison, digits })
    }

    /// Returns the objective, a scalar: the sum over the runs of the mean loss of the comparison
    /// plus `loss_weight` times the mean of the two digits' losses.
    fn objective(&self, architecture: &crate::spec::Architecture, batch: &Batch) -> Result<Tensor> {
        let comparison = (&self.comparison * batch.weights(1, 1.0)?)?.sum_all()?;
        let weight = match architecture {
            crate::spec::Architecture::Each { digit_loss: Some(weight), .. } if *weight > 0.0 => *weight,
            _ => return Ok(comparison),
        };
        match &self.digits {
            Some(digits) => Ok((comparison + (digits * batch.weights(2, weight)?)?.sum_all()?)?),
            None => Ok(comparison),
        }
    }
}

/// Sums over samples, in sample order.
#[derive(Debug, Clone, Default)]
struct Tally {
    pairs: usize,
    loss: f64,
    right: usize,
    digit_loss: f64,
    digits_right: usize,
    scores_digits: bool,
}

impl Tally {
    /// Adds one run's part of a batch.
    fn add(&mut self, run: usize, scores: &Scores, losses: &Losses, batch: &Batch) -> Result<()> {
        let (samples, padded) = (batch.samples, padded(batch.samples));
        let part = |t: &Tensor| t.detach().get(run)?.contiguous();
        let targets = &batch.targets[run * padded..(run + 1) * padded];
        let sum = |losses: &[f32], at: usize, total: f64| {
            losses[at..at + samples].iter().fold(total, |sum, l| sum + f64::from(*l))
        };
        self.pairs += samples;
        self.loss = ops::with_floats(&part(&losses.comparison)?, |l| sum(l, 0, self.loss))?;
        self.right += ops::with_floats(&part(&scores.comparison)?, |z| {
            (0..samples).filter(|i| argmax(z, padded, *i) == targets[*i] as usize).count()
        })?;
        if let (Some(z), Some(l)) = (&scores.digits, &losses.digits) {
            let digits = &batch.digits[2 * run * padded..2 * (run + 1) * padded];
            self.scores_digits = true;
            self.digit_loss = ops::with_floats(&part(l)?, |l| sum(l, padded, sum(l, 0, self.digit_loss)))?;
            let both = || (0..samples).chain(padded..padded + samples);
            self.digits_right += ops::with_floats(&part(z)?, |z| {
                both().filter(|i| argmax(z, 2 * padded, *i) == digits[*i] as usize).count()
            })?;
        }
        Ok(())
    }

    fn measure(&self) -> Measure {
        let pairs = self.pairs as f64;
        Measure {
            loss: self.loss / pairs,
            accuracy: self.right as f64 / pairs,
            digit_loss: self.scores_digits.then_some(self.digit_loss / (2.0 * pairs)),
            digit_accuracy: self.scores_digits.then_some(self.digits_right as f64 / (2.0 * pairs)),
        }
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
    fn watch(&mut self, running: &Tally, epoch: usize, step: usize) {
        if self.diverged.is_none() && !(running.loss + running.digit_loss).is_finite() {
            self.diverged = Some((epoch, step));
        }
    }

    fn record(&mut self, metrics: EpochMetrics) {
        let losses = [metrics.train, metrics.test].map(|m| m.loss + m.digit_loss.unwrap_or(0.0));
        if self.diverged.is_none() && losses.iter().all(|l| l.is_finite()) {
            self.epochs.push(metrics);
        }
    }

    fn outcome(self, run: usize, network: &Network) -> Result<Outcome> {
        let end = if let Some((epoch, step)) = self.diverged {
            End::Diverged { epoch, step }
        } else {
            let mut hash = Sha256::new();
            network.weights(run)?.iter().for_each(|w| hash.update(w.to_le_bytes()));
            End::Finished { weights: Digest::finish(hash).to_string() }
        };
        Ok(Outcome { epochs: self.epochs, end })
    }
}
