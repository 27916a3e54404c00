//! The pairs of a cohort on its device, and the batches that are gathered there: samples last, padded to whole lanes.

use candle_core::{Device, Result, Tensor};

use crate::{
    engine::{kernels::pointwise::padded, tensors::network::input_shape},
    model::{Architecture, SIDE},
    task::pairs::{AREA, PairSet},
};

/// The pairs of the runs of a cohort; one copy where all have the same.
pub(super) struct Pool<'a> {
    /// One for all runs, or one for each.
    sets: Vec<&'a PairSet>,
    /// `[pairs of all sets + 1, 2 · 14 · 14]`; the last row is zero, for padding.
    pixels: Tensor,
}

/// Some pairs of each run, or of all: a *view* has its own pairs, of which there are one or `R`.
pub(super) struct Batch {
    /// See [`input_shape`]; a view in the place of a run. Padding has zero pixels, label 0 and no weight.
    pub(super) input: Tensor,
    /// `[views][N]`.
    pub(super) targets: Vec<u8>,
    /// `[views][2N]`: the first digits of all pairs, then the second ones.
    pub(super) digits: Vec<u8>,
    /// Pairs without padding.
    pub(super) samples: usize,
}

impl<'a> Pool<'a> {
    /// Takes the pairs of each run to the device.
    pub(super) fn new(mut sets: Vec<&'a PairSet>, device: &Device) -> Result<Self> {
        if sets.iter().all(|set| std::ptr::eq(*set, sets[0])) {
            sets.truncate(1);
        }
        let mut pixels =
            Vec::with_capacity(sets.iter().map(|set| set.pixels.len()).sum::<usize>() + 2 * AREA);
        for set in &sets {
            pixels.extend_from_slice(&set.pixels);
        }
        pixels.resize(pixels.len() + 2 * AREA, 0.0);
        let rows = pixels.len() / (2 * AREA);
        Ok(Self { sets, pixels: Tensor::from_vec(pixels, (rows, 2 * AREA), device)? })
    }

    /// Returns the number of pairs of a run.
    pub(super) fn pairs(&self) -> usize {
        self.sets[0].len()
    }

    /// Says whether all runs have the same pairs.
    pub(super) fn is_shared(&self) -> bool {
        self.sets.len() == 1
    }

    /// Gathers the pairs `chosen[v]` for each view `v`.
    pub(super) fn batch(&self, architecture: &Architecture, chosen: &[&[u32]]) -> Result<Batch> {
        let (views, samples, pairs) = (chosen.len(), chosen[0].len(), self.pairs());
        let n = padded(samples);
        let mut rows = vec![(self.sets.len() * pairs) as u32; views * n];
        let mut targets = vec![0; views * n];
        let mut digits = vec![0; views * 2 * n];
        for (view, chosen) in chosen.iter().enumerate() {
            let set = if self.is_shared() { 0 } else { view };
            for (sample, pair) in chosen.iter().enumerate() {
                let at = *pair as usize;
                rows[view * n + sample] = (set * pairs + at) as u32;
                targets[view * n + sample] = self.sets[set].targets[at];
                for image in 0..2 {
                    digits[(2 * view + image) * n + sample] = self.sets[set].digits[at][image];
                }
            }
        }
        let rows = Tensor::from_vec(rows, views * n, self.pixels.device())?;
        let pixels = self.pixels.index_select(&rows, 0)?.reshape((views, n, 2, SIDE, SIDE))?;
        let laid_out = match architecture {
            Architecture::Pair(_) => pixels.permute((0, 2, 3, 4, 1))?,
            Architecture::Each { .. } => pixels.permute((0, 3, 4, 2, 1))?,
        };
        let input = laid_out.contiguous()?.reshape(&input_shape(architecture, views, n))?;
        Ok(Batch { input, targets, digits, samples })
    }
}

impl Batch {
    /// Returns the weight of each sample in a mean, times `factor`, for `images` samples per pair:
    /// `[1, images · N]`, zero for padding.
    pub(super) fn weights(&self, images: usize, factor: f64) -> Result<Tensor> {
        let n = padded(self.samples);
        let mut one = vec![0.0; n];
        one[..self.samples].fill((factor / (images * self.samples) as f64) as f32);
        Tensor::from_vec(one.repeat(images), (1, images * n), self.input.device())
    }
}
