//! Random architectures: training steps and evaluations of the CPU path against plain scalar loops,
//! bit for bit, on every instruction set of this machine.

use std::sync::Arc;

use proptest::prelude::*;
use replikat::{
    engine::{
        batch::BatchResult,
        cpu::{Blocks, Buffer, CpuNetwork},
        kernels::simd::{BLOCK, Isa},
        optimizer::{Optimizer, Sgd},
        program::Program,
    },
    model::{
        Architecture, CLASSES, Conv, DIGITS, Dropout, DropoutUnit, Flatten, Layer, Linear, MaxPool, Relu,
        SIDE, Shape, Tanh,
    },
    random::{Stream, stream},
};

use crate::support::{
    cases,
    plain::{Plain, Sums},
};

const AREA: usize = SIDE * SIDE;
const LR: f32 = 0.05;
const MOMENTUM: f32 = 0.9;

fn plan(architecture: &Architecture, batch: usize) -> Program {
    let sgd = Sgd { momentum: f64::from(MOMENTUM), nesterov: false };
    Program::plan(architecture, Optimizer::Sgd(sgd), batch)
}

/// The same with a barrier between any two stages.
fn cut(architecture: &Architecture, batch: usize) -> Program {
    let mut program = plan(architecture, batch);
    for chain in &mut program.chains {
        let count = chain.stages.len();
        chain.cut(&(0..count).collect(), &(1..=count).collect());
        assert_eq!((chain.forward.len(), chain.backward.len()), (count + 1, count + 1));
    }
    program
}

/// Returns a number from `from` to `to`.
fn pick(random: &mut Stream, from: usize, to: usize) -> usize {
    from + random.bits32() as usize % (to + 1 - from)
}

/// Returns up to six layers that fit, then those that end in `outputs` scores.
fn layers(random: &mut Stream, mut shape: Shape, outputs: usize) -> Vec<Layer> {
    let mut found = Vec::new();
    for _ in 0..pick(random, 0, 6) {
        let layer = match pick(random, 0, 7) {
            0 | 1 => Layer::Conv(Conv {
                channels: pick(random, 1, 12),
                kernel: [3, 3, 5, 2, 1][pick(random, 0, 4)],
                padding: pick(random, 0, 2),
            }),
            2 => Layer::MaxPool(MaxPool { size: pick(random, 1, 3) }),
            3 => Layer::Relu(Relu),
            4 => Layer::Dropout(Dropout { unit: DropoutUnit::Channels }),
            5 => Layer::Dropout(Dropout { unit: DropoutUnit::Elements }),
            6 => Layer::Tanh(Tanh),
            _ => [Layer::Flatten(Flatten), Layer::Relu(Relu)][pick(random, 0, 1)],
        };
        if let Ok(after) = layer.output(shape) {
            shape = after;
            found.push(layer);
        }
    }
    found.push(Layer::Flatten(Flatten));
    if pick(random, 0, 1) == 0 {
        found.extend([Layer::Linear(Linear { units: pick(random, 1, 40) }), Layer::Relu(Relu)]);
    }
    found.push(Layer::Linear(Linear { units: outputs }));
    found
}

fn architecture(random: &mut Stream) -> Architecture {
    if pick(random, 0, 2) == 0 {
        return Architecture::Pair(layers(random, [2, SIDE, SIDE], CLASSES));
    }
    let scored = pick(random, 0, 2) > 0;
    let outputs = if scored { DIGITS } else { pick(random, 1, 12) };
    Architecture::Each {
        each: layers(random, [1, SIDE, SIDE], outputs),
        share: pick(random, 0, 2) > 0,
        digit_loss: scored.then_some([0.0, 0.7, 1.0][pick(random, 0, 2)]),
        then: layers(random, [2 * outputs, 1, 1], CLASSES),
    }
}

