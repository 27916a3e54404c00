//! Loops that run on all cores where that pays.

use std::sync::OnceLock;

use rayon::prelude::*;

/// Below this many items the threads would cost more than they save.
const WORTH_IT: usize = 512;

/// Returns `f(0)`, …, `f(count - 1)` in order; on all cores if there are many.
pub fn map<T: Send>(count: usize, f: impl Fn(usize) -> T + Sync + Send) -> Vec<T> {
    if count < WORTH_IT { (0..count).map(f).collect() } else { map_all(count, f) }
}

/// Returns `f(0)`, …, `f(count - 1)` in order, on all cores: for items that each take long.
pub fn map_all<T: Send>(count: usize, f: impl Fn(usize) -> T + Sync + Send) -> Vec<T> {
    if has_threads() { (0..count).into_par_iter().map(f).collect() } else { (0..count).map(f).collect() }
}

/// Says whether there are threads to share a loop; where the system gives none, loops run on the thread that calls.
fn has_threads() -> bool {
    static THREADS: OnceLock<bool> = OnceLock::new();
    *THREADS.get_or_init(|| rayon::ThreadPoolBuilder::new().build_global().is_ok())
}

/// Calls `f` with the index and the values of each chunk of `size` values, on all cores if there are several.
pub fn each_chunk<T: Send>(values: &mut [T], size: usize, f: impl Fn(usize, &mut [T]) + Sync + Send) {
    if values.len() <= size {
        f(0, values);
    } else if has_threads() {
        values.par_chunks_exact_mut(size).enumerate().for_each(|(index, chunk)| f(index, chunk));
    } else {
        values.chunks_exact_mut(size).enumerate().for_each(|(index, chunk)| f(index, chunk));
    }
}

/// Returns what `a` and `b` return, each on a core of its own if there are several.
pub fn both<A: Send, B: Send>(a: impl FnOnce() -> A + Send, b: impl FnOnce() -> B + Send) -> (A, B) {
    if has_threads() { rayon::join(a, b) } else { (a(), b()) }
}
