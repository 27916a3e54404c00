//! The exponential of 16 samples at once, with the bits of the pinned `libm` crate.
#![expect(unsafe_code, reason = "the body of a kernel is compiled for each instruction set")]

use super::simd::{BLOCK, Lanes, kernel};

kernel! {
    /// Writes `libm::expf(x)` for each `x`, which is fastest where all of a block lie in `[−87, 0]`.
    pub fn exponentials(x: &[f32], y: &mut [f32]) {
        assert!(x.len() == y.len() && x.len().is_multiple_of(BLOCK));
    } => exponentials_of
}

#[inline(always)]
unsafe fn exponentials_of<L: Lanes>(x: &[f32], y: &mut [f32]) {
    for (x, y) in x.as_chunks::<BLOCK>().0.iter().zip(y.as_chunks_mut::<BLOCK>().0) {
        let mut small = true;
        for i in 0..BLOCK {
            small &= (-87.0..=0.0).contains(&x[i]);
        }
        if small {
            for i in 0..BLOCK {
                y[i] = exponential(x[i]);
            }
        } else {
            for i in 0..BLOCK {
                y[i] = libm::expf(x[i]);
            }
        }
    }
}

/// Returns `libm::expf(x)` for `x` in `[−87, 0]`, without branches.
///
/// The method of FreeBSD's `e_expf.c`, which `libm` follows: `x = k·ln 2 + r` with `|r| ≤ ln 2 / 2`, then
/// `exp(r)` by a rational approximation; every operation in the same order, rounded on its own.
#[inline(always)]
fn exponential(x: f32) -> f32 {
    /// 0.69314575, 1.4286068e-6 and 1.442695 by their bits; 0.16666625 and −0.0027667333 as fractions.
    const LN2_HIGH: f32 = f32::from_bits(0x3f31_7200);
    const LN2_LOW: f32 = f32::from_bits(0x35bf_be8e);
    const INVERSE_LN2: f32 = f32::from_bits(0x3fb8_aa3b);
    const P1: f32 = 11_184_783.0 / 67_108_864.0;
    const P2: f32 = -11_883_029.0 / 4_294_967_296.0;
    /// Bits of 1.5 ln 2, 0.5 ln 2 and 2⁻¹⁴, up to which the shorter ways are taken.
    const FAR: u32 = 0x3f85_1592;
    const NEAR: u32 = 0x3eb1_7218;
    const TINY: u32 = 0x3900_0000;

    let size = x.to_bits() & 0x7fff_ffff;
    let rounded = (INVERSE_LN2 * x - 0.5) as i32;
    let k = if size > FAR {
        rounded
    } else if size > NEAR {
        -1
    } else {
        0
    };
    let (high, low) = (x - k as f32 * LN2_HIGH, k as f32 * LN2_LOW);
    let r = high - low;
    let rr = r * r;
    let c = r - rr * (P1 + rr * P2);
    let y = 1.0 + (r * c / (2.0 - c) - low + high);
    let power = f32::from_bits(((127 + k) as u32) << 23);
    if size > TINY { y * power } else { 1.0 + x }
}
