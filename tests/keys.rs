//! What enters a run key, and what does not.

use std::collections::BTreeSet;

use replikat::{
    data::identity,
    plan::Plan,
    spec::{DataSource, Spec},
};

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
    Plan::expand(&spec, identity(DataSource::Glyphs))
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
fn every_field_that_can_change_an_outcome_changes_every_key() {
    let changes: &[&[&str]] = &[
        &["data.pairs.train=41"],
        &["data.pairs.test=21"],
        &["data.pairs.draw=per-round"],
        &["data.scale=unit"],
        &["train.epochs=3"],
        &["train.batch=15"],
        &["train.shuffle=false"],
        &["train.optimizer.sgd.momentum=0.6"],
        &["train.optimizer=sgd"],
        &["train.evaluate_every=2"],
        &["architectures.net.share=false"],
        &["architectures.net.digits.loss_weight=0.5"],
        &["architectures.net.then=[{linear: 3}, relu, {linear: 2}]"],
        &["architectures.net.each=[{conv: 4}, {dropout: channels}, relu, flatten, {linear: 10}]"],
        &[
            "architectures.net.each=[{conv: {channels: 3, kernel: 5}}, {dropout: channels}, relu, flatten, {linear: 10}]",
        ],
        &[
            "architectures.net.each=[{conv: {channels: 3, padding: 1}}, {dropout: channels}, relu, flatten, {linear: 10}]",
        ],
        &["architectures.net.each=[{conv: 3}, {dropout: elements}, relu, flatten, {linear: 10}]"],
        &["architectures.net.each=[{conv: 3}, {dropout: channels}, flatten, {linear: 10}]"],
        &["grid.lr=[0.002]"],
        &["grid.dropout=[0.3]"],
        &["grid.seed.from=2"],
    ];
    let base: BTreeSet<String> = keys(BASE, &[]).into_iter().collect();
    let mut all = base.clone();
    for change in changes {
        for key in keys(BASE, change) {
            assert!(all.insert(key), "{change:?} gives a key that was there before");
        }
    }
    let spec = Spec::parse("keys.yaml", BASE, &[]).unwrap();
    let other = Plan::expand(&spec, identity(DataSource::Mnist));
    assert!(other.runs.iter().all(|run| !all.contains(&run.key.to_string())), "the data set is in the key");
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
