//! Necessary arithmetic of a network, counted from its layers.

use super::architecture::{Architecture, Layer, SIDE, Shape, shapes};

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
        match self {
            Self::Pair(layers) => cost(layers, [2, SIDE, SIDE], true),
            Self::Each { each, then, .. } => {
                let one = cost(each, [1, SIDE, SIDE], true);
                let joined = cost(then, self.joined(), false);
                Cost {
                    forward: 2 * one.forward + joined.forward,
                    training: 2 * one.training + joined.training,
                }
            }
        }
    }
}

fn cost(layers: &[Layer], input: Shape, first: bool) -> Cost {
    let mut total = Cost::default();
    let outputs = shapes(layers, input).unwrap_or_default();
    let inputs = std::iter::once(input).chain(outputs.iter().copied());
    let mut needs_input_gradient = !first;
    for ((layer, [c, _, _]), [o, h, w]) in layers.iter().zip(inputs).zip(outputs.iter().copied()) {
        let taps = match layer {
            Layer::Conv { kernel, .. } => c * kernel * kernel,
            Layer::Linear { .. } => c,
            _ => continue,
        };
        let forward = 2 * (taps * o * h * w) as u64;
        total.forward += forward;
        total.training += if needs_input_gradient { 3 * forward } else { 2 * forward };
        needs_input_gradient = true;
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_layer_has_no_input_gradient_and_padding_counts_as_taps() {
        let layers =
            [Layer::Conv { channels: 3, kernel: 3, padding: 1 }, Layer::Flatten, Layer::Linear { units: 2 }];
        let conv = 2 * 9 * 3 * SIDE as u64 * SIDE as u64;
        let linear = 2 * 2 * 3 * SIDE as u64 * SIDE as u64;
        let found = cost(&layers, [1, SIDE, SIDE], true);
        assert_eq!(found, Cost { forward: conv + linear, training: 2 * conv + 3 * linear });
    }
}
