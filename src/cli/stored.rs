//! From records to reports and judgements; shared by `run`, `report` and `check`.

use std::{path::PathBuf, sync::LazyLock};

use super::{
    Status,
    context::{Context, Records},
    out, page, say,
};
use crate::{
    aggregate::{self, ConfigSummary},
    error::{Error, Result},
    files,
    numerics::Numerics,
    plan::Plan,
    report,
    verdict::{self, BandResult, LOCK_FORMAT, Lock, LockResult},
};

/// What reports were made of, and their files.
pub(super) struct Made {
    pub(super) summaries: Vec<ConfigSummary>,
    pub(super) files: Vec<PathBuf>,
}

/// Aggregates the records, writes the report files that changed and prints the tables to stdout.
pub(super) fn write_reports(context: &Context<'_>, plan: &Plan, records: &Records) -> Result<Made> {
    let summaries = aggregate::summarize(plan, records);
    let (spec, folders) = (&context.spec, context.folders());
    let configs = report::config_digests(plan, records);
    let verdicts = LazyLock::new(|| {
        let judged = || report::judged::judge(spec, plan, records, &configs, &folders);
        report::stand_in(spec, plan).is_none().then(judged).flatten()
    });
    let material = report::Material {
        spec,
        plan,
        records,
        summaries: &summaries,
        configs: &configs,
        verdicts: &verdicts,
    };
    let mut written = report::write(&material, &folders)?;
    let judged = page::write(context, &material)?;
    written.files.extend(judged.files);
    written.rebuilt.extend(judged.rebuilt);
    written.removed.extend(judged.removed);
    for table in &written.tables {
        out!("{}", table.text());
    }
    let changed = written.files.iter().filter(|(_, changed)| *changed).count();
    say!(
        context.options.talk,
        "{} report files, {changed} of them new or changed, in {} and {}",
        written.files.len(),
        context.options.reports.join(report::folder_name(&context.spec, plan)).display(),
        context.options.results.join(report::folder_name(&context.spec, plan)).display()
    );
    let rebuilt = written.rebuilt.iter().map(|(name, reason)| format!("{name} ({reason})"));
    let rebuilt =
        if written.rebuilt.is_empty() { "nothing".into() } else { rebuilt.collect::<Vec<_>>().join(", ") };
    say!(context.options.talk, "rebuilt: {rebuilt}");
    if !written.removed.is_empty() {
        say!(
            context.options.talk,
            "removed, since the spec has them no more: {}",
            written.removed.join(", ")
        );
    }
    let files = written.files.into_iter().map(|(path, _)| path).collect();
    Ok(Made { summaries, files })
}

/// Prints how many rounds of each config there are, if any is not there.
pub(super) fn print_losses(plan: &Plan, summaries: &[ConfigSummary]) {
    for (config, s) in summaries.iter().enumerate().filter(|(_, s)| s.finished < s.planned) {
        let missing = s.planned - s.finished - s.diverged - s.failed;
        out!(
            "{}: {} of {} rounds finished ({} diverged, {} failed, {missing} missing)",
            plan.label(config),
            s.finished,
            s.planned,
            s.diverged,
            s.failed
        );
    }
}

/// Prints how each band holds; returns whether all do.
pub(super) fn judge_bands(context: &Context<'_>, plan: &Plan, summaries: &[ConfigSummary]) -> Status {
    if let Some(stand_in) = report::stand_in(&context.spec, plan) {
        out!("bands: not judged, {}", stand_in.reason());
        return Status::Good;
    }
    let results = verdict::bands(plan, summaries, &context.spec.expect);
    if results.is_empty() {
        return Status::Good;
    }
    let violated: Vec<&BandResult> = results.iter().filter(|r| !r.holds()).collect();
    out!("bands: {} of {} hold", results.len() - violated.len(), results.len());
    for band in &violated {
        let [low, high] = band.within;
        let found = band.found.map_or("nothing".into(), |v| format!("{v:.2}"));
        out!("  violated: {} is {found}, expected {low} to {high}", band.name);
    }
    if violated.is_empty() { Status::Good } else { Status::Bad }
}

/// Reads the lock, if there is one.
pub(super) fn read_lock(context: &Context<'_>) -> Result<Option<Lock>> {
    let path = context.lock_path();
    let Some(bytes) = files::read_if_present(&path)? else { return Ok(None) };
    let damaged = |e: serde_json::Error| Error::Damaged { path: path.clone(), reason: e.to_string() };
    // The format first: a newer one may have names that are unknown here.
    let value: serde_json::Value = serde_json::from_slice(&bytes).map_err(damaged)?;
    if let Some(found) = value["format"].as_u64().filter(|found| *found != LOCK_FORMAT) {
        return Err(Error::Format { path, found, known: LOCK_FORMAT });
    }
    serde_json::from_value(value).map(Some).map_err(damaged)
}

/// Reads the lock if it vouches for the bits that are meant.
pub(super) fn own_lock(context: &Context<'_>) -> Result<Option<Lock>> {
    if context.options.numerics().is_locked() { read_lock(context) } else { Ok(None) }
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
pub(super) fn judge_lock(
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
    let Some(lock) = read_lock(context)? else {
        out!("lock: there is no {}; `replikat lock` makes it", path.display());
        return Ok(Status::Good);
    };
    if let Some(stand_in) = report::stand_in(&context.spec, plan) {
        out!("lock: not compared, {}", stand_in.reason());
        return Ok(Status::Good);
    }
    let result = verdict::against_lock(plan, records, &lock);
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
