//! A convolution with the dropout mask, 2×2 pooling and `ReLU` that follow it, in one pass.

use std::ops::Range;

use crate::{
    engine::{
        cpu::{
            buffer::Buffer,
            stage::{Backward, CpuStage, Forward},
        },
        kernels::{
            block::{BlockConv, MaskKind, block_forward},
            block_gradient::block_expand,
            conv::ConvShape,
            conv_gradient::{conv_accumulate, conv_input_gradient, reduce},
            simd::{BLOCK, Isa},
        },
        program::Stage,
    },
    model::{Conv, DropoutUnit},
};

#[derive(Debug)]
pub(super) struct ConvStage {
    shape: BlockConv,
    /// The gradient of the convolution's sums, `[O][OH][OW][16]`.
    d: Buffer,
    /// The gradients of the parameters lane by lane, `[weights + biases][16]`.
    sums: Buffer,
    /// Whether nothing was added to the sums of this step yet.
    fresh: bool,
}

impl ConvStage {
    pub(super) fn new(layer: Conv, stage: &Stage) -> Self {
        let [inputs, height, width] = stage.input;
        let Conv { channels: outputs, kernel, padding } = layer;
        let conv = ConvShape { inputs, outputs, height, width, kernel, padding, samples: BLOCK };
        let mask = match stage.then.dropout {
            None => MaskKind::None,
            Some(DropoutUnit::Elements) => MaskKind::Elements,
            Some(DropoutUnit::Channels) => MaskKind::Channels,
        };
        Self {
            shape: BlockConv { conv, mask, pool: stage.then.pool, relu: stage.then.relu },
            d: Buffer::zeros(conv.output_len()),
            sums: Buffer::zeros((conv.weight_len() + outputs) * BLOCK),
            fresh: true,
        }
    }
}

impl CpuStage for ConvStage {
    /// Which position won each window.
    fn kept_len(&self) -> usize {
        if self.shape.pool { self.shape.output_len() } else { 0 }
    }

    fn forward(&self, block: &Forward<'_>, y: &mut [f32], kept: &mut [f32]) {
        let (w, b) = block.weights.split_at(self.shape.conv.weight_len());
        let (shape, mask) = match block.mask {
            Some(mask) => (self.shape, mask),
            None => (BlockConv { mask: MaskKind::None, ..self.shape }, [].as_slice()),
        };
        block_forward(block.isa, &shape, block.x, w, b, mask, y, kept);
    }

    fn backward(&mut self, block: Backward<'_>) {
        let Self { shape, d, sums, fresh } = self;
        let Backward { isa, weights, x, y, kept, mask, dy, dx, .. } = block;
        for rows in groups(shape) {
            block_expand(isa, shape, mask, y, kept, dy, rows.clone(), d);
            conv_accumulate(isa, &shape.conv, x, d, 0, rows, *fresh, sums);
            *fresh = false;
        }
        if let Some(dx) = dx {
            conv_input_gradient(isa, &shape.conv, &weights[..shape.conv.weight_len()], d, dx);
        }
    }

    fn finish(&mut self, isa: Isa, gradients: &mut [f32]) {
        reduce(isa, &self.sums, gradients);
        self.fresh = true;
    }
}

/// Cuts the output rows of a convolution into groups whose gradients stay in the first cache.
fn groups(shape: &BlockConv) -> impl Iterator<Item = Range<usize>> + use<> {
    const ROWS: usize = 4;
    let height = shape.conv.out_height();
    (0..height).step_by(ROWS).map(move |start| start..(start + ROWS).min(height))
}
