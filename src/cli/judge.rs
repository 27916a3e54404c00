//! Judgements for the terminal: what is lost, bands, lock and verdicts; shared by `run`, `report`, `check` and `sweep`.

use std::collections::BTreeMap;

use super::{
    context::{Context, Records},
    lock_file,
    options::Status,
    screen::{self, Stream},
    talk::show_all,
};
use crate::{
    error::Result,
    lines::{Line, Tone, runs, seeds},
    numerics::Numerics,
    plan::Plan,
    record::End,
    report,
    results::{Ends, Rounds},
    verdict::{self, BandResult, LockResult, Verdicts},
};

/// What was judged: a line that says how it is, lines that say what is not as it should be, and whether that is bad.
#[derive(Debug, Clone)]
pub(super) struct Judged {
    pub(super) status: Status,
    /// Nothing where there was nothing to judge.
    pub(super) line: Option<Line>,
    pub(super) more: Vec<Line>,
}

impl Judged {
    fn good(line: Option<Line>) -> Self {
        Self { status: Status::Good, line, more: Vec::new() }
    }
}

/// Configs, bands and runs are named up to this many of a kind.
const NAMED: usize = 10;

/// Says of which configs runs are not there, and why: a line for each config and way to end.
pub(super) fn losses(plan: &Plan, records: &Records) -> Vec<Line> {
    let mut planned = vec![0; plan.configs.len()];
    // Missing runs last: they are no news where little is stored.
    let mut lost: BTreeMap<(u8, usize, &str), Vec<usize>> = BTreeMap::new();
    for (index, (run, record)) in plan.runs.iter().zip(records).enumerate() {
        planned[run.config] += 1;
        let key = match record.as_ref().map(|record| &record.outcome.end) {
            Some(End::Finished { .. }) => continue,
            Some(End::Failed { reason }) => (0, run.config, reason.as_str()),
            Some(End::Diverged { .. }) => (1, run.config, ""),
            None => (2, run.config, ""),
        };
        lost.entry(key).or_default().push(index);
    }
    let mut out = Vec::new();
    for kind in 0..=2 {
        let of_kind: Vec<_> = lost.iter().filter(|((k, ..), _)| *k == kind).collect();
        for ((_, config, reason), runs) in of_kind.iter().take(NAMED) {
            let which: Vec<u64> = runs.iter().map(|run| plan.runs[*run].seed).collect();
            let (word, tone) = [("failed", Tone::Bad), ("diverged", Tone::Mixed), ("missing", Tone::Open)]
                [usize::from(kind)];
            let why = match kind {
                0 => format!(": {reason}"),
                1 => format!(": {}", where_diverged(runs, records)),
                _ => String::new(),
            };
            let head = format!("{}: {} of {} rounds ", plan.label(*config), runs.len(), planned[*config]);
            out.push(
                Line::plain(head).and(tone, word).and(Tone::Plain, format!(" ({}){why}", seeds(&which))),
            );
        }
        if of_kind.len() > NAMED {
            let word = ["failed", "diverged", "are missing"][usize::from(kind)];
            out.push(Line::plain(format!("rounds of {} more configs {word}", of_kind.len() - NAMED)));
        }
    }
    out
}

/// Says in which epochs runs diverged.
fn where_diverged(runs: &[usize], records: &Records) -> String {
    let ends = runs.iter().filter_map(|run| match records[*run].as_ref()?.outcome.end {
        End::Diverged { epoch, step } => Some((epoch, step)),
        End::Finished { .. } | End::Failed { .. } => None,
    });
    let (first, last) = (ends.clone().min(), ends.max());
    match first.zip(last) {
        Some((a, b)) if a == b => format!("loss not finite at epoch {}, step {}", a.0, a.1),
        Some(((a, _), (b, _))) if a == b => format!("loss not finite in epoch {a}"),
        Some(((a, _), (b, _))) => format!("loss not finite in epochs {a} to {b}"),
        None => String::new(),
    }
}

/// Says how the bands hold.
pub(super) fn bands(context: &Context<'_>, plan: &Plan, rounds: &[Rounds]) -> Judged {
    let results = verdict::bands(plan, rounds, &context.spec.expect);
    if results.is_empty() {
        return Judged::good(None);
    }
    if let Some(stand_in) = report::stand_in(&context.spec, plan) {
        return Judged::good(Some(Line::plain(format!("bands: not judged, {}", stand_in.reason()))));
    }
    let violated: Vec<&BandResult> = results.iter().filter(|r| !r.holds()).collect();
    let said = format!("{} of {} hold", results.len() - violated.len(), results.len());
    let tone = if violated.is_empty() { Tone::Plain } else { Tone::Bad };
    let ends = Ends::of(rounds);
    let (ended, planned) = (ends.planned - ends.missing(), ends.planned);
    let so_far =
        if ended < planned { format!(" so far, with {ended} of {planned} runs") } else { String::new() };
    let line = Line::plain("bands: ").and(tone, said).and(Tone::Plain, so_far);
    let band = |band: &&BandResult| {
        let [low, high] = band.within;
        let found = match band.found {
            Some(value) => format!("is {value:.2}"),
            None => "has no value, since no round has it or one round has no spread".to_owned(),
        };
        let text = format!(" {} {found}; expected {low} to {high}", band.name);
        Line::plain("  ").and(Tone::Bad, "violated:").and(Tone::Plain, text)
    };
    let mut more: Vec<Line> = violated.iter().take(NAMED).map(band).collect();
    if violated.len() > NAMED {
        more.push(Line::plain(format!("  and {} more", violated.len() - NAMED)));
    }
    let status = if violated.is_empty() { Status::Good } else { Status::Bad };
    Judged { status, line: Some(line), more }
}

