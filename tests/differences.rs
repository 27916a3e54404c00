//! The gradients of whole random networks, on the CPU and on tensors, against central differences in f64.

use std::sync::Arc;

use candle_core::{Device, Tensor, Var};
use replikat::{
    engine::{
        cpu::CpuNetwork,
        kernels::simd::{BLOCK, Isa},
        optimizer::Optimizer,
        program::Program,
        tensors::{
            network::{MaskRequest, Mode, Network, input_shape},
            ops::nll,
        },
    },
    model::{Architecture, DropoutUnit, Layer, Parameter, Part, SIDE, Step},
    random::stream,
};

use crate::architectures::Case;

const AREA: usize = SIDE * SIDE;

/// Returns the output of one layer for one sample; `mask` is that of a dropout layer.
fn layer(layer: &Layer, input: [usize; 3], weights: &[f64], mask: &[f32], x: &[f64]) -> Vec<f64> {
    let ([c, h, w], output) = (input, layer.output(input).unwrap());
    match layer {
        Layer::Conv(conv) => {
            let ([channels, oh, ow], k) = (output, conv.kernel);
            let at = |out: usize| {
                let (o, oy, ox) = (out / (oh * ow), out / ow % oh, out % ow);
                let mut sum = weights[channels * c * k * k + o];
                for tap in 0..c * k * k {
                    let (i, kh, kw) = (tap / (k * k), tap / k % k, tap % k);
                    let (y, x_at) =
                        ((oy + kh).wrapping_sub(conv.padding), (ox + kw).wrapping_sub(conv.padding));
                    if y < h && x_at < w {
                        sum += weights[o * c * k * k + tap] * x[(i * h + y) * w + x_at];
                    }
                }
                sum
            };
            (0..channels * oh * ow).map(at).collect()
        }
        Layer::Linear(linear) => (0..linear.units)
            .map(|o| {
                let row = &weights[o * c..(o + 1) * c];
                weights[linear.units * c + o] + row.iter().zip(x).map(|(w, x)| w * x).sum::<f64>()
            })
            .collect(),
        Layer::MaxPool(pool) => {
            let ([_, oh, ow], s) = (output, pool.size);
            let at = |out: usize| {
                let (i, oy, ox) = (out / (oh * ow), out / ow % oh, out % ow);
                let window = (0..s * s).map(|t| x[(i * h + oy * s + t / s) * w + ox * s + t % s]);
                window.fold(f64::MIN, f64::max)
            };
            (0..c * oh * ow).map(at).collect()
        }
        Layer::Relu(_) => x.iter().map(|x| x.max(0.0)).collect(),
        Layer::Tanh(_) => x.iter().map(|x| x.tanh()).collect(),
        Layer::Flatten(_) => x.to_vec(),
        Layer::Dropout(dropout) => {
            let each = if dropout.unit == DropoutUnit::Channels { h * w } else { 1 };
            x.iter().enumerate().map(|(i, x)| x * f64::from(mask[i / each])).collect()
        }
    }
}

/// Runs one sample through a part whose weights begin the slice.
fn part(part: &Part, weights: &[f64], masks: &[Vec<f32>], x: &[f64]) -> Vec<f64> {
    let (mut x, mut at, mut masks) = (x.to_vec(), 0, masks.iter());
    for step in &part.steps {
        let count: usize = step.parameters().iter().map(Parameter::count).sum();
        let mask = if matches!(step.layer, Layer::Dropout(_)) { masks.next().unwrap() } else { &vec![] };
        x = layer(&step.layer, step.input, &weights[at..at + count], mask, &x);
        at += count;
    }
    x
}

fn loss(z: &[f64], target: u8) -> f64 {
    let most = z.iter().copied().fold(f64::MIN, f64::max);
    most + z.iter().map(|z| (z - most).exp()).sum::<f64>().ln() - z[usize::from(target)]
}

/// Returns the objective of a training step.
fn objective(case: &Case, parts: &[Part], weights: &[f64]) -> f64 {
    let counts = parts.iter().map(|p| p.steps.iter().flat_map(Step::parameters).map(|p| p.count()).sum());
    let starts: Vec<usize> =
        counts.scan(0, |at, count: usize| Some(std::mem::replace(at, *at + count))).collect();
    let last = parts.len() - 1;
    let run = |index: usize, pass: usize, sample: usize, x: &[f64]| {
        part(&parts[index], &weights[starts[index]..], &case.masks_of(index, pass, sample), x)
    };
    let mut total = 0.0;
    for sample in 0..case.samples {
        let pixels: Vec<f64> =
            case.pixels[sample * 2 * AREA..][..2 * AREA].iter().map(|v| f64::from(*v)).collect();
        if last == 0 {
            total += loss(&run(0, 0, sample, &pixels), case.targets[sample]);
            continue;
        }
        let images = [0, 1].map(|image| {
            let (index, pass) = if last == 2 { (image, 0) } else { (0, image) };
            run(index, pass, sample, &pixels[image * AREA..][..AREA])
        });
        total += loss(&run(last, 0, sample, &images.concat()), case.targets[sample]);
        if let Architecture::Each { digit_loss: Some(factor), .. } = case.architecture {
            let digits = (0..2).map(|image| loss(&images[image], case.digits[sample][image]));
            total += factor * digits.sum::<f64>() / 2.0;
        }
    }
    total / case.samples as f64
}

