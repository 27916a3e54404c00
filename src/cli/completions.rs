//! `replikat completions`: what a shell completes commands and options by.

use clap::{Args, Command};

use super::{options::Status, talk::print_data};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// The shell.
    shell: clap_complete::Shell,
}

pub(super) fn command(options: &Options, mut program: Command) -> Status {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut program, "replikat", &mut script);
    print_data(String::from_utf8_lossy(&script).trim_end());
    Status::Good
}
