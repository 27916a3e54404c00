//! Convolution kernels, stride 1, square kernels, zero padding.
//!
//! Layouts, samples last: `x[C][H][W][N]`, `y[O][OH][OW][N]`, `w[O][C][K][K]`, `b[O]`; `N` is a
//! multiple of 16. The contract, per sample (lane):
//!
//! - forward: `y = b`, then `y = fma(w, x, y)` over input channel, kernel row, kernel column;
//! - input gradient: `dx = 0`, then `dx = fma(w, dy, dx)` over output channel, kernel row, column;
//! - weight gradient: `s = 0`, then `s = fma(dy, x, s)` over blocks of 16 samples, output row,
//!   output column, one sum per lane; then the tree of 16; bias likewise with `s = s + dy`.
//!
//! Taps that fall outside the map are skipped.
#![expect(unsafe_code, reason = "inner loops load registers without bounds checks")]

use std::ops::Range;

use super::simd::{BLOCK, Lanes, kernel};

/// Sizes of a convolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConvShape {
    /// Input channels `C`.
    pub inputs: usize,
    /// Output channels `O`.
    pub outputs: usize,
    /// Input height `H`.
    pub height: usize,
    /// Input width `W`.
    pub width: usize,
    /// Side `K` of the kernel.
    pub kernel: usize,
    /// Rows and columns of zeros on each side.
    pub padding: usize,
    /// Samples `N`, padded to a multiple of 16.
    pub samples: usize,
}

impl ConvShape {
    /// Returns the output's height.
    #[must_use]
    pub fn out_height(&self) -> usize {
        self.height + 2 * self.padding + 1 - self.kernel
    }

    /// Returns the output's width.
    #[must_use]
    pub fn out_width(&self) -> usize {
        self.width + 2 * self.padding + 1 - self.kernel
    }

    /// Returns the number of floats of the input.
    #[must_use]
    pub fn input_len(&self) -> usize {
        self.inputs * self.height * self.width * self.samples
    }

    /// Returns the number of floats of the output.
    #[must_use]
    pub fn output_len(&self) -> usize {
        self.outputs * self.out_height() * self.out_width() * self.samples
    }

    /// Returns the number of weights, without biases.
    #[must_use]
    pub fn weight_len(&self) -> usize {
        self.outputs * self.inputs * self.kernel * self.kernel
    }

    pub(super) fn check(&self, x: &[f32], w: &[f32], y: &[f32]) {
        self.check_sizes();
        assert_eq!((x.len(), w.len(), y.len()), (self.input_len(), self.weight_len(), self.output_len()));
    }

    /// Says whether the kernel fits the padded map and no length overflows.
    #[must_use]
    pub fn fits(&self) -> bool {
        let side = |size: usize| {
            size.checked_add(self.padding.checked_mul(2)?)?.checked_add(1)?.checked_sub(self.kernel)
        };
        let product = |factors: &[usize]| factors.iter().try_fold(1_usize, |n, f| n.checked_mul(*f));
        match (side(self.height), side(self.width)) {
            (Some(oh @ 1..), Some(ow @ 1..)) => {
                product(&[self.inputs, self.height, self.width, self.samples]).is_some()
                    && product(&[self.outputs, oh, ow, self.samples]).is_some()
                    && product(&[self.outputs, self.inputs, self.kernel, self.kernel]).is_some()
            }
            _ => false,
        }
    }

    pub(super) fn check_sizes(&self) {
        assert!(self.samples.is_multiple_of(BLOCK), "samples are padded to whole blocks");
        assert!(self.fits(), "the kernel does not fit: {self:?}");
    }

    /// Returns the kernel positions that fall inside the map for output position `out`.
    pub(super) fn taps(&self, out: usize, size: usize) -> Range<usize> {
        range(self.padding.saturating_sub(out), self.kernel.min((size + self.padding).saturating_sub(out)))
    }

    /// Returns the kernel positions through which input position `at` feeds an output.
    pub(super) fn feeding(&self, at: usize, out_size: usize) -> Range<usize> {
        range((at + self.padding + 1).saturating_sub(out_size), self.kernel.min(at + self.padding + 1))
    }

    /// Returns the output positions that kernel position `tap` can serve.
    pub(super) fn served(&self, tap: usize, size: usize, out_size: usize) -> Range<usize> {
        range(self.padding.saturating_sub(tap), out_size.min((size + self.padding).saturating_sub(tap)))
    }
}

/// Returns `start..end`, or an empty range where `end` lies before `start`.
fn range(start: usize, end: usize) -> Range<usize> {
    start..end.max(start)
}

