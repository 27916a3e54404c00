//! The interpreter of a [`super::program`] on the CPU: planned buffers, blocks of 16 samples, a backward pass written by
//! hand; no graph, no allocation per step, and no pass over memory between the layers of a stage.

mod blocks;
mod buffer;
mod chain;
mod layer;
mod network;
mod stage;

pub use blocks::Blocks;
pub use buffer::Buffer;
pub use network::CpuNetwork;
