//! Pooling that could not join a convolution.

use crate::{
    engine::{
        cpu::stage::{Backward, CpuStage, Forward},
        kernels::{
            pointwise::{PoolShape, pool_forward, pool_gradient},
            simd::BLOCK,
        },
        program::Stage,
    },
    model::MaxPool,
};

#[derive(Debug)]
pub(super) struct MaxPoolStage(PoolShape);

impl MaxPoolStage {
    pub(super) fn new(layer: MaxPool, stage: &Stage) -> Self {
        let [channels, height, width] = stage.input;
        Self(PoolShape { channels, height, width, size: layer.size, samples: BLOCK })
    }
}

impl CpuStage for MaxPoolStage {
    fn forward(&self, block: &Forward<'_>, y: &mut [f32], _: &mut [f32]) {
        pool_forward(&self.0, block.x, y);
    }

    fn backward(&mut self, block: Backward<'_>) {
        if let Some(dx) = block.dx {
            pool_gradient(&self.0, block.x, block.y, block.dy, dx);
        }
    }
}