/// The chains of an architecture with the shapes of their inputs.
fn chains(architecture: &Architecture) -> Vec<Plain<'_>> {
    match architecture {
        Architecture::Pair(layers) => vec![Plain { layers, shape: [2, SIDE, SIDE] }],
        Architecture::Each { each, share, then, .. } => {
            let one = || Plain { layers: each, shape: [1, SIDE, SIDE] };
            let then = Plain { layers: then, shape: architecture.walk().pop().unwrap().input };
            if *share { vec![one(), then] } else { vec![one(), one(), then] }
        }
    }
}

/// A random network with a batch of pairs and its masks.
pub(crate) struct Case {
    pub(crate) architecture: Architecture,
    pub(crate) samples: usize,
    /// `[sample][image][row][column]`.
    pub(crate) pixels: Vec<f32>,
    pub(crate) targets: Vec<u8>,
    /// `[sample][image]`.
    pub(crate) digits: Vec<[u8; 2]>,
    /// `[dropout layer][image][sample][value]`, the layers in the network's order.
    pub(crate) masks: Vec<Vec<Vec<f32>>>,
    /// The chain of each dropout layer.
    chain_of: Vec<usize>,
}

impl Case {
    pub(crate) fn new(salt: u64) -> Self {
        let mut random = stream(salt, "architectures");
        let architecture = architecture(&mut random);
        let samples = pick(&mut random, 1, 40);
        let pixels = (0..samples * 2 * AREA).map(|_| 2.0 * random.unit_f32() - 1.0).collect();
        let targets = (0..samples).map(|_| pick(&mut random, 0, 1) as u8).collect();
        let digits = (0..samples).map(|_| [0; 2].map(|_: u8| pick(&mut random, 0, 9) as u8)).collect();
        let mut draw = || [0.0, 1.25][usize::from(random.bits32() > 1 << 30)];
        let (mut masks, mut chain_of) = (Vec::new(), Vec::new());
        for site in &plan(&architecture, 1).dropouts {
            let mut one = |_| (0..site.values).map(|_| draw()).collect();
            masks.push((0..site.images * samples).map(&mut one).collect());
            chain_of.push(match site.name.split_once('.') {
                Some(("then", _)) => chains(&architecture).len() - 1,
                Some(("second", _)) => 1,
                _ => 0,
            });
        }
        Self { architecture, samples, pixels, targets, digits, masks, chain_of }
    }

    pub(crate) fn blocks(&self) -> Blocks {
        let count = self.samples.div_ceil(BLOCK);
        let mut blocks = Blocks {
            pixels: Buffer::zeros(count * 2 * AREA * BLOCK),
            targets: vec![0; count * BLOCK],
            digits: vec![0; 2 * count * BLOCK],
            samples: self.samples,
        };
        for (sample, pixels) in self.pixels.chunks_exact(2 * AREA).enumerate() {
            let at = sample / BLOCK * 2 * AREA * BLOCK + sample % BLOCK;
            for (pixel, value) in pixels.iter().enumerate() {
                blocks.pixels[at + pixel * BLOCK] = *value;
            }
            blocks.targets[sample] = self.targets[sample];
            for image in 0..2 {
                blocks.digits[image * count * BLOCK + sample] = self.digits[sample][image];
            }
        }
        blocks
    }

    pub(crate) fn fill_masks(&self, network: &mut CpuNetwork) {
        for (site, masks) in self.masks.iter().enumerate() {
            for (i, mask) in masks.iter().enumerate() {
                let (image, sample) = (i / self.samples, i % self.samples);
                let room = network.mask_mut(site, image, sample / BLOCK, self.samples);
                for (value, mask) in mask.iter().enumerate() {
                    room[value * BLOCK + sample % BLOCK] = *mask;
                }
            }
        }
    }

    /// Returns the masks of a chain for one pass of a sample: pass 1 is a second image with shared weights.
    pub(crate) fn masks_of(&self, chain: usize, pass: usize, sample: usize) -> Vec<Vec<f32>> {
        let sites = self.masks.iter().zip(&self.chain_of).filter(|(_, of)| **of == chain);
        sites.map(|(masks, _)| masks[pass * self.samples + sample].clone()).collect()
    }
}

