//! `replikat diff`: two stored runs.

use clap::Args;

use super::{
    options::{Status, StoreOptions},
    show::{config_of, find},
    talk::out,
};
use crate::{
    error::Result,
    plan::explain::differences,
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
    out!("A        {}", path_a.display());
    out!("B        {}", path_b.display());
    let ((config_a, seed_a), (config_b, seed_b)) = (config_of(&a), config_of(&b));
    let differences = differences(&config_a, &config_b, "NAME");
    if differences.is_empty() && seed_a == seed_b {
        out!("config   the same");
    } else {
        out!("config   differs");
    }
    for d in &differences {
        out!("           {}: {}; in B: {}", d.field, d.here, d.there);
    }
    if seed_a != seed_b {
        out!("           grid.seed: {seed_a}; in B: {seed_b}");
    }
    let difference = first_difference(&a.outcome, &b.outcome);
    match &difference {
        None => out!("outcome  the same bits"),
        Some(text) => out!("outcome  first differs at {text}"),
    }
    // One key, two outcomes: what may never be.
    Ok(if a.key == b.key && difference.is_some() { Status::Bad } else { Status::Good })
}

/// Says where two outcomes part: the first epoch and metric, or how they ended; `None` if they are the same.
fn first_difference(a: &Outcome, b: &Outcome) -> Option<String> {
    for (x, y) in a.epochs.iter().zip(&b.epochs) {
        if x.epoch != y.epoch {
            return Some(format!("epoch {} was evaluated in one, epoch {} in the other", x.epoch, y.epoch));
        }
        if let Some(text) = of_epoch(x, y) {
            return Some(text);
        }
    }
    if a.epochs.len() != b.epochs.len() {
        return Some(format!("one has {} evaluated epochs, the other {}", a.epochs.len(), b.epochs.len()));
    }
    (a.end != b.end).then(|| {
        let end = |outcome: &Outcome| match (outcome.status(), outcome.detail()) {
            (status, detail) if detail.is_empty() => status.to_owned(),
            (status, detail) => format!("{status}, {detail}"),
        };
        if a.finished() && b.finished() {
            return "all epochs are the same, the final weights are not".to_owned();
        }
        format!("one {}, the other {}", end(a), end(b))
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
                    "epoch {}, {part} {}: {} and {}",
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
