//! The tensors that a network carries: trained weights, and state that is not trained.

/// A tensor of a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Such as `conv1.weight`; random streams are named after it.
    pub name: String,
    /// Output first; `[out, in, kernel, kernel]`, `[out, in]` or `[out]`.
    pub shape: Vec<usize>,
    /// Its values before training.
    pub init: Init,
    /// Whether the optimiser changes it; a running mean, say, is changed by its layer alone.
    pub trained: bool,
}

/// Values before training.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Init {
    /// Uniform in `±1/√fan_in`.
    Uniform {
        /// Inputs that feed one output.
        fan_in: usize,
    },
    /// 0, such as a shift.
    Zeros,
    /// 1, such as a scale.
    Ones,
}

impl Parameter {
    /// Returns the number of weights.
    #[must_use]
    pub fn count(&self) -> usize {
        self.shape.iter().product()
    }
}
