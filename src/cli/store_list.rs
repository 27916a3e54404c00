//! `replikat store list`: what is stored.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, SecondsFormat, Utc};
use clap::Args;
use serde_json::{Value, json};

use super::{
    options::{Status, StoreOptions},
    screen::{self, Stream},
    show::config_of,
    talk::{out, print_data, show_all},
};
use crate::{
    error::{Error, Result},
    lines::counted,
    plan::{RunKey, explain::shown as spec_value},
    record::Record,
    report::{
        self,
        table::{Cell, Column, Table, numbers, words},
    },
    spec::{SETTINGS, Setting},
    store::{Lookup, Store},
    yaml::near::suggest,
};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Only runs that the outputs of this experiment are made of.
    #[arg(long, value_name = "NAME")]
    experiment: Option<String>,
    /// Only runs that ended so: `finished`, `diverged`, `failed` or `damaged`.
    #[arg(long, value_name = "STATUS", value_parser = ["finished", "diverged", "failed", "damaged"])]
    status: Option<String>,
    /// Print a JSON list.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: StoreOptions,
}

/// What is read of a record; configs are told apart by their index, since few have many runs.
struct Read {
    status: &'static str,
    config: usize,
    seed: String,
    epochs: usize,
    accuracy: Option<f64>,
}

/// What a line of the list says.
struct Line<'a> {
    key: RunKey,
    read: Read,
    /// The experiments whose outputs are made of it, and what the first of them calls its network.
    used_in: Vec<&'a str>,
    network: String,
    stored: String,
}

pub(super) fn command(options: &Options) -> Result<Status> {
    let store = options.store.store()?;
    let experiments = report::experiments(&options.store.results)?;
    if let Some(name) = &options.experiment
        && experiments.iter().all(|e| e.name != *name)
    {
        let known: Vec<&str> = experiments.iter().map(|e| e.name.as_str()).collect();
        return Err(Error::Usage {
            message: format!("no experiment `{name}` has outputs in `{}`", options.store.results.display()),
            hint: suggest(name, &known),
        });
    }
    let mut used: BTreeMap<&str, Vec<(&str, String)>> = BTreeMap::new();
    for experiment in &experiments {
        for (key, network) in experiment.keys() {
            let all = used.entry(key).or_default();
            if all.iter().all(|(name, _)| *name != experiment.name) {
                all.push((&experiment.name, network));
            }
        }
    }
    let mut keys = store.list()?.keys;
    if let Some(name) = &options.experiment {
        let of_it =
            |key: &RunKey| used.get(&*key.to_string()).is_some_and(|all| all.iter().any(|(e, _)| e == name));
        keys.retain(of_it);
    }
    let (mut lines, configs, damaged) = read(&store, &keys, &used, options.experiment.as_deref())?;
    let wanted = |status: &str| options.status.as_deref().is_none_or(|wanted| wanted == status);
    lines.retain(|line| wanted(line.read.status));
    let damaged = if wanted("damaged") { damaged } else { Vec::new() };
    if options.json {
        let broken = damaged
            .iter()
            .map(|(key, reason)| json!({"key": key.to_string(), "status": "damaged", "reason": reason}));
        let all: Vec<Value> = lines.iter().map(|line| as_json(line, &configs)).chain(broken).collect();
        print_data(&serde_json::to_string_pretty(&all).unwrap_or_default());
        return Ok(Status::Good);
    }
    if !lines.is_empty() {
        show_all(table(&lines, &configs));
    }
    for (key, reason) in &damaged {
        out!("{}  damaged: {reason}", key.short());
    }
    out!("{}", counted(lines.len() + damaged.len(), "run"));
    Ok(Status::Good)
}

/// Records that cannot be read, with the reasons.
type Damaged = Vec<(RunKey, String)>;

