//! The fully connected layer.

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, bail};

use super::{floats, gradient, stored, with_floats};
use crate::engine::kernels::{
    dense::{DenseShape, dense_forward, dense_input_gradient, dense_weight_gradient},
    simd::{BLOCK, Isa},
};

struct Dense {
    isa: Isa,
}

/// Multiplies `x`, `[R, I, N]`, by `w`, `[R, O, I]`, and adds `b`, `[R, O]`; gives `[R, O, N]`.
///
/// # Errors
/// Returns candle's error if the shapes do not fit.
pub fn dense(x: &Tensor, w: &Tensor, b: &Tensor) -> Result<Tensor> {
    x.apply_op3(w, b, Dense { isa: Isa::current() })
}

fn shape(x: &Shape, w: &Shape, b: &Shape) -> Result<(usize, DenseShape)> {
    let (runs, inputs, samples) = x.dims3()?;
    let (_, outputs, _) = w.dims3()?;
    let weights_fit = w.dims() == [runs, outputs, inputs] && b.dims() == [runs, outputs];
    if !weights_fit || !samples.is_multiple_of(BLOCK) {
        bail!("dense: input {x:?}, weights {w:?} and bias {b:?} do not fit");
    }
    Ok((runs, DenseShape { inputs, outputs, samples }))
}

impl CustomOp3 for Dense {
    fn name(&self) -> &'static str {
        "dense"
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
        let (runs, s) = shape(x_layout.shape(), w_layout.shape(), b_layout.shape())?;
        let (x, w, b) = (floats(x, x_layout)?, floats(w, w_layout)?, floats(b, b_layout)?);
        let mut y = vec![0.0; runs * s.outputs * s.samples];
        let inputs = x.chunks_exact(s.inputs * s.samples).zip(w.chunks_exact(s.inputs * s.outputs));
        let outputs = b.chunks_exact(s.outputs).zip(y.chunks_exact_mut(s.outputs * s.samples));
        for ((x, w), (b, y)) in inputs.zip(outputs) {
            dense_forward(self.isa, &s, x, w, b, y);
        }
        Ok(stored(y, &[runs, s.outputs, s.samples]))
    }

    fn bwd(
        &self,
        x: &Tensor,
        w: &Tensor,
        b: &Tensor,
        _: &Tensor,
        dy: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let (_, s) = shape(x.shape(), w.shape(), b.shape())?;
        let mut dx = vec![0.0; x.elem_count()];
        let mut dw = vec![0.0; w.elem_count()];
        let mut db = vec![0.0; b.elem_count()];
        let dy = dy.contiguous()?;
        with_floats(x, |x| {
            with_floats(w, |w| {
                with_floats(&dy, |dy| {
                    let dy = || dy.chunks_exact(s.outputs * s.samples);
                    let grads = dw.chunks_exact_mut(s.inputs * s.outputs).zip(db.chunks_exact_mut(s.outputs));
                    let parts = x.chunks_exact(s.inputs * s.samples).zip(dy());
                    for ((x, dy), (dw, db)) in parts.zip(grads) {
                        dense_weight_gradient(self.isa, &s, x, dy, dw, db);
                    }
                    let parts = w.chunks_exact(s.inputs * s.outputs).zip(dy());
                    for ((w, dy), dx) in parts.zip(dx.chunks_exact_mut(s.inputs * s.samples)) {
                        dense_input_gradient(self.isa, &s, w, dy, dx);
                    }
                })
            })
        })???;
        Ok((Some(gradient(dx, x)?), Some(gradient(dw, w)?), Some(gradient(db, b)?)))
    }
}
