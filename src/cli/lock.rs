//! `replikat lock`: writes what everyone should get.

use clap::Args;

use super::{SpecOptions, Status, context::Context, out};
use crate::{
    error::{Error, Result},
    files, verdict,
};

#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    spec: SpecOptions,
}

pub(super) fn command(options: &Options) -> Result<Status> {
    let context = Context::new(&options.spec)?;
    let (plan, records) = context.own_stored()?;
    let stored = records.iter().flatten().count();
    if stored < plan.runs.len() {
        return Err(Error::Usage {
            message: format!("only {stored} of {} runs are stored; a lock has all of them", plan.runs.len()),
            hint: format!("train the rest with `replikat run {}`", options.spec.spec.display()),
        });
    }
    if let Some(record) = records.iter().flatten().find(|r| r.outcome.failed()) {
        return Err(Error::Usage {
            message: format!("the run {} failed; a lock holds outcomes", record.key),
            hint: format!(
                "train it again with `replikat run {} --retry-failed`",
                options.spec.spec.display()
            ),
        });
    }
    let lock = verdict::lock(&plan, &records);
    let path = context.lock_path();
    let text = serde_json::to_string_pretty(&lock).unwrap_or_default() + "\n";
    let changed = files::write_if_changed(&path, text.as_bytes())?;
    let state = if changed { "written" } else { "unchanged" };
    out!("{}: {} runs, {state}", path.display(), plan.runs.len());
    Ok(Status::Good)
}
