//! `replikat data`: where MNIST is, and downloading it.

use clap::{Args, Subcommand};

use super::{DataOptions, Status, context::find_mnist, out};
use crate::{
    data::mnist,
    error::{Error, Result},
};

#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Say where the files are and whether they are the right ones.
    Status(DataOptions),
    /// Download the files into the user's cache folder, unless they are there.
    Fetch(DataOptions),
}

pub(super) fn command(options: &Options) -> Result<Status> {
    match &options.command {
        Command::Status(data) => match mnist::find(super::context::chosen(data)) {
            Ok(Some(place)) => Ok(verify(&place)),
            Ok(None) => {
                let folder =
                    mnist::cache_folder().map_or("the cache folder".into(), |f| f.display().to_string());
                out!("MNIST is not in {folder}; `replikat data fetch` downloads it");
                Ok(Status::Bad)
            }
            Err(Error::NoData { tried }) => {
                out!("{}", tried.trim());
                Ok(Status::Bad)
            }
            Err(error) => Err(error),
        },
        Command::Fetch(data) => Ok(verify(&find_mnist(data, false)?)),
    }
}

fn verify(place: &mnist::Place) -> Status {
    out!("MNIST in {}", place.folder.display());
    let mut status = Status::Good;
    for (name, state) in place.verify() {
        match state {
            Ok(()) => out!("  {name}: good"),
            Err(error) => {
                out!("  {name}: {error}");
                status = Status::Bad;
            }
        }
    }
    status
}
