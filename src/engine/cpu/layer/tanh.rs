//! The hyperbolic tangent.

use crate::engine::{
    cpu::stage::{Backward, CpuStage, Forward},
    kernels::tanh::{tanh_forward, tanh_gradient},
};

#[derive(Debug)]
pub(super) struct TanhStage;

impl CpuStage for TanhStage {
    fn forward(&self, block: &Forward<'_>, y: &mut [f32], _: &mut [f32]) {
        tanh_forward(block.x, y);
    }

    fn backward(&mut self, block: Backward<'_>) {
        if let Some(dx) = block.dx {
            tanh_gradient(block.y, block.dy, dx);
        }
    }
}
