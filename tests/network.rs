//! Whole networks against `PyTorch`: parameter counts, losses and gradients.

use std::sync::Arc;

use replikat::{
    engine::{
        cpu::{Blocks, Buffer, CpuNetwork},
        kernels::simd::{BLOCK, Isa},
        optimizer::Optimizer,
        program::Program,
    },
    model::{Architecture, Init, Parameter},
    spec::Spec,
};

const BATCH: usize = 5;

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

/// The value of the fixture's mask.
fn mask(image: usize, channel: usize, sample: usize) -> f32 {
    if ((image * BATCH + sample) * 7 + channel * 3).is_multiple_of(5) { 0.0 } else { 1.25 }
}

/// Fills one block with the fixture's batch.
fn batch() -> Blocks {
    let values: Vec<f64> = spread(BATCH * 2 * 196, 99).collect();
    let mut blocks = Blocks {
        pixels: Buffer::zeros(2 * 196 * BLOCK),
        targets: vec![0; BLOCK],
        digits: vec![0; 2 * BLOCK],
        samples: BATCH,
    };
    for sample in 0..BATCH {
        for at in 0..2 * 196 {
            blocks.pixels[at * BLOCK + sample] = pixel(&values, sample, at / 196, at % 196);
        }
        blocks.targets[sample] = (sample % 2) as u8;
        blocks.digits[sample] = (3 * sample % 10) as u8;
        blocks.digits[BLOCK + sample] = ((3 * sample + 5) % 10) as u8;
    }
    blocks
}

/// Returns the loss and the gradients of all parameters in order.
fn ours(architecture: &Architecture) -> (f32, Vec<Vec<f32>>) {
    let program = Arc::new(Program::plan(architecture, Optimizer::default(), BATCH));
    let mut network = CpuNetwork::new(&program, 0, Isa::current());
    let values = |(k, parameter): (usize, &Parameter)| {
        let Init::Uniform { fan_in } = parameter.init else { panic!("{parameter:?}") };
        let bound = (fan_in as f64).sqrt();
        let values = spread(parameter.count(), k as u64 + 1);
        values.map(|u| ((2.0 * u - 1.0) / bound) as f32).collect::<Vec<_>>()
    };
    network.set_weights(&program.parameters.iter().enumerate().flat_map(values).collect::<Vec<_>>());
    for (number, layer) in program.dropouts.iter().enumerate() {
        for image in 0..layer.images {
            let room = network.mask_mut(number, image, 0, BATCH);
            for (channel, lanes) in room.chunks_exact_mut(BLOCK).enumerate() {
                (0..BATCH).for_each(|sample| lanes[sample] = mask(image, channel, sample));
            }
        }
    }
    let result = network.step(&batch(), 0.0);
    let mean = |losses: &[f32]| losses.iter().sum::<f32>() / losses.len() as f32;
    let loss = mean(&result.losses) + result.digits.map_or(0.0, |(losses, _)| mean(&losses));
    let mut rest = network.gradients();
    let mut take = |parameter: &Parameter| {
        let (here, after) = rest.split_at(parameter.count());
        rest = after;
        here.to_vec()
    };
    (loss, program.parameters.iter().map(&mut take).collect())
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
