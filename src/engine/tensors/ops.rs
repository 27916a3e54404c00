//! Operations composed of candle's primitives, with its autograd.
//!
//! # Shapes
//! Activations are `[R, C, H, W, N]`: runs, channels, height, width, samples; scores are `[R, K, N]`; parameters carry the
//! leading `R` too.
//!
//! Only primitives whose gradients are right are used: candle 0.11.1's `max_pool2d` averages ties and its `relu` has a
//! gradient of 1 at 0. Sums run in candle's order, so the results are those of the CPU's kernels up to rounding.
#![expect(clippy::disallowed_methods, reason = "rounding may differ here, the gradients do not")]

use candle_core::{
    CpuStorage, CustomOp2, D, Device, Layout, Result, Shape, Tensor, backend::BackendStorage, bail,
};

/// Convolves `x` with `w` and adds `b`: one matrix product per run of the weights with the taps of every
/// output position, or one for all runs if `x` is of one run that all share.
///
/// # Errors
/// Returns candle's error if the shapes do not fit.
pub fn conv(x: &Tensor, w: &Tensor, b: &Tensor, padding: usize) -> Result<Tensor> {
    let (runs, outputs, inputs, kernel, _) = w.dims5()?;
    let x = x.pad_with_zeros(2, padding, padding)?.pad_with_zeros(3, padding, padding)?;
    let (views, _, height, width, samples) = x.dims5()?;
    if height < kernel || width < kernel {
        bail!("conv: a {kernel}×{kernel} kernel does not fit {:?}", x.dims());
    }
    let (oh, ow) = (height + 1 - kernel, width + 1 - kernel);
    let at = positions(kernel, 1, [oh, ow], width, x.device())?;
    // [V, C, K·K, OH, OW, N]: the order of the weights.
    let taps = x.reshape((views * inputs, height * width, samples))?.index_select(&at, 1)?;
    let taps = taps.reshape((views, inputs * kernel * kernel, oh * ow * samples))?;
    let w = w.reshape((views, runs / views * outputs, inputs * kernel * kernel))?;
    let y = product(&w, &taps)?.reshape((runs, outputs, oh * ow * samples))?;
    y.broadcast_add(&b.unsqueeze(D::Minus1)?)?.reshape((runs, outputs, oh, ow, samples))
}

/// Returns the positions in an image of `width` that windows of `size × size` see: for each place in the window those of
/// all `[OH, OW]` windows, `stride` apart.
fn positions(
    size: usize,
    stride: usize,
    [oh, ow]: [usize; 2],
    width: usize,
    device: &Device,
) -> Result<Tensor> {
    let mut at = Vec::with_capacity(size * size * oh * ow);
    for place in 0..size * size {
        for window in 0..oh * ow {
            let (row, column) = (window / ow * stride + place / size, window % ow * stride + place % size);
            at.push((row * width + column) as u32);
        }
    }
    let count = at.len();
    Tensor::from_vec(at, count, device)
}

/// Multiplies `x` by `w` and adds `b`; all runs share an `x` of one run.
///
/// # Errors
/// Returns candle's error if the shapes do not fit.
pub fn linear(x: &Tensor, w: &Tensor, b: &Tensor) -> Result<Tensor> {
    let ((views, _, samples), (runs, outputs, inputs)) = (x.dims3()?, w.dims3()?);
    let y = product(&w.reshape((views, runs / views * outputs, inputs))?, &x.contiguous()?)?;
    y.reshape((runs, outputs, samples))?.broadcast_add(&b.unsqueeze(D::Minus1)?)
}

/// Multiplies batches of matrices. candle's own product makes the gradient of both sides; that of the inputs of a first
/// layer, which nobody asks for, would be the largest tensor of a step.
fn product(left: &Tensor, right: &Tensor) -> Result<Tensor> {
    left.apply_op2(right, Product { right_gradient: right.track_op() })
}

struct Product {
    right_gradient: bool,
}

