//! Networks: architecture → layers ([`network`]), differentiable operations ([`ops`]), CPU kernels
//! ([`kernels`]) and the optimiser ([`sgd`]).

pub mod fused;
pub mod network;
pub mod ops;
pub mod sgd;

pub use replikat_kernels as kernels;
