//! `replikat experiments`: what the results folder holds outputs of.

use chrono::{DateTime, SecondsFormat, Utc};
use clap::Args;
use serde_json::{Value, json};

use super::{
    options::{Status, StoreOptions},
    screen::{self, Stream},
    talk::{out, print_data, show_all},
};
use crate::{
    error::Result,
    lines::counted,
    report::{
        self, Experiment,
        table::{Cell, Table, words},
    },
};

#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    store: StoreOptions,
    /// Print a JSON list: `name`, `spec`, `planned`, `finished`, `made` (time of UTC).
    #[arg(long)]
    json: bool,
}

/// What can be left out where it has no room.
const SPARE: [&str; 1] = ["made"];

pub(super) fn command(options: &Options) -> Result<Status> {
    options.store.store()?;
    let mut all = report::experiments(&options.store.results)?;
    all.retain(|e| e.made.is_some());
    if options.json {
        let one = |e: &Experiment| {
            let (planned, finished) = e.counts();
            json!({"name": e.name, "spec": e.spec, "planned": planned, "finished": finished, "made": made(e)})
        };
        let list: Vec<Value> = all.iter().map(one).collect();
        print_data(&serde_json::to_string_pretty(&list).unwrap_or_default());
        return Ok(Status::Good);
    }
    let columns = vec![words("experiment"), words("runs finished"), words(SPARE[0]), words("spec")];
    let row = |e: &Experiment| {
        let (planned, finished) = e.counts();
        let made = made(e).unwrap_or_default();
        vec![
            Cell::text(&e.name),
            Cell::Part(finished, planned),
            Cell::text(&made[..made.len().min(DAY)]),
            Cell::text(&e.spec.to_string_lossy()),
        ]
    };
    let table = Table::new("", columns, all.iter().map(row).collect());
    show_all(table.lines(screen::width(Stream::Out), &SPARE));
    out!("{}", counted(all.len(), "experiment"));
    Ok(Status::Good)
}

/// Letters of a date.
const DAY: usize = "2026-01-01".len();

/// Returns when the outputs were last made, as of UTC.
fn made(experiment: &Experiment) -> Option<String> {
    Some(DateTime::<Utc>::from(experiment.made?).to_rfc3339_opts(SecondsFormat::Secs, true))
}
