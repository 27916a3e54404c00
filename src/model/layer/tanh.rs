//! Hyperbolic tangent.

use serde::Serialize;

use super::meaning::{Kind, Meaning, Memory, Shape};
use crate::yaml::{decode::Decoder, node::Node};

/// `tanh(x)`; its derivative is `1 − tanh²(x)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Tanh;

impl Tanh {
    pub(super) const KIND: Kind = Kind { word: "tanh", summary: "the hyperbolic tangent", example: None };
}

impl Meaning for Tanh {
    fn kind(&self) -> &'static Kind {
        &Self::KIND
    }

    fn decode(_: &mut Decoder, _: &Node) -> Option<Self> {
        Some(Self)
    }

    fn memory(&self, _: Shape, _: Shape) -> Memory {
        Memory { copied: 0, outputs: 2 }
    }
}
