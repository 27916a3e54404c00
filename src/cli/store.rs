//! `replikat store`: what is stored, whether it is whole, and what no spec needs.

use clap::{Args, Subcommand};

use super::{
    doctor, gc,
    options::{Status, StoreOptions},
    store_list,
    talk::out,
};
use crate::{
    error::Result,
    files,
    lines::counted,
    record::FORMAT,
    store::{Lookup, Store, half_written},
};

#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the stored runs: what they are used in, their network and settings, how they ended.
    List(store_list::Options),
    /// Verify every record.
    Fsck(Fsck),
    /// Move the records that nothing needs to `results/trash`: no spec, no lock, no experiment with outputs.
    Gc(gc::Options),
    /// Say what the file system of a folder guarantees to a store in it: writes, names, locks.
    Doctor(doctor::Options),
}

#[derive(Debug, Args)]
struct Fsck {
    /// Move damaged records to the quarantine; without it, nothing is changed.
    #[arg(long)]
    repair: bool,
    #[command(flatten)]
    store: StoreOptions,
}

pub(super) fn command(options: &Options) -> Result<Status> {
    match &options.command {
        Command::List(options) => store_list::command(options),
        Command::Fsck(options) => fsck(&options.store.store()?, options.repair),
        Command::Gc(options) => gc::command(options),
        Command::Doctor(options) => doctor::command(options),
    }
}

fn fsck(store: &Store, repair: bool) -> Result<Status> {
    let listing = store.list()?;
    let checked = store.check(&listing.keys)?;
    for (key, reason) in &checked.damaged {
        out!("damaged: {}: {reason}", store.path(*key).display());
        // Only whoever holds the lease moves a record, and after another look.
        if repair
            && let Some(_lease) = store.lease(*key)?
            && matches!(store.get(*key)?, Lookup::Damaged(_))
        {
            out!("  moved to {}", store.set_aside(*key)?.display());
        }
    }
    for (key, format) in &checked.foreign {
        out!("not read: {}: format {format}; this version reads format {FORMAT}", store.path(*key).display());
    }
    for path in &listing.strays {
        if half_written(path).is_none() {
            out!("no record: {}", path.display());
        } else if repair && store.is_leftover(path, true)? {
            out!("removed, half-written by a process that has ended: {}", path.display());
        } else {
            out!("half-written: {}", path.display());
        }
    }
    if listing.strays.iter().any(|path| half_written(path).is_none()) {
        out!("  records are named after their keys: move other files away yourself, `--repair` leaves them");
    }
    for path in store.left_behind(repair)? {
        let removed = if repair { "removed, " } else { "" };
        out!("{removed}left behind by a process that has ended: {}", path.display());
    }
    let quarantined = files::entries(&store.quarantine())?.len();
    out!(
        "{}: {} good, {} damaged, {} of another format; {}, {quarantined} in quarantine",
        counted(listing.keys.len(), "record"),
        checked.good,
        checked.damaged.len(),
        checked.foreign.len(),
        counted(listing.strays.len(), "other file")
    );
    if !repair && !checked.damaged.is_empty() {
        out!("`replikat run SPEC` trains damaged runs again; `replikat store fsck --repair` moves them away");
    }
    let good = (checked.damaged.is_empty() || repair) && checked.foreign.is_empty();
    Ok(if good { Status::Good } else { Status::Bad })
}
