//! CPU kernels on slices, which keep the numerics contract.
//!
//! The samples of a batch are the last dimension, so neighbouring floats belong to neighbouring
//! samples: a register holds one value of several samples, and a sum of one sample never crosses
//! lanes. Products are fused and sums run in index order. Where a sum crosses samples (gradients
//! of weights), its order is written in the module that does it. Nothing depends on the width of
//! registers, on caches or on threads.

#![expect(
    clippy::inline_always,
    reason = "a kernel must be compiled into the function that enables its instruction set"
)]
#![expect(clippy::needless_range_loop, reason = "register tiles are indexed by constants")]

pub mod block;
pub mod block_gradient;
pub mod conv;
pub mod conv_gradient;
pub mod dense;
pub mod exp;
pub mod pointwise;
pub mod sgd;
pub mod simd;
pub mod tanh;
pub mod transpose;
