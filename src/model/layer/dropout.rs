//! Dropout.

use serde::Serialize;

use super::meaning::{Kind, Meaning, Memory, Shape, values};
use crate::yaml::{
    decode::Decoder,
    node::{Node, Value},
};

/// Inverted dropout at the rate of the config.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Dropout {
    /// What is dropped at once.
    pub unit: DropoutUnit,
}

/// What a dropout layer drops at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DropoutUnit {
    /// Single activations.
    Elements,
    /// Whole channels of a sample.
    Channels,
}

impl Dropout {
    pub(super) const KIND: Kind = Kind {
        word: "dropout",
        summary: "inverted dropout of whole `channels` of a sample or of single `elements`, at the config's rate",
        example: Some("channels"),
    };

    /// Returns the values of one sample's mask.
    #[must_use]
    pub fn mask_values(&self, shape: Shape) -> usize {
        match self.unit {
            DropoutUnit::Elements => values(shape),
            DropoutUnit::Channels => shape[0],
        }
    }
}

impl Meaning for Dropout {
    fn kind(&self) -> &'static Kind {
        &Self::KIND
    }

    fn decode(d: &mut Decoder, node: &Node) -> Option<Self> {
        if matches!(node.value, Value::Integer(_) | Value::Float(_)) {
            let message = format!("{}: the rate of dropout does not stand in its layer", node.path);
            let help = "write `- dropout: channels` or `- dropout: elements` here, and the rate in `grid: {dropout: [0.2]}`";
            return d.fault(&node.span, message, Some(help.to_owned()));
        }
        let units = [("elements", DropoutUnit::Elements), ("channels", DropoutUnit::Channels)];
        d.choice(node, &units).map(|unit| Self { unit })
    }

    fn memory(&self, _: Shape, _: Shape) -> Memory {
        Memory { copied: 0, outputs: 2 }
    }
}