/// The same network as plain loops.
struct Reference<'a> {
    case: &'a Case,
    chains: Vec<Plain<'a>>,
    /// Of each chain.
    weights: Vec<Vec<f32>>,
    velocities: Vec<Vec<f32>>,
}

/// What one pass of a sample through a chain left: its masks and the activations of its layers.
type Trace = (Vec<Vec<f32>>, Vec<Vec<f32>>);

/// Returns the loss and whether the first largest score is that of `target`.
fn nll(z: &[f32], target: u8) -> (f32, bool) {
    let (m, _, sum) = softmax(z);
    let best = z.iter().position(|v| *v == m).unwrap();
    ((m + libm::logf(sum)) - z[usize::from(target)], best == usize::from(target))
}

fn softmax(z: &[f32]) -> (f32, Vec<f32>, f32) {
    let m = z.iter().copied().reduce(|m, v| if v > m { v } else { m }).unwrap();
    let e: Vec<f32> = z.iter().map(|v| libm::expf(v - m)).collect();
    let sum = e.iter().fold(0.0, |sum, e| sum + e);
    (m, e, sum)
}

fn nll_gradient(z: &[f32], target: u8, weight: f32) -> Vec<f32> {
    let (_, e, sum) = softmax(z);
    let hit = |k: usize| if k == usize::from(target) { 1.0 } else { 0.0 };
    e.iter().enumerate().map(|(k, e)| (e / sum - hit(k)) * weight).collect()
}

impl<'a> Reference<'a> {
    fn new(case: &'a Case, weights: &[f32]) -> Self {
        let chains = chains(&case.architecture);
        let mut rest = weights;
        let mut own = Vec::new();
        for chain in &chains {
            let (here, after) = rest.split_at(chain.weight_count());
            own.push(here.to_vec());
            rest = after;
        }
        assert!(rest.is_empty());
        let velocities = own.iter().map(|w| vec![0.0; w.len()]).collect();
        Self { case, chains, weights: own, velocities }
    }

    /// Returns which chain an image goes through, and as which of its passes.
    fn place(&self, image: usize) -> (usize, usize) {
        if self.chains.len() == 3 { (image, 0) } else { (0, image) }
    }

    fn pass(&self, chain: usize, pass: usize, sample: usize, x: &[f32], train: bool) -> Trace {
        let masks = self.case.masks_of(chain, pass, sample);
        let activations =
            self.chains[chain].forward(&self.weights[chain], train.then_some(masks.as_slice()), x);
        (masks, activations)
    }

    /// Runs a sample; returns the traces of its images, if they are seen one by one, and of the last chain.
    fn forward(&self, sample: usize, train: bool) -> (Vec<Trace>, Trace) {
        let pixels = &self.case.pixels[sample * 2 * AREA..][..2 * AREA];
        let last = self.chains.len() - 1;
        if last == 0 {
            return (Vec::new(), self.pass(0, 0, sample, pixels, train));
        }
        let image = |(image, pixels)| {
            let (chain, pass) = self.place(image);
            self.pass(chain, pass, sample, pixels, train)
        };
        let images: Vec<Trace> = pixels.chunks_exact(AREA).enumerate().map(image).collect();
        let joined: Vec<f32> = images.iter().flat_map(|(_, a)| a.last().unwrap().clone()).collect();
        let then = self.pass(last, 0, sample, &joined, train);
        (images, then)
    }

    fn score(&self, traces: &[(Vec<Trace>, Trace)]) -> BatchResult {
        let case = self.case;
        let mut scored = BatchResult::default();
        for ((_, (_, then)), target) in traces.iter().zip(&case.targets) {
            let (loss, correct) = nll(then.last().unwrap(), *target);
            scored.losses.push(loss);
            scored.correct += usize::from(correct);
        }
        if case.architecture.scores_digits() {
            let each = (0..2).flat_map(|image| (0..case.samples).map(move |sample| (image, sample)));
            let all: Vec<(f32, bool)> = each
                .map(|(image, sample)| {
                    nll(traces[sample].0[image].1.last().unwrap(), case.digits[sample][image])
                })
                .collect();
            let correct = all.iter().filter(|(_, correct)| *correct).count();
            scored.digits = Some((all.iter().map(|(loss, _)| *loss).collect(), correct));
        }
        scored
    }

