//! Steps of all runs of a cohort at once, as candle tensors with candle's autograd.

use candle_core::{Device, Tensor};
use candle_nn::Optimizer;

use super::{
    batch::{Batch, Pool},
    cohort::{Cohort, Member, MetricSums, Set, Steps},
};
use crate::{
    engine::{
        batch::BatchResult,
        dropout::{Draw, Dropout},
        kernels::pointwise::{argmax, padded},
        optimizer::{TensorConfig, TensorOptimizer},
        tensors::{
            network::{Logits, MaskRequest, Mode, Network},
            ops::nll,
        },
    },
    error::Result,
    model::{Architecture, DropoutUnit},
    parallel,
    spec::Vary,
};

/// Samples of all runs in a step of an evaluation, unless a training step has more.
const EVALUATED_AT_ONCE: usize = 1 << 14;

/// A cohort as tensors.
pub(super) struct TensorTrainer<'a> {
    cohort: &'a Cohort<'a>,
    device: &'a Device,
    network: Network,
    optimizer: TensorOptimizer,
    train: Pool<'a>,
    test: Pool<'a>,
}

impl<'a> TensorTrainer<'a> {
    pub(super) fn new(cohort: &'a Cohort<'a>, device: &'a Device) -> Result<Self> {
        let config = cohort.config;
        let seeds: Vec<u64> = cohort.members.iter().map(|m| config.vary.seed(Vary::Init, m.seed)).collect();
        let network = Network::new(&config.architecture, &seeds, device)?;
        let lr = cohort.members.iter().map(|m| m.lr as f32).collect();
        let settings = TensorConfig { optimizer: config.train.optimizer, lr };
        let optimizer = TensorOptimizer::new(network.vars().to_vec(), settings)?;
        let pool = |set: Set| Pool::new(cohort.members.iter().map(|m| set.of(&m.data)).collect(), device);
        Ok(Self { cohort, device, network, optimizer, train: pool(Set::Train)?, test: pool(Set::Test)? })
    }
}

impl Steps for TensorTrainer<'_> {
    fn step(&mut self, epoch: usize, step: usize, chosen: &[&[u32]]) -> Result<Vec<BatchResult>> {
        let Cohort { config, members, .. } = self.cohort;
        let batch = self.train.batch(&config.architecture, chosen)?;
        let mut masks =
            |layer: MaskRequest<'_>| masks(config.vary, members, &batch, epoch, step, &layer, self.device);
        let logits = self.network.forward(&batch.input, Mode::Train(&mut masks))?;
        let losses = Losses::of(&logits, &batch)?;
        self.optimizer.backward_step(&losses.objective(&config.architecture, &batch)?)?;
        results(members.len(), &logits, &losses, &batch)
    }

    fn evaluate(&mut self, set: Set) -> Result<Vec<MetricSums>> {
        let Cohort { config, members, .. } = self.cohort;
        let pool = match set {
            Set::Train => &self.train,
            Set::Test => &self.test,
        };
        let views = if pool.is_shared() { 1 } else { members.len() };
        let pairs: Vec<u32> = (0..pool.pairs() as u32).collect();
        let mut all: Vec<Vec<BatchResult>> = vec![Vec::new(); members.len()];
        for part in pairs.chunks((EVALUATED_AT_ONCE / members.len()).max(config.train.batch)) {
            let batch = pool.batch(&config.architecture, &vec![part; views])?;
            let logits = self.network.forward(&batch.input, Mode::Eval)?;
            let losses = Losses::of(&logits, &batch)?;
            let parts = results(members.len(), &logits, &losses, &batch)?;
            all.iter_mut().zip(parts).for_each(|(all, part)| all.push(part));
        }
        Ok(all.into_iter().map(joined).collect())
    }

    fn weights(&self) -> Result<Vec<Vec<f32>>> {
        Ok(self.network.weights()?)
    }
}

/// Tallies an evaluation in sample order: all first digits come before the second ones.
fn joined(parts: Vec<BatchResult>) -> MetricSums {
    let mut whole = BatchResult::default();
    let (mut first, mut second, mut digits_correct, mut scores_digits) = (Vec::new(), Vec::new(), 0, false);
    for part in parts {
        if let Some((losses, correct)) = part.digits {
            let half = part.losses.len();
            first.extend_from_slice(&losses[..half]);
            second.extend_from_slice(&losses[half..]);
            digits_correct += correct;
            scores_digits = true;
        }
        whole.losses.extend(part.losses);
        whole.correct += part.correct;
    }
    first.extend(second);
    whole.digits = scores_digits.then_some((first, digits_correct));
    let mut sums = MetricSums::default();
    sums.add(&whole);
    sums
}

