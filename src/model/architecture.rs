//! Architectures as data: layers and the one walk over them.

use std::collections::BTreeMap;

pub use crate::task::pairs::{CLASSES, DIGITS, SIDE};

use super::{
    layer::{Layer, Shape},
    parameters::Parameter,
};

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

/// A layer at its place in a network.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Such as `each.conv1`; its parameters and random streams are named after it.
    pub name: String,
    /// The layer.
    pub layer: Layer,
    /// Shape of its input.
    pub input: Shape,
    /// Shape of its output.
    pub output: Shape,
}

impl Step {
    /// Returns the parameters of the layer.
    #[must_use]
    pub fn parameters(&self) -> Vec<Parameter> {
        self.layer.parameters(&self.name, self.input)
    }
}

/// A chain of layers of a network.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Images of a pair that go through it one by one, 1 or 2; 1 also where it sees both at once.
    pub images: usize,
    /// Shape of its input.
    pub input: Shape,
    /// Its layers in order.
    pub steps: Vec<Step>,
}

impl Part {
    /// Returns the shape of its output.
    #[must_use]
    pub fn output(&self) -> Shape {
        self.steps.last().map_or(self.input, |step| step.output)
    }
}

/// Walks over a chain of layers for an input of `shape`; each is named `<prefix>conv1` and so on, counted by kind.
///
/// # Errors
/// Returns the first layer that does not fit.
pub fn steps(prefix: &str, layers: &[Layer], shape: Shape) -> Result<Vec<Step>, Misfit> {
    let mut input = shape;
    let mut counts = BTreeMap::new();
    let mut all = Vec::with_capacity(layers.len());
    for (i, layer) in layers.iter().enumerate() {
        let word = layer.kind().word;
        let number = counts.entry(word).and_modify(|n| *n += 1).or_insert(1);
        let name = format!("{prefix}{word}{number}");
        let output = layer.output(input).map_err(|(message, help)| Misfit { layer: i, message, help })?;
        all.push(Step { name, layer: *layer, input, output });
        input = output;
    }
    Ok(all)
}

impl Architecture {
    /// Walks over all layers in a fixed order: the chain of both images, or of the first and of the second one, then
    /// the chain of what they give. Layers that do not fit have no steps.
    #[must_use]
    pub fn walk(&self) -> Vec<Part> {
        let part = |prefix: &str, images: usize, input: Shape, layers: &[Layer]| Part {
            images,
            input,
            steps: steps(prefix, layers, input).unwrap_or_default(),
        };
        match self {
            Self::Pair(layers) => vec![part("", 1, [2, SIDE, SIDE], layers)],
            Self::Each { each, share, then, .. } => {
                let one = [1, SIDE, SIDE];
                let mut parts = if *share {
                    vec![part("each.", 2, one, each)]
                } else {
                    vec![part("first.", 1, one, each), part("second.", 1, one, each)]
                };
                let [c, h, w] = parts[0].output();
                parts.push(part("then.", 1, [2 * c, h, w], then));
                parts
            }
        }
    }

    /// Returns all parameters in the order of [`Architecture::walk`].
    #[must_use]
    pub fn parameters(&self) -> Vec<Parameter> {
        self.walk().iter().flat_map(|part| &part.steps).flat_map(Step::parameters).collect()
    }

    /// Returns the number of trained weights.
    #[must_use]
    pub fn parameter_count(&self) -> usize {
        self.parameters().iter().filter(|p| p.trained).map(Parameter::count).sum()
    }

    /// Says whether a layer is dropout.
    #[must_use]
    pub fn has_dropout(&self) -> bool {
        self.walk().iter().flat_map(|part| &part.steps).any(|step| matches!(step.layer, Layer::Dropout(_)))
    }

    /// Says whether the network scores the digit classes.
    #[must_use]
    pub fn scores_digits(&self) -> bool {
        matches!(self, Self::Each { digit_loss: Some(_), .. })
    }
}
