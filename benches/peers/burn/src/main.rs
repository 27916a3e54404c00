//! The job in burn on its `flex` backend.

use burn::{
    module::Module,
    nn::{
        Linear, LinearConfig,
        conv::{Conv2d, Conv2dConfig},
        loss::CrossEntropyLossConfig,
        pool::{MaxPool2d, MaxPool2dConfig},
    },
    optim::{GradientsParams, SgdConfig, momentum::MomentumConfig},
    tensor::{Device, Distribution, Int, Tensor, activation::relu},
};

#[path = "../../job.rs"]
mod job;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PAIRS: usize = 1000;

#[derive(Module, Debug)]
struct Network {
    convolutions: [Conv2d; 2],
    pool: MaxPool2d,
    dense: Vec<Linear>,
    /// Sees both images one by one.
    each: bool,
}

impl Network {
    fn new(each: bool, device: &Device) -> Self {
        let conv = |inputs, outputs| Conv2dConfig::new([inputs, outputs], [3, 3]).init(device);
        let sizes: &[_] =
            if each { &[(80, 80), (80, 10), (20, 50), (50, 2)] } else { &[(80, 50), (50, 10), (10, 2)] };
        Self {
            convolutions: [conv(if each { 1 } else { 2 }, 10), conv(10, 20)],
            pool: MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init(),
            dense: sizes.iter().map(|(from, to)| LinearConfig::new(*from, *to).init(device)).collect(),
            each,
        }
    }

    /// Returns the comparison's scores and, for Net2, the digits' scores.
    fn forward(&self, pixels: Tensor<4>, training: bool) -> (Tensor<2>, Option<Tensor<2>>) {
        let x = if self.each { pixels.reshape([-1, 1, 14, 14]) } else { pixels };
        let x = relu(self.pool.forward(self.convolutions[0].forward(x)));
        let mut x = self.convolutions[1].forward(x);
        if training {
            let [images, channels, _, _] = x.dims();
            let kept = Tensor::random([images, channels, 1, 1], Distribution::Bernoulli(0.8), &x.device());
            x = x * (kept / 0.8);
        }
        let x = relu(self.pool.forward(x)).flatten(1, 3);
        if !self.each {
            return (chain(&self.dense, x), None);
        }
        let scores = chain(&self.dense[..2], x);
        (chain(&self.dense[2..], scores.clone().reshape([-1, 20])), Some(scores))
    }
}

/// Fully connected layers with ReLU between them.
fn chain(layers: &[Linear], mut x: Tensor<2>) -> Tensor<2> {
    for (index, layer) in layers.iter().enumerate() {
        x = layer.forward(if index == 0 { x } else { relu(x) });
    }
    x
}

fn cross_entropy(scores: Tensor<2>, labels: Tensor<1, Int>) -> Tensor<1> {
    CrossEntropyLossConfig::new().init(&scores.device()).forward(scores, labels)
}

#[derive(Clone)]
struct Pairs {
    pixels: Tensor<4>,
    targets: Tensor<1, Int>,
    digits: Tensor<2, Int>,
}

impl Pairs {
    fn new(split: &str, device: &Device) -> Self {
        let job::Pairs { pixels, targets, digits } = job::pairs(split, PAIRS);
        Self {
            pixels: Tensor::<1>::from_floats(pixels.as_slice(), device).reshape([PAIRS, 2, 14, 14]),
            targets: Tensor::from_ints(targets.as_slice(), device),
            digits: Tensor::<1, Int>::from_ints(digits.as_slice(), device).reshape([PAIRS, 2]),
        }
    }

    fn select(&self, chosen: &[u32], device: &Device) -> Self {
        let chosen = Tensor::<1, Int>::from_ints(chosen, device);
        Self {
            pixels: self.pixels.clone().select(0, chosen.clone()),
            targets: self.targets.clone().select(0, chosen.clone()),
            digits: self.digits.clone().select(0, chosen),
        }
    }
}

fn loss(network: &Network, pairs: Pairs) -> Tensor<1> {
    let (output, scores) = network.forward(pairs.pixels, true);
    let loss = cross_entropy(output, pairs.targets);
    match scores {
        Some(scores) => loss + cross_entropy(scores, pairs.digits.flatten(0, 1)),
        None => loss,
    }
}

/// Returns loss and accuracy.
fn measure(scores: Tensor<2>, labels: Tensor<1, Int>) -> [f32; 2] {
    let right = scores.clone().argmax(1).flatten::<1>(0, 1).equal(labels.clone()).float().mean();
    [cross_entropy(scores, labels).into_scalar(), right.into_scalar()]
}

/// Returns loss and accuracy of the comparison and, for Net2, of the digits.
fn evaluate(network: &Network, pairs: Pairs) -> Vec<f32> {
    let (output, scores) = network.forward(pairs.pixels, false);
    let mut metrics = measure(output, pairs.targets).to_vec();
    if let Some(scores) = scores {
        metrics.extend(measure(scores, pairs.digits.flatten(0, 1)));
    }
    metrics
}

fn main() {
    let options = job::Options::parse();
    let device = Device::flex();
    let training = device.clone().autodiff();
    let [train, test] = ["train", "t10k"].map(|split| Pairs::new(split, &device));
    let train_differentiable = Pairs::new("train", &training);
    let mut random = job::Random(1);
    let momentum = MomentumConfig::new().with_momentum(0.5).with_dampening(0.0);
    job::measure("burn 0.22.0 flex", &options, |epochs| {
        let mut network = Network::new(options.network == "net2", &training);
        let mut optimizer = SgdConfig::new().with_momentum(Some(momentum.clone())).init();
        let mut accuracy = 0.0;
        for _ in 0..epochs {
            for chosen in random.permutation(PAIRS).chunks(options.batch) {
                let gradients = loss(&network, train_differentiable.select(chosen, &training)).backward();
                let gradients = GradientsParams::from_grads(gradients, &network);
                network = optimizer.step(0.01, network, gradients);
            }
            let frozen = network.valid();
            evaluate(&frozen, train.clone());
            accuracy = f64::from(evaluate(&frozen, test.clone())[1]);
        }
        accuracy
    });
}
