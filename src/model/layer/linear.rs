//! The fully connected layer.

use serde::Serialize;

use super::meaning::{Kind, MAX_VALUES, Meaning, Memory, Shape, Unfit, size, too_large, weight_and_bias};
use crate::{
    model::parameters::Parameter,
    yaml::{decode::Decoder, node::Node},
};

/// Fully connected layer with bias.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Linear {
    /// Output units.
    pub units: usize,
}

impl Linear {
    pub(super) const KIND: Kind = Kind {
        word: "linear",
        summary: "fully connected layer to so many units, with bias; its input must be a vector",
        example: Some("10"),
    };
}

impl Meaning for Linear {
    fn kind(&self) -> &'static Kind {
        &Self::KIND
    }

    fn decode(d: &mut Decoder, node: &Node) -> Option<Self> {
        size(d, node).map(|units| Self { units })
    }

    fn output(&self, [c, h, w]: Shape) -> Result<Shape, Unfit> {
        if h * w != 1 {
            let message = format!(
                "a linear layer needs a vector, its input is {c}×{h}×{w} (channels × height × width)"
            );
            return Err((message, "put `- flatten` before it".into()));
        }
        if self.units.saturating_mul(c) > MAX_VALUES {
            return Err((format!("a linear layer to {} units is too large", self.units), too_large()));
        }
        Ok([self.units, 1, 1])
    }

    fn parameters(&self, name: &str, [c, _, _]: Shape) -> Vec<Parameter> {
        weight_and_bias(name, vec![self.units, c])
    }

    fn multiply_adds(&self, [c, _, _]: Shape, _: Shape) -> usize {
        c * self.units
    }

    fn memory(&self, _: Shape, _: Shape) -> Memory {
        Memory { copied: 0, outputs: 2 }
    }
}
