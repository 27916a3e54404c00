//! A test aid: ends the process, without any clean-up, at a chosen step of a write.
//!
//! Every write path calls [`step`] before its first and after each of its operations. The variable
//! `REPLIKAT_ABORT_AT` chooses where the process ends: a number is the n-th step of the process, from 1 on, a
//! word is the first step of that name. Unset, a step costs one atomic read.

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

fn target() -> Option<Target> {
    let text = std::env::var("REPLIKAT_ABORT_AT").ok()?;
    Some(text.parse().map_or(Target::Name(text), Target::Number))
}
