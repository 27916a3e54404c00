//! The network of one run.

use std::{ops::Range, sync::Arc};

use super::{
    blocks::{Blocks, IMAGE},
    buffer::Buffer,
    chain::CpuChain,
};
use crate::{
    engine::{
        batch::BatchResult,
        init::initial,
        kernels::{
            pointwise::{add, argmax, clear, nll_forward, nll_gradient},
            simd::{BLOCK, Isa},
        },
        optimizer::CpuOptimizer,
        program::{DropoutLayer, PairKind, Program},
    },
    model::{CLASSES, DIGITS},
    testing::seeded_bugs::{self, Bug},
};

/// A network with its weights, its optimiser and all its buffers.
#[derive(Debug)]
pub struct CpuNetwork {
    isa: Isa,
    program: Arc<Program>,
    /// The first chains, then the chain of the joined outputs, if there is one.
    chains: Vec<CpuChain>,
    /// All parameters in order.
    weights: Vec<f32>,
    gradients: Vec<f32>,
    optimizer: CpuOptimizer,
    /// `[block][both outputs]`, the inputs of the last chain, and the gradients of these.
    joined: Buffer,
    joined_gradients: Buffer,
}

/// Stages of the images' chains and of the last one that run together.
type Pass = (Range<usize>, Range<usize>);

impl CpuNetwork {
    /// Makes the network of `seed`, with initial weights of its streams.
    #[must_use]
    pub fn new(program: &Arc<Program>, seed: u64, isa: Isa) -> Self {
        let weights: Vec<f32> = program.parameters.iter().flat_map(|p| initial(p, seed)).collect();
        let count = program.batch.div_ceil(BLOCK).max(1);
        let chains: Vec<_> =
            program.chains.iter().map(|chain| CpuChain::new(chain.clone(), chain.images * count)).collect();
        let joined = if program.kind == PairKind::Stacked { 0 } else { 2 * count * chains[0].output_len() };
        Self {
            isa,
            program: Arc::clone(program),
            chains,
            gradients: vec![0.0; weights.len()],
            optimizer: CpuOptimizer::new(program.optimizer, weights.len()),
            weights,
            joined: Buffer::zeros(joined),
            joined_gradients: Buffer::zeros(joined),
        }
    }

    /// Returns all weights in the order of the program's parameters.
    #[must_use]
    pub fn weights(&self) -> &[f32] {
        &self.weights
    }

    /// Returns the gradients of the last step.
    #[must_use]
    pub fn gradients(&self) -> &[f32] {
        &self.gradients
    }

    /// Gives it other weights.
    ///
    /// # Panics
    /// If there are more or fewer of them.
    pub fn set_weights(&mut self, weights: &[f32]) {
        self.weights.copy_from_slice(weights);
    }

    /// Returns the dropout layers that want a mask in each step.
    #[must_use]
    pub fn dropouts(&self) -> &[DropoutLayer] {
        &self.program.dropouts
    }

    /// Returns the room for the mask of dropout layer number `layer` for an image of a block of a batch of
    /// `samples` pairs, `[values][16]`.
    pub fn mask_mut(&mut self, layer: usize, image: usize, block: usize, samples: usize) -> &mut [f32] {
        let DropoutLayer { chain, stage, .. } = self.program.dropouts[layer];
        self.chains[chain].mask_mut(stage, image * samples.div_ceil(BLOCK) + block)
    }

    /// Returns which chain an image goes through, and as which of its blocks.
    fn place(&self, image: usize, block: usize, count: usize) -> (usize, usize) {
        match self.program.kind {
            PairKind::Each { share: false, .. } => (image, block),
            PairKind::Each { share: true, .. } | PairKind::Stacked => (0, image * count + block),
        }
    }

    /// Returns what runs together on the way forward; between two passes all blocks wait for each other.
    fn passes(&self) -> Vec<Pass> {
        let chains = &self.program.chains;
        let last = &chains[chains.len() - 1].forward;
        if self.program.kind == PairKind::Stacked {
            return last.iter().map(|segment| (0..0, segment.clone())).collect();
        }
        let images = &chains[0].forward;
        let mut passes: Vec<Pass> = images.iter().map(|segment| (segment.clone(), 0..0)).collect();
        passes[images.len() - 1].1 = last[0].clone();
        passes.extend(last[1..].iter().map(|segment| (0..0, segment.clone())));
        passes
    }

    /// Runs block `block` of `batch` through a pass; its activations go to block `to` of `count`.
    fn forward(
        &mut self,
        batch: &Blocks,
        block: usize,
        (images, joined): &Pass,
        (to, count): (usize, usize),
        train: bool,
    ) {
        let pixels = batch.pixels(block);
        let last = self.chains.len() - 1;
        if self.program.kind == PairKind::Stacked {
            self.chains[0].forward(self.isa, &self.weights, to, pixels, joined.clone(), train);
            return;
        }
        let length = self.chains[0].output_len();
        if !images.is_empty() {
            for (image, pixels) in pixels.chunks_exact(IMAGE).enumerate() {
                let (chain, place) = self.place(image, to, count);
                self.chains[chain].forward(self.isa, &self.weights, place, pixels, images.clone(), train);
                let at = (2 * to + image) * length;
                self.joined[at..at + length].copy_from_slice(self.chains[chain].output(place));
            }
        }
        let x = &self.joined[2 * to * length..2 * (to + 1) * length];
        self.chains[last].forward(self.isa, &self.weights, to, x, joined.clone(), train);
    }

    /// Returns the scores of the comparison, `[2][16]`, of a block that was run.
    fn comparison(&self, block: usize) -> &[f32] {
        self.chains.last().map_or(&[], |chain| chain.output(block))
    }

