//! `replikat plan`: the grid, and what of it is stored.

use std::collections::BTreeSet;

use clap::Args;
use serde_json::{Map, Value, json};

use super::{
    context::Context,
    memory,
    options::{SpecOptions, Status},
    pace::shown,
    screen::{self, Stream},
    talk::{out, print_data, show_all},
    training::tell_of_networks,
};
use crate::{
    error::Result,
    lines::counted,
    numerics::Numerics,
    plan::{Plan, Run, RunKey},
    record::Record,
    report::table::{Cell, Table, numbers, words},
    store::Lookup,
};

#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    spec: SpecOptions,
    /// Print the runs as JSON.
    #[arg(long)]
    json: bool,
}

/// More configs are not listed one by one.
const LISTED: usize = 400;

pub(super) fn command(options: &Options) -> Result<Status> {
    let context = Context::new(&options.spec)?;
    let plan = context.plan();
    let keys: Vec<RunKey> = plan.runs.iter().map(|run| run.key).collect();
    let took = |record: Record| (record.provenance.seconds, record.outcome.finished());
    let looked_up = context.store.look_up(&keys, took)?;
    let damaged = looked_up.iter().filter(|found| matches!(found, Lookup::Damaged(_))).count();
    let found: Vec<Option<Took>> = looked_up
        .into_iter()
        .map(|found| if let Lookup::Hit(seconds) = found { Some(seconds) } else { None })
        .collect();
    let there: Vec<bool> = found.iter().map(Option::is_some).collect();
    if options.json {
        let all = as_json(&context.spec.experiment, &plan, &there);
        print_data(&serde_json::to_string_pretty(&all).unwrap_or_default());
        return Ok(Status::Good);
    }
    tell_of_networks(&context, &plan);
    let mut counts = vec![(0, 0); plan.configs.len()];
    for (run, stored) in plan.runs.iter().zip(&there) {
        counts[run.config].0 += 1;
        counts[run.config].1 += usize::from(*stored);
    }
    let listed = if counts.len() > LISTED { LISTED / 2 } else { counts.len() };
    let names = ["parameters", "runs", "stored", "GFLOP per run"].map(numbers);
    let columns = [words("config")].into_iter().chain(names).collect();
    let row = |(index, (runs, stored)): (usize, &(usize, usize))| {
        let counts = [plan.parameters(index), *runs, *stored].map(Cell::count);
        let cost = Cell::number(Some(plan.flop_per_run(index) / 1e9), 1);
        [Cell::Text(plan.label(index))].into_iter().chain(counts).chain([cost]).collect()
    };
    let rows = counts.iter().enumerate().take(listed).map(row).collect();
    show_all(Table::new("", columns, rows).lines(screen::width(Stream::Out), &[]));
    if listed < counts.len() {
        out!("… and {}; `--json` lists every run", counted(counts.len() - listed, "more config"));
    }
    if let Some((bytes, _)) = memory::largest(&plan, 0..plan.configs.len()) {
        out!("a run takes up to {} of memory on the CPU", memory::shown(bytes));
    }
    let stored = there.iter().filter(|stored| **stored).count();
    let missing = plan.runs.len() - stored;
    let runs = counted(plan.runs.len(), "run");
    out!("{runs}, {stored} stored{}, {missing} to train", by(plan.numerics));
    if damaged > 0 {
        let records = counted(damaged, "record");
        out!("of these, {records} damaged; `{}` says which", options.spec.command("explain"));
    }
    if let Some(sentence) = how_long(&plan, &found) {
        out!("{sentence}");
    }
    if stored == 0 {
        tell_of_stand_in(&context, &plan);
    }
    let digest = context.spec.data.source.id().digest.to_string();
    out!("data set {}, digest {}", context.spec.data.source.word(), &digest[..16]);
    Ok(Status::Good)
}

/// Says what is stored on the data set that stands in for the spec's own.
fn tell_of_stand_in(context: &Context<'_>, plan: &Plan) {
    if let Ok((other, records)) = context.stored()
        && other.dataset.source != plan.dataset.source
    {
        let count = records.iter().flatten().count();
        out!(
            "on {}, which stands in for {}: {count} stored",
            other.dataset.source.word(),
            plan.dataset.source.word()
        );
    }
}

/// The seconds that a stored run took, and whether it went through all epochs.
type Took = (f64, bool);

/// Says how long the missing runs take on the CPU, judged by those that are stored; `None` if none is missing, and
/// for a GPU, which trains any number of runs at once.
fn how_long(plan: &Plan, found: &[Option<Took>]) -> Option<String> {
    if plan.numerics != Numerics::Exact1 {
        return None;
    }
    let (mut work, mut seconds, mut left, mut longest) = (0.0, 0.0, 0.0, 0.0_f64);
    let mut missing = BTreeSet::new();
    for (run, found) in plan.runs.iter().zip(found) {
        let own = plan.work_per_run(run.config);
        match found {
            // One network under two names is trained once.
            None if missing.insert(run.key) => (left, longest) = (left + own, longest.max(own)),
            Some((took, true)) => (work, seconds) = (work + own, seconds + took),
            None | Some((_, false)) => {}
        }
    }
    if missing.is_empty() {
        return None;
    }
    if work == 0.0 {
        return Some("how long they take is known when one of them was trained".to_owned());
    }
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(missing.len());
    let whole = (left / cores as f64).max(longest) * seconds / work;
    let on = if cores == 1 { "1 core".to_owned() } else { format!("{cores} cores") };
    Some(format!("they take about {} on {on}, if each takes as long as the stored ones took", shown(whole)))
}

/// Returns the runs, each with its settings, and the settings that they all have.
fn as_json(experiment: &str, plan: &Plan, there: &[bool]) -> Value {
    let columns = plan.setting_columns();
    let run = |(run, stored): (&Run, &bool)| {
        let mut entries: Map<String, Value> =
            columns.iter().map(|c| (c.name.clone(), json!(c.values[run.config]))).collect();
        let parameters = plan.parameters(run.config);
        let (seed, key) = (run.seed.to_string(), run.key.to_string());
        let own = json!({"seed": seed, "key": key, "stored": stored, "parameters": parameters});
        entries.extend(own.as_object().cloned().unwrap_or_default());
        entries
    };
    let runs: Vec<_> = plan.runs.iter().zip(there).map(run).collect();
    let settings: Map<String, Value> =
        plan.constant_settings().into_iter().map(|(path, value)| (path.to_owned(), json!(value))).collect();
    json!({
        "experiment": experiment, "engine": plan.numerics.name(), "settings": settings, "runs": runs,
    })
}

/// Says whose runs are stored, where their bits are not everyone's.
fn by(numerics: Numerics) -> String {
    numerics.caveat().map_or(String::new(), |_| format!(" by {}", numerics.name()))
}
