//! `replikat experiments`: what the results folder holds outputs of.

use clap::Args;
use serde_json::{Value, json};

use super::{
    options::{Status, StoreOptions},
    screen::{self, Stream},
    talk::{out, print_data, show_all},
};
use crate::{
    error::Result,
    files,
    report::{
        self,
        table::{Cell, Table, words},
    },
};

#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    store: StoreOptions,
    /// Print a JSON list: `name`, `spec`, `planned`, `finished`.
    #[arg(long)]
    json: bool,
}

/// An experiment with outputs.
struct Experiment {
    name: String,
    /// The spec's file, relative to the folder of its results; empty if it came from a pipe.
    spec: String,
    planned: usize,
    finished: usize,
}

pub(super) fn command(options: &Options) -> Result<Status> {
    options.store.store()?;
    let mut all = Vec::new();
    for folder in files::entries(&options.store.results)? {
        let Some(built) = files::read_if_present(&folder.join(report::FILE)).ok().flatten() else { continue };
        let built: Value = serde_json::from_slice(&built).unwrap_or_default();
        let runs = files::read_if_present(&folder.join("runs.csv"))?.unwrap_or_default();
        let (planned, finished) = counts(&String::from_utf8_lossy(&runs));
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let spec = built["spec"].as_str().unwrap_or_default().to_owned();
        all.push(Experiment { name, spec, planned, finished });
    }
    if options.json {
        let one = |e: &Experiment| json!({"name": e.name, "spec": e.spec, "planned": e.planned, "finished": e.finished});
        let list: Vec<Value> = all.iter().map(one).collect();
        print_data(&serde_json::to_string_pretty(&list).unwrap_or_default());
        return Ok(Status::Good);
    }
    let columns = vec![words("experiment"), words("runs finished"), words("spec, from its results")];
    let row =
        |e: &Experiment| vec![Cell::text(&e.name), Cell::Part(e.finished, e.planned), Cell::text(&e.spec)];
    let table = Table::new("", columns, all.iter().map(row).collect());
    show_all(table.lines(screen::width(Stream::Out), &[]));
    out!("{}", if all.len() == 1 { "1 experiment".to_owned() } else { format!("{} experiments", all.len()) });
    Ok(Status::Good)
}

/// Counts the runs of a table of runs, and those that finished.
fn counts(runs: &str) -> (usize, usize) {
    let mut lines = runs.lines().map(cells);
    let status = lines.next().and_then(|head| head.iter().position(|name| *name == "status"));
    lines.fold((0, 0), |(planned, finished), line| {
        let good = status.and_then(|at| line.get(at)).is_some_and(|word| *word == "finished");
        (planned + 1, finished + usize::from(good))
    })
}

/// Splits a line of CSV at commas outside of quotes.
fn cells(line: &str) -> Vec<&str> {
    let mut quoted = false;
    line.split(|c| {
        quoted ^= c == '"';
        c == ',' && !quoted
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::counts;

    #[test]
    fn a_comma_in_a_name_moves_no_column() {
        assert_eq!(counts("config,name,status\n0,\"a, b\",finished\n0,c,missing\n"), (2, 1));
        assert_eq!(counts(""), (0, 0));
    }
}
