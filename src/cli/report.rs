//! `replikat report`: the tables and figures whose inputs changed, from the store.

use clap::Args;

use super::{SpecOptions, Status, context::Context, say, stored, verdicts};
use crate::{error::Result, report};

#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    spec: SpecOptions,
}

pub(super) fn command(options: &Options) -> Result<Status> {
    let context = Context::new(&options.spec)?;
    let (plan, records) = context.stored()?;
    if records.iter().all(Option::is_none) {
        return Err(context.nothing_stored());
    }
    if let Some(stamp) = report::stamp(&context.spec, &plan) {
        say!(options.spec.talk, "note: {stamp}");
    }
    let (summaries, verdicts) = stored::write_reports(&context, &plan, &records)?;
    stored::print_losses(&plan, &summaries);
    verdicts::print(&context, &plan, &records, verdicts.as_ref())?;
    Ok(Status::Good)
}
