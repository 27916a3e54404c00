//! The network of one run on the CPU: planned buffers, stages of several layers, a backward pass
//! written by hand.
//!
//! It computes the same bits as [`super::tensors`] (the tests compare them), without a
//! graph and without passes over memory between layers.

mod buffer;
mod chain;
mod stage;

pub use buffer::Buffer;
use chain::{Chain, Site};
use stage::Parameters;

use crate::{
    engine::{
        init::initial,
        kernels::{
            pointwise::{argmax, nll_forward, nll_gradient},
            sgd::{accumulate, descend},
            simd::{BLOCK, Isa},
        },
    },
    model::{Architecture, CLASSES, DIGITS, Parameter, SIDE},
    testing::seeded_bugs::{self, Bug},
};

/// Floats of one image of a block.
const IMAGE: usize = SIDE * SIDE * BLOCK;

/// Some pairs in blocks of 16 samples; padding has zero pixels, label 0 and no weight.
#[derive(Debug, Default)]
pub struct Blocks {
    /// `[block][image][row][column][16]`.
    pub pixels: Buffer,
    /// `[block][16]`.
    pub targets: Vec<u8>,
    /// `[image][block][16]`.
    pub digits: Vec<u8>,
    /// Pairs without padding.
    pub samples: usize,
}

impl Blocks {
    fn count(&self) -> usize {
        self.samples.div_ceil(BLOCK)
    }

    fn block(&self, block: usize) -> &[f32] {
        &self.pixels[block * 2 * IMAGE..(block + 1) * 2 * IMAGE]
    }
}

/// What a network says about some pairs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scored {
    /// Loss of the comparison of each pair.
    pub losses: Vec<f32>,
    /// Pairs that were compared rightly.
    pub right: usize,
    /// Loss of each digit, the first ones of all pairs before the second ones, and how many were
    /// classified rightly; if the network scores digits.
    pub digits: Option<(Vec<f32>, usize)>,
}

/// A dropout layer that asks for its mask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaskSite {
    /// Such as `each.dropout1`; the random stream is named after it.
    pub name: String,
    /// Mask values of one sample.
    pub values: usize,
    /// Images per pair that pass here, 1 or 2.
    pub images: usize,
    chain: usize,
    site: Site,
}

/// Settings of a training step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Descent {
    /// Learning rate.
    pub lr: f32,
    /// Momentum, in `[0, 1)`.
    pub momentum: f32,
}

/// A network with its weights, its optimiser and all its buffers.
#[derive(Debug)]
pub struct Fused {
    isa: Isa,
    kind: Kind,
    /// The first chains, then the chain of the joined outputs, if there is one.
    chains: Vec<Chain>,
    /// Sums of the convolutions' gradients of each chain, lane by lane.
    sums: Vec<Buffer>,
    /// All parameters in the order of [`Architecture::parameters`], and what belongs to each weight.
    weights: Vec<f32>,
    velocities: Vec<f32>,
    gradients: Vec<f32>,
    sites: Vec<MaskSite>,
    /// `[block][both outputs]`, the inputs of the last chain, and the gradients of these.
    joined: Buffer,
    joined_gradients: Buffer,
}

/// How the pair is seen.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Pair,
    Each { share: bool, digit_loss: Option<f64> },
}

impl Fused {
    /// Makes the network of `seed`, with initial weights of its streams.
    #[must_use]
    pub fn new(architecture: &Architecture, seed: u64, isa: Isa) -> Self {
        let parameters = architecture.parameters();
        let weights: Vec<f32> = parameters.iter().flat_map(|p| initial(p, seed)).collect();
        let starts = |prefix: &str| {
            let before = parameters.iter().take_while(|p| !p.name.starts_with(prefix));
            before.map(Parameter::count).sum::<usize>()
        };
        let one = [1, SIDE, SIDE];
        let (kind, parts) = match architecture {
            Architecture::Pair(layers) => (Kind::Pair, vec![("", layers, [2, SIDE, SIDE])]),
            Architecture::Each { each, share, digit_loss, then } => {
                let kind = Kind::Each { share: *share, digit_loss: *digit_loss };
                let then = ("then.", then, architecture.joined());
                let parts = if *share {
                    vec![("each.", each, one), then]
                } else {
                    vec![("first.", each, one), ("second.", each, one), then]
                };
                (kind, parts)
            }
        };
        let chains: Vec<Chain> =
            parts.iter().map(|(prefix, layers, shape)| Chain::new(layers, *shape, starts(prefix))).collect();
        let mut sites = Vec::new();
        for (index, (chain, (prefix, ..))) in chains.iter().zip(&parts).enumerate() {
            let images = if *prefix == "each." { 2 } else { 1 };
            for (i, site) in chain.sites().into_iter().enumerate() {
                let name = format!("{prefix}dropout{}", i + 1);
                sites.push(MaskSite { name, values: site.values, images, chain: index, site });
            }
        }
        let sums = chains.iter().map(|c| Buffer::zeros(c.sums_len())).collect();
        let zeros = vec![0.0; weights.len()];
        Self {
            isa,
            kind,
            chains,
            sums,
            velocities: zeros.clone(),
            gradients: zeros,
            weights,
            sites,
            joined: Buffer::default(),
            joined_gradients: Buffer::default(),
        }
    }

