//! Networks as data: what layers mean, without their arithmetic.

mod architecture;
mod cost;
mod decode;
mod layer;
mod parameters;

pub use architecture::{Architecture, CLASSES, DIGITS, Misfit, Part, SIDE, Step, steps};
pub use cost::Cost;
pub(crate) use decode::architecture;
pub use layer::{
    Conv, Dropout, DropoutUnit, Flatten, Kind, Layer, Linear, MaxPool, Memory, Relu, Shape, Tanh, Unfit,
};
pub use parameters::{Init, Parameter};
