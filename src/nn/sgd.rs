//! Stochastic gradient descent with momentum on candle variables.

use candle_core::{CpuStorage, InplaceOp2, Layout, Result, Tensor, Var, backprop::GradStore, bail};
use candle_nn::Optimizer;

use super::kernels::{
    lanes::Isa,
    sgd::{accumulate, descend},
};

/// Settings of [`Sgd`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SgdConfig {
    /// Learning rate.
    pub lr: f64,
    /// Momentum, in `[0, 1)`.
    pub momentum: f64,
}

/// `v = μv + g; w −= lr·v`, as `PyTorch`'s `SGD` has it.
#[derive(Debug)]
pub struct Sgd {
    weights: Vec<(Var, Tensor)>,
    config: SgdConfig,
}

impl Optimizer for Sgd {
    type Config = SgdConfig;

    fn new(vars: Vec<Var>, config: SgdConfig) -> Result<Self> {
        let with_velocity = |var: Var| var.zeros_like().map(|velocity| (var, velocity));
        Ok(Self { weights: vars.into_iter().map(with_velocity).collect::<Result<_>>()?, config })
    }

    fn learning_rate(&self) -> f64 {
        self.config.lr
    }

    fn set_learning_rate(&mut self, lr: f64) {
        self.config.lr = lr;
    }

    fn step(&mut self, grads: &GradStore) -> Result<()> {
        for (var, velocity) in &self.weights {
            let Some(gradient) = grads.get(var) else { continue };
            velocity.inplace_op2(&gradient.contiguous()?, &Accumulate(self.config.momentum as f32))?;
            var.inplace_op2(velocity, &Descend(self.config.lr as f32))?;
        }
        Ok(())
    }
}

struct Accumulate(f32);
struct Descend(f32);

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

impl InplaceOp2 for Descend {
    fn name(&self) -> &'static str {
        "sgd_descend"
    }

    fn cpu_fwd(&self, w: &mut CpuStorage, wl: &Layout, v: &CpuStorage, vl: &Layout) -> Result<()> {
        both(w, wl, v, vl, |v, w| descend(Isa::current(), self.0, v, w))
    }
}
