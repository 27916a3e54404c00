//! `replikat explain`: of every run, why it is stored or not.

use std::{collections::BTreeMap, sync::Mutex};

use clap::Args;

use super::{
    context::Context,
    options::{SpecOptions, Status},
    show::SEED,
    talk::out,
};
use crate::{
    digest::Digest,
    error::Result,
    lines,
    plan::{
        Plan, Run, RunKey,
        explain::{Difference, Nearest, Neighbours, Stored, in_order},
        key::parts,
    },
    record::Record,
    store::{Lookup, Store},
};

#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    spec: SpecOptions,
}

/// What is said of a run; runs of one config that stand together and of which the same is said are told together.
#[derive(Debug, Default)]
struct Verdict {
    word: &'static str,
    text: String,
    fields: Vec<Difference>,
    /// Seed and key of the run that it was compared with.
    near: Option<(u64, RunKey)>,
}

impl Verdict {
    fn says_the_same(&self, other: &Self) -> bool {
        (self.word, &self.text, &self.fields) == (other.word, &other.text, &other.fields)
    }
}

pub(super) fn command(options: &Options) -> Result<Status> {
    let context = Context::new(&options.spec)?;
    let plan = context.plan();
    let keys: Vec<RunKey> = plan.runs.iter().map(|run| run.key).collect();
    let found = context.store.look_up(&keys, |r| (r.outcome.status(), r.outcome.detail()))?;
    let none_missing = found.iter().all(|found| matches!(found, Lookup::Hit(_)));
    let stored = if none_missing { Stored::new() } else { stored_configs(&context.store)? };
    let verdicts = verdicts(&plan, found, &Neighbours::new(&stored));
    let mut counts = BTreeMap::new();
    // Runs of one config of which the same is said, in the order of the first of them.
    let mut groups: Vec<(&Verdict, Vec<usize>)> = Vec::new();
    let mut config = 0;
    for (i, verdict) in verdicts.iter().enumerate() {
        *counts.entry(verdict.word).or_insert(0) += 1;
        if plan.runs[i].config != config {
            groups.drain(..).for_each(|(verdict, runs)| print(&plan, &runs, verdict));
            config = plan.runs[i].config;
        }
        match groups.iter_mut().find(|(other, _)| other.says_the_same(verdict)) {
            Some((_, runs)) => runs.push(i),
            None => groups.push((verdict, vec![i])),
        }
    }
    groups.drain(..).for_each(|(verdict, runs)| print(&plan, &runs, verdict));
    let count = |word: &str| counts.get(word).copied().unwrap_or(0);
    out!(
        "{}: {} hit, {} miss, {} diverged, {} failed, {} damaged",
        lines::counted(plan.runs.len(), "run"),
        count("hit"),
        count("miss"),
        count("diverged"),
        count("failed"),
        count("damaged")
    );
    Ok(Status::Good)
}

/// Prints what is said of some runs of a config.
fn print(plan: &Plan, runs: &[usize], verdict: &Verdict) {
    let Some(first) = runs.first().map(|run| &plan.runs[*run]) else { return };
    let label = plan.label(first.config);
    let seeds = lines::seeds(&runs.iter().map(|run| plan.runs[*run].seed).collect::<Vec<_>>());
    let text = match (&verdict.near, verdict.text.as_str()) {
        (Some((seed, key)), _) => {
            let to = if runs.len() > 1 { format!(" to seed {}", first.seed) } else { String::new() };
            let of = if *seed == first.seed { String::new() } else { format!(" (seed {seed})") };
            format!("; nearest{to} is {}{of}", key.short())
        }
        (None, "") => String::new(),
        (None, text) => format!(": {text}"),
    };
    out!("{:8} {label} {seeds}{text}", verdict.word);
    for Difference { field, here, there } in &verdict.fields {
        out!("           {field}: {here}; stored: {there}");
    }
}

fn verdicts(
    plan: &Plan,
    found: Vec<Lookup<(&'static str, String)>>,
    stored: &Neighbours<'_>,
) -> Vec<Verdict> {
    // The rounds of a config are near to the same stored config.
    let mut last: Option<(usize, Option<Nearest<'_>>)> = None;
    let mut nearest = |run: &Run| {
        if last.as_ref().is_none_or(|(config, _)| *config != run.config) {
            let (preimage, name) = (plan.preimage(run), &plan.config(run).name);
            let near = parts(&preimage).and_then(|p| stored.nearest(p.config, run.seed, name));
            last = Some((run.config, near));
        }
        last.as_ref().and_then(|(_, near)| near.clone())
    };
    let verdict = |(run, found): (&Run, _)| match found {
        Lookup::Hit(("finished", _)) => Verdict { word: "hit", ..Verdict::default() },
        // Where each diverged is another step, and no other reason.
        Lookup::Hit(("diverged", _)) => {
            Verdict { word: "diverged", text: "loss not finite".into(), ..Verdict::default() }
        }
        Lookup::Hit((status, detail)) => {
            Verdict { word: "failed", text: format!("{status}, {detail}"), ..Verdict::default() }
        }
        Lookup::Damaged(text) => Verdict { word: "damaged", text, ..Verdict::default() },
        Lookup::Miss => missing(run.seed, nearest(run)),
    };
    plan.runs.iter().zip(found).map(verdict).collect()
}

/// Says why the run with a seed is not stored.
fn missing(seed: u64, nearest: Option<Nearest<'_>>) -> Verdict {
    let word = "miss";
    let Some(near) = nearest else {
        return Verdict { word, text: "nothing is stored to compare with".into(), ..Verdict::default() };
    };
    let run = near.run(seed);
    let mut fields = near.differences;
    if run.is_some_and(|(other, _)| other != seed) {
        let there = seeds(near.seeds.keys().copied());
        fields.push(Difference { field: SEED.into(), here: "new".into(), there });
        fields = in_order(fields, |d| &d.field);
    }
    Verdict { word, fields, near: run, ..Verdict::default() }
}

/// Names seeds: one, or from the first to the last.
fn seeds(mut all: impl DoubleEndedIterator<Item = u64>) -> String {
    match (all.next(), all.next_back()) {
        (Some(first), Some(last)) => format!("{first} to {last}"),
        (Some(only), None) => only.to_string(),
        _ => "none".to_owned(),
    }
}

/// Reads the configs of all stored runs.
fn stored_configs(store: &Store) -> Result<Stored> {
    let stored = Mutex::new(Stored::new());
    let keys = store.list()?.keys;
    let note = |record: Record| {
        let (Some(parts), Some(key)) = (parts(&record.preimage), Digest::parse(&record.key).map(RunKey))
        else {
            return;
        };
        if let Ok(mut stored) = stored.lock() {
            // Few configs have many runs: their text is kept once.
            if let Some(seeds) = stored.get_mut(parts.config) {
                seeds.insert(parts.seed, key);
            } else {
                stored.insert(parts.config.to_owned(), BTreeMap::from([(parts.seed, key)]));
            }
        }
    };
    store.look_up(&keys, note)?;
    Ok(stored.into_inner().unwrap_or_default())
}