    /// Returns all weights, in the order of [`Architecture::parameters`].
    #[must_use]
    pub fn weights(&self) -> &[f32] {
        &self.weights
    }

    /// Returns the dropout layers that want a mask in each step.
    #[must_use]
    pub fn sites(&self) -> &[MaskSite] {
        &self.sites
    }

    /// Makes room for batches of `samples` pairs.
    pub fn reserve(&mut self, samples: usize) {
        let count = samples.div_ceil(BLOCK);
        let shared = matches!(self.kind, Kind::Each { share: true, .. });
        for (i, chain) in self.chains.iter_mut().enumerate() {
            chain.reserve(if shared && i == 0 { 2 * count } else { count });
        }
        if self.kind != Kind::Pair {
            let length = 2 * self.chains[0].output_len();
            self.joined.reserve(count * length);
            self.joined_gradients.reserve(count * length);
        }
    }

    /// Returns the room for the mask of site number `site` for an image of a block of a batch of
    /// `samples` pairs, `[values][16]`.
    pub fn mask_mut(&mut self, site: usize, image: usize, block: usize, samples: usize) -> &mut [f32] {
        let MaskSite { chain, site, .. } = &self.sites[site];
        self.chains[*chain].mask_mut(*site, image * samples.div_ceil(BLOCK) + block)
    }

    /// Returns which chain an image goes through, and as which of its blocks.
    fn place(&self, image: usize, block: usize, count: usize) -> (usize, usize) {
        match self.kind {
            Kind::Each { share: false, .. } => (image, block),
            _ => (0, image * count + block),
        }
    }

    /// Runs block `block` of `batch`, whose activations go to block `to` of `count`.
    fn forward(&mut self, batch: &Blocks, block: usize, to: usize, count: usize, train: bool) {
        let pixels = batch.block(block);
        if self.kind == Kind::Pair {
            self.chains[0].forward(self.isa, &self.weights, to, pixels, train);
            return;
        }
        let length = self.chains[0].output_len();
        for (image, pixels) in pixels.chunks_exact(IMAGE).enumerate() {
            let (chain, place) = self.place(image, to, count);
            self.chains[chain].forward(self.isa, &self.weights, place, pixels, train);
            let at = (2 * to + image) * length;
            self.joined[at..at + length].copy_from_slice(self.chains[chain].output(place));
        }
        let joined = &self.joined[2 * to * length..2 * (to + 1) * length];
        let Some(last) = self.chains.last_mut() else { return };
        last.forward(self.isa, &self.weights, to, joined, train);
    }

    /// Returns the scores of the comparison, `[2][16]`, of a block that was run.
    fn comparison(&self, block: usize) -> &[f32] {
        self.chains.last().map_or(&[], |chain| chain.output(block))
    }

    /// Adds what a block that was run says about its pairs.
    fn score(&self, batch: &Blocks, block: usize, at: usize, scored: &mut Scored) {
        let real = BLOCK.min(batch.samples - block * BLOCK);
        let mut losses = [0.0_f32; BLOCK];
        let targets = &batch.targets[block * BLOCK..(block + 1) * BLOCK];
        let z = self.comparison(at);
        nll_forward(self.isa, z, targets, &mut losses);
        scored.losses[block * BLOCK..][..real].copy_from_slice(&losses[..real]);
        scored.right += (0..real).filter(|i| argmax(z, BLOCK, *i) == targets[*i] as usize).count();
        let Some((digit_losses, digits_right)) = &mut scored.digits else { return };
        for (image, z) in self.joined_of(at).chunks_exact(DIGITS * BLOCK).enumerate() {
            let digits = self.digits_of(batch, image, block);
            nll_forward(self.isa, z, digits, &mut losses);
            digit_losses[image * batch.samples + block * BLOCK..][..real].copy_from_slice(&losses[..real]);
            *digits_right += (0..real).filter(|i| argmax(z, BLOCK, *i) == digits[*i] as usize).count();
        }
    }

    fn joined_of(&self, block: usize) -> &[f32] {
        let length = 2 * self.chains[0].output_len();
        &self.joined[block * length..(block + 1) * length]
    }

