//! One stage of a chain: some layers that run in one pass over a block of 16 samples.

use std::ops::Range;

use super::buffer::Buffer;
use crate::{
    engine::kernels::{
        block::{BlockConv, MaskKind, block_forward},
        block_gradient::block_expand,
        conv::ConvShape,
        conv_gradient::{conv_accumulate, conv_input_gradient, reduce},
        dense::{DenseShape, dense_accumulate, dense_forward, dense_input_gradient},
        pointwise::{PoolShape, mask_forward, pool_forward, pool_gradient, relu_forward, relu_gradient},
        simd::{BLOCK, Isa},
        transpose::separate,
    },
    model::{DropoutUnit, Layer, Shape},
};

/// A stage with its place in the network's flat weights.
#[derive(Debug)]
pub(super) enum Stage {
    /// A convolution with the mask, pooling and ReLU that follow it.
    Conv {
        shape: BlockConv,
        /// Weights, then biases, in the network's flat weights.
        at: usize,
        /// Its sums, `[weights + biases][16]`, in the network's sums.
        sums_at: usize,
        /// The gradient of the convolution's sums, `[O][OH][OW][16]`.
        d: Buffer,
        /// Whether nothing was added to the sums of this step yet.
        fresh: bool,
    },
    /// A fully connected layer with the ReLU that may follow it.
    Dense {
        shape: DenseShape,
        at: usize,
        relu: bool,
        /// A block's input with the samples first.
        by_sample: Buffer,
    },
    /// Pooling that could not join a convolution.
    Pool(PoolShape),
    /// ReLU that could not join another layer, of so many floats.
    Relu(usize),
    /// Dropout that could not join a convolution: floats of the input, values of one sample's mask.
    Mask(usize, usize),
}

/// Floats of what a stage keeps of one block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sizes {
    pub(super) output: usize,
    pub(super) winners: usize,
    pub(super) mask: usize,
}

/// The network's weights and what is added up of their gradients.
pub(super) struct Parameters<'a> {
    pub(super) weights: &'a [f32],
    pub(super) gradients: &'a mut [f32],
    pub(super) sums: &'a mut [f32],
}

/// Cuts `layers` into stages; `at` is the place of their first weight. Returns the stages and the
/// place behind their last weight.
///
/// Pooling and ReLU change places freely: both keep the order of values, and where a window's maximum
/// is not above zero no gradient passes either way.
pub(super) fn plan(layers: &[Layer], input: Shape, at: usize) -> (Vec<Stage>, usize) {
    let (mut stages, mut at, mut sums_at) = (Vec::new(), at, 0);
    let mut shape = input;
    let mut rest = layers;
    while let Some((layer, mut after)) = rest.split_first() {
        let [c, height, width] = shape;
        let floats = c * height * width * BLOCK;
        let mut out = layer.output_shape(shape);
        let stage = match *layer {
            Layer::Flatten => {
                shape = out;
                rest = after;
                continue;
            }
            Layer::Conv { channels, kernel, padding } => {
                let conv = ConvShape {
                    inputs: c,
                    outputs: channels,
                    height,
                    width,
                    kernel,
                    padding,
                    samples: BLOCK,
                };
                let (shape, joined) = join(conv, after);
                for layer in &after[..joined] {
                    out = layer.output_shape(out);
                }
                after = &after[joined..];
                let here = (at, sums_at);
                at += conv.weight_len() + channels;
                sums_at += (conv.weight_len() + channels) * BLOCK;
                let d = Buffer::zeros(conv.output_len());
                Stage::Conv { shape, at: here.0, sums_at: here.1, d, fresh: true }
            }
            Layer::Linear { units } => {
                let relu = matches!(after.first(), Some(Layer::Relu));
                after = &after[usize::from(relu)..];
                let here = at;
                at += units * c + units;
                let shape = DenseShape { inputs: c, outputs: units, samples: BLOCK };
                Stage::Dense { shape, at: here, relu, by_sample: Buffer::zeros(c * BLOCK) }
            }
            Layer::MaxPool { size } => {
                Stage::Pool(PoolShape { channels: c, height, width, size, samples: BLOCK })
            }
            Layer::Relu => Stage::Relu(floats),
            Layer::Dropout { unit: DropoutUnit::Channels } => Stage::Mask(floats, c),
            Layer::Dropout { unit: DropoutUnit::Elements } => Stage::Mask(floats, c * height * width),
        };
        stages.push(stage);
        shape = out;
        rest = after;
    }
    (stages, at)
}

/// Returns the convolution with the layers after it that it can take in, and how many these are.
fn join(conv: ConvShape, after: &[Layer]) -> (BlockConv, usize) {
    let mut shape = BlockConv { conv, mask: MaskKind::None, pool: false, relu: false };
    let mut joined = 0;
    for layer in after {
        match layer {
            Layer::Dropout { unit } if joined == 0 => {
                shape.mask = match unit {
                    DropoutUnit::Elements => MaskKind::Elements,
                    DropoutUnit::Channels => MaskKind::Channels,
                };
            }
            Layer::MaxPool { size: 2 } if !shape.pool => shape.pool = true,
            Layer::Relu => shape.relu = true,
            _ => break,
        }
        joined += 1;
    }
    (shape, joined)
}

