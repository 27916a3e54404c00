//! What is said about the paper's claims; shared by `run`, `report` and `check`.

use super::{
    context::{Context, Records},
    out, stored,
};
use crate::{
    error::Result,
    plan::Plan,
    report,
    verdict::{self, Verdicts},
};

/// Judges the claims of the spec, if it has any and the runs are on its own data set.
pub(super) fn judge(context: &Context<'_>, plan: &Plan, records: &Records) -> Option<Verdicts> {
    if report::stamp(&context.spec, plan).is_some() {
        return None;
    }
    verdict::judge(&context.spec, plan, records)
}

/// Prints the verdict lines: every claim, then how the runs agree with the lock.
pub(super) fn print(
    context: &Context<'_>,
    plan: &Plan,
    records: &Records,
    verdicts: Option<&Verdicts>,
) -> Result<()> {
    let Some(verdicts) = verdicts else {
        if context.spec.claims.is_some() {
            out!("verdicts: none, these are drawn digits and the paper's data is MNIST");
        }
        return Ok(());
    };
    out!("\n{}", report::verdict::text(verdicts).trim_end());
    if let Some(lock) = stored::read_lock(context)? {
        let (word, reason) = verdict::lock_word(&verdict::against_lock(plan, records, &lock));
        out!("our own bits: {}, {reason}", word.word());
    }
    Ok(())
}
