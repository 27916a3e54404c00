//! Flattening.

use serde::Serialize;

use super::meaning::{Kind, Meaning, Memory, Shape, Unfit, values};
use crate::yaml::{decode::Decoder, node::Node};

/// Channels, rows and columns become one vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Flatten;

impl Flatten {
    pub(super) const KIND: Kind = Kind {
        word: "flatten",
        summary: "channels, rows and columns become one vector, in this order",
        example: None,
    };
}

impl Meaning for Flatten {
    fn kind(&self) -> &'static Kind {
        &Self::KIND
    }

    fn decode(_: &mut Decoder, _: &Node) -> Option<Self> {
        Some(Self)
    }

    fn output(&self, input: Shape) -> Result<Shape, Unfit> {
        Ok([values(input), 1, 1])
    }

    fn memory(&self, _: Shape, _: Shape) -> Memory {
        Memory::default()
    }
}
