//! `replikat report`: tables and figures again, from the store.

use clap::Args;

use super::{SpecOptions, Status, context::Context, say, stored};
use crate::{
    error::{Error, Result},
    report,
};

#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    spec: SpecOptions,
}

pub(super) fn command(options: &Options) -> Result<Status> {
    let context = Context::new(&options.spec)?;
    let (plan, records) = context.stored()?;
    if records.iter().all(Option::is_none) {
        return Err(nothing_stored(&context));
    }
    if let Some(stamp) = report::stamp(&context.spec, &plan) {
        say!(options.spec.talk, "note: {stamp}");
    }
    let summaries = stored::write_reports(&context, &plan, &records)?;
    stored::print_losses(&plan, &summaries);
    Ok(Status::Good)
}

/// Makes the error for a spec of which nothing is stored.
pub(super) fn nothing_stored(context: &Context<'_>) -> Error {
    if let Ok((plan, records)) = context.stored()
        && records.iter().any(Option::is_some)
    {
        let (other, own) = (plan.dataset.source.word(), context.spec.data.source.word());
        return Error::Usage {
            message: format!("only runs on {other} are stored, none on {own}"),
            hint: "get MNIST with `replikat data fetch`, or name its folder with `--data-dir DIR`, and run again".into(),
        };
    }
    Error::Usage {
        message: format!("no run of `{}` is stored", context.options.spec.display()),
        hint: format!("train them with `replikat run {}`", context.options.spec.display()),
    }
}
