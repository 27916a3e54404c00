//! A chain of stages with the activations of several blocks.

use std::ops::Range;

use super::{
    buffer::Buffer,
    layer::build,
    stage::{Backward, CpuStage, Forward},
};
use crate::engine::{
    kernels::simd::{BLOCK, Isa},
    program::Chain,
};

/// The stages of a chain and what they leave of each block.
#[derive(Debug)]
pub(super) struct CpuChain {
    program: Chain,
    stages: Vec<Box<dyn CpuStage>>,
    /// `[block][stage]`.
    blocks: Vec<Vec<Activation>>,
    /// Two buffers that gradients alternate between.
    gradients: [Buffer; 2],
}

/// What one stage left of one block.
#[derive(Debug, Default)]
struct Activation {
    output: Buffer,
    /// What its kernels keep for the way back.
    kept: Buffer,
    /// The dropout mask, where the stage has one.
    mask: Buffer,
    /// The gradient of the output, where a segment of the way back begins.
    gradient: Buffer,
}

impl CpuChain {
    /// Makes room for the activations of `count` blocks.
    pub(super) fn new(program: Chain, count: usize) -> Self {
        let stages: Vec<_> = program.stages.iter().map(build).collect();
        let widest = (0..=stages.len()).map(|i| program.values_before(i)).fold(0, usize::max) * BLOCK;
        let block = |_| {
            let activation = |i: usize| {
                let output = program.values_before(i + 1) * BLOCK;
                let waits = program.backward.iter().any(|segment| segment.start == i + 1);
                Activation {
                    output: Buffer::zeros(output),
                    kept: Buffer::zeros(stages[i].kept_len()),
                    mask: Buffer::zeros(program.stages[i].mask * BLOCK),
                    gradient: Buffer::zeros(if waits { output } else { 0 }),
                }
            };
            (0..stages.len()).map(activation).collect()
        };
        let blocks = (0..count).map(block).collect();
        Self { program, stages, blocks, gradients: [widest, widest].map(Buffer::zeros) }
    }

    /// Returns the number of floats of one block's output.
    pub(super) fn output_len(&self) -> usize {
        self.program.output() * BLOCK
    }

    /// Returns all stages.
    pub(super) fn all(&self) -> Range<usize> {
        0..self.stages.len()
    }

    /// Returns the room for the mask of a stage for one block, `[values][16]`.
    pub(super) fn mask_mut(&mut self, stage: usize, block: usize) -> &mut [f32] {
        &mut self.blocks[block][stage].mask
    }

    /// Returns the output of a block, after [`CpuChain::forward`].
    pub(super) fn output(&self, block: usize) -> &[f32] {
        self.blocks[block].last().map_or(&[], |a| &*a.output)
    }

    /// Runs one block, whose input is `x`, through some stages; with `train`, masks apply and what the way back needs is
    /// kept.
    pub(super) fn forward(
        &mut self,
        isa: Isa,
        weights: &[f32],
        block: usize,
        x: &[f32],
        stages: Range<usize>,
        train: bool,
    ) {
        let activations = &mut self.blocks[block];
        for i in stages {
            let (before, here) = activations.split_at_mut(i);
            let x = before.last().map_or(x, |a| &*a.output);
            let Activation { output, kept, mask, .. } = &mut here[0];
            let kept = if train { &mut **kept } else { &mut [] };
            let weights = &weights[self.program.stages[i].parameters.clone()];
            let block = Forward { isa, weights, x, mask: train.then_some(&**mask) };
            self.stages[i].forward(&block, output, kept);
        }
    }

    /// Runs the gradient of one block back through a segment and adds to the gradients of the parameters. `dy` is the
    /// gradient of the chain's output; that of its input is written to `dx`, if it is wanted.
    pub(super) fn backward(
        &mut self,
        isa: Isa,
        (weights, gradients): (&[f32], &mut [f32]),
        block: usize,
        x: &[f32],
        stages: Range<usize>,
        dy: &[f32],
        dx: Option<&mut [f32]>,
    ) {
        let activations = &mut self.blocks[block];
        let [here, below] = &mut self.gradients;
        let (mut here, mut below) = (here, below);
        // A later segment finds what the one behind it left.
        let dy = if stages == self.program.backward[0] { dy } else { &activations[stages.end - 1].gradient };
        here[..dy.len()].copy_from_slice(dy);
        for i in stages.clone().rev() {
            let x = if i == 0 { x } else { &activations[i - 1].output };
            let Activation { output: y, kept, mask, .. } = &activations[i];
            let wanted = i > 0 || dx.is_some();
            let parameters = self.program.stages[i].parameters.clone();
            self.stages[i].backward(Backward {
                isa,
                weights: &weights[parameters.clone()],
                gradients: &mut gradients[parameters],
                x,
                y,
                kept,
                mask,
                dy: &mut here[..y.len()],
                dx: wanted.then_some(&mut below[..x.len()]),
            });
            std::mem::swap(&mut here, &mut below);
        }
        match (stages.start.checked_sub(1), dx) {
            (Some(before), _) => {
                let left = &mut activations[before].gradient;
                let length = left.len();
                left.copy_from_slice(&here[..length]);
            }
            (None, Some(dx)) => dx.copy_from_slice(&here[..dx.len()]),
            (None, None) => {}
        }
    }

    /// Turns what the stages added up into gradients, once all blocks were there.
    pub(super) fn finish(&mut self, isa: Isa, gradients: &mut [f32]) {
        for (stage, planned) in self.stages.iter_mut().zip(&self.program.stages) {
            stage.finish(isa, &mut gradients[planned.parameters.clone()]);
        }
    }
}
