//! `replikat diff`: two stored runs.

use clap::Args;

use super::{
    Status, StoreOptions, out,
    show::{config_of, find},
};
use crate::{
    error::Result,
    explain::{differences, first_difference},
    store::Store,
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
