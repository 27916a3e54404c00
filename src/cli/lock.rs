//! `replikat lock`: writes what everyone should get.

use clap::Args;

use super::{
    context::Context,
    options::{SpecOptions, Status},
    talk::out,
};
use crate::{
    error::{Error, Result},
    files,
    record::StoredOutcome,
    verdict,
};

#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    spec: SpecOptions,
}

pub(super) fn command(options: &Options) -> Result<Status> {
    let numerics = options.spec.numerics();
    if !numerics.is_locked() {
        return Err(Error::Usage {
            message: format!(
                "a lock holds bits that everyone gets, and those of {} differ by device",
                numerics.name()
            ),
            hint: "leave `--device` out to lock the runs of the CPU; `check` judges these by the bands"
                .into(),
        });
    }
    let context = Context::new(&options.spec)?;
    let (plan, records) = context.own_stored()?;
    let stored = records.iter().flatten().count();
    if stored < plan.runs.len() {
        return Err(Error::Usage {
            message: format!("only {stored} of {} runs are stored; a lock has all of them", plan.runs.len()),
            hint: format!("train the rest with `replikat run {}`", options.spec.spec.display()),
        });
    }
    let failed =
        |(_, record): &(_, &Option<StoredOutcome>)| record.as_ref().is_some_and(|r| r.outcome.failed());
    if let Some((run, _)) = plan.runs.iter().zip(&records).find(failed) {
        return Err(Error::Usage {
            message: format!("the run {} failed; a lock holds outcomes", plan.name(run)),
            hint: format!(
                "train it again with `replikat run {} --retry-failed`",
                options.spec.spec.display()
            ),
        });
    }
    let lock = verdict::lock(&plan, &records);
    let path = context.lock_path();
    let text = serde_json::to_string_pretty(&lock).unwrap_or_default() + "\n";
    let changed = files::read_if_present(&path)?.as_deref() != Some(text.as_bytes());
    if changed {
        files::write_atomic(&path, text.as_bytes())?;
    }
    let state = if changed { "written" } else { "unchanged" };
    out!("{}: {} runs, {state}", path.display(), plan.runs.len());
    Ok(Status::Good)
}
