//! Necessary arithmetic of a network, counted from its layers.

use super::architecture::Architecture;

/// Floating-point operations per pair; a multiply-add counts as two, everything else as none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cost {
    /// One forward pass.
    pub forward: u64,
    /// One forward and one backward pass; the first layer needs no gradient of its input.
    pub training: u64,
}

impl Architecture {
    /// Returns the arithmetic that one pair needs.
    #[must_use]
    pub fn cost(&self) -> Cost {
        let parts = self.walk();
        let mut total = Cost::default();
        for (i, part) in parts.iter().enumerate() {
            let mut needs_input_gradient = i > 0 && i + 1 == parts.len();
            for step in &part.steps {
                let forward = 2 * (part.images * step.layer.multiply_adds(step.input, step.output)) as u64;
                total.forward += forward;
                total.training += if needs_input_gradient { 3 * forward } else { 2 * forward };
                needs_input_gradient |= !step.parameters().is_empty();
            }
        }
        total
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Conv, Flatten, Layer, Linear, SIDE};

    #[test]
    fn the_first_layer_has_no_input_gradient_and_padding_counts_as_taps() {
        let layers = vec![
            Layer::Conv(Conv { channels: 3, kernel: 3, padding: 1 }),
            Layer::Flatten(Flatten),
            Layer::Linear(Linear { units: 2 }),
        ];
        let conv = 2 * 2 * 9 * 3 * SIDE as u64 * SIDE as u64;
        let linear = 2 * 2 * 3 * SIDE as u64 * SIDE as u64;
        let found = Architecture::Pair(layers).cost();
        assert_eq!(found, Cost { forward: conv + linear, training: 2 * conv + 3 * linear });
    }
}
