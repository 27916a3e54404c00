//! Max-pooling.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, bail};

use super::{floats, gradient, stored, with_floats};
use crate::engine::kernels::pointwise::{PoolShape, pool_forward, pool_gradient};

struct Pool {
    size: usize,
}

/// Takes the maximum of windows of `size × size` of `x`, `[R, C, H, W, N]`, with stride `size`.
///
/// Rows and columns that do not fill a window are dropped. The gradient goes to the first maximum
/// of a window in row order.
///
/// # Errors
/// Returns candle's error if `x` has another rank or is not contiguous.
pub fn max_pool(x: &Tensor, size: usize) -> Result<Tensor> {
    let (_, _, height, width, _) = x.dims5()?;
    if size == 0 || height < size || width < size {
        bail!("max_pool: windows of {size}×{size} do not fit {:?}", x.dims());
    }
    x.apply_op1(Pool { size })
}

impl Pool {
    /// Treats the runs as channels.
    fn shape(&self, x: &Shape) -> Result<PoolShape> {
        let (runs, channels, height, width, samples) = x.dims5()?;
        Ok(PoolShape { channels: runs * channels, height, width, size: self.size, samples })
    }
}

impl CustomOp1 for Pool {
    fn name(&self) -> &'static str {
        "max_pool"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let s = self.shape(layout.shape())?;
        let x = floats(x, layout)?;
        let (runs, channels, ..) = layout.shape().dims5()?;
        let dims = [runs, channels, s.height / s.size, s.width / s.size, s.samples];
        let mut y = vec![0.0; dims.iter().product()];
        pool_forward(&s, x, &mut y);
        Ok(stored(y, &dims))
    }

    fn bwd(&self, x: &Tensor, y: &Tensor, dy: &Tensor) -> Result<Option<Tensor>> {
        let s = self.shape(x.shape())?;
        let mut dx = vec![0.0; x.elem_count()];
        let dy = dy.contiguous()?;
        with_floats(x, |x| {
            with_floats(y, |y| with_floats(&dy, |dy| pool_gradient(&s, x, y, dy, &mut dx)))
        })???;
        gradient(dx, x).map(Some)
    }
}