/// Reads the records: lines in the order of experiments, networks, settings and seeds; the configs; what is damaged.
fn read<'a>(
    store: &Store,
    keys: &[RunKey],
    used: &BTreeMap<&str, Vec<(&'a str, String)>>,
    chosen: Option<&str>,
) -> Result<(Vec<Line<'a>>, Vec<Value>, Damaged)> {
    let configs = Mutex::new(BTreeMap::new());
    let of = |record: Record| {
        let (config, seed) = config_of(&record);
        let last = record.outcome.epochs.last();
        let mut configs = configs.lock().unwrap_or_else(PoisonError::into_inner);
        let next = configs.len();
        Read {
            status: record.outcome.status(),
            config: *configs.entry(config.to_string()).or_insert(next),
            seed,
            epochs: last.map_or(0, |m| m.epoch),
            accuracy: last.and_then(|m| m.test.first()),
        }
    };
    let found = store.look_up(keys, of)?;
    let configs = configs.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut by_index: Vec<(usize, String)> = configs.into_iter().map(|(text, i)| (i, text)).collect();
    by_index.sort_unstable();
    let configs: Vec<Value> =
        by_index.iter().map(|(_, text)| serde_json::from_str(text).unwrap_or_default()).collect();
    let (mut lines, mut damaged) = (Vec::new(), Vec::new());
    for (key, found) in keys.iter().zip(found) {
        match found {
            Lookup::Hit(read) => {
                let users = used.get(&*key.to_string()).map_or(&[][..], Vec::as_slice);
                // Experiments may call one network differently.
                let of_chosen =
                    |(experiment, _): &&(&str, String)| chosen.is_none_or(|name| *experiment == name);
                let named = users.iter().find(of_chosen).map(|(_, network)| network);
                let named = named.filter(|name| !name.is_empty());
                let network = named.map_or_else(|| architecture(&configs[read.config]), String::clone);
                let changed = store.path(*key).metadata().and_then(|found| found.modified()).ok();
                let stored = changed
                    .map(|time| DateTime::<Utc>::from(time).to_rfc3339_opts(SecondsFormat::Secs, true));
                let used_in = users.iter().map(|(experiment, _)| *experiment).collect();
                lines.push(Line { key: *key, read, used_in, network, stored: stored.unwrap_or_default() });
            }
            Lookup::Damaged(reason) => damaged.push((*key, reason)),
            Lookup::Miss => {}
        }
    }
    let texts: Vec<String> = configs.iter().map(Value::to_string).collect();
    lines.sort_by(|a, b| {
        let seed = |line: &Line<'a>| line.read.seed.parse::<u64>().unwrap_or(u64::MAX);
        // What nothing uses comes last.
        let used = a.used_in.is_empty().cmp(&b.used_in.is_empty()).then_with(|| a.used_in.cmp(&b.used_in));
        used.then_with(|| a.network.cmp(&b.network))
            .then_with(|| texts[a.read.config].cmp(&texts[b.read.config]))
            .then_with(|| seed(a).cmp(&seed(b)))
    });
    Ok((lines, configs, damaged))
}

/// Letters of a date.
const DAY: usize = "2026-01-01".len();

fn table(lines: &[Line<'_>], configs: &[Value]) -> Vec<crate::lines::Line> {
    let settings = columns(configs);
    let mut names = vec![words("key"), words("used in"), words("network"), words("status")];
    names.extend(settings.iter().map(|column| Column { name: column[0].clone().into(), right: true }));
    names.extend([numbers("seed"), numbers("epochs"), numbers("test accuracy")]);
    names.extend([words("engine"), words("data"), words("stored")]);
    let row = |line: &Line<'_>| {
        let config = &configs[line.read.config];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let mut row = vec![
            line.key.short(),
            line.used_in.join(", "),
            line.network.clone(),
            line.read.status.to_owned(),
        ];
        row.extend(settings.iter().map(|column| column[line.read.config + 1].clone()));
        let accuracy = line.read.accuracy.map_or("–".to_owned(), |v| format!("{:.2}", v * 100.0));
        row.extend([line.read.seed.clone(), line.read.epochs.to_string(), accuracy]);
        row.extend([text(&config["engine"]), text(&config["dataset"]["source"])]);
        row.push(line.stored[..line.stored.len().min(DAY)].to_owned());
        row.into_iter().map(Cell::Text).collect()
    };
    let rows = lines.iter().map(row).collect();
    // A key is needed to name a run; what it is of can be seen with `show`.
    let last = names.len();
    let spare: Vec<String> = ["engine", "data", "stored", "status", "epochs"]
        .into_iter()
        .map(str::to_owned)
        .chain(names[4..last - 6].iter().rev().map(|c| c.name.to_string()))
        .collect();
    let spare: Vec<&str> = spare.iter().map(String::as_str).collect();
    Table::new("", names, rows).lines(screen::width(Stream::Out), &spare)
}

fn as_json(line: &Line<'_>, configs: &[Value]) -> Value {
    json!({
        "key": line.key.to_string(),
        "experiments": line.used_in,
        "network": line.network,
        "status": line.read.status,
        "seed": line.read.seed,
        "epochs": line.read.epochs,
        "test_accuracy": line.read.accuracy,
        "stored": line.stored,
        "config": configs[line.read.config],
    })
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
