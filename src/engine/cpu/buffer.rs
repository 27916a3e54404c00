//! Floats that begin at a cache line, so that no register of a kernel straddles two.

use std::ops::{Deref, DerefMut};

/// Floats per cache line of 64 bytes.
const LINE: usize = 16;

/// A fixed number of floats, the first of which lies at a cache line.
#[derive(Debug, Default)]
pub struct Buffer {
    floats: Vec<f32>,
    start: usize,
    length: usize,
}

impl Buffer {
    /// Returns `length` zeros.
    #[must_use]
    pub fn zeros(length: usize) -> Self {
        let floats = vec![0.0_f32; length + LINE - 1];
        let past = floats.as_ptr().addr() / size_of::<f32>() % LINE;
        Self { floats, start: (LINE - past) % LINE, length }
    }

    /// Makes room for at least `length` floats; what was there may be lost.
    pub fn reserve(&mut self, length: usize) {
        if self.length < length {
            *self = Self::zeros(length);
        }
    }
}

impl Deref for Buffer {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.floats[self.start..self.start + self.length]
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.floats[self.start..self.start + self.length]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_buffer_begins_at_a_cache_line() {
        let mut buffer = Buffer::default();
        assert!(buffer.is_empty());
        for length in [1, 7, 16, 1000, 100_000] {
            buffer.reserve(length);
            assert!(buffer.len() >= length);
            assert_eq!(buffer.as_ptr().addr() % 64, 0, "{length}");
        }
        assert_eq!(Buffer::zeros(5).to_vec(), [0.0; 5]);
    }
}
