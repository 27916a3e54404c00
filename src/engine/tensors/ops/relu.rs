//! Rectified linear unit.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};

use super::{floats, gradient, stored, with_floats};
use crate::engine::kernels::pointwise::{relu_forward, relu_gradient};

struct Relu;

/// Returns `max(x, 0)`, of any shape; the gradient at 0 is 0.
///
/// # Errors
/// Returns candle's error if `x` is not contiguous.
pub fn relu(x: &Tensor) -> Result<Tensor> {
    x.apply_op1(Relu)
}

impl CustomOp1 for Relu {
    fn name(&self) -> &'static str {
        "relu"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let x = floats(x, layout)?;
        let mut y = vec![0.0; x.len()];
        relu_forward(x, &mut y);
        Ok(stored(y, layout.dims()))
    }

    fn bwd(&self, x: &Tensor, _: &Tensor, dy: &Tensor) -> Result<Option<Tensor>> {
        let mut dx = vec![0.0; x.elem_count()];
        let dy = dy.contiguous()?;
        with_floats(x, |x| with_floats(&dy, |dy| relu_gradient(x, dy, &mut dx)))??;
        gradient(dx, x).map(Some)
    }
}
