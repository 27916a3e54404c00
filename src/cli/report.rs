//! `replikat report`: the tables and figures whose inputs changed, from the store.

use clap::Args;

use super::{SpecOptions, Status, context::Context, page, say, stored, verdicts};
use crate::{error::Result, report};

#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    spec: SpecOptions,
    /// Also write the folder as a research object (RO-Crate), with spec and frames.
    #[arg(long = "crate")]
    research_object: bool,
    /// Open the page in a browser.
    #[arg(long)]
    open: bool,
}

pub(super) fn command(options: &Options) -> Result<Status> {
    let context = Context::new(&options.spec)?;
    let (plan, records) = context.stored()?;
    if records.iter().all(Option::is_none) {
        return Err(context.nothing_stored());
    }
    if let Some(caveat) = report::caveat(&context.spec, &plan) {
        say!(options.spec.talk, "note: {caveat}");
    }
    if let Some(caveat) = plan.numerics.caveat() {
        say!(options.spec.talk, "note: {caveat}");
    }
    let made = stored::write_reports(&context, &plan, &records)?;
    stored::print_losses(&plan, &made.summaries);
    verdicts::print(&context, &plan, &records, verdicts::written(&context, &plan)?.as_deref())?;
    page::tell(&context, &plan);
    if options.research_object {
        page::write_crate(&context, &plan, &made)?;
    } else {
        page::refresh_crate(&context, &plan, &made)?;
    }
    if options.open {
        page::open(&context, &plan)?;
    }
    Ok(Status::Good)
}
