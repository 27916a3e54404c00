//! What is said about the paper's claims; shared by `run`, `report` and `check`.

use super::{
    context::{Context, Records},
    out, page, stored,
};
use crate::{
    error::Result,
    files,
    plan::Plan,
    record::StoredOutcome,
    report,
    verdict::{self, Verdicts},
};

/// Judges the claims of the spec, if it has any and the runs are on its own data set.
pub(super) fn judge(
    context: &Context<'_>,
    plan: &Plan,
    records: &[Option<StoredOutcome>],
) -> Option<Verdicts> {
    if report::stand_in(&context.spec, plan).is_some() {
        return None;
    }
    verdict::judge(&context.spec, plan, records, None)
}

/// Returns the verdict lines of a report that was written; `None` if it has no verdicts.
pub(super) fn written(context: &Context<'_>, plan: &Plan) -> Result<Option<String>> {
    if context.spec.claims.is_none() || report::stand_in(&context.spec, plan).is_some() {
        return Ok(None);
    }
    files::read_text(&page::folder(context, plan).join(report::verdict::TEXT)).map(Some)
}

/// Prints the verdict lines: every claim, then how the runs agree with the lock.
pub(super) fn print(
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
    if let Some(lock) = stored::own_lock(context)? {
        let (word, reason) = verdict::lock_word(&verdict::against_lock(plan, records, &lock));
        out!("our own bits: {}, {reason}", word.word());
    }
    Ok(())
}
