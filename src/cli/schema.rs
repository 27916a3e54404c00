//! `replikat schema`: what may stand in a spec.

use clap::Args;

use super::{options::Status, talk::print_data};
use crate::spec;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Print the reference as Markdown, as it stands in docs/spec.md.
    #[arg(long)]
    markdown: bool,
}

pub(super) fn command(options: &Options) -> Status {
    if options.markdown {
        print_data(spec::reference().trim_end());
    } else {
        print_data(&serde_json::to_string_pretty(&spec::schema()).unwrap_or_default());
    }
    Status::Good
}
