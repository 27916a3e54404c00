//! Named, independent random streams.
//!
//! A stream is `ChaCha8` keyed by SHA-256 of the seed and a name such as `init/conv1.weight`. Two
//! streams with different names know nothing of each other, so adding a layer, or evaluating more
//! often, moves no other number. Everything is made from integer bits; the only float arithmetic
//! is an exact scaling by a power of two.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};
use sha2::{Digest, Sha256};

/// A deterministic source of random numbers for one purpose.
#[derive(Debug, Clone)]
pub struct Stream(ChaCha8Rng);

/// Returns the stream of `seed` named `name`; the same pair gives the same numbers everywhere.
#[must_use]
pub fn stream(seed: u64, name: &str) -> Stream {
    let mut hash = Sha256::new();
    hash.update(seed.to_le_bytes());
    hash.update(name.as_bytes());
    Stream(ChaCha8Rng::from_seed(hash.finalize().into()))
}

impl Stream {
    /// Returns 32 random bits.
    pub fn bits32(&mut self) -> u32 {
        self.0.next_u32()
    }

    /// Returns 64 random bits.
    pub fn bits64(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Returns a uniform `f32` in `[0, 1)` with 24 random bits.
    pub fn unit_f32(&mut self) -> f32 {
        (self.bits32() >> 8) as f32 * (1.0 / 16_777_216.0)
    }

    /// Returns a uniform `f64` in `[0, 1)` with 53 random bits.
    pub fn unit_f64(&mut self) -> f64 {
        (self.bits64() >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }

    /// Fills a dropout mask: 0 where the next 32 bits are below `threshold`, else `keep`.
    pub fn mask(&mut self, threshold: u32, keep: f32, mask: &mut [f32]) {
        for value in mask {
            *value = if self.bits32() < threshold { 0.0 } else { keep };
        }
    }

    /// Returns a uniform integer in `0..bound` without bias; `bound` is at least 1.
    ///
    /// Lemire, *Fast random integer generation in an interval*, ACM TOMACS 29 (2019).
    pub fn below(&mut self, bound: u32) -> u32 {
        let reject_below = bound.wrapping_neg() % bound;
        loop {
            let product = u64::from(self.bits32()) * u64::from(bound);
            if product as u32 >= reject_below {
                return (product >> 32) as u32;
            }
        }
    }

    /// Returns the first `count` entries of a uniform random permutation of `0..total`.
    ///
    /// Fisher–Yates, stopped early; `count <= total`.
    #[must_use]
    pub fn sample(mut self, total: u32, count: u32) -> Vec<u32> {
        let mut items: Vec<u32> = (0..total).collect();
        for i in 0..count {
            let j = i + self.below(total - i);
            items.swap(i as usize, j as usize);
        }
        items.truncate(count as usize);
        items
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_the_published_chacha8_of_the_documented_key() {
        // python: hashlib.sha256(struct.pack("<Q", 7) + b"shuffle/1").digest() as ChaCha8 key,
        // zero nonce, counter 0; first two little-endian words (tests/fixtures/chacha8.py).
        let mut s = stream(7, "shuffle/1");
        assert_eq!([s.bits32(), s.bits32()], [3_433_322_322, 2_104_647_471]);
    }

    #[test]
    fn sample_is_a_permutation_and_names_are_independent() {
        let a = stream(1, "a").sample(1000, 1000);
        let mut sorted = a.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..1000).collect::<Vec<_>>());
        assert_ne!(a, stream(1, "b").sample(1000, 1000));
        assert_eq!(a[..10], stream(1, "a").sample(1000, 10)[..]);
    }
}
