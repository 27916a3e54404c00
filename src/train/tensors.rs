//! Steps of all runs of a cohort at once, as candle tensors with candle's autograd.

use candle_core::{Device, Tensor};
use candle_nn::Optimizer;

use super::{
    Cohort, Member, Set, Steps, Tally,
    batch::Batch,
    masks::{Draw, Dropout},
};
use crate::{
    data::pairs::PairSet,
    error::Result,
    nn::{
        fused::Scored,
        kernels::pointwise::{argmax, padded},
        network::{DropoutSite, Mode, Network, Scores},
        ops::Numerics,
        sgd::{Sgd, SgdConfig},
    },
    spec::{Architecture, DropoutUnit, Vary},
};

/// Pairs per step of an evaluation; it changes no bit, since evaluation never mixes samples.
const EVALUATION_BATCH: usize = 128;

/// A cohort as tensors.
pub(super) struct Tensors<'a> {
    cohort: &'a Cohort<'a>,
    device: &'a Device,
    network: Network,
    optimizer: Sgd,
    train: Vec<Batch>,
    test: Vec<Batch>,
}

impl<'a> Tensors<'a> {
    pub(super) fn new(cohort: &'a Cohort<'a>, device: &'a Device, numerics: Numerics) -> Result<Self> {
        let config = cohort.config;
        let seeds: Vec<u64> = cohort.members.iter().map(|m| config.vary.seed(Vary::Init, m.seed)).collect();
        let network = Network::new(&config.architecture, &seeds, device, numerics)?;
        let lr = cohort.members.iter().map(|m| m.lr as f32).collect();
        let sgd = SgdConfig { lr, momentum: config.train.momentum as f32, numerics };
        let optimizer = Sgd::new(network.vars().to_vec(), sgd)?;
        let fixed = |set: Set| {
            let sets: Vec<&PairSet> = cohort.members.iter().map(|m| set.of(&m.data)).collect();
            Batch::in_order(&config.architecture, &sets, EVALUATION_BATCH, device)
        };
        Ok(Self { cohort, device, network, optimizer, train: fixed(Set::Train)?, test: fixed(Set::Test)? })
    }
}

impl Steps for Tensors<'_> {
    fn step(&mut self, epoch: usize, step: usize, chosen: &[&[u32]]) -> Result<Vec<Scored>> {
        let Cohort { config, members, .. } = self.cohort;
        let sets: Vec<&PairSet> = members.iter().map(|m| &m.data.train).collect();
        let batch = Batch::of(&config.architecture, &sets, chosen, self.device)?;
        let mut masks =
            |site: &DropoutSite| masks(config.vary, members, &batch, epoch, step, site, self.device);
        let scores = self.network.forward(&batch.input, Mode::Train(&mut masks))?;
        let losses = Losses::of(&scores, &batch, self.network.numerics())?;
        self.optimizer.backward_step(&losses.objective(&config.architecture, &batch)?)?;
        (0..members.len()).map(|run| scored(run, &scores, &losses, &batch)).collect()
    }

    fn evaluate(&mut self, set: Set) -> Result<Vec<Tally>> {
        let batches = match set {
            Set::Train => &self.train,
            Set::Test => &self.test,
        };
        let mut all: Vec<Vec<Scored>> = vec![Vec::new(); self.cohort.members.len()];
        for batch in batches {
            let scores = self.network.forward(&batch.input, Mode::Eval)?;
            let losses = Losses::of(&scores, batch, self.network.numerics())?;
            for (run, parts) in all.iter_mut().enumerate() {
                parts.push(scored(run, &scores, &losses, batch)?);
            }
        }
        Ok(all.into_iter().map(joined).collect())
    }

    fn weights(&self, run: usize) -> Result<Vec<f32>> {
        Ok(self.network.weights(run)?)
    }
}

