//! What a key says, in a spec's words: the fields in which two runs differ, and the stored run nearest to another.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::key::{RunKey, read_config, spec_path};
use crate::spec::SETTINGS;

/// A field that differs between two runs, named as in a spec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Such as `grid.lr`.
    pub field: String,
    /// Its value in the first run.
    pub here: String,
    /// Its value in the second run.
    pub there: String,
}

/// Stored runs by config: canonical JSON → seed → key.
pub type Stored = BTreeMap<String, BTreeMap<u64, RunKey>>;

/// The configs of a store, ready to be compared with.
#[derive(Debug)]
pub struct Neighbours<'a>(Vec<(Value, &'a BTreeMap<u64, RunKey>)>);

/// The stored config nearest to another.
#[derive(Debug, Clone, PartialEq)]
pub struct Nearest<'a> {
    /// Fields in which it differs, the seed aside.
    pub differences: Vec<Difference>,
    /// Its seeds, and their keys.
    pub seeds: &'a BTreeMap<u64, RunKey>,
}

impl<'a> Neighbours<'a> {
    /// Reads the configs of stored runs.
    #[must_use]
    pub fn new(stored: &'a Stored) -> Self {
        let parsed = |(text, seeds): (&String, &'a _)| Some((read_config(text)?, seeds));
        Self(stored.iter().filter_map(parsed).collect())
    }

    /// Returns the config that differs from `config` in the fewest fields; the first of several in the order of their
    /// JSON, but one that has the seed `seed` before one that has not. `name` is the architecture's.
    #[must_use]
    pub fn nearest(&self, config: &str, seed: u64, name: &str) -> Option<Nearest<'a>> {
        let config = read_config(config)?;
        let all = self
            .0
            .iter()
            .map(|(other, seeds)| Nearest { differences: differences(&config, other, name), seeds });
        all.min_by_key(|near| (near.differences.len(), !near.seeds.contains_key(&seed)))
    }
}

impl Nearest<'_> {
    /// Returns the run of this config to compare with `seed`: the same round, or else the nearest one.
    #[must_use]
    pub fn run(&self, seed: u64) -> Option<(u64, RunKey)> {
        let (below, above) = (self.seeds.range(..=seed).next_back(), self.seeds.range(seed..).next());
        let near = below.into_iter().chain(above).min_by_key(|(other, _)| other.abs_diff(seed));
        near.map(|(seed, key)| (*seed, *key))
    }
}

/// Returns the fields in which two configs differ, in the order of a spec; `name` is the architecture's.
#[must_use]
pub fn differences(here: &Value, there: &Value, name: &str) -> Vec<Difference> {
    let mut found = Vec::new();
    compare("", here, there, &mut found);
    let named = found.into_iter().map(|d| Difference { field: spec_path(&d.field, name), ..d });
    in_order(named.collect(), |d| &d.field)
}

/// Puts fields in the order in which a spec has them, by their paths; what no spec says comes last.
#[must_use]
pub fn in_order<T>(mut fields: Vec<T>, path: impl Fn(&T) -> &str) -> Vec<T> {
    let place = |path: &str| {
        let begins =
            |s: &&str| path.strip_prefix(s).is_some_and(|r| r.is_empty() || r.starts_with(['.', '[']));
        let sections = ["experiment", "task", "data", "train", "architectures", "grid"];
        let section = sections.iter().position(begins).unwrap_or(sections.len());
        (section, SETTINGS.iter().position(|s| begins(&s.path)).unwrap_or(SETTINGS.len()))
    };
    fields.sort_by_key(|field| place(path(field)));
    fields
}

fn compare(path: &str, here: &Value, there: &Value, found: &mut Vec<Difference>) {
    match (here, there) {
        _ if here == there => {}
        // Another data set has other contents.
        (Value::Object(a), Value::Object(b)) if path == "dataset" && a.get("source") != b.get("source") => {
            compare("dataset.source", &here["source"], &there["source"], found);
        }
        // A layer of another kind, or another kind of network, is told as a whole.
        (Value::Object(a), Value::Object(b)) if names(a) == names(b) || path.is_empty() => {
            for name in names(a).union(&names(b)) {
                let path = if path.is_empty() { (*name).clone() } else { format!("{path}.{name}") };
                compare(
                    &path,
                    a.get(*name).unwrap_or(&Value::Null),
                    b.get(*name).unwrap_or(&Value::Null),
                    found,
                );
            }
        }
        (Value::Array(a), Value::Array(b)) => compare_lists(path, a, b, found),
        _ => found.push(Difference { field: path.to_owned(), here: shown(here), there: shown(there) }),
    }
}

fn names(map: &Map<String, Value>) -> BTreeSet<&String> {
    map.keys().collect()
}

/// Compares what is left between the layers that both begin and both end with.
fn compare_lists(path: &str, a: &[Value], b: &[Value], found: &mut Vec<Difference>) {
    let first = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[first..], &b[first..]);
    let last = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[..a.len() - last], &b[..b.len() - last]);
    if a.len() == b.len() {
        for (i, (a, b)) in a.iter().zip(b).enumerate() {
            compare(&format!("{path}[{}]", first + i), a, b, found);
        }
        return;
    }
    let list = |items: &[Value]| match items {
        [] => "nothing".to_owned(),
        items => items.iter().map(shown).collect::<Vec<_>>().join(", "),
    };
    found.push(Difference { field: format!("{path}[{first}]"), here: list(a), there: list(b) });
}

/// Writes a value as a spec would, nearly.
#[must_use]
pub fn shown(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => {
            let entries = map.iter().map(|(name, value)| format!("{name}: {}", shown(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        // A learning rate of 1 is `1` in a spec, and in the names of configs.
        scalar => scalar.to_string().trim_end_matches(".0").to_owned(),
    }
}

/// Returns every field of a config with its value, named as in a spec and in its order; `name` is the architecture's.
#[must_use]
pub fn fields(config: &Value, name: &str) -> Vec<(String, String)> {
    fn walk(path: &str, value: &Value, found: &mut Vec<(String, String)>) {
        match value {
            Value::Object(map) if !path.contains('[') => {
                for (name, value) in map {
                    walk(
                        &if path.is_empty() { name.clone() } else { format!("{path}.{name}") },
                        value,
                        found,
                    );
                }
            }
            value => found.push((path.to_owned(), shown(value))),
        }
    }
    let mut found = Vec::new();
    walk("", config, &mut found);
    let named = found.into_iter().map(|(path, value)| (spec_path(&path, name), value));
    in_order(named.collect(), |(path, _)| path)
}
