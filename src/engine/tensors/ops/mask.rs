//! Multiplication by a mask that has no gradient; dropout is this with a random mask.

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor, bail};

use super::{floats, gradient, stored, with_floats};
use crate::engine::kernels::pointwise::mask_forward;

struct Mask;

/// Multiplies `x`, `[R, C, H, W, N]` or `[R, C, N]`, by `mask`: of the same number of values, or
/// `[R, C, N]` with one value for all positions of a channel.
///
/// # Errors
/// Returns candle's error if a tensor is not contiguous.
pub fn mask(x: &Tensor, mask: &Tensor) -> Result<Tensor> {
    let (dims, own) = (x.dims(), mask.dims());
    let one_for_all = dims.len() > 2 && own.len() == 3 && own == [dims[0], dims[1], dims[dims.len() - 1]];
    if x.elem_count() == 0 || !(own == dims || one_for_all) {
        bail!("mask: {own:?} does not fit {dims:?}");
    }
    x.apply_op2(mask, Mask)
}

fn apply(x: &[f32], mask: &[f32], samples: usize) -> Vec<f32> {
    let mut y = vec![0.0; x.len()];
    mask_forward(x, mask, x.len() / mask.len(), samples, &mut y);
    y
}

impl CustomOp2 for Mask {
    fn name(&self) -> &'static str {
        "mask"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        mask: &CpuStorage,
        mask_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let dims = x_layout.dims();
        let samples = dims.last().copied().unwrap_or(1);
        let y = apply(floats(x, x_layout)?, floats(mask, mask_layout)?, samples);
        Ok(stored(y, dims))
    }

    fn bwd(
        &self,
        x: &Tensor,
        mask: &Tensor,
        _: &Tensor,
        dy: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let samples = x.dims().last().copied().unwrap_or(1);
        let dy = dy.contiguous()?;
        let dx = with_floats(&dy, |dy| with_floats(mask, |mask| apply(dy, mask, samples)))??;
        Ok((Some(gradient(dx, x)?), None))
    }
}
