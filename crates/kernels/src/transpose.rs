//! Samples side by side ↔ samples one after the other.
#![expect(unsafe_code, reason = "tiles are read through pointers to rows")]

use super::simd::{BLOCK, Lanes, kernel};

kernel! {
    /// Writes up to 16 rows of equal length side by side: `to[length][16]`; absent rows become zeros.
    pub fn interleave(rows: &[&[f32]], to: &mut [f32]) {
        assert!(rows.len() <= BLOCK);
        assert!(rows.iter().all(|row| row.len() * BLOCK == to.len()));
    } => interleave_tiles
}

kernel! {
    /// Writes `from[length][16]` as 16 rows: `to[16][length]`.
    pub fn separate(from: &[f32], to: &mut [f32]) {
        assert!(from.len() == to.len() && from.len().is_multiple_of(BLOCK));
    } => separate_tiles
}

#[inline(always)]
unsafe fn interleave_tiles<L: Lanes>(rows: &[&[f32]], to: &mut [f32]) {
    let length = to.len() / BLOCK;
    let zeros = [0.0_f32; BLOCK];
    let mut at = 0;
    while at + BLOCK <= length {
        let mut tile = [zeros.as_ptr(); BLOCK];
        for i in 0..rows.len() {
            tile[i] = unsafe { rows[i].as_ptr().add(at) };
        }
        unsafe { L::transpose(tile, to.as_mut_ptr().add(at * BLOCK), BLOCK) };
        at += BLOCK;
    }
    for k in at..length {
        for i in 0..BLOCK {
            to[k * BLOCK + i] = if i < rows.len() { rows[i][k] } else { 0.0 };
        }
    }
}

#[inline(always)]
unsafe fn separate_tiles<L: Lanes>(from: &[f32], to: &mut [f32]) {
    let length = from.len() / BLOCK;
    let mut at = 0;
    while at + BLOCK <= length {
        let mut tile = [from.as_ptr(); BLOCK];
        for i in 0..BLOCK {
            tile[i] = unsafe { from.as_ptr().add((at + i) * BLOCK) };
        }
        unsafe { L::transpose(tile, to.as_mut_ptr().add(at), length) };
        at += BLOCK;
    }
    for k in at..length {
        for i in 0..BLOCK {
            to[i * length + k] = from[k * BLOCK + i];
        }
    }
}
