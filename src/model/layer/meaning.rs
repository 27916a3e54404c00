//! What the file of a layer has to say, and what these files share.

use crate::{
    model::parameters::{Init, Parameter},
    yaml::{decode::Decoder, node::Node},
};

/// Shape of one sample's activation: channels, height, width.
pub type Shape = [usize; 3];

/// Largest number of values in one sample's activation or in one layer's weights.
pub(super) const MAX_VALUES: usize = 1 << 24;

/// A kind of layer.
pub struct Kind {
    /// Its word in specs; parameters and random streams are named after it.
    pub word: &'static str,
    /// What it does, in a sentence for the documents.
    pub summary: &'static str,
    /// A value to write behind the word; `None` if the word stands alone.
    pub example: Option<&'static str>,
}

/// Why a layer does not fit its input, and the remedy.
pub type Unfit = (String, String);

/// Tensors that an engine of composed operations makes for one sample.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Memory {
    /// Values of the input that are copied.
    pub copied: usize,
    /// Tensors of the output's size that are kept for the backward pass; 0 if the layer only reshapes.
    pub outputs: usize,
}

/// What a layer is, without its arithmetic.
pub(super) trait Meaning {
    fn kind(&self) -> &'static Kind;
    /// Reads it from the value behind its word, or from the word itself if it stands alone.
    fn decode(d: &mut Decoder, node: &Node) -> Option<Self>
    where
        Self: Sized;
    /// Returns the shape of the output: that of the input, unless a layer says otherwise.
    fn output(&self, input: Shape) -> Result<Shape, Unfit> {
        Ok(input)
    }
    /// Returns its parameters for an input that fits; `name` is the layer's.
    fn parameters(&self, _name: &str, _input: Shape) -> Vec<Parameter> {
        Vec::new()
    }
    /// Returns the multiply-adds of one sample's forward pass.
    fn multiply_adds(&self, _input: Shape, _output: Shape) -> usize {
        0
    }
    fn memory(&self, input: Shape, output: Shape) -> Memory;
    /// Says whether it needs the whole batch at once, as batch normalisation does.
    fn needs_whole_batch(&self) -> bool {
        false
    }
}

pub(super) fn too_large() -> String {
    format!("a layer has at most {MAX_VALUES} weights and as many outputs")
}

/// Returns the values of an activation.
pub(super) fn values(shape: Shape) -> usize {
    shape.iter().product()
}

/// Reads a number of channels or units.
pub(super) fn size(d: &mut Decoder, node: &Node) -> Option<usize> {
    d.integer(node, 1..=1 << 20).map(|n| n as usize)
}

/// Returns weights of `shape`, outputs first, and a bias for each output; uniform in `±1/√fan_in` (`PyTorch`'s default).
pub(super) fn weight_and_bias(name: &str, shape: Vec<usize>) -> Vec<Parameter> {
    let init = Init::Uniform { fan_in: shape[1..].iter().product() };
    let bias = Parameter { name: format!("{name}.bias"), shape: vec![shape[0]], init, trained: true };
    vec![Parameter { name: format!("{name}.weight"), shape, init, trained: true }, bias]
}