    #[expect(clippy::unused_self, reason = "reads as its siblings")]
    fn digits_of<'a>(&self, batch: &'a Blocks, image: usize, block: usize) -> &'a [u8] {
        &batch.digits[(image * batch.count() + block) * BLOCK..][..BLOCK]
    }

    fn blank(&self, samples: usize) -> Scored {
        let scores_digits = matches!(self.kind, Kind::Each { digit_loss: Some(_), .. });
        let digits = scores_digits.then(|| (vec![0.0; 2 * samples], 0));
        Scored { losses: vec![0.0; samples], right: 0, digits }
    }

    /// Evaluates the network, without dropout.
    pub fn evaluate(&mut self, set: &Blocks) -> Scored {
        self.reserve(1);
        let mut scored = self.blank(set.samples);
        for block in 0..set.count() {
            self.forward(set, block, 0, 1, seeded_bugs::on(Bug::DropoutInEvaluation));
            self.score(set, block, 0, &mut scored);
        }
        scored
    }

    /// Takes one step of gradient descent; the masks were filled before. Returns what the network said
    /// about the batch before the step.
    pub fn step(&mut self, batch: &Blocks, descent: Descent) -> Scored {
        let count = batch.count();
        let mut scored = self.blank(batch.samples);
        self.gradients.fill(0.0);
        for block in 0..count {
            self.forward(batch, block, block, count, true);
            self.score(batch, block, block, &mut scored);
            self.backward_comparison(batch, block);
        }
        if self.kind != Kind::Pair {
            // All first images come before the second ones: the order of sums over samples.
            for (image, block) in (0..2).flat_map(|image| (0..count).map(move |block| (image, block))) {
                self.backward_image(batch, image, block);
            }
        }
        for (chain, sums) in self.chains.iter_mut().zip(&mut self.sums) {
            let mut parameters = Parameters { weights: &self.weights, gradients: &mut self.gradients, sums };
            chain.reduce(self.isa, &mut parameters);
        }
        accumulate(self.isa, descent.momentum, &self.gradients, &mut self.velocities);
        descend(self.isa, descent.lr, &self.velocities, &mut self.weights);
        scored
    }

    /// Runs the gradient of the comparison's mean loss back through the last chain.
    fn backward_comparison(&mut self, batch: &Blocks, block: usize) {
        let weights = sample_weights(batch, block, 1, 1.0);
        let mut dz = [0.0; CLASSES * BLOCK];
        let targets = &batch.targets[block * BLOCK..(block + 1) * BLOCK];
        nll_gradient(self.isa, self.comparison(block), targets, &weights, &mut dz);
        let last = self.chains.len() - 1;
        let length = 2 * self.chains[0].output_len();
        let Self { isa, kind, chains, sums, weights, gradients, joined, joined_gradients, .. } = self;
        let mut parameters = Parameters { weights, gradients, sums: &mut sums[last] };
        if *kind == Kind::Pair {
            chains[0].backward(*isa, &mut parameters, block, batch.block(block), &dz, None);
        } else {
            let (x, dx) =
                (&joined[block * length..][..length], &mut joined_gradients[block * length..][..length]);
            chains[last].backward(*isa, &mut parameters, block, x, &dz, Some(dx));
        }
    }

    /// Runs the gradient of one image's outputs, with that of the auxiliary loss, back through its chain.
    fn backward_image(&mut self, batch: &Blocks, image: usize, block: usize) {
        let length = self.chains[0].output_len();
        let at = (2 * block + image) * length;
        if let Kind::Each { digit_loss: Some(factor), .. } = self.kind
            && factor > 0.0
        {
            let factor = if seeded_bugs::on(Bug::AuxiliarySign) { -factor } else { factor };
            let mut dz = [0.0; DIGITS * BLOCK];
            let weights = sample_weights(batch, block, 2, factor);
            let digits = self.digits_of(batch, image, block);
            nll_gradient(self.isa, &self.joined[at..at + length], digits, &weights, &mut dz);
            self.joined_gradients[at..at + length].iter_mut().zip(dz).for_each(|(d, more)| *d += more);
        }
        let (chain, place) = self.place(image, block, batch.count());
        let Self { isa, chains, sums, weights, gradients, joined_gradients, .. } = self;
        let mut parameters = Parameters { weights, gradients, sums: &mut sums[chain] };
        let pixels = &batch.block(block)[image * IMAGE..(image + 1) * IMAGE];
        chains[chain].backward(
            *isa,
            &mut parameters,
            place,
            pixels,
            &joined_gradients[at..at + length],
            None,
        );
    }
}

/// Returns the weight of each sample of a block in a mean over `images` samples per pair, times
/// `factor`; zero for padding.
fn sample_weights(batch: &Blocks, block: usize, images: usize, factor: f64) -> [f32; BLOCK] {
    let real = BLOCK.min(batch.samples - block * BLOCK);
    let mut weights = [0.0; BLOCK];
    weights[..real].fill((factor / (images * batch.samples) as f64) as f32);
    weights
}
