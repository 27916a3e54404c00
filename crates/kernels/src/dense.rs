//! Kernels of the fully connected layer.
//!
//! Layouts, samples last: `x[I][N]`, `y[O][N]`, `w[O][I]`, `b[O]`; `N` is a multiple of 16. The contract:
//!
//! - forward, per sample: `y = b`, then `y = fma(w, x, y)` over inputs;
//! - input gradient, per sample: `dx = 0`, then `dx = fma(w, dy, dx)` over outputs;
//! - weight gradient: `dw = 0`, then `dw = fma(dy, x, dw)` over the samples in index order; bias
//!   likewise with `db = db + dy`.
#![expect(unsafe_code, reason = "inner loops load registers without bounds checks")]

use super::{
    conv::{tiles, with_const},
    simd::{BLOCK, Lanes, kernel},
};

/// Sizes of a fully connected layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DenseShape {
    /// Inputs `I`.
    pub inputs: usize,
    /// Outputs `O`.
    pub outputs: usize,
    /// Samples `N`, padded to a multiple of 16.
    pub samples: usize,
}

impl DenseShape {
    fn check(&self, x: &[f32], w: &[f32], y: &[f32]) {
        assert!(self.samples.is_multiple_of(BLOCK), "samples are padded to whole blocks");
        let lens = (self.inputs * self.samples, self.outputs * self.inputs, self.outputs * self.samples);
        assert_eq!((x.len(), w.len(), y.len()), lens);
    }
}

kernel! {
    /// Writes `w x + b` to `y`.
    pub fn dense_forward(s: &DenseShape, x: &[f32], w: &[f32], b: &[f32], y: &mut [f32]) {
        s.check(x, w, y);
        assert_eq!(b.len(), s.outputs);
    } => forward
}

kernel! {
    /// Writes the gradient with respect to `x` to `dx`.
    pub fn dense_input_gradient(s: &DenseShape, w: &[f32], dy: &[f32], dx: &mut [f32]) {
        s.check(dx, w, dy);
    } => input_gradient
}

kernel! {
    /// Adds what a block of 16 samples gives to the gradients `dw` and `db`.
    ///
    /// `by_sample` is the block's input with the samples first, `[16][I]`; `dy` is `[O][16]`.
    pub fn dense_accumulate(inputs: usize, by_sample: &[f32], dy: &[f32], dw: &mut [f32], db: &mut [f32]) {
        assert_eq!((by_sample.len(), dy.len()), (inputs * BLOCK, db.len() * BLOCK));
        assert_eq!(dw.len(), inputs * db.len());
    } => accumulate
}

#[inline(always)]
unsafe fn forward<L: Lanes>(s: &DenseShape, x: &[f32], w: &[f32], b: &[f32], y: &mut [f32]) {
    for (o, o_len) in tiles(s.outputs, 12) {
        for lane in (0..s.samples).step_by(L::WIDTH) {
            unsafe {
                with_const!(o_len, [1 2 3 4 5 6 7 8 9 10 11 12], |O| {
                    let mut acc = [L::splat(0.0); O];
                    for i in 0..O {
                        acc[i] = L::splat(*b.get_unchecked(o + i));
                    }
                    for k in 0..s.inputs {
                        let v = L::load(x.as_ptr().add(k * s.samples + lane));
                        let w_at = w.as_ptr().add(o * s.inputs + k);
                        for i in 0..O {
                            acc[i] = L::fma(L::splat(*w_at.add(i * s.inputs)), v, acc[i]);
                        }
                    }
                    for i in 0..O {
                        L::store(y.as_mut_ptr().add((o + i) * s.samples + lane), acc[i]);
                    }
                });
            }
        }
    }
}

#[inline(always)]
unsafe fn input_gradient<L: Lanes>(s: &DenseShape, w: &[f32], dy: &[f32], dx: &mut [f32]) {
    for (k, k_len) in tiles(s.inputs, 12) {
        for lane in (0..s.samples).step_by(L::WIDTH) {
            unsafe {
                with_const!(k_len, [1 2 3 4 5 6 7 8 9 10 11 12], |K| {
                    let mut acc = [L::splat(0.0); K];
                    for o in 0..s.outputs {
                        let d = L::load(dy.as_ptr().add(o * s.samples + lane));
                        let w_at = w.as_ptr().add(o * s.inputs + k);
                        for i in 0..K {
                            acc[i] = L::fma(L::splat(*w_at.add(i)), d, acc[i]);
                        }
                    }
                    for i in 0..K {
                        L::store(dx.as_mut_ptr().add((k + i) * s.samples + lane), acc[i]);
                    }
                });
            }
        }
    }
}

#[inline(always)]
unsafe fn accumulate<L: Lanes>(inputs: usize, by_sample: &[f32], dy: &[f32], dw: &mut [f32], db: &mut [f32]) {
    let vectors = inputs / L::WIDTH;
    for (o, o_len) in tiles(db.len(), 5) {
        for (v, v_len) in tiles(vectors, L::CHANNELS.min(4)) {
            unsafe {
                with_const!(o_len, [1 2 3 4 5], |O| with_const!(v_len, [1 2 3 4], |V| {
                    accumulate_tile::<L, O, V>(inputs, by_sample, dy, dw, o, v * L::WIDTH);
                }));
            }
        }
    }
    for o in 0..db.len() {
        let row = &dy[o * BLOCK..(o + 1) * BLOCK];
        for k in vectors * L::WIDTH..inputs {
            let mut acc = dw[o * inputs + k];
            for n in 0..BLOCK {
                acc = row[n].mul_add(by_sample[n * inputs + k], acc);
            }
            dw[o * inputs + k] = acc;
        }
        for n in 0..BLOCK {
            db[o] += row[n];
        }
    }
}

#[inline(always)]
unsafe fn accumulate_tile<L: Lanes, const O: usize, const V: usize>(
    inputs: usize,
    by_sample: &[f32],
    dy: &[f32],
    dw: &mut [f32],
    o: usize,
    k: usize,
) {
    unsafe {
        let out = dw.as_mut_ptr().add(o * inputs + k);
        let mut acc = [[L::splat(0.0); V]; O];
        for i in 0..O {
            for j in 0..V {
                acc[i][j] = L::load(out.add(i * inputs + j * L::WIDTH));
            }
        }
        for n in 0..BLOCK {
            let x_at = by_sample.as_ptr().add(n * inputs + k);
            let mut v = [L::splat(0.0); V];
            for j in 0..V {
                v[j] = L::load(x_at.add(j * L::WIDTH));
            }
            for i in 0..O {
                let d = L::splat(*dy.get_unchecked((o + i) * BLOCK + n));
                for j in 0..V {
                    acc[i][j] = L::fma(d, v[j], acc[i][j]);
                }
            }
        }
        for i in 0..O {
            for j in 0..V {
                L::store(out.add(i * inputs + j * L::WIDTH), acc[i][j]);
            }
        }
    }
}
