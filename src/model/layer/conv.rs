//! 2-D convolution.

use serde::Serialize;

use super::meaning::{
    Kind, MAX_VALUES, Meaning, Memory, Shape, Unfit, size, too_large, values, weight_and_bias,
};
use crate::{
    model::parameters::Parameter,
    yaml::{
        decode::Decoder,
        node::{Node, Value},
    },
};

/// 2-D convolution, stride 1, square kernel, zero padding, with bias.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Conv {
    /// Output channels.
    pub channels: usize,
    /// Side of the kernel.
    pub kernel: usize,
    /// Zeros added on each side.
    pub padding: usize,
}

impl Conv {
    pub(super) const KIND: Kind = Kind {
        word: "conv",
        summary: "2-D convolution to so many channels, stride 1, with bias: `10`, or `{channels: 10, kernel: 5, padding: \
                  2}`; kernel 3 and padding 0 by default",
        example: Some("10"),
    };
}

impl Meaning for Conv {
    fn kind(&self) -> &'static Kind {
        &Self::KIND
    }

    fn decode(d: &mut Decoder, node: &Node) -> Option<Self> {
        if !matches!(node.value, Value::Map(_)) {
            return size(d, node).map(|channels| Self { channels, kernel: 3, padding: 0 });
        }
        let fields = d.fields(node, &["channels", "kernel", "padding"])?;
        let channels = d.required(&fields, "channels").and_then(|n| size(d, n));
        let kernel = fields.get("kernel").map_or(Some(3), |n| d.integer(n, 1..=15));
        let padding = fields.get("padding").map_or(Some(0), |n| d.integer(n, 0..=7));
        Some(Self { channels: channels?, kernel: kernel? as usize, padding: padding? as usize })
    }

    fn output(&self, [c, h, w]: Shape) -> Result<Shape, Unfit> {
        let Self { channels, kernel, padding } = *self;
        if h + 2 * padding < kernel || w + 2 * padding < kernel {
            let message = format!(
                "a {kernel}×{kernel} convolution does not fit its input, {c}×{h}×{w} (channels × height × width)"
            );
            let help = if h * w == 1 && c > 1 {
                "a vector has no rows and columns: put `flatten` after it"
            } else {
                "use a smaller kernel, padding, or less pooling before it"
            };
            return Err((message, help.into()));
        }
        if channels.saturating_mul(c * kernel * kernel) > MAX_VALUES {
            return Err((format!("a convolution to {channels} channels is too large"), too_large()));
        }
        Ok([channels, h + 2 * padding + 1 - kernel, w + 2 * padding + 1 - kernel])
    }

    fn parameters(&self, name: &str, [c, _, _]: Shape) -> Vec<Parameter> {
        weight_and_bias(name, vec![self.channels, c, self.kernel, self.kernel])
    }

    fn multiply_adds(&self, [c, _, _]: Shape, output: Shape) -> usize {
        c * self.kernel * self.kernel * values(output)
    }

    fn memory(&self, [c, _, _]: Shape, [_, oh, ow]: Shape) -> Memory {
        Memory { copied: c * self.kernel * self.kernel * oh * ow, outputs: 2 }
    }
}
