//! Whole networks against `PyTorch`: parameter counts, losses and gradients.

use candle_core::{Device, Tensor};
use replikat::{
    engine::tensors::{
        network::{DropoutSite, Mode, Network},
        ops::{self, Numerics},
    },
    spec::{Architecture, Spec},
};

const BATCH: usize = 5;
const LANES: usize = 16;

fn paper() -> Spec {
    let text = include_str!("../experiments/paper.yaml");
    Spec::parse("paper.yaml", text, &[]).unwrap_or_else(|e| panic!("{e}"))
}

/// The `spread` of `fixtures/net_gradients.py`.
fn spread(count: usize, salt: u64) -> impl Iterator<Item = f64> {
    (0..count as u64).map(move |i| f64::from((i * 2_654_435_761 + salt * 40_503) as u32) / 4_294_967_296.0)
}

#[test]
fn the_papers_networks_have_the_papers_parameter_counts() {
    let spec = paper();
    assert_eq!(spec.architectures["net1"].parameter_count(), 6592);
    assert_eq!(spec.architectures["net2"].parameter_count(), 10362);
}

#[test]
fn the_papers_networks_cost_what_was_counted_by_hand() {
    // Net1 forward: conv 10·144·18 + conv 20·16·90 + 80·50 + 50·10 + 10·2 = 59,240 multiply-adds.
    let cost = paper().architectures["net1"].cost();
    assert_eq!((cost.forward, cost.training), (2 * 59_240, 2 * (3 * 59_240 - 25_920)));
}

/// Pixels `[image][row · 14 + column][sample]` of the fixture.
fn pixel(values: &[f64], sample: usize, image: usize, at: usize) -> f32 {
    ((values[(sample * 2 + image) * 196 + at] * 256.0).floor() / 256.0) as f32
}

fn input(architecture: &Architecture) -> Tensor {
    let values: Vec<f64> = spread(BATCH * 2 * 196, 99).collect();
    let pair = matches!(architecture, Architecture::Pair(_));
    let mut data = vec![0.0_f32; 2 * 196 * LANES];
    for (image, at, sample) in
        (0..2).flat_map(|i| (0..196).flat_map(move |a| (0..BATCH).map(move |s| (i, a, s))))
    {
        let index =
            if pair { (image * 196 + at) * LANES + sample } else { (at * 2 + image) * LANES + sample };
        data[index] = pixel(&values, sample, image, at);
    }
    let shape = if pair { (1, 2, 14, 14, LANES) } else { (1, 1, 14, 14, 2 * LANES) };
    Tensor::from_vec(data, shape, &Device::Cpu).unwrap()
}

fn mask(site: &DropoutSite) -> candle_core::Result<Tensor> {
    let lanes = site.images * LANES;
    let mut data = vec![0.0_f32; 20 * lanes];
    for (image, c, sample) in
        (0..site.images).flat_map(|i| (0..20).flat_map(move |c| (0..BATCH).map(move |s| (i, c, s))))
    {
        let n = image * BATCH + sample;
        data[c * lanes + image * LANES + sample] = if (n * 7 + c * 3).is_multiple_of(5) { 0.0 } else { 1.25 };
    }
    Tensor::from_vec(data, (1, 20, lanes), &Device::Cpu)
}

/// Weights of a mean over `images · BATCH` samples, zero for padding.
fn weights(images: usize) -> Tensor {
    let one: Vec<f32> =
        (0..LANES).map(|n| if n < BATCH { 1.0 / (images * BATCH) as f32 } else { 0.0 }).collect();
    Tensor::from_vec(one.repeat(images), (1, images * LANES), &Device::Cpu).unwrap()
}

/// Returns the loss and the gradients of all parameters in order.
fn ours(architecture: &Architecture) -> (f32, Vec<Vec<f32>>) {
    let network = Network::new(architecture, &[0], &Device::Cpu, Numerics::Exact).unwrap();
    for (k, (parameter, var)) in architecture.parameters().iter().zip(network.vars()).enumerate() {
        let bound = (parameter.fan_in as f64).sqrt();
        let values: Vec<f32> =
            spread(parameter.count(), k as u64 + 1).map(|u| ((2.0 * u - 1.0) / bound) as f32).collect();
        var.set(&Tensor::from_vec(values, var.shape(), &Device::Cpu).unwrap()).unwrap();
    }
    let scores = network.forward(&input(architecture), Mode::Train(&mut mask)).unwrap();
    let lane = |f: &dyn Fn(usize) -> usize| {
        (0..LANES).map(|n| if n < BATCH { f(n) as u8 } else { 0 }).collect::<Vec<_>>()
    };
    let mut loss =
        (ops::nll(&scores.comparison, lane(&|b| b % 2)).unwrap() * weights(1)).unwrap().sum_all().unwrap();
    if let Some(digits) = &scores.digits {
        let labels = [lane(&|b| 3 * b % 10), lane(&|b| (3 * b + 5) % 10)].concat();
        let auxiliary = (ops::nll(digits, labels).unwrap() * weights(2)).unwrap().sum_all().unwrap();
        loss = (loss + auxiliary).unwrap();
    }
    let store = loss.backward().unwrap();
    let gradient = |var: &candle_core::Var| store.get(var).unwrap().flatten_all().unwrap().to_vec1().unwrap();
    (loss.to_scalar().unwrap(), network.vars().iter().map(gradient).collect())
}

#[test]
fn losses_and_gradients_of_both_networks_equal_pytorchs() {
    let bytes = include_bytes!("fixtures/net_gradients.f32");
    let mut theirs = bytes.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b));
    let spec = paper();
    for name in ["net1", "net2"] {
        let architecture = &spec.architectures[name];
        let (loss, gradients) = ours(architecture);
        let expected = theirs.next().unwrap();
        assert!((loss - expected).abs() < 1e-5 * expected, "{name}: loss {loss}, PyTorch {expected}");
        for (parameter, gradient) in architecture.parameters().iter().zip(gradients) {
            let expected: Vec<f32> = theirs.by_ref().take(gradient.len()).collect();
            let scale = expected.iter().fold(0.0_f32, |m, v| m.max(v.abs()));
            assert!(scale > 0.0, "{name}: {} has no gradient", parameter.name);
            for (ours, theirs) in gradient.iter().zip(&expected) {
                let off = (ours - theirs).abs() / scale;
                assert!(off < 1e-5, "{name}: {}: {ours}, PyTorch {theirs}, off by {off}", parameter.name);
            }
        }
    }
    assert_eq!(theirs.next(), None, "the fixture has more numbers than the networks");
}
