//! Judgements for the terminal: what is lost, bands, lock and verdicts; shared by `run`, `report`, `check` and `sweep`.

use super::{
    context::{Context, Records},
    lock_file,
    options::Status,
    talk::out,
};
use crate::{
    error::Result,
    numerics::Numerics,
    plan::Plan,
    report,
    results::Rounds,
    verdict::{self, BandResult, LockResult, Verdicts},
};

/// Prints how many rounds of each config there are, if any is not there.
pub(super) fn losses(plan: &Plan, rounds: &[Rounds]) {
    for (config, s) in rounds.iter().enumerate().filter(|(_, s)| s.unfinished() > 0) {
        let (finished, diverged) = (s.finished(), s.diverged.len());
        let missing = s.unfinished() - diverged - s.failed;
        out!(
            "{}: {finished} of {} rounds finished ({diverged} diverged, {} failed, {missing} missing)",
            plan.label(config),
            s.planned,
            s.failed
        );
    }
}

/// Prints how each band holds; returns whether all do.
pub(super) fn bands(context: &Context<'_>, plan: &Plan, rounds: &[Rounds]) -> Status {
    if let Some(stand_in) = report::stand_in(&context.spec, plan) {
        out!("bands: not judged, {}", stand_in.reason());
        return Status::Good;
    }
    let results = verdict::bands(plan, rounds, &context.spec.expect);
    if results.is_empty() {
        return Status::Good;
    }
    let violated: Vec<&BandResult> = results.iter().filter(|r| !r.holds()).collect();
    out!("bands: {} of {} hold", results.len() - violated.len(), results.len());
    for band in &violated {
        let [low, high] = band.within;
        let found = band.shown();
        out!("  violated: {} is {found}, expected {low} to {high}", band.name);
    }
    if violated.is_empty() { Status::Good } else { Status::Bad }
}

/// How strictly plan and lock must agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strictness {
    /// Runs that both have must have the same outcome.
    Shared,
    /// Both must have the same runs, with the same outcomes.
    Exact,
}

/// Prints how the runs agree with the lock.
pub(super) fn lock(
    context: &Context<'_>,
    plan: &Plan,
    records: &Records,
    strictness: Strictness,
) -> Result<Status> {
    let path = context.lock_path();
    if !plan.numerics.is_locked() {
        let (locked, own) = (Numerics::LOCKED.name(), plan.numerics.name());
        out!("lock: not compared, the lock is of {locked} and these runs are of {own}");
        return Ok(Status::Good);
    }
    let Some(locked) = lock_file::read(context)? else {
        out!("lock: there is no {}; `replikat lock` makes it", path.display());
        return Ok(Status::Good);
    };
    if let Some(stand_in) = report::stand_in(&context.spec, plan) {
        out!("lock: not compared, {}", stand_in.reason());
        return Ok(Status::Good);
    }
    let result = verdict::against_lock(plan, records, &locked);
    out!("lock: {} of {} runs bit-identical to the lock", result.identical, result.planned);
    print_differences(&result);
    let good = match strictness {
        Strictness::Shared => result.differing.is_empty(),
        Strictness::Exact => result.holds(),
    };
    Ok(if good { Status::Good } else { Status::Bad })
}

/// Names are printed up to this many for each kind of difference.
const NAMED: usize = 5;

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

fn print_differences(result: &LockResult) {
    for (kind, names) in differences(result).into_iter().filter(|(_, names)| !names.is_empty()) {
        let more = names.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let shown = names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        out!("  {kind}: {shown}{more}");
    }
}

/// Judges the claims of the spec, if it has any and the runs are on its own data set.
pub(super) fn claims(context: &Context<'_>, plan: &Plan, rounds: &[Rounds]) -> Option<Verdicts> {
    let stand_in = report::stand_in(&context.spec, plan).is_some();
    if stand_in { None } else { verdict::judge(&context.spec, plan, rounds, None) }
}

/// Prints the verdict lines: every claim, then how the runs agree with the lock.
pub(super) fn verdicts(
    context: &Context<'_>,
    plan: &Plan,
    records: &Records,
    lines: Option<&str>,
) -> Result<()> {
    let Some(lines) = lines else {
        if let (Some(_), Some(stand_in)) = (&context.spec.claims, report::stand_in(&context.spec, plan)) {
            out!("verdicts: none, {}", stand_in.reason());
        }
        return Ok(());
    };
    out!("\n{}", lines.trim_end());
    if let Some(lock) = lock_file::own(context)? {
        let (word, reason) = verdict::lock_word(&verdict::against_lock(plan, records, &lock));
        out!("our own bits: {}, {reason}", word.word());
    }
    Ok(())
}
