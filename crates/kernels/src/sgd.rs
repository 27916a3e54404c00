//! The step of stochastic gradient descent with momentum, `v = μv + g; w −= lr·v`.
//!
//! Sutskever et al. 2013 in `PyTorch`'s form, without dampening; each product is fused with its sum. Nesterov's variant
//! descends along `g + μv` instead of `v`.
#![expect(unsafe_code, reason = "inner loops load registers without bounds checks")]

use super::simd::{Lanes, kernel};

kernel! {
    /// Writes `v = fma(μ, v, g)`, element by element.
    pub fn accumulate(momentum: f32, g: &[f32], v: &mut [f32]) {
        assert_eq!(g.len(), v.len());
    } => accumulate_lanes
}

kernel! {
    /// Writes `w = fma(−lr, v, w)`, element by element.
    pub fn descend(lr: f32, v: &[f32], w: &mut [f32]) {
        assert_eq!(v.len(), w.len());
    } => descend_lanes
}

kernel! {
    /// Writes `w = fma(−lr, fma(μ, v, g), w)`, element by element: Nesterov's step, after [`accumulate`].
    pub fn descend_nesterov(lr: f32, momentum: f32, g: &[f32], v: &[f32], w: &mut [f32]) {
        assert_eq!((g.len(), v.len()), (w.len(), w.len()));
    } => descend_nesterov_lanes
}

#[inline(always)]
unsafe fn accumulate_lanes<L: Lanes>(momentum: f32, g: &[f32], v: &mut [f32]) {
    let whole = v.len() - v.len() % L::WIDTH;
    for at in (0..whole).step_by(L::WIDTH) {
        unsafe {
            let v_at = v.as_mut_ptr().add(at);
            L::store(v_at, L::fma(L::splat(momentum), L::load(v_at), L::load(g.as_ptr().add(at))));
        }
    }
    for at in whole..v.len() {
        v[at] = momentum.mul_add(v[at], g[at]);
    }
}

#[inline(always)]
unsafe fn descend_lanes<L: Lanes>(lr: f32, v: &[f32], w: &mut [f32]) {
    let whole = w.len() - w.len() % L::WIDTH;
    for at in (0..whole).step_by(L::WIDTH) {
        unsafe {
            let w_at = w.as_mut_ptr().add(at);
            L::store(w_at, L::fma(L::splat(-lr), L::load(v.as_ptr().add(at)), L::load(w_at)));
        }
    }
    for at in whole..w.len() {
        w[at] = (-lr).mul_add(v[at], w[at]);
    }
}

#[inline(always)]
unsafe fn descend_nesterov_lanes<L: Lanes>(lr: f32, momentum: f32, g: &[f32], v: &[f32], w: &mut [f32]) {
    let whole = w.len() - w.len() % L::WIDTH;
    for at in (0..whole).step_by(L::WIDTH) {
        unsafe {
            let (g, v) = (L::load(g.as_ptr().add(at)), L::load(v.as_ptr().add(at)));
            let (w_at, ahead) = (w.as_mut_ptr().add(at), L::fma(L::splat(momentum), v, g));
            L::store(w_at, L::fma(L::splat(-lr), ahead, L::load(w_at)));
        }
    }
    for at in whole..w.len() {
        w[at] = (-lr).mul_add(momentum.mul_add(v[at], g[at]), w[at]);
    }
}
