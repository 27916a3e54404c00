//! Architectures as data: layers, the shapes between them, and their parameters.

use serde::Serialize;

pub use crate::task::pairs::{CLASSES, DIGITS, SIDE};

/// One layer of a network; sizes are counts of channels, units or pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layer {
    /// 2-D convolution, stride 1, square kernel, zero padding, with bias.
    Conv {
        /// Output channels.
        channels: usize,
        /// Side of the kernel.
        kernel: usize,
        /// Zeros added on each side.
        padding: usize,
    },
    /// Maximum over windows of `size × size` with stride `size`; what does not fill a window is dropped.
    MaxPool {
        /// Side of the window.
        size: usize,
    },
    /// `max(x, 0)`.
    Relu,
    /// Inverted dropout at the rate of the config.
    Dropout {
        /// What is dropped at once.
        unit: DropoutUnit,
    },
    /// Channels, rows and columns become one vector.
    Flatten,
    /// Fully connected layer with bias.
    Linear {
        /// Output units.
        units: usize,
    },
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

/// How a network sees the two images of a pair.
#[derive(Debug, Clone, PartialEq)]
pub enum Architecture {
    /// Both images are two channels of one input; the last layer gives the two scores.
    Pair(Vec<Layer>),
    /// Every image goes through `each` on its own; the joined outputs go through `then`.
    Each {
        /// Layers for one image.
        each: Vec<Layer>,
        /// Whether both images use the same weights.
        share: bool,
        /// Weight of the auxiliary loss on the digit classes; `None`: outputs are not digit scores.
        digit_loss: Option<f64>,
        /// Layers for the two joined outputs.
        then: Vec<Layer>,
    },
}

/// Shape of one sample's activation: channels, height, width.
pub type Shape = [usize; 3];

/// Largest number of values in one sample's activation or in one layer's weights.
const MAX_VALUES: usize = 1 << 24;

/// A layer that does not fit its input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// Index of the layer.
    pub layer: usize,
    /// What is wrong.
    pub message: String,
    /// The remedy.
    pub help: String,
}

/// A trainable tensor of a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Such as `conv1.weight`; random streams are named after it.
    pub name: String,
    /// Output first; `[out, in, kernel, kernel]`, `[out, in]` or `[out]`.
    pub shape: Vec<usize>,
    /// Inputs that feed one output; bounds the initial weights.
    pub fan_in: usize,
}

impl Parameter {
    /// Number of weights.
    #[must_use]
    pub fn count(&self) -> usize {
        self.shape.iter().product()
    }
}

/// Returns the shape after each layer, for an input of `shape`.
///
/// # Errors
/// Returns the first layer that does not fit.
pub fn shapes(layers: &[Layer], shape: Shape) -> Result<Vec<Shape>, Misfit> {
    let mut shape = shape;
    let mut all = Vec::with_capacity(layers.len());
    for (i, layer) in layers.iter().enumerate() {
        shape = layer.output(shape).map_err(|(message, help)| Misfit { layer: i, message, help })?;
        all.push(shape);
    }
    Ok(all)
}

impl Layer {
    /// Returns the shape after this layer, for an input that fits.
    #[must_use]
    pub fn output_shape(self, input: Shape) -> Shape {
        self.output(input).unwrap_or(input)
    }

