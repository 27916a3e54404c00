//! Every optimiser against its formula in f64, on the CPU and on tensors.

use candle_core::{Device, Tensor, Var};
use candle_nn::Optimizer as _;
use replikat::{
    engine::{
        kernels::simd::Isa,
        optimizer::{CpuOptimizer, Optimizer, Sgd, TensorConfig, TensorOptimizer},
    },
    spec::Spec,
};

const COUNT: usize = 37;
const STEPS: usize = 6;
const RATES: [f32; 2] = [0.05, 0.2];

/// The gradient of a bowl with its lowest point at 1, which differs from weight to weight.
fn gradient(i: usize, w: f64) -> f64 {
    (1.0 + i as f64 / 10.0) * (w - 1.0)
}

fn start(i: usize) -> f64 {
    i as f64 / 8.0 - 2.0
}

/// `PyTorch`'s rule: `v = μv + g`, then `w −= lr·v`, or `w −= lr·(g + μv)`.
fn by_formula(sgd: Sgd, lr: f64) -> Vec<f64> {
    let one = |i: usize| {
        let (mut w, mut v) = (start(i), 0.0);
        for _ in 0..STEPS {
            let g = gradient(i, w);
            v = sgd.momentum * v + g;
            w -= lr * if sgd.nesterov { g + sgd.momentum * v } else { v };
        }
        w
    };
    (0..COUNT).map(one).collect()
}

fn assert_close(ours: &[f32], exact: &[f64], what: &str) {
    assert_eq!(ours.len(), exact.len());
    for (i, (ours, exact)) in ours.iter().zip(exact).enumerate() {
        assert!(
            (f64::from(*ours) - exact).abs() < 1e-5 * exact.abs().max(1.0),
            "{what}, weight {i}: {ours}, {exact}"
        );
    }
}

fn gradients(weights: &[f32]) -> Vec<f32> {
    weights.iter().enumerate().map(|(i, w)| gradient(i % COUNT, f64::from(*w)) as f32).collect()
}

#[test]
fn sgd_with_and_without_momentum_and_nesterovs_follow_their_formulas() {
    for (momentum, nesterov) in [(0.0, false), (0.9, false), (0.9, true), (0.5, true)] {
        let sgd = Sgd { momentum, nesterov };
        let optimizer = Optimizer::Sgd(sgd);
        let initial: Vec<f32> = (0..COUNT).map(|i| start(i) as f32).collect();
        let exact = RATES.map(|lr| by_formula(sgd, f64::from(lr)));
        for (lr, exact) in RATES.iter().zip(&exact) {
            let (mut weights, mut on_cpu) = (initial.clone(), CpuOptimizer::new(optimizer, COUNT));
            for _ in 0..STEPS {
                on_cpu.step(Isa::current(), *lr, &gradients(&weights), &mut weights, 0..COUNT);
            }
            assert_close(&weights, exact, &format!("{sgd:?} on the CPU"));
        }
        // Both rates at once, as two runs of a cohort.
        let var = Var::from_vec([initial.clone(), initial].concat(), (2, COUNT), &Device::Cpu).unwrap();
        let config = TensorConfig { optimizer, lr: RATES.to_vec() };
        let mut on_tensors = TensorOptimizer::new(vec![var.clone()], config).unwrap();
        for _ in 0..STEPS {
            let weights: Vec<f32> = var.flatten_all().unwrap().to_vec1().unwrap();
            let g = Tensor::from_vec(gradients(&weights), (2, COUNT), &Device::Cpu).unwrap();
            on_tensors.backward_step(&(var.as_tensor() * g).unwrap().sum_all().unwrap()).unwrap();
        }
        let weights: Vec<f32> = var.flatten_all().unwrap().to_vec1().unwrap();
        assert_close(&weights, &exact.concat(), &format!("{sgd:?} on tensors"));
    }
}

#[test]
fn weights_outside_of_the_place_of_a_step_stay_as_they_are() {
    let sgd = Optimizer::Sgd(Sgd { momentum: 0.9, nesterov: true });
    let (mut optimizer, mut weights) = (CpuOptimizer::new(sgd, 10), vec![1.0; 10]);
    optimizer.step(Isa::current(), 0.5, &[1.0; 10], &mut weights, 3..7);
    assert!(weights[..3].iter().chain(&weights[7..]).all(|w| *w == 1.0));
    assert!(weights[3..7].iter().all(|w| *w < 1.0));
}

fn parsed(optimizer: &str) -> Result<Optimizer, String> {
    let text = format!(
        "
experiment: optimizers
data: {{source: glyphs, pairs: {{train: 10, test: 10}}}}
train: {{epochs: 1, batch: 5, optimizer: {optimizer}}}
architectures: {{net: {{pair: [flatten, {{linear: 2}}]}}}}
grid: {{architecture: [net], lr: [0.1]}}
"
    );
    Spec::parse("optimizers.yaml", &text, &[])
        .map(|spec| spec.grid.configs()[0].train.optimizer)
        .map_err(|e| e.to_string())
}

#[test]
fn a_spec_names_the_optimiser_and_its_settings() {
    let sgd = |momentum, nesterov| Ok(Optimizer::Sgd(Sgd { momentum, nesterov }));
    assert_eq!(parsed("sgd"), sgd(0.0, false));
    assert_eq!(parsed("{sgd: {momentum: 0.25}}"), sgd(0.25, false));
    assert_eq!(parsed("{sgd: {momentum: 0.25, nesterov: true}}"), sgd(0.25, true));
    for (optimizer, said) in [
        ("{sgd: {nesterov: true}}", "train.optimizer.sgd: Nesterov's momentum needs a momentum above 0"),
        ("{sgd: {momentum: 1}}", "train.optimizer.sgd.momentum: 1 is not in [0, 1)"),
        ("{sgd: {momentun: 0.5}}", "did you mean `momentum`?"),
        ("{sdg: {momentum: 0.5}}", "train.optimizer: unknown optimiser `sdg`"),
        ("adamw", "train.optimizer: unknown value `adamw`"),
        ("{}", "train.optimizer: `sgd` is missing"),
    ] {
        let error = parsed(optimizer).unwrap_err();
        assert!(error.contains(said), "{error}");
    }
}
