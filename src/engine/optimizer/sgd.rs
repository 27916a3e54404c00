//! Stochastic gradient descent with momentum, in `PyTorch`'s form.

use candle_core::{Tensor, Var};
use serde::Serialize;

use super::rule::Rule;
use crate::{
    engine::kernels::{
        sgd::{accumulate, descend, descend_nesterov},
        simd::Isa,
    },
    yaml::{decode::Decoder, node::Node},
};

/// `v = μv + g; w −= lr·v`, or with Nesterov's momentum `w −= lr·(g + μv)`.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Sgd {
    /// Momentum `μ`, in `[0, 1)`.
    pub momentum: f64,
    /// Whether the momentum is Nesterov's.
    #[serde(skip_serializing_if = "is_off")]
    pub nesterov: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_off(nesterov: &bool) -> bool {
    !nesterov
}

impl Sgd {
    pub(super) const WORD: &str = "sgd";
    pub(super) const SUMMARY: &str = "stochastic gradient descent, `v = μv + g; w −= lr·v`: `{momentum: 0.9, nesterov: \
                                      false}`, both optional; with Nesterov's momentum `w −= lr·(g + μv)`";

    pub(super) fn decode(d: &mut Decoder, settings: Option<&Node>) -> Option<Self> {
        let Some(node) = settings else { return Some(Self::default()) };
        let fields = d.fields(node, &["momentum", "nesterov"])?;
        let good = |v: f64| v >= 0.0 && (v as f32) < 1.0;
        let momentum = fields.get("momentum").map_or(Some(0.0), |n| d.number(n, "in [0, 1)", good));
        let nesterov = fields.get("nesterov").map_or(Some(false), |n| d.boolean(n));
        let found = Self { momentum: momentum?, nesterov: nesterov? };
        if found.nesterov && found.momentum == 0.0 {
            let message = format!("{}: Nesterov's momentum needs a momentum above 0", node.path);
            return d.fault(
                &node.span,
                message,
                Some("add `momentum: 0.9`, or remove `nesterov`".to_owned()),
            );
        }
        Some(found)
    }
}

impl Rule for Sgd {
    fn settings(&self) -> Vec<(String, String)> {
        let mut found = vec![("sgd.momentum".to_owned(), self.momentum.to_string())];
        if self.nesterov {
            found.push(("sgd.nesterov".to_owned(), "true".to_owned()));
        }
        found
    }

    fn states(&self) -> usize {
        1
    }

    fn step(&self, isa: Isa, lr: f32, gradients: &[f32], states: &mut [&mut [f32]], weights: &mut [f32]) {
        let (momentum, velocities) = (self.momentum as f32, &mut *states[0]);
        accumulate(isa, momentum, gradients, velocities);
        if self.nesterov {
            descend_nesterov(isa, lr, momentum, gradients, velocities, weights);
        } else {
            descend(isa, lr, velocities, weights);
        }
    }

    fn tensor_step(
        &self,
        lr: &Tensor,
        gradient: &Tensor,
        states: &[Var],
        weights: &Var,
    ) -> candle_core::Result<()> {
        let momentum = f64::from(self.momentum as f32);
        let velocity = ((states[0].as_detached_tensor() * momentum)? + gradient)?;
        let direction = if self.nesterov { ((&velocity * momentum)? + gradient)? } else { velocity.clone() };
        weights.set(&(weights.as_detached_tensor() - direction.broadcast_mul(lr)?)?)?;
        states[0].set(&velocity)
    }
}
