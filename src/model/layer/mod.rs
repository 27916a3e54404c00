//! The layers that a network may have. A file for each says what it means: its fields and how a spec writes them, the
//! shape of its output, its parameters, cost and memory; the engines know its arithmetic.
//!
//! To add one: a file here, its name in the list below, and its arithmetic in each engine.

mod conv;
mod dropout;
mod flatten;
mod linear;
mod max_pool;
mod meaning;
mod relu;
mod tanh;

use serde::{Serialize, Serializer};

pub use conv::Conv;
pub use dropout::{Dropout, DropoutUnit};
pub use flatten::Flatten;
pub use linear::Linear;
pub use max_pool::MaxPool;
pub use meaning::{Kind, Memory, Shape, Unfit};
pub use relu::Relu;
pub use tanh::Tanh;

use meaning::{MAX_VALUES, Meaning, too_large};

use super::parameters::Parameter;
use crate::yaml::{decode::Decoder, node::Node};

/// Makes the enum of all layers.
macro_rules! layers {
    ($($name:ident),+) => {
        /// One layer of a network; sizes are counts of channels, units or pixels.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Layer {
            $(#[doc = concat!("See [`", stringify!($name), "`].")] $name($name)),+
        }

        impl Layer {
            /// Every kind of layer, in the order of the documents.
            pub const KINDS: &[Kind] = &[$($name::KIND),+];

            /// Reads the layer called `word` from its value, or from the word itself if it stands alone.
            pub(super) fn read(word: &str, d: &mut Decoder, value: &Node) -> Option<Self> {
                $(if word == $name::KIND.word {
                    return $name::decode(d, value).map(Self::$name);
                })+
                None
            }

            fn meaning(&self) -> &dyn Meaning {
                match self { $(Self::$name(layer) => layer),+ }
            }
        }

        /// As keys have it: the word, or the word with its fields.
        impl Serialize for Layer {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let Kind { word, example, .. } = self.kind();
                match self {
                    _ if example.is_none() => serializer.serialize_str(word),
                    $(Self::$name(layer) => serializer.serialize_newtype_variant("Layer", 0, word, layer)),+
                }
            }
        }
    };
}

layers!(Conv, MaxPool, Relu, Dropout, Flatten, Linear, Tanh);

impl Layer {
    /// Returns its kind.
    #[must_use]
    pub fn kind(&self) -> &'static Kind {
        self.meaning().kind()
    }

    /// Returns the shape of the output.
    ///
    /// # Errors
    /// Says why the layer does not fit, and the remedy.
    pub fn output(&self, input: Shape) -> Result<Shape, Unfit> {
        let shape = self.meaning().output(input)?;
        if shape.iter().product::<usize>() > MAX_VALUES {
            return Err((format!("its output has more than {MAX_VALUES} values"), too_large()));
        }
        Ok(shape)
    }

    /// Returns its parameters for an input that fits; they are named after the layer's `name`.
    #[must_use]
    pub fn parameters(&self, name: &str, input: Shape) -> Vec<Parameter> {
        self.meaning().parameters(name, input)
    }

    /// Returns the multiply-adds of one sample's forward pass.
    #[must_use]
    pub fn multiply_adds(&self, input: Shape, output: Shape) -> usize {
        self.meaning().multiply_adds(input, output)
    }

    /// Returns the tensors that composed operations make for one sample.
    #[must_use]
    pub fn memory(&self, input: Shape, output: Shape) -> Memory {
        self.meaning().memory(input, output)
    }

    /// Says whether it needs the whole batch at once, as batch normalisation does.
    #[must_use]
    pub fn needs_whole_batch(&self) -> bool {
        self.meaning().needs_whole_batch()
    }
}
