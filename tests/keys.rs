//! What enters a run key, and what does not.

use std::collections::{BTreeMap, BTreeSet};

use replikat::{
    data::{glyphs, mnist},
    numerics::Numerics,
    plan::Plan,
    spec::{SETTINGS, Spec},
};
use serde_json::Value;

const BASE: &str = "
experiment: keys
data: {source: glyphs, pairs: {train: 40, test: 20, draw: fixed}, scale: raw}
train: {epochs: 2, batch: 16, shuffle: true, optimizer: {sgd: {momentum: 0.5}}, evaluate_every: 1}
architectures:
  net:
    each: [{conv: {channels: 3, kernel: 3, padding: 0}}, {dropout: channels}, relu, flatten, {linear: 10}]
    share: true
    digits: {loss_weight: 1.0}
    then: [{linear: 2}]
grid: {architecture: [net], seed: {from: 0, count: 2}, lr: [0.001], dropout: [0.2]}
";

fn plan(text: &str, overrides: &[&str]) -> Plan {
    let overrides: Vec<String> = overrides.iter().map(ToString::to_string).collect();
    let spec = Spec::parse("keys.yaml", text, &overrides).unwrap_or_else(|e| panic!("{e}"));
    Plan::expand(&spec, glyphs::SOURCE.id())
}

fn keys(text: &str, overrides: &[&str]) -> Vec<String> {
    plan(text, overrides).runs.iter().map(|run| run.key.to_string()).collect()
}

#[test]
fn a_key_is_the_sha256_of_its_preimage() {
    let plan = plan(BASE, &[]);
    let run = &plan.runs[1];
    let preimage = plan.preimage(run);
    assert_eq!(run.key.0, replikat::digest::Digest::of(preimage.as_bytes()));
    let value: serde_json::Value = serde_json::from_str(&preimage).unwrap();
    assert_eq!(value["seed"], "1");
    assert_eq!(value["config"]["engine"], "exact/1");
    assert_eq!(replikat::digest::canonical(&value), preimage);
}

#[test]
fn every_numerics_has_keys_of_its_own() {
    let spec = Spec::parse("keys.yaml", BASE, &[]).unwrap();
    let mut seen = BTreeSet::new();
    for numerics in Numerics::ALL {
        let plan = Plan::expand_for(&spec, glyphs::SOURCE.id(), numerics);
        let value: Value = serde_json::from_str(&plan.preimage(&plan.runs[0])).unwrap();
        assert_eq!(value["config"]["engine"], numerics.name());
        assert!(plan.runs.iter().all(|run| seen.insert(run.key)), "{}", numerics.name());
    }
}

/// Every field that a key has, and a change of the spec that changes it and nothing else.
const CHANGES: &[(&str, &str)] = &[
    ("pairs.train", "data.pairs.train=41"),
    ("pairs.test", "data.pairs.test=21"),
    ("pairs.draw", "data.pairs.draw=per-round"),
    ("pairs.index", "data.pairs.index=1"),
    ("scale", "data.scale=unit"),
    ("train.epochs", "train.epochs=3"),
    ("train.batch", "train.batch=15"),
    ("train.shuffle", "train.shuffle=false"),
    ("train.momentum", "train.optimizer.sgd.momentum=0.6"),
    ("train.momentum", "train.optimizer=sgd"),
    ("train.nesterov", "train.optimizer.sgd.nesterov=true"),
    ("train.evaluate_every", "train.evaluate_every=2"),
    ("architecture.share", "architectures.net.share=false"),
    ("architecture.digit_loss", "architectures.net.digits.loss_weight=0.5"),
    ("architecture.then", "architectures.net.then=[{linear: 3}, relu, {linear: 2}]"),
    (
        "architecture.each",
        "architectures.net.each=[{conv: 4}, {dropout: channels}, relu, flatten, {linear: 10}]",
    ),
    (
        "architecture.each",
        "architectures.net.each=[{conv: {channels: 3, kernel: 5}}, {dropout: channels}, relu, flatten, {linear: 10}]",
    ),
    (
        "architecture.each",
        "architectures.net.each=[{conv: {channels: 3, padding: 1}}, {dropout: channels}, relu, flatten, {linear: 10}]",
    ),
    (
        "architecture.each",
        "architectures.net.each=[{conv: 3}, {dropout: elements}, relu, flatten, {linear: 10}]",
    ),
    ("architecture.each", "architectures.net.each=[{conv: 3}, {dropout: channels}, flatten, {linear: 10}]"),
    (
        "architecture.each",
        "architectures.net.each=[{conv: 3}, {dropout: channels}, tanh, flatten, {linear: 10}]",
    ),
    (
        "architecture.each",
        "architectures.net.each=[{conv: 3}, {dropout: channels}, relu, {max-pool: 2}, flatten, {linear: 10}]",
    ),
    (
        "architecture.each",
        "architectures.net.each=[{conv: 3}, {dropout: channels}, relu, {max-pool: 3}, flatten, {linear: 10}]",
    ),
    ("lr", "grid.lr=[0.002]"),
    ("dropout", "grid.dropout=[0.3]"),
    ("vary", "grid.vary=[init]"),
    ("vary", "grid.vary=[shuffle]"),
    ("vary", "grid.vary=[dropout]"),
];

/// Fields that a key has only where the spec gives them another value than their default.
const OPTIONAL: [&str; 3] = ["vary", "train.nesterov", "pairs.index"];

