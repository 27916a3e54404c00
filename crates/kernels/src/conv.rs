//! What the convolution kernels share: stride 1, square kernels, zero padding.
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

use std::ops::Range;

use super::simd::BLOCK;

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
