//! Stochastic gradient descent with momentum on candle variables of a cohort.

use candle_core::{CpuStorage, InplaceOp2, Layout, Result, Tensor, Var, backprop::GradStore, bail};
use candle_nn::Optimizer;

use super::ops::Numerics;
use crate::engine::kernels::{
    sgd::{accumulate, descend},
    simd::Isa,
};

/// Settings of [`Sgd`].
#[derive(Debug, Clone, PartialEq)]
pub struct SgdConfig {
    /// Learning rate of each run.
    pub lr: Vec<f32>,
    /// Momentum, in `[0, 1)`.
    pub momentum: f32,
    /// How the step is computed.
    pub numerics: Numerics,
}

/// `v = μv + g; w −= lr·v`, as `PyTorch`'s `SGD` has it.
#[derive(Debug)]
pub struct Sgd {
    weights: Vec<(Var, Var)>,
    config: SgdConfig,
}

impl Optimizer for Sgd {
    type Config = SgdConfig;

    /// Begins with velocities of zero for `vars`, `[R, …]` each.
    fn new(vars: Vec<Var>, config: SgdConfig) -> Result<Self> {
        let with_velocity = |var: Var| {
            let velocity = Var::from_tensor(&var.zeros_like()?)?;
            Ok((var, velocity))
        };
        Ok(Self { weights: vars.into_iter().map(with_velocity).collect::<Result<_>>()?, config })
    }

    /// Returns the largest learning rate of the runs.
    fn learning_rate(&self) -> f64 {
        self.config.lr.iter().copied().fold(0.0, |most, lr| f64::from(lr).max(most))
    }

    /// Gives every run the same learning rate.
    fn set_learning_rate(&mut self, lr: f64) {
        self.config.lr.fill(lr as f32);
    }

    fn step(&mut self, grads: &GradStore) -> Result<()> {
        match self.config.numerics {
            Numerics::Exact => self.exact_step(grads),
            Numerics::Composed => self.composed_step(grads),
        }
    }
}

impl Sgd {
    fn exact_step(&self, grads: &GradStore) -> Result<()> {
        for (var, velocity) in &self.weights {
            let Some(gradient) = grads.get(var) else { continue };
            velocity.inplace_op2(&gradient.contiguous()?, &Accumulate(self.config.momentum))?;
            var.inplace_op2(velocity, &Descend(&self.config.lr))?;
        }
        Ok(())
    }

    fn composed_step(&self, grads: &GradStore) -> Result<()> {
        let Some((first, _)) = self.weights.first() else { return Ok(()) };
        let lr = Tensor::new(self.config.lr.as_slice(), first.device())?;
        for (var, velocity) in &self.weights {
            let Some(gradient) = grads.get(var) else { continue };
            let moved = ((velocity.as_detached_tensor() * f64::from(self.config.momentum))? + gradient)?;
            let mut each = vec![1; var.rank()];
            each[0] = self.config.lr.len();
            let step = moved.broadcast_mul(&lr.reshape(each)?)?;
            var.set(&(var.as_detached_tensor() - step)?)?;
            velocity.set(&moved)?;
        }
        Ok(())
    }
}

struct Accumulate(f32);
struct Descend<'a>(&'a [f32]);

/// Calls `update` with the floats of two contiguous CPU tensors of one shape.
fn both(
    to: &mut CpuStorage,
    to_layout: &Layout,
    from: &CpuStorage,
    from_layout: &Layout,
    update: impl FnOnce(&[f32], &mut [f32]),
) -> Result<()> {
    let ranges = (to_layout.contiguous_offsets(), from_layout.contiguous_offsets());
    match (to, from, ranges) {
        (CpuStorage::F32(to), CpuStorage::F32(from), (Some((a, b)), Some((c, d)))) => {
            update(&from[c..d], &mut to[a..b]);
            Ok(())
        }
        _ => bail!("the optimiser needs contiguous f32 tensors"),
    }
}

impl InplaceOp2 for Accumulate {
    fn name(&self) -> &'static str {
        "sgd_accumulate"
    }

    fn cpu_fwd(&self, v: &mut CpuStorage, vl: &Layout, g: &CpuStorage, gl: &Layout) -> Result<()> {
        both(v, vl, g, gl, |g, v| accumulate(Isa::current(), self.0, g, v))
    }
}

impl InplaceOp2 for Descend<'_> {
    fn name(&self) -> &'static str {
        "sgd_descend"
    }

    fn cpu_fwd(&self, w: &mut CpuStorage, wl: &Layout, v: &CpuStorage, vl: &Layout) -> Result<()> {
        both(w, wl, v, vl, |v, w| {
            let one = w.len() / self.0.len();
            for ((w, v), lr) in w.chunks_exact_mut(one).zip(v.chunks_exact(one)).zip(self.0) {
                descend(Isa::current(), *lr, v, w);
            }
        })
    }
}