/// Fields that no spec can change: versions, the one loss, and the data set, which the caller names.
const FIXED: [&str; 5] = ["format", "engine", "loss", "dataset.source", "dataset.digest"];

/// Returns the fields of a config with their values; lists are one value.
fn fields(plan: &Plan) -> BTreeMap<String, Value> {
    fn walk(path: &str, value: &Value, found: &mut BTreeMap<String, Value>) {
        match value.as_object() {
            Some(map) => map.iter().for_each(|(name, value)| {
                walk(&if path.is_empty() { name.clone() } else { format!("{path}.{name}") }, value, found);
            }),
            None => drop(found.insert(path.to_owned(), value.clone())),
        }
    }
    let preimage: Value = serde_json::from_str(&plan.preimage(&plan.runs[0])).unwrap();
    let mut found = BTreeMap::new();
    walk("", &preimage["config"], &mut found);
    found
}

/// Every field that a key can have: what is no setting, and what the settings say.
fn every_field() -> BTreeSet<&'static str> {
    let settings =
        SETTINGS.iter().filter_map(|s| s.key).filter(|key| !["architecture.pair", "task"].contains(key));
    settings.chain(FIXED).collect()
}

#[test]
fn every_field_that_can_change_an_outcome_changes_every_key_and_only_itself() {
    let base = plan(BASE, &[]);
    let spec = Spec::parse("keys.yaml", BASE, &[]).unwrap();
    let known = every_field();
    let found = fields(&base);
    assert_eq!(
        found.keys().map(String::as_str).chain(OPTIONAL).collect::<BTreeSet<_>>(),
        known,
        "a field of the key has no entry"
    );
    assert!(
        OPTIONAL.iter().all(|name| !found.contains_key(*name)),
        "keys without it are what they were before"
    );
    let mut all: BTreeSet<String> = base.runs.iter().map(|run| run.key.to_string()).collect();
    for (field, change) in CHANGES {
        let changed = plan(BASE, &[change]);
        let other = fields(&changed);
        let differing: Vec<&String> =
            found.keys().chain(other.keys()).filter(|name| found.get(*name) != other.get(*name)).collect();
        let differing: BTreeSet<&str> = differing.into_iter().map(String::as_str).collect();
        assert_eq!(differing, BTreeSet::from([*field]), "{change}");
        for run in &changed.runs {
            assert!(all.insert(run.key.to_string()), "{change} gives a key that was there before");
        }
    }
    for key in keys(BASE, &["grid.seed.from=2"]) {
        assert!(all.insert(key), "the seed is in the key");
    }
    let other = Plan::expand(&spec, mnist::SOURCE.id());
    assert!(other.runs.iter().all(|run| !all.contains(&run.key.to_string())), "the data set is in the key");
}

#[test]
fn a_change_of_one_config_leaves_the_keys_of_the_others_alone() {
    let two = BASE
        .replace("architectures:", "architectures:\n  plain: {pair: [flatten, {linear: 2}]}")
        .replace("[net]", "[net, plain]");
    let (before, net) = (keys(&two, &[]), keys(BASE, &[]));
    assert_eq!(before[..2], net[..]);
    let after = keys(&two, &["architectures.plain.pair=[flatten, {linear: 3}, relu, {linear: 2}]"]);
    assert_eq!(after[..2], before[..2]);
    assert!(after[2..].iter().all(|key| !before.contains(key)));
    let more = keys(&two, &["grid.lr=[0.5, 0.001]"]);
    assert!(before.iter().all(|key| more.contains(key)), "a further value of an axis adds runs");
}

#[test]
fn spelling_order_names_and_outputs_change_no_key() {
    let base = keys(BASE, &[]);
    let comments = BASE.replace("experiment:", "# a comment\nexperiment:").replace("0.001", "1e-3");
    assert_eq!(keys(&comments, &[]), base);
    assert_eq!(keys(&BASE.replace("{conv: {channels: 3, kernel: 3, padding: 0}}", "{conv: 3}"), &[]), base);
    let mut lines: Vec<&str> = BASE.trim().lines().collect();
    lines.rotate_left(3); // architectures, grid, then the rest
    assert_eq!(keys(&lines.join("\n"), &[]), base);
    let swapped = BASE.replace("{train: 40, test: 20, draw: fixed}", "{draw: fixed, test: 20, train: 40}");
    assert_eq!(keys(&swapped, &[]), base);
    let renamed = BASE.replace("experiment: keys", "experiment: other").replace("net", "network");
    assert_eq!(keys(&renamed, &[]), base);
    let outputs = format!(
        "{BASE}\ntables: {{t: {{rows: [{{split: test}}]}}}}\nfigures: {{f: {{curves: [loss]}}}}\nexpect: [{{statistic: mean, within: [0, 100]}}]\n"
    );
    assert_eq!(keys(&outputs, &[]), base);
}

#[test]
fn seeds_above_two_to_the_53_do_not_collide() {
    let near = keys(BASE, &["grid.seed={from: 18446744073709551614, count: 2}"]);
    assert_ne!(near[0], near[1]);
}

#[test]
fn the_grid_is_the_product_of_its_axes_and_more_seeds_leave_old_keys_alone() {
    let grid = ["grid.lr=[0.1, 0.01, 0.001]", "grid.dropout=[0, 0.5]", "grid.seed.count=4"];
    let found = keys(BASE, &grid);
    assert_eq!(found.len(), 3 * 2 * 4);
    assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), found.len());
    let more = keys(BASE, &["grid.seed.count=20"]);
    assert_eq!(more[..2], keys(BASE, &[])[..]);
}
