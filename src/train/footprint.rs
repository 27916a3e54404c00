//! How much memory a run of a cohort takes.

use crate::{
    engine::{
        kernels::{pointwise::padded, simd::BLOCK},
        program::Program,
    },
    model::{Architecture, Memory, Part},
    plan::Config,
    spec::Draw,
    task::pairs::AREA,
};

/// What one more run of a cohort needs on its device; an estimate from the shapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Footprint {
    /// Bytes at the fullest moment of a training step.
    pub bytes: usize,
    /// Values of its part of the largest tensor.
    pub largest: usize,
}

/// Values of one sample on its way through layers.
#[derive(Debug, Clone, Copy, Default)]
struct Values {
    /// What is kept for the backward pass.
    kept: usize,
    /// The most that the backward pass of one layer makes beside that.
    passing: usize,
    /// The largest tensor.
    largest: usize,
}

impl Footprint {
    /// Estimates it for the runs of a config.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        let Config { architecture, pairs, train, .. } = config;
        let lanes = padded(train.batch.min(pairs.train));
        let Values { kept, passing, largest } = per_pair(architecture);
        // Inputs as they are gathered and as they are laid out.
        let step = lanes * (kept + passing + 3 * 2 * AREA);
        // Weights, gradients, the optimiser's states and new values.
        let weights = (5 + train.optimizer.states()) * architecture.parameter_count();
        let own = match pairs.draw {
            Draw::Fixed => 0,
            Draw::PerRound => 2 * AREA * (pairs.train + pairs.test),
        };
        Self { bytes: size_of::<f32>() * (step + weights + own), largest: (lanes * largest).max(own).max(1) }
    }
}

/// Estimates the bytes that one run takes on the CPU: activations of a batch in blocks of 16 samples, weights, gradients and
/// states, and its pairs.
#[must_use]
pub fn cpu_bytes(config: &Config) -> u64 {
    let Config { architecture, pairs, train, .. } = config;
    let batch = train.batch.min(pairs.train);
    let program = Program::plan(architecture, train.optimizer, batch);
    let blocks = batch.div_ceil(BLOCK) as u64;
    let mut floats = 0;
    for chain in &program.chains {
        let stages = chain.stages.iter().map(|stage| {
            let output = stage.output.iter().product::<usize>() as u64;
            // Which position won a window is kept beside it, and so is the sum before pooling, once for all blocks.
            let (kept, sums) = if stage.then.pool { (output, 4 * output) } else { (0, output) };
            (output + kept + stage.mask as u64, sums)
        });
        let (each, once) = stages.fold((0, 0), |sum, (each, once)| (sum.0 + each, sum.1 + once));
        floats += BLOCK as u64 * (chain.images as u64 * blocks * each + once);
    }
    let weights = (2 + train.optimizer.states()) * program.weight_count();
    let images = 2 * 2 * AREA * (pairs.train + pairs.test);
    size_of::<f32>() as u64 * (floats + (weights + images) as u64)
}

/// Counts the values of one pair.
fn per_pair(architecture: &Architecture) -> Values {
    let parts = architecture.walk();
    let mut values = Values::default();
    for (i, part) in parts.iter().enumerate() {
        let (last, images) = (i + 1 == parts.len(), if parts.len() > 1 { 2 } else { 1 });
        let Values { kept, passing, largest } = per_sample(part, last && i > 0);
        values.kept += part.images * kept;
        values.passing = values.passing.max(images * passing);
        values.largest = values.largest.max(images * largest);
    }
    values
}

/// Counts the values of one sample; `tracked` says whether the input has a gradient.
fn per_sample(part: &Part, mut tracked: bool) -> Values {
    let mut values = Values::default();
    for step in &part.steps {
        let [x, y] = [step.input, step.output].map(|shape| shape.iter().product::<usize>());
        let Memory { copied, outputs } = step.layer.memory(step.input, step.output);
        if outputs == 0 {
            continue;
        }
        values.kept += copied + outputs * y;
        let passing = if tracked { copied + x + y } else { y };
        values.passing = values.passing.max(3 * passing);
        values.largest = values.largest.max(copied).max(x).max(y);
        tracked |= !step.parameters().is_empty();
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{data::glyphs, plan::Plan, spec::Spec};

    fn footprint(overrides: &[&str]) -> Footprint {
        let text = "
experiment: footprint
data: {source: glyphs, pairs: {train: 1000, test: 500}}
train: {epochs: 1, batch: 16}
architectures: {net: {pair: [{conv: 10}, {max-pool: 2}, relu, flatten, {linear: 2}]}}
grid: {architecture: [net], lr: [0.1]}
";
        let overrides: Vec<String> = overrides.iter().map(ToString::to_string).collect();
        let spec = Spec::parse("footprint.yaml", text, &overrides).unwrap_or_else(|e| panic!("{e}"));
        Footprint::of(&Plan::expand(&spec, glyphs::SOURCE.id()).configs[0])
    }

    #[test]
    fn it_follows_lanes_and_pairs() {
        let one = footprint(&[]);
        // The taps of the convolution: 2 channels, 3×3 places, 12×12 positions.
        assert_eq!(one.largest, 16 * 2 * 9 * 144);
        let weights = 4 * 6 * (10 * 19 + 2 * 361);
        assert_eq!(footprint(&["train.batch=17"]).bytes, 2 * one.bytes - weights, "padded to 32 lanes");
        let own = footprint(&["data.pairs.draw=per-round"]);
        assert_eq!(own.bytes - one.bytes, 4 * 392 * 1500);
        assert_eq!(own.largest, 392 * 1500);
    }
}
