//! Convolution, mask, 2×2 max-pooling and ReLU of one block of 16 samples in one pass.
//!
//! The same arithmetic as [`super::conv`] followed by [`super::pointwise`], in the same order per
//! sample, without the passes over memory between them. Layouts: `x[C][H][W][16]`,
//! `y[O][OH][OW][16]`, or `[O][OH/2][OW/2][16]` with pooling.
#![expect(unsafe_code, reason = "inner loops load registers without bounds checks")]

use super::{
    conv::{ConvShape, tiles, with_const},
    simd::{BLOCK, Lanes, kernel},
};

/// A convolution with what follows it at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockConv {
    /// The convolution, of 16 samples.
    pub conv: ConvShape,
    /// Whether a dropout mask multiplies the sums, and how many values of it a channel has: one, or one
    /// for each position.
    pub mask: MaskKind,
    /// Whether 2×2 max-pooling follows.
    pub pool: bool,
    /// Whether ReLU follows.
    pub relu: bool,
}

/// The form of a dropout mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MaskKind {
    /// No mask.
    None,
    /// `[O][16]`.
    Channels,
    /// `[O][OH][OW][16]`.
    Elements,
}

impl BlockConv {
    /// Returns height and width of the output.
    #[must_use]
    pub fn out(&self) -> (usize, usize) {
        let (h, w) = (self.conv.out_height(), self.conv.out_width());
        if self.pool { (h / 2, w / 2) } else { (h, w) }
    }

    /// Returns the number of floats of the output.
    #[must_use]
    pub fn output_len(&self) -> usize {
        let (h, w) = self.out();
        self.conv.outputs * h * w * BLOCK
    }

    /// Returns the number of floats of a mask.
    #[must_use]
    pub fn mask_len(&self) -> usize {
        match self.mask {
            MaskKind::None => 0,
            MaskKind::Channels => self.conv.outputs * BLOCK,
            MaskKind::Elements => self.conv.output_len(),
        }
    }

    pub(super) fn check(&self, mask: &[f32], y: &[f32], winners: &[f32]) {
        self.conv.check_sizes();
        assert_eq!(self.conv.samples, BLOCK);
        assert_eq!((y.len(), mask.len()), (self.output_len(), self.mask_len()));
        assert!(winners.is_empty() || winners.len() == y.len());
    }

    /// Returns where the mask of output channel `o` at position `at` begins.
    #[inline(always)]
    pub(super) fn mask_at(&self, o: usize, at: usize) -> usize {
        match self.mask {
            MaskKind::Elements => (o * self.conv.out_height() * self.conv.out_width() + at) * BLOCK,
            _ => o * BLOCK,
        }
    }
}

kernel! {
    /// Writes the output to `y`, and to `winners` which position of a window won (0 to 3); `winners` may be
    /// empty where no gradient is wanted. `mask` is empty without one.
    pub fn block_forward(
        s: &BlockConv, x: &[f32], w: &[f32], b: &[f32], mask: &[f32], y: &mut [f32], winners: &mut [f32],
    ) {
        s.check(mask, y, winners);
        assert_eq!((x.len(), w.len(), b.len()), (s.conv.input_len(), s.conv.weight_len(), s.conv.outputs));
    } => forward
}

#[inline(always)]
unsafe fn forward<L: Lanes>(
    s: &BlockConv,
    x: &[f32],
    w: &[f32],
    b: &[f32],
    mask: &[f32],
    y: &mut [f32],
    winners: &mut [f32],
) {
    let place = Place::of(s, mask, y, winners);
    for lane in (0..BLOCK).step_by(L::WIDTH) {
        for (o, o_len) in tiles(s.conv.outputs, L::CHANNELS) {
            unsafe {
                with_const!(o_len, [1 2 3 4 5 6], |O| channels::<L, O>(s, x, w, b, lane, o, &place));
            }
        }
    }
}

/// Where masks are read and results written.
struct Place {
    /// Whether there is a mask, and whether winners are kept.
    masked: bool,
    kept: bool,
    mask: *const f32,
    /// Floats from one output channel, or one position, to the next in the mask.
    mask_channel: usize,
    mask_position: usize,
    y: *mut f32,
    winners: *mut f32,
    /// Floats from one output channel to the next in `y`.
    channel: usize,
    /// What an output is at least: 0 with `ReLU`.
    floor: f32,
}

