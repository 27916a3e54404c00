//! A test aid: faults that would otherwise come by chance.
//!
//! - Every write path calls [`step`] before its first and after each of its operations. The variable
//!   `REPLIKAT_ABORT_AT` chooses where the process ends, without any clean-up: a number is the n-th step of the
//!   process, from 1 on, a word is the first step of that name. Unset, a step costs one atomic read.
//! - `REPLIKAT_ROOM=N` lets a cohort of more than `N` runs find no memory.

use std::sync::{
    OnceLock,
    atomic::{AtomicUsize, Ordering},
};

enum Target {
    Number(usize),
    Name(String),
}

static TARGET: OnceLock<Option<Target>> = OnceLock::new();
static STEPS: AtomicUsize = AtomicUsize::new(0);

/// Ends the process if `REPLIKAT_ABORT_AT` names this step.
pub fn step(name: &'static str) {
    let Some(target) = TARGET.get_or_init(target) else { return };
    let number = STEPS.fetch_add(1, Ordering::Relaxed) + 1;
    let here = match target {
        Target::Number(wanted) => *wanted == number,
        Target::Name(wanted) => wanted == name,
    };
    if here {
        std::process::abort();
    }
}

/// Returns the error of a GPU without memory, if `REPLIKAT_ROOM` says that so many runs have none.
///
/// # Errors
/// See above.
pub fn room(runs: usize) -> candle_core::Result<()> {
    static ROOM: OnceLock<Option<usize>> = OnceLock::new();
    match ROOM.get_or_init(|| std::env::var("REPLIKAT_ROOM").ok()?.parse().ok()) {
        Some(room) if runs > *room => {
            candle_core::bail!("CUDA_ERROR_OUT_OF_MEMORY, as REPLIKAT_ROOM={room} asks for")
        }
        _ => Ok(()),
    }
}

fn target() -> Option<Target> {
    let text = std::env::var("REPLIKAT_ABORT_AT").ok()?;
    Some(text.parse().map_or(Target::Name(text), Target::Number))
}
