//! `replikat store doctor`: what a folder guarantees to a store in it.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::{
    options::{Status, StoreOptions, folder},
    talk::{out, print_data},
};
use crate::{
    error::{Error, Result},
    files::{self, Guarantee},
};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// The folder; that of the store if left out.
    folder: Option<PathBuf>,
    /// Print what was found as JSON; `holds` is null where it cannot be known.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: StoreOptions,
}

pub(super) fn command(options: &Options) -> Result<Status> {
    let path = options.folder.as_ref().unwrap_or(&options.store.results);
    folder(path, "--results")?;
    if !path.exists() {
        return Err(Error::Usage {
            message: format!("there is no folder `{}`", path.display()),
            hint: "make it, or name the one that is to hold a store".into(),
        });
    }
    let found = files::guarantees(path)?;
    let system = files::file_system(path);
    let lacks = |one: &&Guarantee| one.holds != Some(true);
    let bad = found.iter().filter(lacks).any(|one| one.needed);
    let status = if bad { Status::Bad } else { Status::Good };
    if options.json {
        let one = |g: &Guarantee| json!({"what": g.what, "holds": g.holds, "needed": g.needed});
        let all: Vec<Value> = found.iter().map(one).collect();
        let kind = system.map(|(kind, _)| kind);
        print_data(
            &serde_json::to_string_pretty(&json!({"file_system": kind, "guarantees": all}))
                .unwrap_or_default(),
        );
        return Ok(status);
    }
    match system {
        Some((kind, source)) => out!("{} is on {kind} ({source})", path.display()),
        None => out!("{}: the system does not say on what kind of file system it is", path.display()),
    }
    for one in &found {
        let word = match one.holds {
            Some(true) => "yes",
            Some(false) => "no",
            None => "not known",
        };
        out!("{word:9}  {}", one.what);
    }
    for one in found.iter().filter(lacks) {
        out!("{}: {}", one.what, one.without);
    }
    out!(
        "{}",
        match (bad, found.iter().any(|one| lacks(&one))) {
            (true, _) => "this folder cannot hold a store",
            (false, true) => "this folder can hold a store, with less than all promises",
            (false, false) => "this folder can hold a store, with all promises",
        }
    );
    Ok(status)
}