impl Place {
    fn of(s: &BlockConv, mask: &[f32], y: &mut [f32], winners: &mut [f32]) -> Self {
        let (oh, ow) = s.out();
        let elements = s.mask == MaskKind::Elements;
        Self {
            masked: !mask.is_empty(),
            kept: !winners.is_empty(),
            mask: mask.as_ptr(),
            mask_channel: if elements { s.conv.out_height() * s.conv.out_width() * BLOCK } else { BLOCK },
            mask_position: if elements { BLOCK } else { 0 },
            y: y.as_mut_ptr(),
            winners: winners.as_mut_ptr(),
            channel: oh * ow * BLOCK,
            floor: if s.relu { 0.0 } else { f32::NEG_INFINITY },
        }
    }

    /// Returns a sum times its mask.
    #[inline(always)]
    unsafe fn times_mask<L: Lanes, const M: bool>(
        &self,
        s: &ConvShape,
        sum: L::V,
        o: usize,
        (oy, ox): (usize, usize),
        lane: usize,
    ) -> L::V {
        if !M {
            return sum;
        }
        let at = o * self.mask_channel + (oy * s.out_width() + ox) * self.mask_position + lane;
        unsafe { L::mul(sum, L::load(self.mask.add(at))) }
    }
}

/// All positions of `O` channels. What follows the sums is chosen at each position: one branch that is always the same
/// costs nothing there, and a copy of the sums for each choice takes four times as long to compile.
#[inline(always)]
unsafe fn channels<L: Lanes, const O: usize>(
    s: &BlockConv,
    x: &[f32],
    w: &[f32],
    b: &[f32],
    lane: usize,
    o: usize,
    place: &Place,
) {
    let c = &s.conv;
    let (oh, ow) = s.out();
    unsafe {
        for oy in 0..oh {
            if s.pool {
                for ox in 0..ow {
                    let (y0, x0) = (2 * oy, 2 * ox);
                    let four = [(y0, x0), (y0, x0 + 1), (y0 + 1, x0), (y0 + 1, x0 + 1)];
                    let sums = sums::<L, O, 4>(c, x, w, b, lane, o, four);
                    let out = oy * ow + ox;
                    match (place.masked, place.kept) {
                        (false, false) => pooled::<L, O, false, false>(c, sums, place, lane, o, four, out),
                        (false, true) => pooled::<L, O, false, true>(c, sums, place, lane, o, four, out),
                        (true, false) => pooled::<L, O, true, false>(c, sums, place, lane, o, four, out),
                        (true, true) => pooled::<L, O, true, true>(c, sums, place, lane, o, four, out),
                    }
                }
            } else {
                for ox in (0..ow - ow % 4).step_by(4) {
                    let four = [(oy, ox), (oy, ox + 1), (oy, ox + 2), (oy, ox + 3)];
                    let sums = sums::<L, O, 4>(c, x, w, b, lane, o, four);
                    store::<L, O, 4>(c, sums, place, lane, o, four);
                }
                for ox in ow - ow % 4..ow {
                    let one = [(oy, ox)];
                    let sums = sums::<L, O, 1>(c, x, w, b, lane, o, one);
                    store::<L, O, 1>(c, sums, place, lane, o, one);
                }
            }
        }
    }
}