/// Returns batch, rows, columns and the length of the sums of `[B, M, K]` times `[B, K, N]`.
fn sizes(left: &Layout, right: &Layout) -> Result<(usize, usize, usize, usize)> {
    let ((batch, rows, length), (others, terms, columns)) = (left.shape().dims3()?, right.shape().dims3()?);
    if (batch, length) != (others, terms) {
        bail!("product: {:?} and {:?} do not fit", left.dims(), right.dims());
    }
    Ok((batch, rows, columns, length))
}

impl CustomOp2 for Product {
    fn name(&self) -> &'static str {
        "product"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        xl: &Layout,
        y: &CpuStorage,
        yl: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let sizes = sizes(xl, yl)?;
        Ok((x.matmul(y, sizes, xl, yl)?, Shape::from((sizes.0, sizes.1, sizes.2))))
    }

    #[cfg(feature = "cuda")]
    fn cuda_fwd(
        &self,
        x: &candle_core::CudaStorage,
        xl: &Layout,
        y: &candle_core::CudaStorage,
        yl: &Layout,
    ) -> Result<(candle_core::CudaStorage, Shape)> {
        let sizes = sizes(xl, yl)?;
        Ok((x.matmul(y, sizes, xl, yl)?, Shape::from((sizes.0, sizes.1, sizes.2))))
    }

    fn bwd(
        &self,
        left: &Tensor,
        right: &Tensor,
        _: &Tensor,
        dy: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let right_gradient = if self.right_gradient { Some(left.t()?.matmul(dy)?) } else { None };
        Ok((Some(dy.matmul(&right.t()?)?), right_gradient))
    }
}

/// Takes the maximum of windows of `size × size`; the gradient goes to the first maximum in row order.
///
/// # Errors
/// Returns candle's error if the windows do not fit.
pub fn max_pool(x: &Tensor, size: usize) -> Result<Tensor> {
    let (runs, channels, height, width, samples) = x.dims5()?;
    if size == 0 || height < size || width < size {
        bail!("max_pool: windows of {size}×{size} do not fit {:?}", x.dims());
    }
    let (oh, ow) = (height / size, width / size);
    let positions = positions(size, size, [oh, ow], width, x.device())?;
    let whole = x.reshape((runs * channels, height * width, samples))?;
    let at = |place: usize| whole.index_select(&positions.narrow(0, place * oh * ow, oh * ow)?, 1);
    let mut best = at(0)?;
    for place in 1..size * size {
        let other = at(place)?;
        best = other.gt(&best)?.where_cond(&other, &best)?;
    }
    best.reshape((runs, channels, oh, ow, samples))
}

/// Returns `max(x, 0)`; the gradient at 0 is 0.
///
/// # Errors
/// Returns candle's error if memory cannot be had.
pub fn relu(x: &Tensor) -> Result<Tensor> {
    let zeros = x.zeros_like()?;
    x.gt(&zeros)?.where_cond(x, &zeros)
}

/// Multiplies `x` by `mask`, which may have one value for all positions of a channel.
///
/// # Errors
/// Returns candle's error if the shapes do not fit.
pub fn mask(x: &Tensor, mask: &Tensor) -> Result<Tensor> {
    if x.dims() == mask.dims() {
        return x * mask;
    }
    let (runs, channels, samples) = mask.dims3()?;
    x.broadcast_mul(&mask.reshape((runs, channels, 1, 1, samples))?)
}

/// Returns the loss of each sample, `ln Σ exp(z) − z[target]`; all runs share the targets of one run.
///
/// # Errors
/// Returns candle's error if the shapes do not fit.
pub fn nll(z: &Tensor, targets: Vec<u8>) -> Result<Tensor> {
    let (_, _, samples) = z.dims3()?;
    let views = targets.len() / samples;
    let targets = Tensor::from_vec(targets, (views, 1, samples), z.device())?;
    let classes = Tensor::arange(0_u8, z.dim(1)? as u8, z.device())?.reshape((1, (), 1))?;
    let hits = targets.broadcast_eq(&classes)?.to_dtype(z.dtype())?;
    let shifted = z.broadcast_sub(&z.detach().max_keepdim(1)?)?;
    shifted.exp()?.sum(1)?.log()? - shifted.broadcast_mul(&hits)?.sum(1)?
}
