//! What computes a network.
//!
//! A model becomes a [`program`]; the [`cpu`] interprets it in planned buffers. [`tensors`] computes the same with
//! candle's autograd over composed operations: the independent oracle of every layer and optimiser, and what trains on
//! GPUs.

pub mod batch;
pub mod cpu;
pub mod dropout;
pub mod init;
pub mod optimizer;
pub mod program;
pub mod tensors;

pub use replikat_kernels as kernels;
