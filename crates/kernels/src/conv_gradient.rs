//! Gradients of the convolution; the contract is in [`super::conv`].
#![expect(unsafe_code, reason = "inner loops load registers without bounds checks")]

use std::ops::Range;

use super::{
    conv::{ConvShape, tiles, with_const},
    simd::{BLOCK, Lanes, kernel, tree},
};

kernel! {
    /// Writes the gradient with respect to `x` to `dx`.
    pub fn conv_input_gradient(s: &ConvShape, w: &[f32], dy: &[f32], dx: &mut [f32]) {
        s.check(dx, w, dy);
    } => input_gradient
}

kernel! {
    /// Adds what the block of 16 samples from `block` on and the output rows `rows` give to the
    /// gradients of the weights and biases, lane by lane, `sums[weights + O][16]`; `fresh` sums begin at zero, whatever
    /// they hold.
    pub fn conv_accumulate(
        s: &ConvShape, x: &[f32], dy: &[f32], block: usize, rows: Range<usize>, fresh: bool, sums: &mut [f32],
    ) {
        s.check_sizes();
        assert_eq!((x.len(), dy.len()), (s.input_len(), s.output_len()));
        assert_eq!(sums.len(), (s.weight_len() + s.outputs) * BLOCK);
        assert!(block.is_multiple_of(BLOCK) && block + BLOCK <= s.samples && rows.end <= s.out_height());
    } => accumulate
}

kernel! {
    /// Writes the tree of each block of 16 sums.
    pub fn reduce(sums: &[f32], out: &mut [f32]) {
        assert_eq!(sums.len(), out.len() * BLOCK);
    } => reduce_trees
}

#[inline(always)]
unsafe fn reduce_trees<L: Lanes>(sums: &[f32], out: &mut [f32]) {
    let whole = out.len() - out.len() % BLOCK;
    for at in (0..whole).step_by(BLOCK) {
        unsafe { L::trees(sums.as_ptr().add(at * BLOCK), out.as_mut_ptr().add(at)) };
    }
    let blocks = sums.as_chunks::<BLOCK>().0;
    for i in whole..out.len() {
        out[i] = tree(&blocks[i]);
    }
}

#[inline(always)]
unsafe fn input_gradient<L: Lanes>(s: &ConvShape, w: &[f32], dy: &[f32], dx: &mut [f32]) {
    for lane in (0..s.samples).step_by(L::WIDTH) {
        for (c, c_len) in tiles(s.inputs, 2 * L::CHANNELS) {
            unsafe {
                with_const!(c_len, [1 2 3 4 5 6 7 8 9 10 11 12], |C| {
                    for iy in 0..s.height {
                        for ix in (0..s.width - s.width % 2).step_by(2) {
                            input_gradient_at::<L, C, 2>(s, w, dy, dx, lane, c, iy, ix);
                        }
                        if s.width % 2 == 1 {
                            input_gradient_at::<L, C, 1>(s, w, dy, dx, lane, c, iy, s.width - 1);
                        }
                    }
                });
            }
        }
    }
}

/// Writes the gradient of `C` channels at `P` neighbouring positions, 1 or 2.
///
/// Each position's taps are a range of kernel columns that begins and ends one later than that of its left
/// neighbour, at most: the two share the loads of the weights where the ranges overlap.
#[inline(always)]
unsafe fn input_gradient_at<L: Lanes, const C: usize, const P: usize>(
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
    let rows = s.feeding(iy, oh);
    let left = s.feeding(ix, ow);
    let right = if P == 2 { s.feeding(ix + 1, ow) } else { left.clone() };
    let shared = left.start.max(right.start)..left.end.min(right.end);
    let shared = shared.start..shared.end.max(shared.start);
    unsafe {
        let mut acc = [[L::splat(0.0); P]; C];
        for o in 0..s.outputs {
            for kh in rows.clone() {
                let row = (o * oh + iy + s.padding - kh) * ow;
                let w_row = w.as_ptr().add(((o * s.inputs + c) * k + kh) * k);
                let d_at = |position: usize, kw: usize| {
                    let at = (row + ix + position + s.padding - kw) * n + lane;
                    L::load(dy.as_ptr().add(at))
                };
                for kw in left.start..shared.start.min(left.end) {
                    let d = d_at(0, kw);
                    for i in 0..C {
                        acc[i][0] = L::fma(L::splat(*w_row.add(kw + i * k * k)), d, acc[i][0]);
                    }
                }
                for kw in shared.clone() {
                    let mut d = [L::splat(0.0); P];
                    for p in 0..P {
                        d[p] = d_at(p, kw);
                    }
                    for i in 0..C {
                        let weight = L::splat(*w_row.add(kw + i * k * k));
                        for p in 0..P {
                            acc[i][p] = L::fma(weight, d[p], acc[i][p]);
                        }
                    }
                }
                for kw in shared.end.max(right.start)..right.end {
                    let d = d_at(P - 1, kw);
                    for i in 0..C {
                        acc[i][P - 1] = L::fma(L::splat(*w_row.add(kw + i * k * k)), d, acc[i][P - 1]);
                    }
                }
            }
        }
        for i in 0..C {
            for p in 0..P {
                let at = (((c + i) * s.height + iy) * s.width + ix + p) * n + lane;
                L::store(dx.as_mut_ptr().add(at), acc[i][p]);
            }
        }
    }
}

