//! Gradient of the block pass: from its output back to the convolution's sums.
#![expect(unsafe_code, reason = "inner loops load registers without bounds checks")]

use std::ops::Range;

use super::{
    block::{BlockConv, MaskKind},
    simd::{BLOCK, Lanes, kernel},
};

kernel! {
    /// Writes the gradient with respect to the convolution's sums to the output rows `rows` of
    /// `d[O][OH][OW][16]`, given the output `y` and its gradient `dy`; rows and columns that pooling
    /// drops are left alone.
    pub fn block_expand(
        s: &BlockConv, mask: &[f32], y: &[f32], winners: &[f32], dy: &[f32], rows: Range<usize>, d: &mut [f32],
    ) {
        s.check(mask, y, winners);
        assert_eq!((dy.len(), d.len()), (y.len(), s.conv.output_len()));
        assert!(winners.len() == y.len() || !s.pool);
        assert!(rows.end <= s.conv.out_height() && (!s.pool || rows.start.is_multiple_of(2)));
    } => expand
}

/// Returns a sum times its mask.
#[inline(always)]
unsafe fn masked<L: Lanes>(
    s: &BlockConv,
    sum: L::V,
    mask: &[f32],
    o: usize,
    position: usize,
    lane: usize,
) -> L::V {
    if s.mask == MaskKind::None {
        return sum;
    }
    unsafe { L::mul(sum, L::load(mask.as_ptr().add(s.mask_at(o, position) + lane))) }
}

#[inline(always)]
unsafe fn expand<L: Lanes>(
    s: &BlockConv,
    mask: &[f32],
    y: &[f32],
    winners: &[f32],
    dy: &[f32],
    rows: Range<usize>,
    d: &mut [f32],
) {
    let (oh, ow) = s.out();
    let (full, width) = (s.conv.out_height() * s.conv.out_width(), s.conv.out_width());
    let out_rows = if s.pool { rows.start / 2..(rows.end / 2).min(oh) } else { rows };
    for o in 0..s.conv.outputs {
        for out in out_rows.start * ow..out_rows.end * ow {
            let (oy, ox) = (out / ow, out % ow);
            let at = (o * oh * ow + oy * ow + ox) * BLOCK;
            for lane in (0..BLOCK).step_by(L::WIDTH) {
                unsafe {
                    let zero = L::splat(0.0);
                    let mut g = L::load(dy.as_ptr().add(at + lane));
                    if s.relu {
                        g = L::where_greater(L::load(y.as_ptr().add(at + lane)), zero, g, zero);
                    }
                    if !s.pool {
                        let position = oy * ow + ox;
                        let g = masked::<L>(s, g, mask, o, position, lane);
                        L::store(d.as_mut_ptr().add((o * full + position) * BLOCK + lane), g);
                        continue;
                    }
                    let winner = L::load(winners.as_ptr().add(at + lane));
                    let first = 2 * oy * width + 2 * ox;
                    let four = [first, first + 1, first + width, first + width + 1];
                    for p in 0..4 {
                        let part = L::where_equal(winner, L::splat(p as f32), g, zero);
                        let part = masked::<L>(s, part, mask, o, four[p], lane);
                        L::store(d.as_mut_ptr().add((o * full + four[p]) * BLOCK + lane), part);
                    }
                }
            }
        }
    }
}
