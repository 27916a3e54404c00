//! What the kernels of a layer are asked for: one block of 16 samples at a time.

use crate::engine::kernels::simd::Isa;

/// One block on its way forward.
pub(super) struct Forward<'a> {
    pub(super) isa: Isa,
    /// The stage's own parameters.
    pub(super) weights: &'a [f32],
    /// Its input, `[values][16]`.
    pub(super) x: &'a [f32],
    /// Its dropout mask, `[values][16]`; `None` in evaluation.
    pub(super) mask: Option<&'a [f32]>,
}

/// One block on its way back.
pub(super) struct Backward<'a> {
    pub(super) isa: Isa,
    /// The stage's own parameters.
    pub(super) weights: &'a [f32],
    /// What is added up of their gradients.
    pub(super) gradients: &'a mut [f32],
    pub(super) x: &'a [f32],
    pub(super) y: &'a [f32],
    /// What the way forward kept.
    pub(super) kept: &'a [f32],
    pub(super) mask: &'a [f32],
    /// The gradient of the output, which may be overwritten.
    pub(super) dy: &'a mut [f32],
    /// The gradient of the input, if it is wanted.
    pub(super) dx: Option<&'a mut [f32]>,
}

/// A stage with the room that its kernels need.
pub(super) trait CpuStage: std::fmt::Debug {
    /// Returns the floats that it keeps of a block for the way back, beside input and output.
    fn kept_len(&self) -> usize {
        0
    }

    /// Writes the output of a block to `y`, and what it keeps to `kept`, which is empty in evaluation.
    fn forward(&self, block: &Forward<'_>, y: &mut [f32], kept: &mut [f32]);

    /// Adds what a block gives to the gradients of the parameters, and writes that of the input if it is wanted.
    fn backward(&mut self, block: Backward<'_>);

    /// Writes the gradients that were added up elsewhere, once all blocks were there; the next sums begin anew.
    fn finish(&mut self, _isa: Isa, _gradients: &mut [f32]) {}
}
