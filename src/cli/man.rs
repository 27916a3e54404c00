//! `replikat man`: manual pages.

use clap::{Args, Command};

use super::{options::Status, talk::print_data};
use crate::{
    error::{Error, Result},
    yaml::near::suggest,
};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// The command; the program itself if left out.
    command: Option<String>,
}

pub(super) fn command(options: &Options, mut program: Command) -> Result<Status> {
    program.build();
    let page = match &options.command {
        None => program,
        Some(name) => {
            let known: Vec<&str> = program.get_subcommands().map(Command::get_name).collect();
            let found = program.find_subcommand(name).ok_or_else(|| Error::Usage {
                message: format!("there is no command `{name}`"),
                hint: suggest(name, &known),
            })?;
            found.clone()
        }
    };
    let mut text = Vec::new();
    let page = clap_mangen::Man::new(page).source(concat!("replikat ", env!("CARGO_PKG_VERSION")));
    page.render(&mut text).map_err(Error::file("write", "the manual page"))?;
    print_data(String::from_utf8_lossy(&text).trim_end());
    Ok(Status::Good)
}
