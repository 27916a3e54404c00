//! Cohorts of runs trained in lock-step on tensors against each run alone, and against the CPU's kernels.

use std::sync::{Arc, atomic::AtomicBool};

use candle_core::Device;
use replikat::{
    data::{Dataset, glyphs},
    plan::{Config, Plan},
    record::{EpochMetrics, Outcome},
    spec::{Draw, Spec},
    train::{Backend, Cohort, Member, train},
};

const SPEC: &str = "
experiment: cohorts
data: {source: glyphs, pairs: {train: 50, test: 40, draw: per-round}, scale: unit}
train: {epochs: 3, batch: 20, optimizer: {sgd: {momentum: 0.5}}}
architectures:
  net1: {pair: [{conv: 5}, {max-pool: 2}, relu, {conv: 7}, tanh, {dropout: channels}, {max-pool: 2}, relu, flatten, {linear: 19}, relu, {linear: 2}]}
  net2:
    each: [{conv: {channels: 4, kernel: 5, padding: 2}}, {max-pool: 3}, relu, {dropout: elements}, flatten, {linear: 10}]
    digits: {loss_weight: 1.0}
    then: [relu, {linear: 2}]
  apart: {each: [{conv: 3}, {max-pool: 4}, relu, flatten], share: false, then: [{linear: 2}]}
  bare: {each: [relu, {max-pool: 2}, flatten], then: [{linear: 7}, relu, {linear: 2}]}
grid: {architecture: [net1, net2, apart, bare], lr: [0.05]}
";

/// Eight runs that differ in seed, learning rate, dropout rate and, unless they are drawn once, pairs.
fn members(config: &Config) -> Vec<Member> {
    let images = Dataset { train: glyphs::draw("train", 200), test: glyphs::draw("test", 200) };
    let data = |seed| Arc::new(config.task.draw(&images, &config.pairs, config.scale, seed).unwrap());
    let fixed = (config.pairs.draw == Draw::Fixed).then(|| data(0));
    (0..8)
        .map(|i| Member {
            seed: 100 + i,
            lr: 0.01 * (1 + i) as f64,
            dropout: 0.1 * (i % 4) as f64,
            data: fixed.clone().unwrap_or_else(|| data(100 + i)),
        })
        .collect()
}

fn outcomes(config: &Config, members: &[Member], backend: Backend<'_>) -> Vec<Outcome> {
    let stop = AtomicBool::new(false);
    train(&Cohort { config, members, backend, stop: &stop }).unwrap().unwrap()
}

/// Losses to a relative 1e-4; of the accuracies, one pair or digit in fifty may fall on the other side.
pub(crate) fn assert_alike(ours: &[EpochMetrics], exact: &[EpochMetrics], what: &str) {
    assert_eq!(ours.len(), exact.len(), "{what}");
    for (ours, exact) in ours.iter().zip(exact) {
        for (a, b) in [(ours.running, exact.running), (ours.train, exact.train), (ours.test, exact.test)] {
            for ((metric, a), (_, b)) in a.iter().zip(b.iter()) {
                assert_eq!(a.is_some(), b.is_some(), "{what}, {}", metric.name);
                let (a, b) = (a.unwrap_or_default(), b.unwrap_or_default());
                let tolerance = if metric.is_accuracy() { 0.021 } else { 1e-4 * b };
                assert!(
                    (a - b).abs() <= tolerance,
                    "{what}, epoch {}, {}: {a}, {b}",
                    ours.epoch,
                    metric.name
                );
            }
        }
    }
}

#[test]
fn a_run_is_the_same_in_a_cohort_of_eight_and_alone_and_on_the_exact_engine() {
    let plan = |overrides: &[String]| {
        let spec = Spec::parse("cohorts.yaml", SPEC, overrides).unwrap_or_else(|e| panic!("{e}"));
        Plan::expand(&spec, glyphs::SOURCE.id())
    };
    let composed = Backend::Tensors(&Device::Cpu);
    let (own, shared) = (plan(&[]), plan(&["data.pairs.draw=fixed".to_owned()]));
    for config in own.configs.iter().chain(&shared.configs) {
        let members = members(config);
        let together = outcomes(config, &members, composed);
        let exact = outcomes(config, &members, Backend::Cpu);
        let mut turned = members.clone();
        turned.rotate_left(3);
        turned.swap(0, 5);
        let shuffled = outcomes(config, &turned, composed);
        for (i, member) in members.iter().enumerate() {
            let alone = outcomes(config, std::slice::from_ref(member), composed);
            let place = turned.iter().position(|m| m.seed == member.seed).unwrap();
            let what = format!("{}, seed {}", config.name, member.seed);
            assert!(together[i].finished(), "{what}");
            assert_alike(&together[i].epochs, &alone[0].epochs, &format!("{what}, alone"));
            assert_alike(&together[i].epochs, &exact[i].epochs, &format!("{what}, exact engine"));
            assert_eq!(together[i], shuffled[place], "{what}, in another order");
        }
    }
}
