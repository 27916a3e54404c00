//! The job in candle, with its own convolution, pooling and dropout.
#![expect(clippy::disallowed_methods, reason = "this is candle as it comes")]

use candle_core::{D, DType, Device::Cpu, Result, Tensor, Var};
use candle_nn::{Conv2d, Conv2dConfig, Linear, Module as _, loss::cross_entropy, ops::dropout};

#[path = "../../job.rs"]
mod job;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const PAIRS: usize = 1000;

struct Network {
    /// Sees both images one by one.
    each: bool,
    convolutions: [Conv2d; 2],
    dense: Vec<Linear>,
    parameters: Vec<Var>,
}

/// Returns a new weight and bias, uniform in ±1/√fan_in.
fn uniform(shape: &[usize], parameters: &mut Vec<Var>) -> Result<[Tensor; 2]> {
    let bound = (shape[1..].iter().product::<usize>() as f64).powf(-0.5);
    let weight = Var::rand_f64(-bound, bound, shape, DType::F32, &Cpu)?;
    let bias = Var::rand_f64(-bound, bound, shape[0], DType::F32, &Cpu)?;
    let tensors = [weight.as_tensor().clone(), bias.as_tensor().clone()];
    parameters.extend([weight, bias]);
    Ok(tensors)
}

impl Network {
    fn new(each: bool) -> Result<Self> {
        let mut parameters = Vec::new();
        let mut conv = |inputs, outputs| -> Result<Conv2d> {
            let [weight, bias] = uniform(&[outputs, inputs, 3, 3], &mut parameters)?;
            Ok(Conv2d::new(weight, Some(bias), Conv2dConfig::default()))
        };
        let convolutions = [conv(if each { 1 } else { 2 }, 10)?, conv(10, 20)?];
        let sizes: &[_] =
            if each { &[(80, 80), (80, 10), (20, 50), (50, 2)] } else { &[(80, 50), (50, 10), (10, 2)] };
        let mut dense = Vec::new();
        for (inputs, outputs) in sizes {
            let [weight, bias] = uniform(&[*outputs, *inputs], &mut parameters)?;
            dense.push(Linear::new(weight, Some(bias)));
        }
        Ok(Self { each, convolutions, dense, parameters })
    }

    /// Returns the comparison's scores and, for Net2, the digits' scores.
    fn forward(&self, pixels: &Tensor, training: bool) -> Result<(Tensor, Option<Tensor>)> {
        let x = if self.each { pixels.reshape(((), 1, 14, 14))? } else { pixels.clone() };
        let x = self.convolutions[0].forward(&x)?.max_pool2d(2)?.relu()?;
        let mut x = self.convolutions[1].forward(&x)?;
        if training {
            let channels = Tensor::ones((x.dim(0)?, 20, 1, 1), DType::F32, &Cpu)?;
            x = x.broadcast_mul(&dropout(&channels, 0.2)?)?;
        }
        let x = x.max_pool2d(2)?.relu()?.flatten_from(1)?;
        if !self.each {
            return Ok((chain(&self.dense, x)?, None));
        }
        let scores = chain(&self.dense[..2], x)?;
        Ok((chain(&self.dense[2..], scores.reshape(((), 20))?)?, Some(scores)))
    }
}

/// Fully connected layers with ReLU between them.
fn chain(layers: &[Linear], mut x: Tensor) -> Result<Tensor> {
    for (index, layer) in layers.iter().enumerate() {
        x = layer.forward(&if index == 0 { x } else { x.relu()? })?;
    }
    Ok(x)
}

/// `[pixels, targets, digits]`
struct Pairs([Tensor; 3]);

impl Pairs {
    fn new(split: &str) -> Result<Self> {
        let job::Pairs { pixels, targets, digits } = job::pairs(split, PAIRS);
        Ok(Self([
            Tensor::from_vec(pixels, (PAIRS, 2, 14, 14), &Cpu)?,
            Tensor::from_vec(targets, PAIRS, &Cpu)?,
            Tensor::from_vec(digits, (PAIRS, 2), &Cpu)?,
        ]))
    }

    fn select(&self, chosen: &[u32]) -> Result<Self> {
        let chosen = Tensor::new(chosen, &Cpu)?;
        let [pixels, targets, digits] = &self.0;
        Ok(Self([
            pixels.index_select(&chosen, 0)?,
            targets.index_select(&chosen, 0)?,
            digits.index_select(&chosen, 0)?,
        ]))
    }
}

fn loss(network: &Network, Pairs([pixels, targets, digits]): &Pairs) -> Result<Tensor> {
    let (output, scores) = network.forward(pixels, true)?;
    let loss = cross_entropy(&output, targets)?;
    scores.map_or(Ok(loss.clone()), |s| loss + cross_entropy(&s, &digits.flatten_all()?)?)
}

/// Returns loss and accuracy.
fn measure(scores: &Tensor, labels: &Tensor) -> Result<[f32; 2]> {
    let right = scores.argmax(D::Minus1)?.eq(labels)?.to_dtype(DType::F32)?.mean_all()?;
    Ok([cross_entropy(scores, labels)?.to_scalar()?, right.to_scalar()?])
}

/// Returns loss and accuracy of the comparison and, for Net2, of the digits.
fn evaluate(network: &Network, Pairs([pixels, targets, digits]): &Pairs) -> Result<Vec<f32>> {
    let (output, scores) = network.forward(pixels, false)?;
    let mut metrics = measure(&output, targets)?.to_vec();
    if let Some(scores) = scores {
        metrics.extend(measure(&scores, &digits.flatten_all()?)?);
    }
    Ok(metrics)
}

fn run(
    options: &job::Options,
    train: &Pairs,
    test: &Pairs,
    epochs: usize,
    random: &mut job::Random,
) -> Result<f64> {
    let network = Network::new(options.network == "net2")?;
    let mut velocities =
        network.parameters.iter().map(|p| p.zeros_like()).collect::<Result<Vec<Tensor>>>()?;
    let mut accuracy = 0.0;
    for _ in 0..epochs {
        for chosen in random.permutation(PAIRS).chunks(options.batch) {
            let gradients = loss(&network, &train.select(chosen)?)?.backward()?;
            for (parameter, velocity) in network.parameters.iter().zip(&mut velocities) {
                let gradient = gradients.get(parameter).expect("every parameter has a gradient");
                *velocity = ((&*velocity * 0.5)? + gradient)?;
                parameter.set(&(parameter.as_tensor() - (&*velocity * 0.01)?)?)?;
            }
        }
        evaluate(&network, train)?;
        accuracy = f64::from(evaluate(&network, test)?[1]);
    }
    Ok(accuracy)
}

fn main() -> Result<()> {
    let options = job::Options::parse();
    let (train, test) = (Pairs::new("train")?, Pairs::new("t10k")?);
    let mut random = job::Random(1);
    job::measure("candle 0.11.1", &options, |epochs| {
        run(&options, &train, &test, epochs, &mut random).expect("candle computes")
    });
    Ok(())
}
