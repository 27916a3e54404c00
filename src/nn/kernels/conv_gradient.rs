//! Gradients of the convolution; the contract is in [`super::conv`].
#![expect(unsafe_code, reason = "inner loops load registers without bounds checks")]

use super::{
    conv::{ConvShape, tiles, with_const},
    lanes::{BLOCK, Lanes, kernel, tree},
};

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
