//! Progress: a bar on a terminal, plain lines elsewhere.

use std::{
    io::IsTerminal,
    sync::Mutex,
    time::{Duration, Instant},
};

use super::talk::say_line;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Returns a bar for bytes; hidden where stderr is not a terminal.
pub(super) fn download(quiet: bool) -> ProgressBar {
    let bar = ProgressBar::no_length();
    if quiet {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    bar.with_style(style("{msg} {wide_bar} {bytes}/{total_bytes} {eta}"))
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// Progress of the runs of a plan.
pub(super) struct Runs {
    bar: ProgressBar,
    quiet: bool,
    terminal: bool,
    started: Instant,
    state: Mutex<State>,
}

struct State {
    done: usize,
    failed: usize,
    total: usize,
    said: Instant,
}

/// Seconds between plain lines.
const PAUSE: Duration = Duration::from_secs(10);

impl Runs {
    /// Begins with `total` runs to train, `jobs` at once.
    pub(super) fn new(total: usize, jobs: usize, quiet: bool) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let bar = ProgressBar::new(total as u64).with_style(style("{wide_bar} {pos}/{len} runs, {msg}"));
        if quiet || !terminal {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        bar.set_message(format!("{} running, 0 failed", jobs.min(total)));
        bar.enable_steady_tick(Duration::from_millis(250));
        let now = Instant::now();
        let state = Mutex::new(State { done: 0, failed: 0, total, said: now });
        Self { bar, quiet, terminal, started: now, state }
    }

    /// Counts a run that ended; `line` tells of it if it failed.
    pub(super) fn done(&self, failed: bool, jobs: usize, line: Option<String>) {
        let Ok(mut state) = self.state.lock() else { return };
        state.done += 1;
        state.failed += usize::from(failed);
        let running = jobs.min(state.total - state.done);
        self.bar.set_message(format!("{running} running, {} failed", state.failed));
        // There is nothing to guess the time from before the first run has ended.
        self.bar.set_style(style("{wide_bar} {pos}/{len} runs, {msg}, {eta} left"));
        self.bar.inc(1);
        if let Some(line) = line {
            self.bar.suspend(|| say_line(format_args!("{line}")));
        }
        let due = state.said.elapsed() >= PAUSE || state.done == state.total;
        if due && !self.terminal && !self.quiet {
            let elapsed = self.started.elapsed().as_secs_f64();
            let left = elapsed / state.done as f64 * (state.total - state.done) as f64;
            say_line(format_args!(
                "{} of {} runs trained, {} failed, {elapsed:.0} s elapsed, about {left:.0} s left",
                state.done, state.total, state.failed
            ));
            state.said = Instant::now();
        }
    }

    /// Removes the bar.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
