//! `replikat show`: one stored run.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::Value;

use super::{
    options::{Status, StoreOptions},
    screen::{self, Stream},
    talk::{labelled, out, print_data, show_all},
};
use crate::{
    digest::Digest,
    error::{Error, Result},
    files,
    plan::{
        RunKey,
        explain::{fields, in_order},
        key::{parts, read_config},
    },
    record::{EpochMetrics, FORMAT, Flaw, Record},
    report::{
        self, Experiment,
        table::{Cell, Column, Table, numbers},
    },
    spec::Split,
    store::{Lookup, Store},
    task::{Measure, Metric},
};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// The first digits of its key, at least four, or the path of a record, such as one in the quarantine.
    run: String,
    /// Print the record as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: StoreOptions,
}

pub(super) fn command(options: &Options) -> Result<Status> {
    let store = Store::new(&options.store.results);
    let (path, record) = find(&store, &options.run)?;
    if options.json {
        print_data(&serde_json::to_string_pretty(&record).unwrap_or_default());
        return Ok(Status::Good);
    }
    out!("key      {}", record.key);
    // In the store a file has the name of its key, with which it would be wider than most terminals.
    match path.parent().filter(|_| path.starts_with(store.records())) {
        Some(folder) => out!("folder   {}", folder.display()),
        None => out!("file     {}", path.display()),
    }
    let using = report::experiments(&options.store.results)?;
    let using: Vec<Experiment> = using.into_iter().filter(|e| e.has(&record.key)).collect();
    if !using.is_empty() {
        let names: Vec<&str> = using.iter().map(|e| e.name.as_str()).collect();
        out!("used in  {}", names.join(", "));
    }
    // Keys know no names: the first experiment that uses the run has one.
    let network = using.iter().find_map(|e| e.network(&record.key));
    let network = network.as_deref().unwrap_or(ANY);
    let (config, seed) = config_of(&record);
    let mut all = fields(&config, network);
    all.push((SEED.to_owned(), seed));
    let mut head = "config";
    for (field, value) in in_order(all, |(field, _)| field) {
        labelled(head, &format!("{field}: {value}"));
        head = "";
    }
    let detail = record.outcome.detail();
    let detail = if detail.is_empty() { detail } else { format!(", {detail}") };
    out!("outcome  {}{detail}", record.outcome.status());
    out!("digest   {}", record.outcome_sha256);
    epochs(&record.outcome.epochs);
    let made = &record.provenance;
    out!(
        "made     in {:.2} s with {} at once, {} on {}, {}, {}",
        made.seconds,
        made.jobs,
        made.isa,
        made.cpu,
        made.platform,
        made.host
    );
    let commit = match made.commit.as_str() {
        "" => "outside version control".to_owned(),
        commit => {
            commit.strip_prefix("unknown: ").map_or(commit.to_owned(), |why| format!("commit unknown: {why}"))
        }
    };
    out!("         by replikat {}, {commit}", made.version);
    Ok(Status::Good)
}

/// Prints a line per epoch; of many, the first and the last ones.
fn epochs(all: &[EpochMetrics]) {
    if all.is_empty() {
        return;
    }
    let columns: Vec<(Split, Metric, String)> = [Split::Train, Split::Test]
        .into_iter()
        .flat_map(|split| {
            let measure = all.first().map(|epoch| epoch.test);
            let metrics: Vec<Metric> = measure.iter().flat_map(Measure::iter).map(|(m, _)| m).collect();
            metrics.into_iter().map(move |m| (split, m, format!("{} {}", split.word(), m.name)))
        })
        .filter(|(split, metric, _)| all.iter().any(|m| m.get(*split, *metric).is_some()))
        .collect();
    let names = columns.iter().map(|(_, _, name)| Column { name: name.clone().into(), right: true });
    let names = [numbers("epoch")].into_iter().chain(names).collect();
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for (i, metrics) in all.iter().enumerate() {
        if i == SHOWN && all.len() > 2 * SHOWN {
            rows.push([Cell::text("…")].into_iter().chain(columns.iter().map(|_| Cell::text(""))).collect());
        }
        if all.len() > 2 * SHOWN && (SHOWN..all.len() - SHOWN).contains(&i) {
            continue;
        }
        let value = |split, metric| metrics.get(split, metric).map_or(String::new(), |v| value_of(metric, v));
        let cells = columns.iter().map(|(split, metric, _)| Cell::Text(value(*split, *metric)));
        rows.push([Cell::count(metrics.epoch)].into_iter().chain(cells).collect());
    }
    let spare = columns.iter().filter(|(split, metric, _)| *split == Split::Train || !metric.is_accuracy());
    let spare: Vec<&str> = spare.map(|(_, _, name)| name.as_str()).rev().collect();
    show_all(Table::new("", names, rows).lines(screen::width(Stream::Out), &spare));
}

/// Shows a metric as tables do: accuracies in percent.
fn value_of(metric: Metric, value: f64) -> String {
    metric.shown(value) + if metric.is_accuracy() { " %" } else { "" }
}

/// Stands for the name of a network that nobody knows: keys have none.
pub(super) const ANY: &str = "*";

/// Path of the seed, which is no part of a config.
pub(super) const SEED: &str = "grid.seed";

/// Epochs that are shown at either end.
const SHOWN: usize = 15;

/// Returns the config of a record as data, and the seed.
pub(super) fn config_of(record: &Record) -> (Value, String) {
    let Some(parts) = parts(&record.preimage) else { return (Value::Null, String::new()) };
    (read_config(parts.config).unwrap_or_default(), parts.seed.to_string())
}

/// Finds a record by the first digits of its key, or by its path.
pub(super) fn find(store: &Store, name: &str) -> Result<(PathBuf, Record)> {
    if name.contains(['/', '.']) {
        return read(Path::new(name));
    }
    let found = store.find(name)?;
    let usage = |message: String, hint: String| Error::Usage { message, hint };
    let list = || "see the keys with `replikat store list`".to_owned();
    match found[..] {
        [] => Err(usage(format!("no stored run has a key that begins with `{name}`"), list())),
        [key] => match store.get(key)? {
            Lookup::Hit(record) => Ok((store.path(key), record)),
            Lookup::Miss => Err(usage(format!("the run {} was just removed", key.short()), list())),
            Lookup::Damaged(reason) => Err(Error::Damaged { path: store.path(key), reason }),
        },
        _ => {
            let keys: Vec<String> = found.iter().take(5).map(|key| key.short()).collect();
            let message = format!("{} stored runs have keys that begin with `{name}`", found.len());
            Err(usage(message, format!("give more digits; there are {}", keys.join(", "))))
        }
    }
}

/// Reads the record in a file, whose name begins with its key.
fn read(path: &Path) -> Result<(PathBuf, Record)> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if path.symlink_metadata().is_err() {
        return Err(Error::Usage {
            message: format!("there is no file `{}`", path.display()),
            hint: "see the keys with `replikat store list`".into(),
        });
    }
    let Some(key) = name.get(..64).and_then(Digest::parse).map(RunKey) else {
        return Err(Error::Usage {
            message: format!("`{}` is not named after a key", path.display()),
            hint: "records are files such as results/store/v1/ab/<key>.json".into(),
        });
    };
    let bytes = files::read_if_present(path)?.unwrap_or_default();
    match Record::from_bytes(&bytes, key) {
        Ok(record) => Ok((path.to_owned(), record)),
        Err(Flaw::Damaged(reason)) => Err(Error::Damaged { path: path.to_owned(), reason }),
        Err(Flaw::Format(found)) => Err(Error::Format { path: path.to_owned(), found, known: FORMAT }),
    }
}
