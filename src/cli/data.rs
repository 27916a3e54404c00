//! `replikat data`: where a data set is, and downloading it.

use std::path::Path;

use clap::{Args, Subcommand};

use super::{
    context::{chosen, find_files},
    options::{DataOptions, Status},
    talk::out,
};
use crate::{
    data::{self, Source},
    error::{Error, Result},
    yaml::near::suggest,
};

#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Say where the files are and whether they are the right ones; exit code 1 if they are not.
    #[command(alias = "where")]
    Status(Wanted),
    /// Download the files into the user's cache folder, unless they are there.
    Fetch(Wanted),
}

#[derive(Debug, Args)]
struct Wanted {
    /// The data set, as `data.source` names it.
    #[arg(value_parser = source, default_value = data::SOURCES[0].word())]
    source: &'static Source,
    #[command(flatten)]
    data: DataOptions,
}

fn source(word: &str) -> std::result::Result<&'static Source, String> {
    let known: Vec<&str> = data::words().into_iter().map(|(word, _)| word).collect();
    data::find(word).ok_or_else(|| suggest(word, &known))
}

pub(super) fn command(options: &Options) -> Result<Status> {
    match &options.command {
        Command::Status(wanted) => status(wanted),
        Command::Fetch(Wanted { source, data }) => {
            let folder = find_files(source, data, false)?;
            left_behind(source, true)?;
            Ok(verify(source, folder.as_deref()))
        }
    }
}

/// Names the parts of downloads that processes left which have ended, and removes them if that is wanted.
fn left_behind(source: &Source, remove: bool) -> Result<()> {
    let parts = source.archive().map_or(Ok(Vec::new()), |archive| archive.left_behind(remove))?;
    for part in parts {
        let what =
            if remove { "removed" } else { "nobody needs it any more, `replikat data fetch` removes it" };
        out!("part of a download: {}: {what}", part.display());
    }
    Ok(())
}

fn status(Wanted { source, data }: &Wanted) -> Result<Status> {
    left_behind(source, false)?;
    let Some(archive) = source.archive() else { return Ok(verify(source, None)) };
    match archive.find(chosen(data)) {
        Ok(Some(folder)) => return Ok(verify(source, Some(&folder))),
        Ok(None) => {
            let folder =
                archive.cache_folder().map_or("the cache folder".into(), |f| f.display().to_string());
            out!(
                "{} is not in {folder}; `replikat data fetch {}` downloads it",
                source.title(),
                source.word()
            );
        }
        Err(error @ Error::NoData { .. }) => {
            if let Error::NoData { tried, .. } = &error {
                out!("{}", tried.trim());
            }
            if let Some(hint) = error.hint() {
                out!("hint: {hint}");
            }
        }
        Err(error) => return Err(error),
    }
    Ok(Status::Bad)
}

fn verify(source: &Source, folder: Option<&Path>) -> Status {
    let (Some(archive), Some(folder)) = (source.archive(), folder) else {
        out!("{} need no files", source.title());
        return Status::Good;
    };
    out!("{} in {}", source.title(), folder.display());
    let (mut status, mut hint) = (Status::Good, None);
    for (name, state) in archive.verify(folder) {
        match state {
            Ok(()) => out!("  {name}: good"),
            Err(error) => {
                hint = error.hint().or(hint);
                match error {
                    Error::Data { path, reason } => out!("  {}: {reason}", path.display()),
                    error => {
                        out!("  {name}: {error}");
                        out!("    hint: {}", error.hint().unwrap_or_default());
                    }
                }
                status = Status::Bad;
            }
        }
    }
    if let Some(hint) = hint {
        out!("hint: {hint}");
    }
    status
}