kernel! {
    /// Writes the convolution of `x` with `w` plus `b` to `y`.
    pub fn conv_forward(s: &ConvShape, x: &[f32], w: &[f32], b: &[f32], y: &mut [f32]) {
        s.check(x, w, y);
        assert_eq!(b.len(), s.outputs);
    } => forward
}

/// Runs `$body` with the constant `$N` equal to `$n`, which is one of the listed numbers.
macro_rules! with_const {
    ($n:expr, [$($k:literal)+], |$N:ident| $body:expr) => {
        match $n {
            $($k => { const $N: usize = $k; $body })+
            _ => unreachable!("tile sizes are listed"),
        }
    };
}
pub(crate) use with_const;

/// Splits `total` into tiles of nearly equal size of at most `max`.
pub(crate) fn tiles(total: usize, max: usize) -> impl Iterator<Item = (usize, usize)> {
    let count = total.div_ceil(max);
    (0..count).map(move |i| {
        let start = i * total / count;
        (start, (i + 1) * total / count - start)
    })
}

#[inline(always)]
unsafe fn forward<L: Lanes>(s: &ConvShape, x: &[f32], w: &[f32], b: &[f32], y: &mut [f32]) {
    let (oh, ow) = (s.out_height(), s.out_width());
    for lane in (0..s.samples).step_by(L::WIDTH) {
        for (o, o_len) in tiles(s.outputs, 4) {
            for oy in 0..oh {
                let rows = s.taps(oy, s.height);
                // Columns whose taps all lie inside the map go in tiles, the others one by one.
                let inner =
                    range(s.padding.min(ow), (s.width + 1 + s.padding).saturating_sub(s.kernel).min(ow));
                let mut at = Place { lane, o, oy, ox: 0, rows };
                unsafe {
                    for ox in 0..inner.start {
                        at.ox = ox;
                        forward_at::<L>(s, x, w, b, y, &at, o_len, 1);
                    }
                    for (start, len) in tiles(inner.len(), 6) {
                        at.ox = inner.start + start;
                        forward_at::<L>(s, x, w, b, y, &at, o_len, len);
                    }
                    for ox in inner.end..ow {
                        at.ox = ox;
                        forward_at::<L>(s, x, w, b, y, &at, o_len, 1);
                    }
                }
            }
        }
    }
}

/// Where a tile begins, and the kernel rows that fall inside the map there.
struct Place {
    lane: usize,
    o: usize,
    oy: usize,
    ox: usize,
    rows: Range<usize>,
}

#[inline(always)]
unsafe fn forward_at<L: Lanes>(
    s: &ConvShape,
    x: &[f32],
    w: &[f32],
    b: &[f32],
    y: &mut [f32],
    at: &Place,
    o_len: usize,
    ox_len: usize,
) {
    unsafe {
        with_const!(o_len, [1 2 3 4], |O| with_const!(ox_len, [1 2 3 4 5 6], |W| {
            forward_tile::<L, O, W>(s, x, w, b, y, at);
        }));
    }
}

/// Some output channels at some neighbouring positions of one row.
#[inline(always)]
unsafe fn forward_tile<L: Lanes, const O: usize, const W: usize>(
    s: &ConvShape,
    x: &[f32],
    w: &[f32],
    b: &[f32],
    y: &mut [f32],
    at: &Place,
) {
    let &Place { lane, o, oy, ox, ref rows } = at;
    let (k, n) = (s.kernel, s.samples);
    let columns = s.taps(ox, s.width);
    unsafe {
        let mut acc = [[L::splat(0.0); W]; O];
        for i in 0..O {
            acc[i] = [L::splat(*b.get_unchecked(o + i)); W];
        }
        for c in 0..s.inputs {
            for kh in rows.clone() {
                let row = (c * s.height + oy + kh - s.padding) * s.width;
                for kw in columns.clone() {
                    let x_at = x.as_ptr().add((row + ox + kw - s.padding) * n + lane);
                    let w_at = w.as_ptr().add(((o * s.inputs + c) * k + kh) * k + kw);
                    for j in 0..W {
                        let v = L::load(x_at.add(j * n));
                        for i in 0..O {
                            let weight = L::splat(*w_at.add(i * s.inputs * k * k));
                            acc[i][j] = L::fma(weight, v, acc[i][j]);
                        }
                    }
                }
            }
        }
        let plane = s.out_height() * s.out_width();
        for i in 0..O {
            for j in 0..W {
                let at = ((o + i) * plane + oy * s.out_width() + ox + j) * n + lane;
                L::store(y.as_mut_ptr().add(at), acc[i][j]);
            }
        }
    }
}
