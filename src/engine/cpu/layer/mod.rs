//! The kernels of each layer.

mod conv;
mod dropout;
mod flatten;
mod linear;
mod max_pool;
mod relu;
mod tanh;

use super::stage::CpuStage;
use crate::{engine::program::Stage, model::Layer};

/// Returns a stage with its room.
pub(super) fn build(stage: &Stage) -> Box<dyn CpuStage> {
    match stage.layer {
        Layer::Conv(layer) => Box::new(conv::ConvStage::new(layer, stage)),
        Layer::MaxPool(layer) => Box::new(max_pool::MaxPoolStage::new(layer, stage)),
        Layer::Relu(_) => Box::new(relu::ReluStage),
        Layer::Dropout(_) => Box::new(dropout::DropoutStage::new(stage)),
        Layer::Flatten(_) => Box::new(flatten::FlattenStage),
        Layer::Linear(_) => Box::new(linear::LinearStage::new(stage)),
        Layer::Tanh(_) => Box::new(tanh::TanhStage),
    }
}
