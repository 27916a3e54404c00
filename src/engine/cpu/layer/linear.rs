//! A fully connected layer with the `ReLU` that may follow it.

use crate::engine::{
    cpu::{
        buffer::Buffer,
        stage::{Backward, CpuStage, Forward},
    },
    kernels::{
        dense::{DenseShape, dense_accumulate, dense_forward, dense_input_gradient},
        pointwise::{relu_gradient_in_place, relu_in_place},
        simd::BLOCK,
        transpose::separate,
    },
    program::Stage,
};

#[derive(Debug)]
pub(super) struct LinearStage {
    shape: DenseShape,
    relu: bool,
    /// A block's input with the samples first.
    by_sample: Buffer,
}

impl LinearStage {
    pub(super) fn new(stage: &Stage) -> Self {
        let ([inputs, ..], [outputs, ..]) = (stage.input, stage.output);
        let shape = DenseShape { inputs, outputs, samples: BLOCK };
        Self { shape, relu: stage.then.relu, by_sample: Buffer::zeros(inputs * BLOCK) }
    }
}

impl CpuStage for LinearStage {
    fn forward(&self, block: &Forward<'_>, y: &mut [f32], _: &mut [f32]) {
        let (w, b) = block.weights.split_at(self.shape.inputs * self.shape.outputs);
        dense_forward(block.isa, &self.shape, block.x, w, b, y);
        if self.relu {
            relu_in_place(y);
        }
    }

    fn backward(&mut self, block: Backward<'_>) {
        let Self { shape, relu, by_sample } = self;
        let Backward { isa, weights, gradients, x, y, dy, dx, .. } = block;
        if *relu {
            relu_gradient_in_place(y, dy);
        }
        let count = shape.inputs * shape.outputs;
        separate(isa, x, by_sample);
        let (dw, db) = gradients.split_at_mut(count);
        dense_accumulate(isa, shape.inputs, by_sample, dy, dw, db);
        if let Some(dx) = dx {
            dense_input_gradient(isa, shape, &weights[..count], dy, dx);
        }
    }
}
