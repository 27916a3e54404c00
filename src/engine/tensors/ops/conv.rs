//! Convolution.

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, bail};

use super::{floats, gradient, stored, with_floats};
use crate::engine::kernels::{
    conv::{ConvShape, conv_forward},
    conv_gradient::{conv_input_gradient, conv_weight_gradient},
    simd::{BLOCK, Isa},
};

struct Conv {
    isa: Isa,
    padding: usize,
    input_gradient: bool,
}

/// Convolves `x`, `[R, C, H, W, N]`, with `w`, `[R, O, C, K, K]`, and adds `b`, `[R, O]`.
///
/// Stride 1, zero padding. The gradient of `x` is left out unless `input_gradient` is set, since
/// the first layer of a network needs none.
///
/// # Errors
/// Returns candle's error if the shapes do not fit.
pub fn conv(x: &Tensor, w: &Tensor, b: &Tensor, padding: usize, input_gradient: bool) -> Result<Tensor> {
    x.apply_op3(w, b, Conv { isa: Isa::current(), padding, input_gradient })
}

impl Conv {
    fn shape(&self, x: &Shape, w: &Shape, b: &Shape) -> Result<(usize, ConvShape)> {
        let (runs, inputs, height, width, samples) = x.dims5()?;
        let (_, outputs, _, kernel, _) = w.dims5()?;
        let shape = ConvShape { inputs, outputs, height, width, kernel, padding: self.padding, samples };
        let weights_fit = w.dims() == [runs, outputs, inputs, kernel, kernel] && b.dims() == [runs, outputs];
        if !weights_fit || !samples.is_multiple_of(BLOCK) || !shape.fits() {
            bail!("conv: input {x:?}, weights {w:?}, bias {b:?} and padding {} do not fit", self.padding);
        }
        Ok((runs, shape))
    }
}

impl CustomOp3 for Conv {
    fn name(&self) -> &'static str {
        "conv"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        w: &CpuStorage,
        w_layout: &Layout,
        b: &CpuStorage,
        b_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (runs, s) = self.shape(x_layout.shape(), w_layout.shape(), b_layout.shape())?;
        let (x, w, b) = (floats(x, x_layout)?, floats(w, w_layout)?, floats(b, b_layout)?);
        let mut y = vec![0.0; runs * s.output_len()];
        let inputs = x.chunks_exact(s.input_len()).zip(w.chunks_exact(s.weight_len()));
        let outputs = b.chunks_exact(s.outputs).zip(y.chunks_exact_mut(s.output_len()));
        for ((x, w), (b, y)) in inputs.zip(outputs) {
            conv_forward(self.isa, &s, x, w, b, y);
        }
        Ok(stored(y, &[runs, s.outputs, s.out_height(), s.out_width(), s.samples]))
    }

    fn bwd(
        &self,
        x: &Tensor,
        w: &Tensor,
        b: &Tensor,
        _: &Tensor,
        dy: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let (runs, s) = self.shape(x.shape(), w.shape(), b.shape())?;
        let mut dx = vec![0.0; if self.input_gradient { runs * s.input_len() } else { 0 }];
        let mut dw = vec![0.0; runs * s.weight_len()];
        let mut db = vec![0.0; runs * s.outputs];
        let dy = dy.contiguous()?;
        with_floats(x, |x| {
            with_floats(w, |w| {
                with_floats(&dy, |dy| {
                    let parts = x.chunks_exact(s.input_len()).zip(dy.chunks_exact(s.output_len()));
                    let grads = dw.chunks_exact_mut(s.weight_len()).zip(db.chunks_exact_mut(s.outputs));
                    for ((x, dy), (dw, db)) in parts.zip(grads) {
                        conv_weight_gradient(self.isa, &s, x, dy, dw, db);
                    }
                    let parts = w.chunks_exact(s.weight_len()).zip(dy.chunks_exact(s.output_len()));
                    for ((w, dy), dx) in parts.zip(dx.chunks_exact_mut(s.input_len())) {
                        conv_input_gradient(self.isa, &s, w, dy, dx);
                    }
                })
            })
        })???;
        let dx = if self.input_gradient { Some(gradient(dx, x)?) } else { None };
        Ok((dx, Some(gradient(dw, w)?), Some(gradient(db, b)?)))
    }
}
