//! Networks as data: what layers mean, without their arithmetic.

mod architecture;
mod cost;
mod decode;

pub use architecture::{
    Architecture, CLASSES, DIGITS, DropoutUnit, Layer, Misfit, Parameter, SIDE, Shape, parameters, shapes,
};
pub use cost::Cost;
pub(crate) use decode::architecture;
