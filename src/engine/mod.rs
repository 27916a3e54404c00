//! What computes a network: the CPU in planned buffers ([`cpu`]), and candle's tensors ([`tensors`]), which are the
//! independent oracle of the first and train on GPUs.

pub mod cpu;
pub mod dropout;
pub mod init;
pub mod tensors;

pub use replikat_kernels as kernels;
