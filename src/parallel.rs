//! Loops that run on all cores where that pays.

use rayon::prelude::*;

/// Below this many items the threads would cost more than they save.
const WORTH_IT: usize = 512;

/// Returns `f(0)`, …, `f(count - 1)` in order; on all cores if there are many.
pub fn map<T: Send>(count: usize, f: impl Fn(usize) -> T + Sync + Send) -> Vec<T> {
    if count < WORTH_IT { (0..count).map(f).collect() } else { map_all(count, f) }
}

/// Returns `f(0)`, …, `f(count - 1)` in order, on all cores: for items that each take long.
pub fn map_all<T: Send>(count: usize, f: impl Fn(usize) -> T + Sync + Send) -> Vec<T> {
    (0..count).into_par_iter().map(f).collect()
}

/// Calls `f` with the index and the values of each chunk of `size` values, on all cores if there are several.
pub fn each_chunk<T: Send>(values: &mut [T], size: usize, f: impl Fn(usize, &mut [T]) + Sync + Send) {
    if values.len() <= size {
        f(0, values);
    } else {
        values.par_chunks_exact_mut(size).enumerate().for_each(|(index, chunk)| f(index, chunk));
    }
}
