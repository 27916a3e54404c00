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

use super::lanes::{BLOCK, Lanes, kernel, tree};

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

    fn check(&self, x: &[f32], w: &[f32], y: &[f32]) {
        assert!(self.samples.is_multiple_of(BLOCK), "samples are padded to whole blocks");
        assert_eq!((x.len(), w.len(), y.len()), (self.input_len(), self.weight_len(), self.output_len()));
    }

    /// Returns the kernel positions that fall inside the map for output position `out`.
    fn taps(&self, out: usize, size: usize) -> Range<usize> {
        self.padding.saturating_sub(out)..self.kernel.min(size + self.padding - out)
    }

    /// Returns the kernel positions through which input position `at` feeds an output.
    fn feeding(&self, at: usize, out_size: usize) -> Range<usize> {
        (at + self.padding + 1).saturating_sub(out_size)..self.kernel.min(at + self.padding + 1)
    }

    /// Returns the output positions that kernel position `tap` can serve.
    fn served(&self, tap: usize, size: usize, out_size: usize) -> Range<usize> {
        self.padding.saturating_sub(tap)..out_size.min(size + self.padding - tap)
    }
}

kernel! {
    /// Writes the convolution of `x` with `w` plus `b` to `y`.
    pub fn conv_forward(s: &ConvShape, x: &[f32], w: &[f32], b: &[f32], y: &mut [f32]) {
        s.check(x, w, y);
        assert_eq!(b.len(), s.outputs);
    } => forward
}

kernel! {
    /// Writes the gradient with respect to `x` to `dx`.
    pub fn conv_input_gradient(s: &ConvShape, w: &[f32], dy: &[f32], dx: &mut [f32]) {
        s.check(dx, w, dy);
    } => input_gradient
}

