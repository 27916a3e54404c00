//! Max-pooling.

use serde::Serialize;

use super::meaning::{Kind, Meaning, Memory, Shape, Unfit, values};
use crate::yaml::{decode::Decoder, node::Node};

/// Maximum over windows of `size × size` with stride `size`; what does not fill a window is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct MaxPool {
    /// Side of the window.
    pub size: usize,
}

impl MaxPool {
    pub(super) const KIND: Kind = Kind {
        word: "max-pool",
        summary: "maximum over square windows of this side, with a stride of the same; what does not fill a window is \
                  dropped, and the first maximum of a window gets the gradient",
        example: Some("10"),
    };
}

impl Meaning for MaxPool {
    fn kind(&self) -> &'static Kind {
        &Self::KIND
    }

    fn decode(d: &mut Decoder, node: &Node) -> Option<Self> {
        d.integer(node, 1..=64).map(|n| Self { size: n as usize })
    }

    fn output(&self, [c, h, w]: Shape) -> Result<Shape, Unfit> {
        let size = self.size;
        if h < size || w < size {
            let message = format!(
                "pooling over {size}×{size} does not fit its input, {c}×{h}×{w} (channels × height × width)"
            );
            let help = if h * w == 1 && c > 1 {
                "a vector has no rows and columns: put `flatten` after it"
            } else {
                "use smaller windows or remove this layer"
            };
            return Err((message, help.into()));
        }
        Ok([c, h / size, w / size])
    }

    fn memory(&self, _: Shape, output: Shape) -> Memory {
        Memory { copied: values(output) * self.size * self.size, outputs: 2 * self.size * self.size }
    }
}
