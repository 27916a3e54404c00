//! `ReLU` that could not join another layer.

use crate::engine::{
    cpu::stage::{Backward, CpuStage, Forward},
    kernels::pointwise::{relu_forward, relu_gradient},
};

#[derive(Debug)]
pub(super) struct ReluStage;

impl CpuStage for ReluStage {
    fn forward(&self, block: &Forward<'_>, y: &mut [f32], _: &mut [f32]) {
        relu_forward(block.x, y);
    }

    fn backward(&mut self, block: Backward<'_>) {
        if let Some(dx) = block.dx {
            relu_gradient(block.x, block.dy, dx);
        }
    }
}