#[inline(always)]
unsafe fn accumulate<L: Lanes>(
    s: &ConvShape,
    x: &[f32],
    dy: &[f32],
    block: usize,
    rows: Range<usize>,
    fresh: bool,
    sums: &mut [f32],
) {
    for lane in (0..BLOCK).step_by(L::WIDTH) {
        for (o, o_len) in tiles(s.outputs, L::CHANNELS) {
            unsafe {
                with_const!(o_len, [1 2 3 4 5 6], |O| {
                    let at = Place { first: block + lane, lane, o, rows: rows.clone(), fresh };
                    if !rides_along(s) {
                        bias_sums::<L, O>(s, dy, sums, &at);
                    }
                    for c in 0..s.inputs {
                        for kh in 0..s.kernel {
                            weight_row::<L, O>(s, x, dy, sums, &at, c, kh);
                        }
                    }
                });
            }
        }
    }
}

/// Where a tile begins: the first sample, its lane, the first output channel; its output rows, and whether its sums
/// begin at zero.
struct Place {
    first: usize,
    lane: usize,
    o: usize,
    rows: Range<usize>,
    fresh: bool,
}

/// Adds to the gradients of one kernel row.
#[inline(always)]
unsafe fn weight_row<L: Lanes, const O: usize>(
    s: &ConvShape,
    x: &[f32],
    dy: &[f32],
    sums: &mut [f32],
    at: &Place,
    c: usize,
    kh: usize,
) {
    let mut kw = 0;
    // Without padding, three neighbouring columns share the loads of `dy`.
    while s.padding == 0 && kw + 3 <= s.kernel {
        unsafe {
            if (c, kh, kw) == (0, 0, 0) {
                weight_taps::<L, O, 3, true>(s, x, dy, sums, at, c, kh, kw);
            } else {
                weight_taps::<L, O, 3, false>(s, x, dy, sums, at, c, kh, kw);
            }
        }
        kw += 3;
    }
    while kw < s.kernel {
        unsafe { weight_taps::<L, O, 1, false>(s, x, dy, sums, at, c, kh, kw) };
        kw += 1;
    }
}

/// Says whether the first columns of the kernel see every position of `dy`, so that the biases' sums can be taken
/// there.
fn rides_along(s: &ConvShape) -> bool {
    s.padding == 0 && s.kernel >= 3
}

/// Adds to the gradients of `T` neighbouring columns of a kernel row, and with `B` to those of the biases.
#[inline(always)]
unsafe fn weight_taps<L: Lanes, const O: usize, const T: usize, const B: bool>(
    s: &ConvShape,
    x: &[f32],
    dy: &[f32],
    sums: &mut [f32],
    at: &Place,
    c: usize,
    kh: usize,
    kw: usize,
) {
    let (n, oh, ow) = (s.samples, s.out_height(), s.out_width());
    let columns = s.served(kw, s.width, ow);
    let rows = s.served(kh, s.height, oh);
    let rows = rows.start.max(at.rows.start)..rows.end.min(at.rows.end);
    let step = s.inputs * s.kernel * s.kernel * BLOCK;
    unsafe {
        let out = sums
            .as_mut_ptr()
            .add((((at.o * s.inputs + c) * s.kernel + kh) * s.kernel + kw) * BLOCK + at.lane);
        let bias_out = sums.as_mut_ptr().add((s.weight_len() + at.o) * BLOCK + at.lane);
        let (mut acc, mut biases) = ([[L::splat(0.0); T]; O], [L::splat(0.0); O]);
        for i in 0..O {
            if B && !at.fresh {
                biases[i] = L::load(bias_out.add(i * BLOCK));
            }
            for j in 0..T {
                if !at.fresh {
                    acc[i][j] = L::load(out.add(i * step + j * BLOCK));
                }
            }
        }
        for oy in rows {
            let row = (c * s.height + oy + kh - s.padding) * s.width;
            for ox in columns.clone() {
                let x_at = x.as_ptr().add((row + ox + kw - s.padding) * n + at.first);
                let d_at = dy.as_ptr().add((at.o * oh * ow + oy * ow + ox) * n + at.first);
                let mut v = [L::splat(0.0); T];
                for j in 0..T {
                    v[j] = L::load(x_at.add(j * n));
                }
                for i in 0..O {
                    let d = L::load(d_at.add(i * oh * ow * n));
                    if B {
                        biases[i] = L::add(biases[i], d);
                    }
                    for j in 0..T {
                        acc[i][j] = L::fma(d, v[j], acc[i][j]);
                    }
                }
            }
        }
        for i in 0..O {
            if B {
                L::store(bias_out.add(i * BLOCK), biases[i]);
            }
            for j in 0..T {
                L::store(out.add(i * step + j * BLOCK), acc[i][j]);
            }
        }
    }
}

#[inline(always)]
unsafe fn bias_sums<L: Lanes, const O: usize>(s: &ConvShape, dy: &[f32], sums: &mut [f32], at: &Place) {
    let (ow, plane) = (s.out_width(), s.out_height() * s.out_width());
    unsafe {
        let out = sums.as_mut_ptr().add((s.weight_len() + at.o) * BLOCK + at.lane);
        let mut acc = [L::splat(0.0); O];
        for i in 0..O {
            if !at.fresh {
                acc[i] = L::load(out.add(i * BLOCK));
            }
        }
        for position in at.rows.start * ow..at.rows.end * ow {
            let d_at = dy.as_ptr().add((at.o * plane + position) * s.samples + at.first);
            for i in 0..O {
                acc[i] = L::add(acc[i], L::load(d_at.add(i * plane * s.samples)));
            }
        }
        for i in 0..O {
            L::store(out.add(i * BLOCK), acc[i]);
        }
    }
}