    fn output(self, [c, h, w]: Shape) -> Result<Shape, (String, String)> {
        let here = format!("{c}×{h}×{w} (channels × height × width)");
        let shape = match self {
            Self::Conv { channels, kernel, padding } => {
                if h + 2 * padding < kernel || w + 2 * padding < kernel {
                    let message = format!("a {kernel}×{kernel} convolution does not fit its input, {here}");
                    return Err((message, "use a smaller kernel, padding, or less pooling before it".into()));
                }
                if channels.saturating_mul(c * kernel * kernel) > MAX_VALUES {
                    return Err((format!("a convolution to {channels} channels is too large"), too_large()));
                }
                [channels, h + 2 * padding + 1 - kernel, w + 2 * padding + 1 - kernel]
            }
            Self::MaxPool { size } if h < size || w < size => {
                let message = format!("pooling over {size}×{size} does not fit its input, {here}");
                return Err((message, "use smaller windows or remove this layer".into()));
            }
            Self::MaxPool { size } => [c, h / size, w / size],
            Self::Relu | Self::Dropout { .. } => [c, h, w],
            Self::Flatten => [c * h * w, 1, 1],
            Self::Linear { .. } if h * w != 1 => {
                let message = format!("a linear layer needs a vector, its input is {here}");
                return Err((message, "put `- flatten` before it".into()));
            }
            Self::Linear { units } if units.saturating_mul(c) > MAX_VALUES => {
                return Err((format!("a linear layer to {units} units is too large"), too_large()));
            }
            Self::Linear { units } => [units, 1, 1],
        };
        if shape.iter().product::<usize>() > MAX_VALUES {
            return Err((format!("its output has more than {MAX_VALUES} values"), too_large()));
        }
        Ok(shape)
    }
}

fn too_large() -> String {
    format!("a layer has at most {MAX_VALUES} weights and as many outputs")
}

/// Returns the parameters of `layers`, named `<prefix>conv1.weight` and so on in layer order.
///
/// The layers must fit (see [`shapes`]); what does not fit has no parameters.
#[must_use]
pub fn parameters(prefix: &str, layers: &[Layer], input: Shape) -> Vec<Parameter> {
    let mut found = Vec::new();
    let (mut convs, mut linears) = (0, 0);
    let outputs = shapes(layers, input).unwrap_or_default();
    let inputs = std::iter::once(input).chain(outputs.iter().copied());
    for ((layer, [c, _, _]), _) in layers.iter().zip(inputs).zip(&outputs) {
        let (name, shape) = match *layer {
            Layer::Conv { channels, kernel, .. } => {
                convs += 1;
                (format!("{prefix}conv{convs}"), vec![channels, c, kernel, kernel])
            }
            Layer::Linear { units } => {
                linears += 1;
                (format!("{prefix}linear{linears}"), vec![units, c])
            }
            _ => continue,
        };
        let fan_in = shape[1..].iter().product();
        let bias = Parameter { name: format!("{name}.bias"), shape: vec![shape[0]], fan_in };
        found.push(Parameter { name: format!("{name}.weight"), shape, fan_in });
        found.push(bias);
    }
    found
}

impl Architecture {
    /// Returns all parameters in a fixed order: first image, second image, joined part.
    #[must_use]
    pub fn parameters(&self) -> Vec<Parameter> {
        match self {
            Self::Pair(layers) => parameters("", layers, [2, SIDE, SIDE]),
            Self::Each { each, share, then, .. } => {
                let one = [1, SIDE, SIDE];
                let mut found = if *share {
                    parameters("each.", each, one)
                } else {
                    let mut first = parameters("first.", each, one);
                    first.extend(parameters("second.", each, one));
                    first
                };
                found.extend(parameters("then.", then, self.joined()));
                found
            }
        }
    }

    /// Returns the shape of the two joined outputs of `each`.
    #[must_use]
    pub fn joined(&self) -> Shape {
        match self {
            Self::Pair(_) => [0, 1, 1],
            Self::Each { each, .. } => {
                let out = shapes(each, [1, SIDE, SIDE]).ok().and_then(|s| s.last().copied());
                let [c, h, w] = out.unwrap_or([1, SIDE, SIDE]);
                [2 * c, h, w]
            }
        }
    }

    /// Returns the number of trainable weights.
    #[must_use]
    pub fn parameter_count(&self) -> usize {
        self.parameters().iter().map(Parameter::count).sum()
    }

    /// Says whether a layer is dropout.
    #[must_use]
    pub fn has_dropout(&self) -> bool {
        let any = |layers: &[Layer]| layers.iter().any(|layer| matches!(layer, Layer::Dropout { .. }));
        match self {
            Self::Pair(layers) => any(layers),
            Self::Each { each, then, .. } => any(each) || any(then),
        }
    }

    /// Says whether the network scores the digit classes.
    #[must_use]
    pub fn scores_digits(&self) -> bool {
        matches!(self, Self::Each { digit_loss: Some(_), .. })
    }
}
