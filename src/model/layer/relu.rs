//! Rectified linear unit.

use serde::Serialize;

use super::meaning::{Kind, Meaning, Memory, Shape};
use crate::yaml::{decode::Decoder, node::Node};

/// `max(x, 0)`; its derivative at 0 is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Relu;

impl Relu {
    pub(super) const KIND: Kind =
        Kind { word: "relu", summary: "`max(x, 0)`; its derivative at 0 is 0", example: None };
}

impl Meaning for Relu {
    fn kind(&self) -> &'static Kind {
        &Self::KIND
    }

    fn decode(_: &mut Decoder, _: &Node) -> Option<Self> {
        Some(Self)
    }

    fn memory(&self, _: Shape, _: Shape) -> Memory {
        Memory { copied: 0, outputs: 3 }
    }
}
