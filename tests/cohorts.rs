//! Operations composed of candle's primitives against the exact ones, and cohorts of runs trained in
//! lock-step against each run alone.

use std::sync::{Arc, atomic::AtomicBool};

use candle_core::{Device, Result, Tensor, Var};
use replikat::{
    data::{Dataset, glyphs},
    engine::tensors::ops::Numerics,
    plan::{Config, Plan},
    random::stream,
    record::{EpochMetrics, Outcome},
    spec::{Draw, Spec},
    train::{Cohort, Member, Way, train},
};

const LANES: usize = 16;
const RUNS: [usize; 3] = [1, 3, 17];

/// Multiples of 1/4 in [−1, 1]: many coincide, so that pooling meets ties and `ReLU` zeros.
fn var(shape: &[usize], salt: u64) -> Var {
    let mut stream = stream(salt, "cohorts");
    let count = shape.iter().product();
    let data: Vec<f32> = (0..count).map(|_| (stream.below(9) as f32 - 4.0) / 4.0).collect();
    Var::from_vec(data, shape, &Device::Cpu).unwrap()
}

fn floats(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

/// Asserts that the largest difference is at most `tolerance` times the largest value.
fn assert_close(ours: &[f32], exact: &[f32], tolerance: f32, what: &str) {
    assert_eq!(ours.len(), exact.len(), "{what}");
    let largest = exact.iter().fold(1.0_f32, |m, v| m.max(v.abs()));
    for (i, (ours, exact)) in ours.iter().zip(exact).enumerate() {
        assert!((ours - exact).abs() <= tolerance * largest, "{what}, entry {i}: {ours}, exactly {exact}");
    }
}

/// Compares forward passes to 1e-5 and gradients to 1e-4.
fn compare(name: &str, shapes: &[&[usize]], op: impl Fn(Numerics, &[Tensor]) -> Result<Tensor>) {
    let vars: Vec<Var> = shapes.iter().enumerate().map(|(i, shape)| var(shape, i as u64)).collect();
    let tensors: Vec<Tensor> = vars.iter().map(|v| v.as_tensor().clone()).collect();
    let [exact, composed] = [Numerics::Exact, Numerics::Composed].map(|numerics| {
        let y = op(numerics, &tensors).unwrap();
        let weights = var(y.dims(), 99);
        let grads = (&y * weights.as_tensor()).unwrap().sum_all().unwrap().backward().unwrap();
        let grads: Vec<Vec<f32>> = vars.iter().filter_map(|v| grads.get(v)).map(floats).collect();
        (y, grads)
    });
    assert_eq!(composed.0.dims(), exact.0.dims(), "{name}");
    assert_close(&floats(&composed.0), &floats(&exact.0), 1e-5, &format!("{name}, forward"));
    assert!(!exact.1.is_empty());
    assert_eq!(composed.1.len(), exact.1.len(), "{name}");
    for (i, (ours, exact)) in composed.1.iter().zip(&exact.1).enumerate() {
        assert_close(ours, exact, 1e-4, &format!("{name}, gradient of input {i}"));
    }
}

#[test]
fn composed_operations_are_the_exact_ones_up_to_rounding() {
    for r in RUNS {
        for (kernel, padding) in [(3, 0), (5, 2), (2, 1)] {
            let shapes: [&[usize]; 3] = [&[r, 3, 6, 7, LANES], &[r, 4, 3, kernel, kernel], &[r, 4]];
            compare(&format!("conv {kernel}/{padding}, {r} runs"), &shapes, |n, t| {
                n.conv(&t[0], &t[1], &t[2], padding, true)
            });
        }
        let shapes: [&[usize]; 3] = [&[r, 9, LANES], &[r, 5, 9], &[r, 5]];
        compare(&format!("dense, {r} runs"), &shapes, |n, t| n.dense(&t[0], &t[1], &t[2]));
        for size in [1, 2, 3] {
            compare(&format!("pooling {size}, {r} runs"), &[&[r, 2, 7, 6, LANES]], |n, t| {
                n.max_pool(&t[0], size)
            });
        }
        compare(&format!("relu, {r} runs"), &[&[r, 2, 3, 3, LANES]], |n, t| n.relu(&t[0]));
        let mask = |shape: &[usize]| var(shape, 7).as_detached_tensor();
        for shape in [&[r, 2, LANES][..], &[r, 2, 3, 3, LANES]] {
            compare(&format!("mask, {r} runs"), &[&[r, 2, 3, 3, LANES]], |n, t| n.mask(&t[0], &mask(shape)));
        }
        let targets: Vec<u8> = (0..r * LANES).map(|i| (i * 7 % 10) as u8).collect();
        compare(&format!("nll, {r} runs"), &[&[r, 10, LANES]], |n, t| n.nll(&t[0], targets.clone()));
    }
}

const SPEC: &str = "
experiment: cohorts
data: {source: glyphs, pairs: {train: 50, test: 40, draw: per-round}, scale: unit}
train: {epochs: 3, batch: 20, optimizer: {sgd: {momentum: 0.5}}}
architectures:
  net1: {pair: [{conv: 5}, {max-pool: 2}, relu, {conv: 7}, {dropout: channels}, {max-pool: 2}, relu, flatten, {linear: 19}, relu, {linear: 2}]}
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

fn outcomes(config: &Config, members: &[Member], way: Way<'_>) -> Vec<Outcome> {
    let stop = AtomicBool::new(false);
    train(&Cohort { config, members, way, stop: &stop }).unwrap().unwrap()
}

/// Losses to a relative 1e-4; of the accuracies, one pair or digit in fifty may fall on the other side.
fn assert_alike(ours: &[EpochMetrics], exact: &[EpochMetrics], what: &str) {
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
    let composed = Way::Tensors(&Device::Cpu, Numerics::Composed);
    let (own, shared) = (plan(&[]), plan(&["data.pairs.draw=fixed".to_owned()]));
    for config in own.configs.iter().chain(&shared.configs) {
        let members = members(config);
        let together = outcomes(config, &members, composed);
        let exact = outcomes(config, &members, Way::Lanes);
        assert_eq!(exact, outcomes(config, &members, Way::Tensors(&Device::Cpu, Numerics::Exact)));
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