kernel! {
    /// Writes the gradients with respect to `w` and `b` to `dw` and `db`.
    pub fn conv_weight_gradient(s: &ConvShape, x: &[f32], dy: &[f32], dw: &mut [f32], db: &mut [f32]) {
        s.check(x, dw, dy);
        assert_eq!(db.len(), s.outputs);
    } => weight_gradient
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
                let inner = s.padding.min(ow)..(s.width + 1 + s.padding).saturating_sub(s.kernel).min(ow);
                let inner = inner.start..inner.end.max(inner.start);
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

#[expect(clippy::too_many_arguments, reason = "one place in a loop nest of four")]
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

#[inline(always)]
unsafe fn input_gradient<L: Lanes>(s: &ConvShape, w: &[f32], dy: &[f32], dx: &mut [f32]) {
    for lane in (0..s.samples).step_by(L::WIDTH) {
        for (c, c_len) in tiles(s.inputs, 12) {
            for at in 0..s.height * s.width {
                let (iy, ix) = (at / s.width, at % s.width);
                unsafe {
                    with_const!(c_len, [1 2 3 4 5 6 7 8 9 10 11 12], |C| {
                        input_gradient_at::<L, C>(s, w, dy, dx, lane, c, iy, ix);
                    });
                }
            }
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "one place in a loop nest of five")]
#[inline(always)]
unsafe fn input_gradient_at<L: Lanes, const C: usize>(
    s: &ConvShape,
    w: &[f32],
    dy: &[f32],
    dx: &mut [f32],
    lane: usize,
    c: usize,
    iy: usize,
    ix: usize,
) {
    let (k, n) = (s.kernel, s.samples);
    let (oh, ow) = (s.out_height(), s.out_width());
    let (rows, columns) = (s.feeding(iy, oh), s.feeding(ix, ow));
    unsafe {
        let mut acc = [L::splat(0.0); C];
        for o in 0..s.outputs {
            for kh in rows.clone() {
                let row = (o * oh + iy + s.padding - kh) * ow;
                for kw in columns.clone() {
                    let d = L::load(dy.as_ptr().add((row + ix + s.padding - kw) * n + lane));
                    let w_at = w.as_ptr().add(((o * s.inputs + c) * k + kh) * k + kw);
                    for i in 0..C {
                        acc[i] = L::fma(L::splat(*w_at.add(i * k * k)), d, acc[i]);
                    }
                }
            }
        }
        for i in 0..C {
            let at = (((c + i) * s.height + iy) * s.width + ix) * n + lane;
            L::store(dx.as_mut_ptr().add(at), acc[i]);
        }
    }
}

#[inline(always)]
unsafe fn weight_gradient<L: Lanes>(s: &ConvShape, x: &[f32], dy: &[f32], dw: &mut [f32], db: &mut [f32]) {
    let mut sums = vec![0.0_f32; (dw.len() + db.len()) * BLOCK];
    let (w_sums, b_sums) = sums.split_at_mut(dw.len() * BLOCK);
    for block in (0..s.samples).step_by(BLOCK) {
        for lane in (0..BLOCK).step_by(L::WIDTH) {
            for (o, o_len) in tiles(s.outputs, 6) {
                for c in 0..s.inputs {
                    for kh in 0..s.kernel {
                        unsafe {
                            with_const!(o_len, [1 2 3 4 5 6], |O| {
                                weight_row::<L, O>(s, x, dy, w_sums, block, lane, o, c, kh);
                            });
                        }
                    }
                }
            }
            unsafe { bias_sums::<L>(s, dy, b_sums, block, lane) };
        }
    }
    let (w_blocks, b_blocks) = (w_sums.as_chunks::<BLOCK>().0, b_sums.as_chunks::<BLOCK>().0);
    dw.iter_mut().zip(w_blocks).for_each(|(out, lanes)| *out = tree(lanes));
    db.iter_mut().zip(b_blocks).for_each(|(out, lanes)| *out = tree(lanes));
}

/// Adds one block's part of the gradients of one kernel row to the sums of its lanes.
#[expect(clippy::too_many_arguments, reason = "one place in a loop nest of six")]
#[inline(always)]
unsafe fn weight_row<L: Lanes, const O: usize>(
    s: &ConvShape,
    x: &[f32],
    dy: &[f32],
    sums: &mut [f32],
    block: usize,
    lane: usize,
    o: usize,
    c: usize,
    kh: usize,
) {
    let at =
        |i: usize, kw: usize| ((((o + i) * s.inputs + c) * s.kernel + kh) * s.kernel + kw) * BLOCK + lane;
    let first = block + lane;
    let mut kw = 0;
    // Without padding, three neighbouring columns share the loads of `dy`.
    while kw < s.kernel {
        let wide = s.padding == 0 && kw + 3 <= s.kernel;
        unsafe {
            let out = sums.as_mut_ptr();
            if wide {
                let mut acc = [[L::splat(0.0); 3]; O];
                for i in 0..O {
                    for j in 0..3 {
                        acc[i][j] = L::load(out.add(at(i, kw + j)));
                    }
                }
                weight_taps::<L, O, 3>(s, x, dy, first, o, c, kh, kw, &mut acc);
                for i in 0..O {
                    for j in 0..3 {
                        L::store(out.add(at(i, kw + j)), acc[i][j]);
                    }
                }
            } else {
                let mut acc = [[L::splat(0.0); 1]; O];
                for i in 0..O {
                    acc[i][0] = L::load(out.add(at(i, kw)));
                }
                weight_taps::<L, O, 1>(s, x, dy, first, o, c, kh, kw, &mut acc);
                for i in 0..O {
                    L::store(out.add(at(i, kw)), acc[i][0]);
                }
            }
        }
        kw += if wide { 3 } else { 1 };
    }
}

#[expect(clippy::too_many_arguments, reason = "one place in a loop nest of six")]
#[inline(always)]
unsafe fn weight_taps<L: Lanes, const O: usize, const T: usize>(
    s: &ConvShape,
    x: &[f32],
    dy: &[f32],
    first: usize,
    o: usize,
    c: usize,
    kh: usize,
    kw: usize,
    acc: &mut [[L::V; T]; O],
) {
    let (n, oh, ow) = (s.samples, s.out_height(), s.out_width());
    let columns = s.served(kw, s.width, ow);
    for oy in s.served(kh, s.height, oh) {
        let row = (c * s.height + oy + kh - s.padding) * s.width;
        for ox in columns.clone() {
            unsafe {
                let x_at = x.as_ptr().add((row + ox + kw - s.padding) * n + first);
                let d_at = dy.as_ptr().add((o * oh * ow + oy * ow + ox) * n + first);
                let mut v = [L::splat(0.0); T];
                for j in 0..T {
                    v[j] = L::load(x_at.add(j * n));
                }
                for i in 0..O {
                    let d = L::load(d_at.add(i * oh * ow * n));
                    for j in 0..T {
                        acc[i][j] = L::fma(d, v[j], acc[i][j]);
                    }
                }
            }
        }
    }
}

#[inline(always)]
unsafe fn bias_sums<L: Lanes>(s: &ConvShape, dy: &[f32], sums: &mut [f32], block: usize, lane: usize) {
    let plane = s.out_height() * s.out_width();
    for o in 0..s.outputs {
        unsafe {
            let out = sums.as_mut_ptr().add(o * BLOCK + lane);
            let mut acc = L::load(out);
            for position in o * plane..(o + 1) * plane {
                acc = L::add(acc, L::load(dy.as_ptr().add(position * s.samples + block + lane)));
            }
            L::store(out, acc);
        }
    }
}