/// Returns the sums of `O` channels at `P` output positions, 1 or 4.
#[inline(always)]
unsafe fn sums<L: Lanes, const O: usize, const P: usize>(
    s: &ConvShape,
    x: &[f32],
    w: &[f32],
    b: &[f32],
    lane: usize,
    o: usize,
    positions: [(usize, usize); P],
) -> [[L::V; O]; P] {
    let k = s.kernel;
    unsafe {
        let mut bias = [L::splat(0.0); O];
        for i in 0..O {
            bias[i] = L::splat(*b.get_unchecked(o + i));
        }
        let mut acc = [bias; P];
        let step = s.inputs * k * k;
        let w_at = w.as_ptr().add(o * step);
        let whole =
            |(oy, ox): (usize, usize)| s.taps(oy, s.height).len() == k && s.taps(ox, s.width).len() == k;
        if s.padding == 0 || positions.iter().all(|at| whole(*at)) {
            // Every tap lies inside the map: the positions share the loads of the weights.
            let mut starts = [x.as_ptr(); P];
            for p in 0..P {
                let (oy, ox) = positions[p];
                let first = (oy.wrapping_sub(s.padding) * s.width).wrapping_add(ox).wrapping_sub(s.padding);
                starts[p] = x.as_ptr().add(first * BLOCK + lane);
            }
            for c in 0..s.inputs {
                for kh in 0..k {
                    let row = (c * s.height + kh) * s.width * BLOCK;
                    let w_row = w_at.add((c * k + kh) * k);
                    for kw in 0..k {
                        let mut v = [L::splat(0.0); P];
                        for p in 0..P {
                            v[p] = L::load(starts[p].add(row + kw * BLOCK));
                        }
                        for i in 0..O {
                            let weight = L::splat(*w_row.add(kw + i * step));
                            for p in 0..P {
                                acc[p][i] = L::fma(weight, v[p], acc[p][i]);
                            }
                        }
                    }
                }
            }
        } else {
            // No loop over the positions: an index that is not constant would keep the sums in memory.
            let x_at = x.as_ptr().add(lane);
            acc[0] = at_edge::<L, O>(s, x_at, w_at, positions[0], acc[0]);
            if P == 4 {
                acc[1] = at_edge::<L, O>(s, x_at, w_at, positions[1], acc[1]);
                acc[2] = at_edge::<L, O>(s, x_at, w_at, positions[2], acc[2]);
                acc[3] = at_edge::<L, O>(s, x_at, w_at, positions[3], acc[3]);
            }
        }
        acc
    }
}

/// Adds to `sums` what the taps of one position that lie inside the map give.
#[inline(always)]
unsafe fn at_edge<L: Lanes, const O: usize>(
    s: &ConvShape,
    x: *const f32,
    w: *const f32,
    (oy, ox): (usize, usize),
    mut sums: [L::V; O],
) -> [L::V; O] {
    let (k, step) = (s.kernel, s.inputs * s.kernel * s.kernel);
    let (rows, columns) = (s.taps(oy, s.height), s.taps(ox, s.width));
    for c in 0..s.inputs {
        for kh in rows.clone() {
            let row = (c * s.height + oy + kh - s.padding) * s.width;
            for kw in columns.clone() {
                unsafe {
                    let v = L::load(x.add((row + ox + kw - s.padding) * BLOCK));
                    for i in 0..O {
                        let weight = L::splat(*w.add(i * step + (c * k + kh) * k + kw));
                        sums[i] = L::fma(weight, v, sums[i]);
                    }
                }
            }
        }
    }
    sums
}

/// Writes the largest of each channel's four sums to output position `out`, and which it was.
#[inline(always)]
unsafe fn pooled<L: Lanes, const O: usize, const M: bool, const T: bool>(
    s: &ConvShape,
    sums: [[L::V; O]; 4],
    place: &Place,
    lane: usize,
    o: usize,
    four: [(usize, usize); 4],
    out: usize,
) {
    unsafe {
        let floor = L::splat(place.floor);
        for i in 0..O {
            let at = |p: usize| place.times_mask::<L, M>(s, sums[p][i], o + i, four[p], lane);
            let to = (o + i) * place.channel + out * BLOCK + lane;
            let mut best = at(0);
            let mut winner = L::splat(0.0);
            for p in 1..4 {
                let v = at(p);
                if T {
                    winner = L::where_greater(v, best, L::splat(p as f32), winner);
                }
                best = L::greater_of(v, best);
            }
            if T {
                L::store(place.winners.add(to), winner);
            }
            L::store(place.y.add(to), L::greater_of(floor, best));
        }
    }
}

/// Writes each channel's sums to their positions.
#[inline(always)]
unsafe fn store<L: Lanes, const O: usize, const P: usize>(
    s: &ConvShape,
    sums: [[L::V; O]; P],
    place: &Place,
    lane: usize,
    o: usize,
    positions: [(usize, usize); P],
) {
    unsafe {
        let floor = L::splat(place.floor);
        for i in 0..O {
            for p in 0..P {
                let (oy, ox) = positions[p];
                let v = if place.masked {
                    place.times_mask::<L, true>(s, sums[p][i], o + i, positions[p], lane)
                } else {
                    sums[p][i]
                };
                let to = (o + i) * place.channel + (oy * s.out_width() + ox) * BLOCK + lane;
                L::store(place.y.add(to), L::greater_of(floor, v));
            }
        }
    }
}
