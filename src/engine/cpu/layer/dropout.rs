//! Dropout that could not join a convolution.

use crate::engine::{
    cpu::stage::{Backward, CpuStage, Forward},
    kernels::{pointwise::mask_forward, simd::BLOCK},
    program::Stage,
};

#[derive(Debug)]
pub(super) struct DropoutStage {
    /// Positions that share a value of the mask.
    positions: usize,
}

impl DropoutStage {
    pub(super) fn new(stage: &Stage) -> Self {
        Self { positions: stage.input.iter().product::<usize>() / stage.mask }
    }
}

impl CpuStage for DropoutStage {
    fn forward(&self, block: &Forward<'_>, y: &mut [f32], _: &mut [f32]) {
        match block.mask {
            Some(mask) => mask_forward(block.x, mask, self.positions, BLOCK, y),
            None => y.copy_from_slice(block.x),
        }
    }

    fn backward(&mut self, block: Backward<'_>) {
        if let Some(dx) = block.dx {
            mask_forward(block.dy, block.mask, self.positions, BLOCK, dx);
        }
    }
}
