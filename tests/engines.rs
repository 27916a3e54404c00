//! Both engines train alike: the CPU in planned buffers, and candle's tensors.

use std::sync::{Arc, atomic::AtomicBool};

use candle_core::Device;
use replikat::{
    data::{Dataset, glyphs},
    plan::{Config, Plan},
    record::Outcome,
    spec::Spec,
    train::{Backend, Cohort, Member, train},
};

use crate::cohorts::assert_alike;

const SPEC: &str = "
experiment: engines
data: {source: glyphs, pairs: {train: 45, test: 37, draw: fixed}, scale: unit}
train: {epochs: 2, batch: 18, optimizer: {sgd: {momentum: 0.9}}}
architectures:
  net1: {pair: [{conv: 5}, {max-pool: 2}, relu, {conv: 7}, {dropout: channels}, {max-pool: 2}, relu, flatten, {linear: 19}, relu, {linear: 2}]}
  relu-first: {pair: [{conv: 3}, relu, {max-pool: 2}, {conv: 4}, relu, {dropout: channels}, {max-pool: 2}, flatten, {dropout: elements}, {linear: 2}]}
  odd: {pair: [{conv: {channels: 3, kernel: 2}}, {dropout: elements}, {max-pool: 2}, relu, {max-pool: 3}, {conv: {channels: 4, kernel: 1}}, relu, flatten, {linear: 2}]}
  padded: {pair: [{conv: {channels: 4, kernel: 5, padding: 2}}, {max-pool: 2}, relu, {conv: {channels: 3, padding: 2}}, relu, flatten, {linear: 2}]}
  linear: {pair: [flatten, {linear: 33}, relu, {dropout: elements}, {linear: 2}]}
  shared:
    each: [{conv: 4}, {dropout: channels}, {max-pool: 2}, relu, flatten, {linear: 10}]
    digits: {loss_weight: 0.7}
    then: [relu, {dropout: elements}, {linear: 9}, relu, {linear: 2}]
  apart:
    each: [{conv: 4}, {dropout: elements}, {max-pool: 3}, relu, flatten, {linear: 10}]
    share: false
    digits: {loss_weight: 1.3}
    then: [{linear: 2}]
  unscored: {each: [{conv: 2}, {max-pool: 4}, relu], then: [{conv: 3}, flatten, {linear: 2}]}
  pointlike: {pair: [{conv: {channels: 6, kernel: 14}}, {conv: {channels: 3, kernel: 1}}, {max-pool: 1}, {linear: 4}, relu, {conv: {channels: 2, kernel: 1}}]}
  conv-scores: {each: [{conv: {channels: 10, kernel: 14}}], digits: {loss_weight: 1}, then: [{conv: {channels: 2, kernel: 1}}]}
  unweighted: {each: [{max-pool: 2}, flatten, {linear: 10}], digits: {loss_weight: 0}, then: [{linear: 2}]}
  curved: {pair: [{conv: 4}, tanh, {max-pool: 2}, {conv: 3}, {max-pool: 2}, tanh, flatten, {linear: 8}, tanh, {linear: 2}]}
  bare: {each: [flatten], then: [{linear: 3}, tanh, {linear: 2}]}
  flat: {pair: [flatten, relu, {dropout: elements}, flatten, {linear: 2}]}
grid:
  architecture:
    [net1, relu-first, odd, padded, linear, shared, apart, unscored, pointlike, conv-scores, unweighted, curved, bare, flat]
  lr: [0.02]
  dropout: [0.3]
";

fn outcome(config: &Config, backend: Backend<'_>) -> Outcome {
    let images = Dataset { train: glyphs::draw("train", 100), test: glyphs::draw("test", 80) };
    let split = config.task.draw(&images, &config.pairs, config.scale, 0).unwrap();
    let stop = AtomicBool::new(false);
    let members = [Member::of(config, 5, Arc::new(split))];
    let cohort = Cohort { config, members: &members, backend, stop: &stop };
    train(&cohort).unwrap().unwrap().remove(0)
}

#[test]
fn the_cpu_and_the_tensors_train_every_kind_of_layer_alike() {
    for (optimizer, count) in [("sgd: {momentum: 0.9}", 14), ("sgd: {momentum: 0.8, nesterov: true}", 14)] {
        let overrides = [format!("train.optimizer={{{optimizer}}}")];
        let spec = Spec::parse("engines.yaml", SPEC, &overrides).unwrap_or_else(|e| panic!("{e}"));
        let plan = Plan::expand(&spec, glyphs::SOURCE.id());
        assert_eq!(plan.configs.len(), count);
        for config in &plan.configs {
            let cpu = outcome(config, Backend::Cpu);
            let tensors = outcome(config, Backend::Tensors(&Device::Cpu));
            assert!(cpu.finished(), "{}: {:?}", config.name, cpu.end);
            assert_alike(&tensors.epochs, &cpu.epochs, &config.name);
        }
    }
}