impl Stage {
    pub(super) fn sizes(&self) -> Sizes {
        match self {
            Self::Conv { shape, .. } => {
                let output = shape.output_len();
                Sizes { output, winners: if shape.pool { output } else { 0 }, mask: shape.mask_len() }
            }
            Self::Dense { shape, .. } => Sizes { output: shape.outputs * BLOCK, winners: 0, mask: 0 },
            Self::Pool(s) => {
                let output = s.channels * (s.height / s.size) * (s.width / s.size) * BLOCK;
                Sizes { output, winners: 0, mask: 0 }
            }
            Self::Relu(floats) => Sizes { output: *floats, winners: 0, mask: 0 },
            Self::Mask(floats, values) => Sizes { output: *floats, winners: 0, mask: values * BLOCK },
        }
    }

    /// Returns where weights and biases are, of `weights` and `biases` numbers.
    fn places(at: usize, weights: usize, biases: usize) -> (Range<usize>, Range<usize>) {
        (at..at + weights, at + weights..at + weights + biases)
    }

    pub(super) fn sums_len(&self) -> usize {
        match self {
            Self::Conv { shape, .. } => (shape.conv.weight_len() + shape.conv.outputs) * BLOCK,
            _ => 0,
        }
    }

    /// Runs one block; `mask` is `None` in evaluation, `winners` is empty where it is not wanted.
    pub(super) fn forward(
        &self,
        isa: Isa,
        weights: &[f32],
        x: &[f32],
        mask: Option<&[f32]>,
        y: &mut [f32],
        winners: &mut [f32],
    ) {
        match self {
            Self::Conv { shape, at, .. } => {
                let (w, b) = Self::places(*at, shape.conv.weight_len(), shape.conv.outputs);
                let (shape, mask) = match mask {
                    Some(mask) => (*shape, mask),
                    None => (BlockConv { mask: MaskKind::None, ..*shape }, [].as_slice()),
                };
                block_forward(isa, &shape, x, &weights[w], &weights[b], mask, y, winners);
            }
            Self::Dense { shape, at, relu, .. } => {
                let (w, b) = Self::places(*at, shape.inputs * shape.outputs, shape.outputs);
                dense_forward(isa, shape, x, &weights[w], &weights[b], y);
                if *relu {
                    for v in y {
                        *v = if *v < 0.0 { 0.0 } else { *v };
                    }
                }
            }
            Self::Pool(shape) => pool_forward(shape, x, y),
            Self::Relu(_) => relu_forward(x, y),
            Self::Mask(floats, values) => match mask {
                Some(mask) => mask_forward(x, mask, floats / (values * BLOCK), BLOCK, y),
                None => y.copy_from_slice(x),
            },
        }
    }

    /// Adds what one block gives to the gradients of the weights and writes the gradient of the
    /// input to `dx`, if wanted; `dy` may be overwritten.
    #[expect(clippy::too_many_arguments, reason = "all that a stage knows of a block")]
    pub(super) fn backward(
        &mut self,
        isa: Isa,
        p: &mut Parameters<'_>,
        x: &[f32],
        y: &[f32],
        winners: &[f32],
        mask: &[f32],
        dy: &mut [f32],
        dx: Option<&mut [f32]>,
    ) {
        match self {
            Self::Conv { shape, at, sums_at, d, fresh } => {
                let sums = &mut p.sums[*sums_at..][..(shape.conv.weight_len() + shape.conv.outputs) * BLOCK];
                for rows in groups(shape) {
                    block_expand(isa, shape, mask, y, winners, dy, rows.clone(), d);
                    conv_accumulate(isa, &shape.conv, x, d, 0, rows, *fresh, sums);
                    *fresh = false;
                }
                if let Some(dx) = dx {
                    conv_input_gradient(
                        isa,
                        &shape.conv,
                        &p.weights[*at..*at + shape.conv.weight_len()],
                        d,
                        dx,
                    );
                }
            }
            Self::Dense { shape, at, relu, by_sample } => {
                if *relu {
                    dy.iter_mut().zip(y).for_each(|(d, y)| *d = if *y > 0.0 { *d } else { 0.0 });
                }
                let (w, b) = Self::places(*at, shape.inputs * shape.outputs, shape.outputs);
                separate(isa, x, by_sample);
                let (dw, db) = p.gradients[w.start..b.end].split_at_mut(w.len());
                dense_accumulate(isa, shape.inputs, by_sample, dy, dw, db);
                if let Some(dx) = dx {
                    dense_input_gradient(isa, shape, &p.weights[w], dy, dx);
                }
            }
            Self::Pool(shape) => {
                if let Some(dx) = dx {
                    pool_gradient(shape, x, y, dy, dx);
                }
            }
            Self::Relu(_) => {
                if let Some(dx) = dx {
                    relu_gradient(x, dy, dx);
                }
            }
            Self::Mask(floats, values) => {
                if let Some(dx) = dx {
                    mask_forward(dy, mask, *floats / (*values * BLOCK), BLOCK, dx);
                }
            }
        }
    }

    /// Writes the gradients that were summed lane by lane; the next sums begin anew.
    pub(super) fn reduce(&mut self, isa: Isa, p: &mut Parameters<'_>) {
        let length = self.sums_len();
        if let Self::Conv { at, sums_at, fresh, .. } = self {
            reduce(isa, &p.sums[*sums_at..][..length], &mut p.gradients[*at..][..length / BLOCK]);
            *fresh = true;
        }
    }
}

/// Cuts the output rows of a convolution into groups whose gradients stay in the first cache.
fn groups(shape: &BlockConv) -> impl Iterator<Item = Range<usize>> {
    const ROWS: usize = 4;
    let height = shape.conv.out_height();
    (0..height).step_by(ROWS).map(move |start| start..(start + ROWS).min(height))
}
