//! Negative log-likelihood of a softmax.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};

use super::{floats, gradient, stored, with_floats};
use crate::engine::kernels::{
    pointwise::{nll_forward, nll_gradient},
    simd::{BLOCK, Isa},
};

struct Nll {
    isa: Isa,
    targets: Vec<u8>,
}

/// Returns the loss of each sample, `[R, N]`, for scores `z`, `[R, K, N]`, and `targets`, `[R][N]`.
///
/// # Errors
/// Returns candle's error if the shapes do not fit.
pub fn nll(z: &Tensor, targets: Vec<u8>) -> Result<Tensor> {
    let (runs, classes, samples) = z.dims3()?;
    if !samples.is_multiple_of(BLOCK)
        || targets.len() != runs * samples
        || targets.iter().any(|t| *t as usize >= classes)
    {
        candle_core::bail!("{} targets do not fit scores of shape {:?}", targets.len(), z.dims());
    }
    z.apply_op1(Nll { isa: Isa::current(), targets })
}

impl CustomOp1 for Nll {
    fn name(&self) -> &'static str {
        "nll"
    }

    fn cpu_fwd(&self, z: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (runs, classes, samples) = layout.shape().dims3()?;
        let mut losses = vec![0.0; runs * samples];
        let scores = floats(z, layout)?.chunks_exact(classes * samples);
        let outputs = self.targets.chunks_exact(samples).zip(losses.chunks_exact_mut(samples));
        for (z, (targets, losses)) in scores.zip(outputs) {
            nll_forward(self.isa, z, targets, losses);
        }
        Ok(stored(losses, &[runs, samples]))
    }

    fn bwd(&self, z: &Tensor, _: &Tensor, weights: &Tensor) -> Result<Option<Tensor>> {
        let (_, classes, samples) = z.dims3()?;
        let mut dz = vec![0.0; z.elem_count()];
        let weights = weights.contiguous()?;
        with_floats(z, |z| {
            with_floats(&weights, |weights| {
                let scores = z.chunks_exact(classes * samples).zip(dz.chunks_exact_mut(classes * samples));
                let per_sample = self.targets.chunks_exact(samples).zip(weights.chunks_exact(samples));
                for ((z, dz), (targets, weights)) in scores.zip(per_sample) {
                    nll_gradient(self.isa, z, targets, weights, dz);
                }
            })
        })??;
        gradient(dz, z).map(Some)
    }
}
