//! Progress: a bar on a terminal, plain lines elsewhere.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::IsTerminal,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::{
    options::TalkOptions,
    pace::{Kind, Pace, shown},
    talk::{self, say_line},
};
use crate::{
    execute::{By, Done, Event},
    plan::Plan,
    record::End,
    store::Put,
};

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

/// Says on a terminal what is done that takes a moment, until it is dropped.
pub(super) struct Busy(ProgressBar);

impl Busy {
    pub(super) fn with(what: &'static str, talk: TalkOptions) -> Self {
        let bar = ProgressBar::new_spinner().with_style(style("{spinner} {wide_msg}")).with_message(what);
        if talk.quiet || !std::io::stderr().is_terminal() {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        } else {
            bar.enable_steady_tick(TICK);
        }
        Self(bar)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// Between two drawings of the bar.
const TICK: Duration = Duration::from_millis(250);

/// Between plain lines.
const PAUSE: Duration = Duration::from_secs(10);

/// A wait for another process is told after this.
const PATIENCE: Duration = Duration::from_secs(1);

/// Runs that did not finish are told up to this many as it happens; all are told at the end.
const TOLD: usize = 3;

/// Running runs are named up to this many.
const NAMED: usize = 4;

/// A plan whose runs are to be trained: one of a sweep's variants, or the only one.
pub(super) struct Part {
    /// What is said before all that is said of it.
    pub(super) label: String,
    kinds: Vec<Kind>,
    order: Vec<usize>,
    total: usize,
}

impl Part {
    /// Returns the part of some runs of a plan.
    pub(super) fn of(label: String, plan: &Plan, missing: &[usize]) -> Self {
        let mut waiting = vec![0; plan.configs.len()];
        for run in missing {
            waiting[plan.runs[*run].config] += 1;
        }
        let kinds: Vec<Kind> =
            waiting.iter().enumerate().map(|(c, count)| Kind::new(plan.work_per_run(c), *count)).collect();
        let mut order: Vec<usize> = (0..kinds.len()).filter(|kind| waiting[*kind] > 0).collect();
        order.sort_by(|a, b| kinds[*b].work.total_cmp(&kinds[*a].work));
        Self { label, kinds, order, total: missing.len() }
    }
}

/// Progress of all runs that a command trains.
pub(super) struct Runs {
    bar: ProgressBar,
    talk: TalkOptions,
    terminal: bool,
    state: Arc<Mutex<State>>,
}

struct State {
    started: Instant,
    pace: Pace,
    /// Of each part its label and its first kind.
    parts: Vec<(String, usize)>,
    part: usize,
    total: usize,
    done: usize,
    diverged: usize,
    failed: usize,
    /// Names of the runs that are trained now.
    running: BTreeMap<usize, String>,
    /// Since when nothing could be begun, the run that is waited for, and those that were told.
    waiting: Option<(Instant, String)>,
    told: BTreeSet<usize>,
    said: Instant,
}

impl State {
    fn now(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    fn kind(&self, plan: &Plan, run: usize) -> usize {
        self.parts[self.part].1 + plan.runs[run].config
    }

    /// Says how far it is.
    fn line(&self) -> String {
        let mut line = self.parts[self.part].0.clone();
        line += &format!("{} of {} runs trained", self.done, self.total);
        for (count, word) in [(self.diverged, "diverged"), (self.failed, "failed")] {
            if count > 0 {
                line += &format!(", {count} {word}");
            }
        }
        line + &self.times()
    }

    fn times(&self) -> String {
        let now = self.now();
        let left = self.pace.left(now).filter(|_| self.done < self.total);
        let left = left.map_or(String::new(), |left| format!(", about {} left", shown(left)));
        format!("; {}{left}", shown(now))
    }

    fn under_way(&self) -> String {
        if let Some((_, name)) = &self.waiting
            && self.running.is_empty()
        {
            return format!("waiting for {name}, which another process trains");
        }
        let named: Vec<&str> = self.running.values().take(NAMED).map(String::as_str).collect();
        let more = self.running.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        if named.is_empty() { String::new() } else { format!("training {}{more}", named.join("; ")) }
    }
}

impl Runs {
    /// Begins with the runs of all parts.
    pub(super) fn new(parts: Vec<Part>, talk: TalkOptions) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let total = parts.iter().map(|part| part.total).sum();
        let (mut kinds, mut order, mut labels) = (Vec::new(), Vec::new(), Vec::new());
        for part in parts {
            let first = kinds.len();
            order.extend(part.order.iter().map(|kind| first + kind));
            labels.push((part.label, first));
            kinds.extend(part.kinds);
        }
        let now = Instant::now();
        let state = Arc::new(Mutex::new(State {
            started: now,
            pace: Pace::new(kinds, order),
            parts: labels,
            part: 0,
            total,
            done: 0,
            diverged: 0,
            failed: 0,
            running: BTreeMap::new(),
            waiting: None,
            told: BTreeSet::new(),
            said: now,
        }));
        let bar = ProgressBar::new(total as u64);
        talk::spare(&bar);
        if talk.quiet || !terminal {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        } else {
            let shown = |state: &Arc<Mutex<State>>, line: fn(&State) -> String| {
                let state = Arc::clone(state);
                // The bar is never touched while the state is locked, or this would wait for ever.
                move |_: &ProgressState, out: &mut dyn std::fmt::Write| {
                    let _ = out.write_str(&line(&locked(&state)));
                }
            };
            let style = style("{wide_bar}\n{line}\n{under_way}")
                .with_key("line", shown(&state, State::line))
                .with_key("under_way", shown(&state, State::under_way));
            bar.set_style(style);
            bar.enable_steady_tick(TICK);
        }
        Self { bar, talk, terminal, state }
    }

    /// Begins another part.
    pub(super) fn begin(&self, part: usize) {
        let mut state = locked(&self.state);
        state.part = part;
        state.running.clear();
    }

    /// Notes what happened to a run of the present part, and says what has to be said of it.
    pub(super) fn note(&self, plan: &Plan, event: &Event<'_>) {
        let mut lines = Vec::new();
        {
            let state = &mut *locked(&self.state);
            let now = state.now();
            match event {
                Event::Begun(run) => {
                    let kind = state.kind(plan, *run);
                    state.pace.begun(*run, kind, now);
                    state.running.insert(*run, plan.name(&plan.runs[*run]));
                    state.waiting = None;
                }
                Event::Trained { index, seconds, finished } => {
                    state.running.remove(index);
                    state.pace.ended(*index, *seconds, *finished);
                }
                Event::Waiting(run) => lines.extend(self.waiting(state, plan, *run)),
                Event::Done(done) => {
                    state.waiting = None;
                    lines.extend(self.done(state, plan, done));
                }
            }
        }
        if let Event::Done(_) = event {
            self.bar.inc(1);
        }
        for line in lines {
            say_line(format_args!("{line}"));
        }
    }

    fn waiting(&self, state: &mut State, plan: &Plan, run: usize) -> Option<String> {
        let name = plan.name(&plan.runs[run]);
        let (since, _) = state.waiting.get_or_insert_with(|| (Instant::now(), name.clone()));
        let due = since.elapsed() >= PATIENCE && !self.talk.quiet && !self.terminal;
        (due && state.told.insert(run)).then(|| format!("waiting for {name}, which another process trains"))
    }

    fn done(&self, state: &mut State, plan: &Plan, done: &Done<'_>) -> Vec<String> {
        let (run, outcome) = (&plan.runs[done.index], &done.record.outcome);
        let (name, mut lines) = (plan.name(run), Vec::new());
        state.done += 1;
        let unfinished = state.diverged + state.failed;
        match &outcome.end {
            End::Finished { .. } => {}
            End::Diverged { .. } => state.diverged += 1,
            End::Failed { .. } => state.failed += 1,
        }
        match &done.by {
            By::Us(Put::Alarm { kept_at }) => lines.push(format!(
                "ALARM: {name} came out with other bits than the store has; both are kept, the new one at {}",
                kept_at.display()
            )),
            By::Us(Put::Stored | Put::Same) => {}
            By::Another => {
                let kind = state.kind(plan, done.index);
                state.pace.taken(kind);
            }
        }
        let detail =
            Some(outcome.detail()).filter(|d| !d.is_empty()).map_or(String::new(), |d| format!(": {d}"));
        let (word, key) = (outcome.status(), run.key.short());
        if self.talk.verbose {
            let by = if done.by == By::Another { ", by another process" } else { "" };
            let seconds = done.record.provenance.seconds;
            lines.push(format!("{word}: {name}{detail}; key {key}, {seconds:.2} s{by}"));
        } else if !outcome.finished() && !self.talk.quiet {
            match unfinished {
                0..TOLD => lines.push(format!("{word}: {name}{detail}")),
                TOLD => lines.push("further runs that diverge or fail are told at the end".to_owned()),
                _ => {}
            }
        }
        let due = state.said.elapsed() >= PAUSE || state.done == state.total;
        if due && !self.terminal && !self.talk.quiet {
            lines.push(state.line());
            state.said = Instant::now();
        }
        lines
    }

    /// Removes the bar.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
