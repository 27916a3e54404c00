//! Networks on candle's tensors: a cohort of runs with the same shapes.

pub mod network;
pub mod ops;
