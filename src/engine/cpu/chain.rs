//! A chain of layers as stages over blocks of 16 samples, with planned buffers.

use super::{
    buffer::Buffer,
    stage::{Parameters, Sizes, Stage, plan},
};
use crate::{
    engine::kernels::simd::{BLOCK, Isa},
    model::{Layer, Shape},
};

/// A chain of stages and the activations of several blocks.
#[derive(Debug)]
pub(super) struct Chain {
    stages: Vec<Stage>,
    /// Floats of one block's input.
    input_len: usize,
    /// `[block][stage]`.
    blocks: Vec<Vec<Activation>>,
    /// Two buffers that gradients alternate between.
    gradients: [Buffer; 2],
}

/// What one stage left of one block.
#[derive(Debug, Default)]
struct Activation {
    /// Its output.
    output: Buffer,
    /// Which position won each window, where the stage pools.
    winners: Buffer,
    /// The dropout mask, where the stage has one.
    mask: Buffer,
}

/// A dropout layer of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Site {
    /// Index of the stage.
    pub(super) stage: usize,
    /// Mask values of one sample.
    pub(super) values: usize,
}

impl Chain {
    /// Plans `layers` for an input of `shape`; its first weights are number `first` of the network's.
    pub(super) fn new(layers: &[Layer], shape: Shape, first: usize) -> Self {
        let (stages, _) = plan(layers, shape, first);
        let input_len = shape.iter().product::<usize>() * BLOCK;
        let widest = stages.iter().map(|s| s.sizes().output).fold(input_len, usize::max);
        Self { stages, input_len, blocks: Vec::new(), gradients: [widest, widest].map(Buffer::zeros) }
    }

    /// Makes room for the activations of `count` blocks.
    pub(super) fn reserve(&mut self, count: usize) {
        while self.blocks.len() < count {
            let room = |stage: &Stage| {
                let Sizes { output, winners, mask } = stage.sizes();
                let [output, winners, mask] = [output, winners, mask].map(Buffer::zeros);
                Activation { output, winners, mask }
            };
            self.blocks.push(self.stages.iter().map(room).collect());
        }
    }

    /// Returns the number of floats of one block's output.
    pub(super) fn output_len(&self) -> usize {
        self.stages.last().map_or(self.input_len, |s| s.sizes().output)
    }

    /// Returns the floats that the sums of all convolutions need, lane by lane.
    pub(super) fn sums_len(&self) -> usize {
        self.stages.iter().map(Stage::sums_len).sum()
    }

    /// Returns the dropout layers in order.
    pub(super) fn sites(&self) -> Vec<Site> {
        let values = |s: &Stage| s.sizes().mask / BLOCK;
        let sites = self.stages.iter().enumerate().map(|(stage, s)| Site { stage, values: values(s) });
        sites.filter(|site| site.values > 0).collect()
    }

    /// Returns the room for the mask of a site for one block, `[values][16]`.
    pub(super) fn mask_mut(&mut self, site: Site, block: usize) -> &mut [f32] {
        &mut self.blocks[block][site.stage].mask
    }

    /// Returns the output of a block, after [`Chain::forward`].
    pub(super) fn output(&self, block: usize) -> &[f32] {
        self.blocks[block].last().map_or(&[], |a| &*a.output)
    }

    /// Runs one block through the chain; with `train`, masks apply and winners are kept.
    pub(super) fn forward(&mut self, isa: Isa, weights: &[f32], block: usize, x: &[f32], train: bool) {
        let activations = &mut self.blocks[block];
        for (i, stage) in self.stages.iter().enumerate() {
            let (before, here) = activations.split_at_mut(i);
            let input = before.last().map_or(x, |a| &*a.output);
            let Activation { output, winners, mask } = &mut here[0];
            let winners = if train { &mut **winners } else { &mut [] };
            stage.forward(isa, weights, input, if train { Some(&**mask) } else { None }, output, winners);
        }
    }

    /// Adds what one block gives to the gradients, for the gradient `dy` of its output; writes the
    /// gradient of its input to `dx`, if wanted.
    pub(super) fn backward(
        &mut self,
        isa: Isa,
        parameters: &mut Parameters<'_>,
        block: usize,
        x: &[f32],
        dy: &[f32],
        dx: Option<&mut [f32]>,
    ) {
        let Self { stages, blocks, gradients, .. } = self;
        let [here, below] = gradients;
        let (mut here, mut below) = (here, below);
        here[..dy.len()].copy_from_slice(dy);
        let activations = &blocks[block];
        let wanted = dx.is_some();
        for (i, stage) in stages.iter_mut().enumerate().rev() {
            let input = if i == 0 { x } else { &activations[i - 1].output };
            let Activation { output, winners, mask } = &activations[i];
            let dy = &mut here[..output.len()];
            let dx = (i > 0 || wanted).then_some(&mut below[..input.len()]);
            stage.backward(isa, parameters, input, output, winners, mask, dy, dx);
            std::mem::swap(&mut here, &mut below);
        }
        if let Some(dx) = dx {
            dx.copy_from_slice(&here[..dx.len()]);
        }
    }

    /// Turns the sums of the convolutions into gradients, once all blocks were added.
    pub(super) fn reduce(&mut self, isa: Isa, parameters: &mut Parameters<'_>) {
        for stage in &mut self.stages {
            stage.reduce(isa, parameters);
        }
    }
}