/// Loss of each sample.
struct Losses {
    /// `[R, N]`.
    comparison: Tensor,
    /// `[R, 2N]`.
    digits: Option<Tensor>,
}

impl Losses {
    fn of(logits: &Logits, batch: &Batch) -> Result<Self> {
        let comparison = nll(&logits.comparison, batch.targets.clone())?;
        let digits = logits.digits.as_ref().map(|z| nll(z, batch.digits.clone())).transpose()?;
        Ok(Self { comparison, digits })
    }

    /// Returns the objective, a scalar: the sum over the runs of the mean loss of the comparison
    /// plus `loss_weight` times the mean of the two digits' losses.
    fn objective(&self, architecture: &Architecture, batch: &Batch) -> Result<Tensor> {
        let comparison = self.comparison.broadcast_mul(&batch.weights(1, 1.0)?)?.sum_all()?;
        match (architecture, &self.digits) {
            (Architecture::Each { digit_loss: Some(weight), .. }, Some(digits)) if *weight > 0.0 => {
                Ok((comparison + digits.broadcast_mul(&batch.weights(2, *weight)?)?.sum_all()?)?)
            }
            _ => Ok(comparison),
        }
    }
}

/// Returns each run's part of a batch, without padding. Every tensor is read back once, for all runs.
fn results(runs: usize, logits: &Logits, losses: &Losses, batch: &Batch) -> Result<Vec<BatchResult>> {
    let (samples, n) = (batch.samples, padded(batch.samples));
    let read = |t: &Tensor| t.detach().flatten_all()?.to_vec1::<f32>();
    let comparison = (read(&losses.comparison)?, read(&logits.comparison)?);
    let digits = match (&losses.digits, &logits.digits) {
        (Some(losses), Some(scores)) => Some((read(losses)?, read(scores)?)),
        _ => None,
    };
    let views = batch.targets.len() / n;
    let of = |run: usize| {
        let correct = |scores: &[f32], targets: &[u8], n: usize, among: &mut dyn Iterator<Item = usize>| {
            let scores = part(scores, run, runs);
            among.filter(|i| argmax(scores, n, *i) == targets[*i] as usize).count()
        };
        let (losses, scores) = &comparison;
        let targets = part(&batch.targets, run % views, views);
        let digits = digits.as_ref().map(|(losses, scores)| {
            let losses = part(losses, run, runs);
            let targets = part(&batch.digits, run % views, views);
            let mut both = (0..samples).chain(n..n + samples);
            let correct = correct(scores, targets, 2 * n, &mut both);
            ([&losses[..samples], &losses[n..n + samples]].concat(), correct)
        });
        let correct = correct(scores, targets, n, &mut (0..samples));
        BatchResult { losses: part(losses, run, runs)[..samples].to_vec(), correct, digits }
    };
    Ok(parallel::map(runs, of))
}

/// Returns the part `index` of `count` equal ones.
fn part<T>(values: &[T], index: usize, count: usize) -> &[T] {
    let size = values.len() / count;
    &values[index * size..(index + 1) * size]
}

/// Returns the masks of a layer for all runs, `[R, values, images · N]` or with height and width.
fn masks(
    vary: Vary,
    members: &[Member],
    batch: &Batch,
    epoch: usize,
    step: usize,
    layer: &MaskRequest<'_>,
    device: &Device,
) -> candle_core::Result<Tensor> {
    let (n, values) = (padded(batch.samples), layer.layer.mask_values(layer.shape));
    let lanes = layer.images * n;
    let mut mask = vec![0.0; members.len() * values * lanes];
    let draw = Draw { name: layer.name, values, images: layer.images, samples: batch.samples };
    parallel::each_chunk(&mut mask, values * lanes, |run, mask| {
        let Member { seed, dropout, .. } = members[run];
        let seed = vary.seed(Vary::Dropout, seed);
        Dropout::new(dropout).draw(seed, epoch, step, &draw, |image, value, masks| {
            mask[value * lanes + image * n..][..masks.len()].copy_from_slice(masks);
        });
    });
    let [c, h, w] = layer.shape;
    match layer.layer.unit {
        DropoutUnit::Channels => Tensor::from_vec(mask, (members.len(), c, lanes), device),
        DropoutUnit::Elements => Tensor::from_vec(mask, (members.len(), c, h, w, lanes), device),
    }
}
