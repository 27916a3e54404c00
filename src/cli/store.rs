//! `replikat store`: what is stored, whether it is whole, and what no spec needs.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use clap::{Args, Subcommand};
use serde_json::Value;

use super::{
    gc,
    options::{Status, StoreOptions},
    screen::{self, Stream},
    show::{config_of, short},
    talk::{out, show_all},
};
use crate::{
    error::Result,
    files,
    lines::counted,
    plan::explain::shown as spec_value,
    record::{FORMAT, Record},
    report::table::{Cell, Column, Table, numbers, words},
    spec::{SETTINGS, Setting},
    store::{Lookup, Store, half_written},
};

#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the stored runs.
    List(StoreOptions),
    /// Verify every record.
    Fsck(Fsck),
    /// Move the records that nothing needs to `results/trash`: no spec, no lock, no experiment with outputs.
    Gc(gc::Options),
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
        Command::List(options) => list(&options.store()?),
        Command::Fsck(options) => fsck(&options.store.store()?, options.repair),
        Command::Gc(options) => gc::command(options),
    }
}

/// What a line of the list says; configs are told apart by their index, since few have many runs.
struct Line {
    status: &'static str,
    config: usize,
    seed: String,
    epochs: usize,
    accuracy: String,
}

fn list(store: &Store) -> Result<Status> {
    let keys = store.list()?.keys;
    let configs = Mutex::new(BTreeMap::new());
    let line = |record: Record| {
        let (config, seed) = config_of(&record);
        let last = record.outcome.epochs.last();
        let accuracy = last.and_then(|m| m.test.first());
        let accuracy = accuracy.map_or("–".to_owned(), |v| format!("{:.2}", v * 100.0));
        let mut configs = configs.lock().unwrap_or_else(PoisonError::into_inner);
        let next = configs.len();
        Line {
            status: record.outcome.status(),
            config: *configs.entry(config.to_string()).or_insert(next),
            seed,
            epochs: last.map_or(0, |m| m.epoch),
            accuracy,
        }
    };
    let found = store.look_up(&keys, line)?;
    let configs = configs.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut by_index: Vec<(usize, String)> = configs.into_iter().map(|(text, i)| (i, text)).collect();
    by_index.sort_unstable();
    let configs: Vec<Value> =
        by_index.iter().map(|(_, text)| serde_json::from_str(text).unwrap_or_default()).collect();
    let settings = columns(&configs);
    let mut names = vec![words("key"), words("status"), words("engine"), words("data"), words("network")];
    names.extend(settings.iter().map(|column| Column { name: column[0].clone().into(), right: true }));
    names.extend([numbers("seed"), numbers("epochs"), numbers("test accuracy")]);
    let (mut rows, mut damaged) = (Vec::new(), Vec::new());
    for (key, found) in keys.iter().zip(found) {
        let line = match found {
            Lookup::Hit(line) => line,
            Lookup::Damaged(reason) => {
                damaged.push(format!("{}  damaged: {reason}", short(*key)));
                continue;
            }
            Lookup::Miss => continue,
        };
        let config = &configs[line.config];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (engine, data) = (text(&config["engine"]), text(&config["dataset"]["source"]));
        let mut row = vec![short(*key), line.status.to_owned(), engine, data, architecture(config)];
        row.extend(settings.iter().map(|column| column[line.config + 1].clone()));
        row.extend([line.seed, line.epochs.to_string(), line.accuracy]);
        rows.push(row.into_iter().map(Cell::Text).collect());
    }
    let count = rows.len() + damaged.len();
    if !rows.is_empty() {
        // A key is needed to name a run; what it is of can be seen with `show`.
        let spare: Vec<String> =
            names[2..4].iter().chain(&names[5..names.len() - 3]).map(|c| c.name.to_string()).collect();
        let spare: Vec<&str> = ["status"].into_iter().chain(spare.iter().map(String::as_str)).collect();
        let list = Table::new("", names, rows);
        show_all(list.lines(screen::width(Stream::Out), &spare));
    }
    for line in damaged {
        out!("{line}");
    }
    out!("{}", counted(count, "run"));
    Ok(Status::Good)
}

/// Returns a column for each setting that not all configs have alike, and for each with a short name; its name, then its
/// value in each config.
fn columns(configs: &[Value]) -> Vec<Vec<String>> {
    let plain = SETTINGS.iter().filter(|s| s.path != "data.source" && !s.path.starts_with("architectures."));
    let column = |setting: &Setting| {
        let pointer = format!("/{}", setting.key?.replace('.', "/"));
        let value = |config: &Value| config.pointer(&pointer).map_or("–".to_owned(), spec_value);
        let values: Vec<String> = configs.iter().map(value).collect();
        let shown = setting.short().is_some() || values.iter().any(|value| *value != values[0]);
        shown.then(|| std::iter::once(setting.name().to_owned()).chain(values).collect())
    };
    plain.filter_map(column).collect()
}

/// Names a run's architecture by what it sees, the pair or each image, and its number of layers: keys know no names.
fn architecture(config: &Value) -> String {
    let layers = |name: &str| config["architecture"][name].as_array().map(Vec::len);
    match (layers("pair"), layers("each")) {
        (Some(count), _) => format!("pair, {count}"),
        (None, Some(count)) => format!("each, {count}+{}", layers("then").unwrap_or(0)),
        (None, None) => String::new(),
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
