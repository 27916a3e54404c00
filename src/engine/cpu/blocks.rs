//! A batch in blocks of 16 samples.

use super::buffer::Buffer;
use crate::{engine::kernels::simd::BLOCK, model::SIDE};

/// Floats of one image of a block.
pub(super) const IMAGE: usize = SIDE * SIDE * BLOCK;

/// Some pairs in blocks of 16 samples; padding has zero pixels, label 0 and no weight.
#[derive(Debug, Default)]
pub struct Blocks {
    /// `[block][image][row][column][16]`.
    pub pixels: Buffer,
    /// `[block][16]`.
    pub targets: Vec<u8>,
    /// `[image][block][16]`.
    pub digits: Vec<u8>,
    /// Pairs without padding.
    pub samples: usize,
}

impl Blocks {
    pub(super) fn count(&self) -> usize {
        self.samples.div_ceil(BLOCK)
    }

    /// Returns the pairs of a block that are no padding.
    pub(super) fn real(&self, block: usize) -> usize {
        BLOCK.min(self.samples - block * BLOCK)
    }

    pub(super) fn pixels(&self, block: usize) -> &[f32] {
        &self.pixels[block * 2 * IMAGE..(block + 1) * 2 * IMAGE]
    }

    pub(super) fn targets(&self, block: usize) -> &[u8] {
        &self.targets[block * BLOCK..(block + 1) * BLOCK]
    }

    pub(super) fn digits(&self, image: usize, block: usize) -> &[u8] {
        &self.digits[(image * self.count() + block) * BLOCK..][..BLOCK]
    }

    /// Returns the weight of each sample of a block in a mean over `images` samples per pair, times
    /// `factor`; zero for padding.
    pub(super) fn weights(&self, block: usize, images: usize, factor: f64) -> [f32; BLOCK] {
        let mut weights = [0.0; BLOCK];
        weights[..self.real(block)].fill((factor / (images * self.samples) as f64) as f32);
        weights
    }
}
