//! Pairs → tensors of a step, with samples last and padded to whole lanes.

use candle_core::{Device, Result, Tensor};

use crate::{
    data::pairs::{AREA, PairSet},
    nn::{kernels::pointwise::padded, network::input_shape},
    spec::Architecture,
};

/// Some pairs of each run of a cohort, as tensors; padding has zero pixels, label 0 and no weight.
pub(super) struct Batch {
    /// See [`input_shape`].
    pub(super) input: Tensor,
    /// `[R][N]`.
    pub(super) targets: Vec<u8>,
    /// `[R][2N]`: the first digits of all pairs, then the second ones.
    pub(super) digits: Vec<u8>,
    /// Pairs without padding.
    pub(super) samples: usize,
}

impl Batch {
    /// Gathers the pairs `chosen[r]` of `sets[r]` for each run `r`.
    pub(super) fn of(
        architecture: &Architecture,
        sets: &[&PairSet],
        chosen: &[&[u32]],
        device: &Device,
    ) -> Result<Self> {
        let samples = chosen[0].len();
        let n = padded(samples);
        let shape = input_shape(architecture, sets.len(), n);
        // Either [image][pixel][sample] or [pixel][image][sample].
        let (image_step, pixel_step) = match architecture {
            Architecture::Pair(_) => (AREA * n, n),
            Architecture::Each { .. } => (n, 2 * n),
        };
        let mut pixels = vec![0.0; shape.iter().product()];
        let mut targets = vec![0; sets.len() * n];
        let mut digits = vec![0; sets.len() * 2 * n];
        for (run, (set, chosen)) in sets.iter().zip(chosen).enumerate() {
            let pixels = &mut pixels[run * 2 * AREA * n..];
            for (sample, pair) in chosen.iter().enumerate() {
                let pair = *pair as usize;
                for image in 0..2 {
                    let column = pixels[image * image_step + sample..].iter_mut().step_by(pixel_step);
                    column.zip(set.image(pair, image)).for_each(|(out, pixel)| *out = *pixel);
                    digits[(2 * run + image) * n + sample] = set.digits[pair][image];
                }
                targets[run * n + sample] = set.targets[pair];
            }
        }
        Ok(Self { input: Tensor::from_vec(pixels, &shape, device)?, targets, digits, samples })
    }

    /// Cuts all pairs of each set, in order, into batches of at most `size`.
    pub(super) fn in_order(
        architecture: &Architecture,
        sets: &[&PairSet],
        size: usize,
        device: &Device,
    ) -> Result<Vec<Self>> {
        let all: Vec<u32> = (0..sets[0].len() as u32).collect();
        all.chunks(size).map(|part| Self::of(architecture, sets, &vec![part; sets.len()], device)).collect()
    }

    /// Returns the weight of each sample in a mean, times `factor`, for `images` samples per pair:
    /// `[R, images · N]`, zero for padding.
    pub(super) fn weights(&self, images: usize, factor: f64) -> Result<Tensor> {
        let n = padded(self.samples);
        let weight = (factor / (images * self.samples) as f64) as f32;
        let mut one = vec![0.0; n];
        one[..self.samples].fill(weight);
        let runs = self.targets.len() / n;
        Tensor::from_vec(one.repeat(runs * images), (runs, images * n), self.input.device())
    }
}