/// Tallies an evaluation in sample order: all first digits come before the second ones.
fn joined(parts: Vec<Scored>) -> Tally {
    let mut whole = Scored::default();
    let (mut first, mut second, mut digits_right, mut scores_digits) = (Vec::new(), Vec::new(), 0, false);
    for part in parts {
        if let Some((losses, right)) = part.digits {
            let half = part.losses.len();
            first.extend_from_slice(&losses[..half]);
            second.extend_from_slice(&losses[half..]);
            digits_right += right;
            scores_digits = true;
        }
        whole.losses.extend(part.losses);
        whole.right += part.right;
    }
    first.extend(second);
    whole.digits = scores_digits.then_some((first, digits_right));
    let mut tally = Tally::default();
    tally.add(&whole);
    tally
}

/// Loss of each sample.
struct Losses {
    /// `[R, N]`.
    comparison: Tensor,
    /// `[R, 2N]`.
    digits: Option<Tensor>,
}

impl Losses {
    fn of(scores: &Scores, batch: &Batch, numerics: Numerics) -> Result<Self> {
        let comparison = numerics.nll(&scores.comparison, batch.targets.clone())?;
        let digits = scores.digits.as_ref().map(|z| numerics.nll(z, batch.digits.clone())).transpose()?;
        Ok(Self { comparison, digits })
    }

    /// Returns the objective, a scalar: the sum over the runs of the mean loss of the comparison
    /// plus `loss_weight` times the mean of the two digits' losses.
    fn objective(&self, architecture: &Architecture, batch: &Batch) -> Result<Tensor> {
        let comparison = (&self.comparison * batch.weights(1, 1.0)?)?.sum_all()?;
        match (architecture, &self.digits) {
            (Architecture::Each { digit_loss: Some(weight), .. }, Some(digits)) if *weight > 0.0 => {
                Ok((comparison + (digits * batch.weights(2, *weight)?)?.sum_all()?)?)
            }
            _ => Ok(comparison),
        }
    }
}

/// Returns one run's part of a batch, without padding.
fn scored(run: usize, scores: &Scores, losses: &Losses, batch: &Batch) -> Result<Scored> {
    let (samples, padded) = (batch.samples, padded(batch.samples));
    let part = |t: &Tensor| t.detach().get(run)?.flatten_all()?.to_vec1::<f32>();
    let right = |z: &[f32], targets: &[u8], n: usize, of: &mut dyn Iterator<Item = usize>| {
        of.filter(|i| argmax(z, n, *i) == targets[*i] as usize).count()
    };
    let mut comparison = part(&losses.comparison)?;
    comparison.truncate(samples);
    let targets = &batch.targets[run * padded..(run + 1) * padded];
    let digits = match (&scores.digits, &losses.digits) {
        (Some(z), Some(l)) => {
            let l = part(l)?;
            let digits = &batch.digits[2 * run * padded..2 * (run + 1) * padded];
            let mut both = (0..samples).chain(padded..padded + samples);
            let right = right(&part(z)?, digits, 2 * padded, &mut both);
            Some(([&l[..samples], &l[padded..padded + samples]].concat(), right))
        }
        _ => None,
    };
    let right = right(&part(&scores.comparison)?, targets, padded, &mut (0..samples));
    Ok(Scored { losses: comparison, right, digits })
}

/// Returns the masks of a layer for all runs, `[R, values, images · N]` or with height and width.
fn masks(
    vary: Vary,
    members: &[Member],
    batch: &Batch,
    epoch: usize,
    step: usize,
    site: &DropoutSite,
    device: &Device,
) -> candle_core::Result<Tensor> {
    let (n, values) = (padded(batch.samples), site.values());
    let lanes = site.images * n;
    let mut mask = vec![0.0; members.len() * values * lanes];
    let layer = Draw { name: &site.name, values, images: site.images, samples: batch.samples };
    for (member, mask) in members.iter().zip(mask.chunks_exact_mut(values * lanes)) {
        Dropout::new(member.dropout).draw(
            vary.seed(Vary::Dropout, member.seed),
            epoch,
            step,
            &layer,
            |image, value, pair, m| {
                mask[value * lanes + image * n + pair] = m;
            },
        );
    }
    let [c, h, w] = site.shape;
    match site.unit {
        DropoutUnit::Channels => Tensor::from_vec(mask, (members.len(), c, lanes), device),
        DropoutUnit::Elements => Tensor::from_vec(mask, (members.len(), c, h, w, lanes), device),
    }
}