fn on_cpu(case: &Case, weights: &[f32]) -> Vec<f32> {
    let program = Program::plan(&case.architecture, Optimizer::default(), case.samples);
    let mut network = CpuNetwork::new(&Arc::new(program), 0, Isa::current());
    network.set_weights(weights);
    case.fill_masks(&mut network);
    network.step(&case.blocks(), 0.0);
    assert_eq!(network.weights(), weights, "a rate of 0 changes nothing");
    network.gradients().to_vec()
}

/// Returns `[channels or images, …]` of all samples as a tensor, samples last and padded.
fn tensor(shape: &[usize], lanes: usize, value: impl Fn(usize, usize) -> f32) -> Tensor {
    let values: usize = shape.iter().product();
    let data: Vec<f32> = (0..values * lanes).map(|i| value(i / lanes, i % lanes)).collect();
    Tensor::from_vec(data, [&[1], shape, &[lanes]].concat(), &Device::Cpu).unwrap()
}

fn on_tensors(case: &Case, weights: &[f32]) -> Vec<f32> {
    let (n, samples) = (case.samples.next_multiple_of(BLOCK), case.samples);
    let network = Network::new(&case.architecture, &[0], &Device::Cpu).unwrap();
    let mut rest = weights;
    for var in network.vars() {
        let (here, after) = rest.split_at(var.elem_count());
        var.set(&Tensor::from_vec(here.to_vec(), var.shape(), &Device::Cpu).unwrap()).unwrap();
        rest = after;
    }
    let stacked = matches!(case.architecture, Architecture::Pair(_));
    let pixel = |value: usize, lane: usize| {
        let (image, sample) = if stacked { (value / AREA, lane) } else { (lane / n, lane % n) };
        if sample < samples { case.pixels[(sample * 2 + image) * AREA + value % AREA] } else { 0.0 }
    };
    let [_, channels, _, _, lanes] = input_shape(&case.architecture, 1, n);
    let input = tensor(&[channels, SIDE, SIDE], lanes, pixel);
    let dropouts = Program::plan(&case.architecture, Optimizer::default(), samples).dropouts;
    let mut masks = |request: MaskRequest<'_>| {
        let index = dropouts.iter().position(|layer| layer.name == request.name).unwrap();
        let shape = &request.shape[..if request.layer.unit == DropoutUnit::Channels { 1 } else { 3 }];
        Ok(tensor(shape, request.images * n, |value, lane| {
            let (image, sample) = (lane / n, lane % n);
            if sample < samples { case.masks[index][image * samples + sample][value] } else { 0.0 }
        }))
    };
    let logits = network.forward(&input, Mode::Train(&mut masks)).unwrap();
    let padded =
        |label: &dyn Fn(usize) -> u8| (0..n).map(|s| if s < samples { label(s) } else { 0 }).collect();
    let mean = |z: &Tensor, targets: Vec<u8>, images: usize| {
        let weight = |lane: usize| if lane % n < samples { 1.0 / (images * samples) as f32 } else { 0.0 };
        let weights = Tensor::from_vec((0..images * n).map(weight).collect(), (1, images * n), &Device::Cpu);
        (nll(z, targets).unwrap() * weights.unwrap()).unwrap().sum_all().unwrap()
    };
    let mut total = mean(&logits.comparison, padded(&|s| case.targets[s]), 1);
    if let (Architecture::Each { digit_loss: Some(factor), .. }, Some(z)) =
        (&case.architecture, &logits.digits)
    {
        let labels: [Vec<u8>; 2] = [0, 1].map(|image| padded(&|s| case.digits[s][image]));
        total = (total + (mean(z, labels.concat(), 2) * *factor).unwrap()).unwrap();
    }
    let store = total.backward().unwrap();
    let of = |var: &Var| match store.get(var) {
        Some(gradient) => gradient.flatten_all().unwrap().to_vec1().unwrap(),
        None => vec![0.0; var.elem_count()],
    };
    network.vars().iter().flat_map(of).collect()
}

#[test]
fn gradients_of_random_networks_are_their_central_differences_on_both_engines() {
    const STEP: f64 = 1e-6;
    for salt in 0..30 {
        let case = Case::new(1000 + salt);
        let parts = case.architecture.walk();
        let program = Arc::new(Program::plan(&case.architecture, Optimizer::default(), 1));
        let weights = CpuNetwork::new(&program, salt, Isa::Scalar).weights().to_vec();
        let (cpu, tensors) = (on_cpu(&case, &weights), on_tensors(&case, &weights));
        let scale = cpu.iter().fold(1e-3_f32, |most, g| most.max(g.abs()));
        for (i, (a, b)) in cpu.iter().zip(&tensors).enumerate() {
            assert!(
                (a - b).abs() <= 1e-4 * scale,
                "network {salt}, weight {i}: {a} on the CPU, {b} on tensors"
            );
        }
        let wide: Vec<f64> = weights.iter().map(|w| f64::from(*w)).collect();
        let mut random = stream(salt, "differences");
        for _ in 0..12 {
            let i = random.below(weights.len() as u32) as usize;
            let moved = |by: f64| {
                let mut weights = wide.clone();
                weights[i] += by;
                objective(&case, &parts, &weights)
            };
            let exact = (moved(STEP) - moved(-STEP)) / (2.0 * STEP);
            let off = (f64::from(cpu[i]) - exact).abs() / f64::from(scale);
            assert!(off <= 2e-4, "network {salt}, weight {i}: {}, central difference {exact}", cpu[i]);
        }
    }
}