    /// Adds what a block that was run says about its pairs; its activations are those of block `at`.
    fn score(&self, batch: &Blocks, block: usize, at: usize, result: &mut BatchResult) {
        let real = batch.real(block);
        let mut losses = [0.0_f32; BLOCK];
        let (z, targets) = (self.comparison(at), batch.targets(block));
        nll_forward(self.isa, z, targets, &mut losses);
        result.losses[block * BLOCK..][..real].copy_from_slice(&losses[..real]);
        result.correct += (0..real).filter(|i| argmax(z, BLOCK, *i) == targets[*i] as usize).count();
        let Some((digit_losses, digits_correct)) = &mut result.digits else { return };
        let length = 2 * self.chains[0].output_len();
        let both = &self.joined[at * length..(at + 1) * length];
        for (image, z) in both.chunks_exact(DIGITS * BLOCK).enumerate() {
            let digits = batch.digits(image, block);
            nll_forward(self.isa, z, digits, &mut losses);
            digit_losses[image * batch.samples + block * BLOCK..][..real].copy_from_slice(&losses[..real]);
            *digits_correct += (0..real).filter(|i| argmax(z, BLOCK, *i) == digits[*i] as usize).count();
        }
    }

    fn blank(&self, samples: usize) -> BatchResult {
        let scores_digits = matches!(self.program.kind, PairKind::Each { digit_loss: Some(_), .. });
        let digits = scores_digits.then(|| (vec![0.0; 2 * samples], 0));
        BatchResult { losses: vec![0.0; samples], correct: 0, digits }
    }

    /// Evaluates the network, without dropout.
    pub fn evaluate(&mut self, set: &Blocks) -> BatchResult {
        let mut result = self.blank(set.samples);
        let whole = (self.chains[0].all(), self.chains[self.chains.len() - 1].all());
        for block in 0..set.count() {
            self.forward(set, block, &whole, (0, 1), seeded_bugs::on(Bug::DropoutInEvaluation));
            self.score(set, block, 0, &mut result);
        }
        result
    }

    /// Takes one step of the optimiser; the masks were filled before. Returns what the network said about the batch
    /// before the step.
    pub fn step(&mut self, batch: &Blocks, lr: f32) -> BatchResult {
        let count = batch.count();
        let mut result = self.blank(batch.samples);
        clear(&mut self.gradients);
        let passes = self.passes();
        let program = Arc::clone(&self.program);
        let back = &program.chains[program.chains.len() - 1].backward;
        for (i, pass) in passes.iter().enumerate() {
            for block in 0..count {
                self.forward(batch, block, pass, (block, count), true);
                if i + 1 == passes.len() {
                    self.score(batch, block, block, &mut result);
                    self.backward_comparison(batch, block, &back[0]);
                }
            }
        }
        for segment in &back[1..] {
            (0..count).for_each(|block| self.backward_comparison(batch, block, segment));
        }
        if program.kind != PairKind::Stacked {
            for segment in &program.chains[0].backward {
                // All first images come before the second ones: the order of sums over samples.
                for (image, block) in (0..2).flat_map(|image| (0..count).map(move |block| (image, block))) {
                    self.backward_image(batch, image, block, segment);
                }
            }
        }
        for chain in &mut self.chains {
            chain.finish(self.isa, &mut self.gradients);
        }
        for trained in &program.trained {
            self.optimizer.step(self.isa, lr, &self.gradients, &mut self.weights, trained.clone());
        }
        result
    }

    /// Runs the gradient of the comparison's mean loss back through a segment of the last chain.
    fn backward_comparison(&mut self, batch: &Blocks, block: usize, segment: &Range<usize>) {
        let weights = batch.weights(block, 1, 1.0);
        let mut dz = [0.0; CLASSES * BLOCK];
        nll_gradient(self.isa, self.comparison(block), batch.targets(block), &weights, &mut dz);
        let last = self.chains.len() - 1;
        let length = 2 * self.chains[0].output_len();
        let Self { isa, program, chains, weights, gradients, joined, joined_gradients, .. } = self;
        let parameters = (&**weights, &mut **gradients);
        if program.kind == PairKind::Stacked {
            let x = batch.pixels(block);
            chains[0].backward(*isa, parameters, block, x, segment.clone(), &dz, None);
        } else {
            let here = block * length..(block + 1) * length;
            let (x, dx) = (&joined[here.clone()], &mut joined_gradients[here]);
            chains[last].backward(*isa, parameters, block, x, segment.clone(), &dz, Some(dx));
        }
    }

    /// Runs the gradient of one image's outputs, with that of the auxiliary loss, back through a segment of its chain.
    fn backward_image(&mut self, batch: &Blocks, image: usize, block: usize, segment: &Range<usize>) {
        let length = self.chains[0].output_len();
        let at = (2 * block + image) * length;
        if let PairKind::Each { digit_loss: Some(factor), .. } = self.program.kind
            && factor > 0.0
            && segment == &self.program.chains[0].backward[0]
        {
            let factor = if seeded_bugs::on(Bug::AuxiliarySign) { -factor } else { factor };
            let mut dz = [0.0; DIGITS * BLOCK];
            let weights = batch.weights(block, 2, factor);
            nll_gradient(
                self.isa,
                &self.joined[at..at + length],
                batch.digits(image, block),
                &weights,
                &mut dz,
            );
            add(&dz, &mut self.joined_gradients[at..at + length]);
        }
        let (chain, place) = self.place(image, block, batch.count());
        let pixels = &batch.pixels(block)[image * IMAGE..(image + 1) * IMAGE];
        let Self { isa, chains, weights, gradients, joined_gradients, .. } = self;
        let dy = &joined_gradients[at..at + length];
        chains[chain].backward(*isa, (weights, gradients), place, pixels, segment.clone(), dy, None);
    }
}
