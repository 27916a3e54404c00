//! `replikat check`: bands and lock as pass or fail.

use clap::Args;

use super::{SpecOptions, Status, context::Context, stored};
use crate::{
    aggregate,
    error::{Error, Result},
};

#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    spec: SpecOptions,
}

pub(super) fn command(options: &Options) -> Result<Status> {
    let context = Context::new(&options.spec)?;
    // Only runs on the spec's own data set can be judged.
    let (plan, records) = context.own_stored()?;
    if context.spec.expect.is_empty() && stored::read_lock(&context)?.is_none() {
        return Err(Error::Usage {
            message: format!(
                "there is nothing to judge by: no band in the spec, no {}",
                context.lock_path().display()
            ),
            hint: format!(
                "add `expect:`, or write the lock with `replikat lock {}`",
                options.spec.spec.display()
            ),
        });
    }
    let summaries = aggregate::summarize(&plan, &records);
    stored::print_losses(&plan, &summaries);
    let judged = [
        stored::judge_bands(&context, &plan, &summaries),
        stored::judge_lock(&context, &plan, &records, stored::Strictness::Exact)?,
    ];
    let lost = summaries.iter().any(|s| s.finished < s.planned);
    Ok(if lost || judged.contains(&Status::Bad) { Status::Bad } else { Status::Good })
}
