//! What the file of an optimiser has to say.

use candle_core::{Tensor, Var};

use crate::engine::kernels::simd::Isa;

pub(super) trait Rule {
    /// Returns the settings by their paths below `train.optimizer`, with their values for people.
    fn settings(&self) -> Vec<(String, String)>;

    /// Returns the numbers that it keeps of every weight from step to step; they begin at zero.
    fn states(&self) -> usize;

    /// Changes weights on the CPU; all slices have one length.
    fn step(&self, isa: Isa, lr: f32, gradients: &[f32], states: &mut [&mut [f32]], weights: &mut [f32]);

    /// Changes the variable `weights`, `[R, …]`; `lr` broadcasts to it.
    fn tensor_step(
        &self,
        lr: &Tensor,
        gradient: &Tensor,
        states: &[Var],
        weights: &Var,
    ) -> candle_core::Result<()>;
}
