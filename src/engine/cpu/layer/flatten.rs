//! Flattening at the beginning of a chain; elsewhere the stage before takes it in.

use crate::engine::cpu::stage::{Backward, CpuStage, Forward};

#[derive(Debug)]
pub(super) struct FlattenStage;

impl CpuStage for FlattenStage {
    fn forward(&self, block: &Forward<'_>, y: &mut [f32], _: &mut [f32]) {
        y.copy_from_slice(block.x);
    }

    fn backward(&mut self, block: Backward<'_>) {
        if let Some(dx) = block.dx {
            dx.copy_from_slice(block.dy);
        }
    }
}
