//! `grid.vary`: which random streams follow the seed.

use std::sync::{Arc, atomic::AtomicBool};

use candle_core::Device;
use replikat::{
    data::{Dataset, glyphs},
    plan::{Config, Plan},
    record::Outcome,
    spec::{Spec, Vary},
    task,
    train::{Backend, Cohort, Member, train},
};

use crate::cohorts::assert_alike;

const SPEC: &str = "
experiment: vary
data: {source: glyphs, pairs: {train: 30, test: 20, draw: per-round}, scale: unit}
train: {epochs: 2, batch: 10}
architectures: {net: {pair: [{conv: 3}, {dropout: channels}, relu, flatten, {linear: 2}]}}
grid: {architecture: [net], seed: {count: 2}, lr: [0.05], dropout: [0.4], vary: [all, init, shuffle, dropout, pairs]}
";

fn configs(overrides: &[&str]) -> Vec<Config> {
    let overrides: Vec<String> = overrides.iter().map(ToString::to_string).collect();
    let spec = Spec::parse("vary.yaml", SPEC, &overrides).unwrap_or_else(|e| panic!("{e}"));
    Plan::expand(&spec, glyphs::SOURCE.id()).configs
}

/// Trains the run of a seed, as `run` does.
fn outcome(config: &Config, seed: u64, backend: Backend<'_>) -> Outcome {
    let images = Dataset { train: glyphs::draw("train", 200), test: glyphs::draw("test", 200) };
    let pairs = &config.pairs;
    let data_seed = task::pairs::data_seed(pairs, config.vary.seed(Vary::Pairs, seed));
    let data = Arc::new(config.task.draw(&images, pairs, config.scale, data_seed).unwrap());
    let members = [Member::of(config, seed, data)];
    let cohort = Cohort { config, members: &members, backend, stop: &AtomicBool::new(false) };
    train(&cohort).unwrap().unwrap().remove(0)
}

#[test]
fn seed_0_is_the_same_run_whatever_follows_the_seed() {
    let configs = configs(&[]);
    let all = outcome(&configs[0], 0, Backend::Cpu);
    assert_eq!(configs.len(), 5);
    for config in &configs[1..] {
        assert_eq!(outcome(config, 0, Backend::Cpu), all, "{}", config.vary.word());
    }
}

#[test]
fn every_kind_of_stream_alone_changes_the_run_and_on_both_backends() {
    for config in &configs(&[]) {
        let [first, second] = [0, 7].map(|seed| outcome(config, seed, Backend::Cpu));
        assert_ne!(first, second, "{}", config.vary.word());
        let [other, tensors] = [0, 7].map(|seed| outcome(config, seed, Backend::Tensors(&Device::Cpu)));
        assert_ne!(other, tensors, "{}", config.vary.word());
        assert_alike(&tensors.epochs, &second.epochs, config.vary.word());
    }
}

#[test]
fn a_stream_that_is_not_used_varies_nothing() {
    for (change, index) in [("train.shuffle=false", 2), ("grid.dropout=[0]", 3)] {
        let config = &configs(&[change])[index];
        assert_eq!(outcome(config, 0, Backend::Cpu), outcome(config, 7, Backend::Cpu), "{change}");
    }
}

#[test]
fn pairs_that_are_drawn_once_cannot_follow_the_seed() {
    let error =
        Spec::parse("vary.yaml", SPEC, &["data.pairs.draw=fixed".to_owned()]).unwrap_err().to_string();
    assert!(error.contains("the pairs do not follow the seed, since they are drawn once"), "{error}");
    assert!(error.contains("command line:1:23") && error.contains("write `draw: per-round`"), "{error}");
    let error = Spec::parse("vary.yaml", SPEC, &["grid.vary=[none]".to_owned()]).unwrap_err().to_string();
    assert!(error.contains("known here: all, init, shuffle, dropout, pairs"), "{error}");
}
