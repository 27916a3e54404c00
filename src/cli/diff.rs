//! `replikat diff`: two stored runs.

use std::path::Path;

use clap::Args;

use super::{
    options::{Status, StoreOptions},
    show::{ANY, SEED, config_of, find},
    talk::{labelled, out},
};
use crate::{
    error::Result,
    lines::counted,
    plan::explain::{Difference, differences, in_order},
    record::{EpochMetrics, Outcome},
    store::Store,
    task::Measure,
};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// The first digits of a key, or the path of a record.
    a: String,
    /// The other run, likewise.
    b: String,
    #[command(flatten)]
    store: StoreOptions,
}

pub(super) fn command(options: &Options) -> Result<Status> {
    let store = Store::new(&options.store.results);
    let (path_a, a) = find(&store, &options.a)?;
    let (path_b, b) = find(&store, &options.b)?;
    // What lies in its place is known by its key.
    let name = |path: &Path, key: &str| {
        if path.starts_with(store.records()) { key.to_owned() } else { path.display().to_string() }
    };
    out!("A        {}", name(&path_a, &a.key));
    out!("B        {}", name(&path_b, &b.key));
    let ((config_a, seed_a), (config_b, seed_b)) = (config_of(&a), config_of(&b));
    let mut differences = differences(&config_a, &config_b, ANY);
    if seed_a != seed_b {
        differences.push(Difference { field: SEED.to_owned(), here: seed_a, there: seed_b });
    }
    if differences.is_empty() {
        out!("config   the same");
    }
    let mut head = "config";
    for Difference { field, here, there } in in_order(differences, |d| &d.field) {
        labelled(head, &format!("{field}: {here} in A, {there} in B"));
        head = "";
    }
    let difference = first_difference(&a.outcome, &b.outcome);
    match &difference {
        None => out!("outcome  the same bits"),
        Some(text) => labelled("outcome", text),
    }
    // One key, two outcomes: what may never be.
    Ok(if a.key == b.key && difference.is_some() { Status::Bad } else { Status::Good })
}

/// Says where two outcomes part: the first epoch and metric, or how they ended; `None` if they are the same.
fn first_difference(a: &Outcome, b: &Outcome) -> Option<String> {
    for (x, y) in a.epochs.iter().zip(&b.epochs) {
        if x.epoch != y.epoch {
            return Some(format!("epoch {} was evaluated in A, epoch {} in B", x.epoch, y.epoch));
        }
        if let Some(text) = of_epoch(x, y) {
            return Some(text);
        }
    }
    if a.epochs.len() != b.epochs.len() {
        let epochs = |outcome: &Outcome| counted(outcome.epochs.len(), "evaluated epoch");
        return Some(format!("{} in A, {} in B", epochs(a), epochs(b)));
    }
    (a.end != b.end).then(|| {
        let end = |outcome: &Outcome| match (outcome.status(), outcome.detail()) {
            (status, detail) if detail.is_empty() => status.to_owned(),
            (status, detail) => format!("{status}, {detail}"),
        };
        if a.finished() && b.finished() {
            return "all epochs are the same, the final weights are not".to_owned();
        }
        format!("{} in A, {} in B", end(a), end(b))
    })
}

fn of_epoch(x: &EpochMetrics, y: &EpochMetrics) -> Option<String> {
    type Part = (&'static str, fn(&EpochMetrics) -> Measure);
    let parts: [Part; 3] = [("running", |m| m.running), ("train", |m| m.train), ("test", |m| m.test)];
    for (part, measure) in parts {
        for ((metric, a), (_, b)) in measure(x).iter().zip(measure(y).iter()) {
            if a.map(f64::to_bits) != b.map(f64::to_bits) {
                let text = |v: Option<f64>| v.map_or("nothing".to_owned(), |v| v.to_string());
                return Some(format!(
                    "first differs at epoch {}, {part} {}: {} in A, {} in B",
                    x.epoch,
                    metric.name,
                    text(a),
                    text(b)
                ));
            }
        }
    }
    None
}