/// How strictly plan and lock must agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strictness {
    /// Runs that both have must have the same outcome.
    Shared,
    /// Both must have the same runs, with the same outcomes.
    Exact,
}

/// Says how the runs agree with the lock.
pub(super) fn lock(
    context: &Context<'_>,
    plan: &Plan,
    records: &Records,
    strictness: Strictness,
) -> Result<Judged> {
    if !plan.numerics.is_locked() {
        let (locked, own) = (Numerics::LOCKED.name(), plan.numerics.name());
        let text = format!("lock: not compared, the lock is of {locked} and these runs are of {own}");
        return Ok(Judged::good(Some(Line::plain(text))));
    }
    let Some(locked) = lock_file::read(context)? else {
        let (path, command) = (context.lock_path(), context.options.command("lock"));
        let text = format!("lock: there is no {}; `{command}` makes it", path.display());
        return Ok(Judged::good(Some(Line::plain(text))));
    };
    if let Some(stand_in) = report::stand_in(&context.spec, plan) {
        return Ok(Judged::good(Some(Line::plain(format!("lock: not compared, {}", stand_in.reason())))));
    }
    let result = verdict::against_lock(plan, records, &locked);
    let (word, _) = verdict::lock_word(&result);
    let tone = if result.identical == result.planned { report::table::tone(word) } else { Tone::Plain };
    let line = Line::plain(format!("lock: {} of {} runs ", result.identical, result.planned))
        .and(tone, verdict::Word::BitIdentical.word());
    let good = match strictness {
        Strictness::Shared => result.differing.is_empty(),
        Strictness::Exact => result.holds(),
    };
    let status = if good { Status::Good } else { Status::Bad };
    let mut more = unlike(&result);
    // The same names on both sides: runs that go by the same config, but have other settings.
    if result.unlocked.iter().any(|name| result.stray.contains(name)) {
        let (path, command) = (context.lock_path(), context.options.command("lock"));
        let text = format!(
            "  {} is of other settings of these runs; `{command} --force` writes it of these, `replikat explain` says what differs",
            path.display()
        );
        more.push(Line::plain(text));
    }
    Ok(Judged { status, line: Some(line), more })
}

/// Returns each kind of difference with the runs that have it.
pub(super) fn differences(result: &LockResult) -> [(&'static str, &Vec<String>); 5] {
    [
        ("other bits than the lock", &result.differing),
        ("not in the lock", &result.unlocked),
        ("in the lock, but not in the spec", &result.stray),
        ("not trained", &result.missing),
        ("failed", &result.failed),
    ]
}

fn unlike(result: &LockResult) -> Vec<Line> {
    const NAMED: usize = 5;
    let line = |(kind, names): (&str, &Vec<String>)| {
        let shown = runs(names, NAMED);
        let tone = if kind == "other bits than the lock" { Tone::Bad } else { Tone::Plain };
        Line::plain("  ").and(tone, kind).and(Tone::Plain, format!(": {shown}"))
    };
    differences(result).into_iter().filter(|(_, names)| !names.is_empty()).map(line).collect()
}

/// Judges the claims of the spec, if it has any and the runs are on its own data set.
pub(super) fn claims(context: &Context<'_>, plan: &Plan, rounds: &[Rounds]) -> Option<Verdicts> {
    let stand_in = report::stand_in(&context.spec, plan).is_some();
    if stand_in { None } else { verdict::judge(&context.spec, plan, rounds) }
}

/// Prints every claim with its verdict, and below it what is lost.
pub(super) fn show_verdicts(
    context: &Context<'_>,
    verdicts: Option<&Verdicts>,
    plan: &Plan,
    records: &Records,
) {
    if context.options.talk.quiet {
        return;
    }
    if let Some(verdicts) = verdicts {
        show_all(report::verdict::screen(verdicts, &context.spec, screen::width(Stream::Out)));
    }
    let lost = losses(plan, records);
    if !lost.is_empty() {
        show_all(verdicts.map(|_| Line::default()).into_iter().chain(lost));
    }
}