    fn evaluate(&self) -> BatchResult {
        let traces: Vec<_> = (0..self.case.samples).map(|sample| self.forward(sample, false)).collect();
        self.score(&traces)
    }

    fn step(&mut self) -> BatchResult {
        let case = self.case;
        let traces: Vec<_> = (0..case.samples).map(|sample| self.forward(sample, true)).collect();
        let mut sums: Vec<Sums> = self.chains.iter().map(Plain::sums).collect();
        let last = self.chains.len() - 1;
        let weight = |factor: f64, images: usize| (factor / (images * case.samples) as f64) as f32;
        let mut joined = Vec::new();
        for (sample, (_, (masks, activations))) in traces.iter().enumerate() {
            let dz = nll_gradient(activations.last().unwrap(), case.targets[sample], weight(1.0, 1));
            let (chain, lane) = (&self.chains[last], sample % BLOCK);
            joined.push(chain.backward(&self.weights[last], masks, activations, &dz, lane, &mut sums[last]));
        }
        // All first images come before the second ones.
        for (image, sample) in (0..2).flat_map(|image| (0..case.samples).map(move |sample| (image, sample))) {
            let Some((masks, activations)) = traces[sample].0.get(image) else { continue };
            let z = activations.last().unwrap();
            let mut dy = joined[sample][image * z.len()..][..z.len()].to_vec();
            if let Architecture::Each { digit_loss: Some(factor), .. } = &case.architecture
                && *factor > 0.0
            {
                let dz = nll_gradient(z, case.digits[sample][image], weight(*factor, 2));
                dy.iter_mut().zip(dz).for_each(|(d, more)| *d += more);
            }
            let chain = self.place(image).0;
            let (plain, lane) = (&self.chains[chain], sample % BLOCK);
            plain.backward(&self.weights[chain], masks, activations, &dy, lane, &mut sums[chain]);
        }
        for ((weights, velocities), sums) in self.weights.iter_mut().zip(&mut self.velocities).zip(&sums) {
            for ((w, v), g) in weights.iter_mut().zip(velocities).zip(sums.finish()) {
                *v = MOMENTUM.mul_add(*v, g);
                *w = (-LR).mul_add(*v, *w);
            }
        }
        self.score(&traces)
    }
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|v| v.to_bits()).collect()
}

fn check(salt: u64) -> Result<(), TestCaseError> {
    let case = Case::new(salt);
    let blocks = case.blocks();
    let mut expected = None;
    for isa in Isa::NAMES.into_iter().map(|(_, isa)| isa).filter(|isa| isa.available()) {
        let (whole, cut) = (plan(&case.architecture, case.samples), cut(&case.architecture, case.samples));
        let mut network = CpuNetwork::new(&Arc::new(whole), salt, isa);
        let mut in_segments = CpuNetwork::new(&Arc::new(cut), salt, isa);
        let (steps, evaluation, weights) = expected.get_or_insert_with(|| {
            let mut reference = Reference::new(&case, network.weights());
            let steps = [reference.step(), reference.step()];
            (steps, reference.evaluate(), reference.weights.concat())
        });
        for (number, step) in steps.iter().enumerate() {
            for network in [&mut network, &mut in_segments] {
                case.fill_masks(network);
                prop_assert_eq!(&network.step(&blocks, LR), step, "step {}, {:?}", number, isa);
            }
        }
        prop_assert_eq!(bits(network.weights()), bits(weights), "weights, {:?}", isa);
        prop_assert_eq!(bits(in_segments.weights()), bits(weights), "weights, cut everywhere, {:?}", isa);
        prop_assert_eq!(&network.evaluate(&blocks), &*evaluation, "evaluation, {:?}", isa);
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(100))]

    #[test]
    fn a_random_architecture_trains_and_evaluates_like_plain_loops(salt: u64) {
        check(salt)?;
    }
}
