//! Steps run after run by the CPU's kernels, in planned buffers.

use std::sync::Arc;

use super::cohort::{Cohort, Member, MetricSums, Set, Steps};
use crate::{
    engine::{
        batch::BatchResult,
        cpu::{Blocks, CpuNetwork},
        dropout::{Draw, Dropout},
        kernels::{
            simd::{BLOCK, Isa},
            transpose::interleave,
        },
        program::Program,
    },
    error::Result,
    spec::Vary,
    task::pairs::{AREA, PairSet},
};

/// The runs of a cohort.
pub(super) struct CpuTrainer<'a> {
    cohort: &'a Cohort<'a>,
    isa: Isa,
    program: Arc<Program>,
    runs: Vec<Run>,
}

/// One run with its pairs in blocks.
struct Run {
    network: CpuNetwork,
    train: Blocks,
    test: Blocks,
    batch: Blocks,
    dropout: Dropout,
    lr: f32,
}

impl<'a> CpuTrainer<'a> {
    pub(super) fn new(cohort: &'a Cohort<'a>) -> Self {
        let isa = Isa::current();
        let config = cohort.config;
        let in_order = |set: &PairSet| {
            let all: Vec<u32> = (0..set.len() as u32).collect();
            let mut blocks = Blocks::default();
            gather(isa, set, &all, &mut blocks);
            blocks
        };
        let batch = config.train.batch.min(config.pairs.train);
        let program = Arc::new(Program::plan(&config.architecture, config.train.optimizer, batch));
        let make = |member: &Member| {
            let seed = config.vary.seed(Vary::Init, member.seed);
            Run {
                network: CpuNetwork::new(&program, seed, isa),
                train: in_order(&member.data.train),
                test: in_order(&member.data.test),
                dropout: Dropout::new(member.dropout),
                lr: member.lr as f32,
                batch: Blocks::default(),
            }
        };
        Self { cohort, isa, program: Arc::clone(&program), runs: cohort.members.iter().map(make).collect() }
    }
}

impl Steps for CpuTrainer<'_> {
    fn step(&mut self, epoch: usize, step: usize, chosen: &[&[u32]]) -> Result<Vec<BatchResult>> {
        let Self { cohort, isa, program, runs } = self;
        let mut results = Vec::with_capacity(runs.len());
        for (index, run) in runs.iter_mut().enumerate() {
            let Run { network, batch, dropout, lr, .. } = run;
            let member = &cohort.members[index];
            gather(*isa, &member.data.train, chosen[index], batch);
            let samples = batch.samples;
            for (number, at) in program.dropouts.iter().enumerate() {
                let layer = Draw { name: &at.name, values: at.values, images: at.images, samples };
                let seed = cohort.config.vary.seed(Vary::Dropout, member.seed);
                dropout.draw(seed, epoch, step, &layer, |image, value, masks| {
                    for (block, lanes) in masks.chunks(BLOCK).enumerate() {
                        let room = network.mask_mut(number, image, block, samples);
                        room[value * BLOCK..][..lanes.len()].copy_from_slice(lanes);
                    }
                });
            }
            results.push(network.step(batch, *lr));
        }
        Ok(results)
    }

    fn evaluate(&mut self, set: Set) -> Result<Vec<MetricSums>> {
        let evaluate = |run: &mut Run| {
            let mut sums = MetricSums::default();
            let blocks = match set {
                Set::Train => &run.train,
                Set::Test => &run.test,
            };
            sums.add(&run.network.evaluate(blocks));
            sums
        };
        Ok(self.runs.iter_mut().map(evaluate).collect())
    }

    fn weights(&self) -> Result<Vec<Vec<f32>>> {
        Ok(self.runs.iter().map(|run| run.network.weights().to_vec()).collect())
    }
}

/// Writes the pairs `chosen` of `set` as blocks.
fn gather(isa: Isa, set: &PairSet, chosen: &[u32], to: &mut Blocks) {
    let count = chosen.len().div_ceil(BLOCK);
    to.samples = chosen.len();
    to.pixels.reserve(count * 2 * AREA * BLOCK);
    to.targets.clear();
    to.targets.resize(count * BLOCK, 0);
    to.digits.clear();
    to.digits.resize(2 * count * BLOCK, 0);
    for (block, chosen) in chosen.chunks(BLOCK).enumerate() {
        let rows: Vec<&[f32]> = chosen.iter().map(|pair| set.pair(*pair as usize)).collect();
        interleave(isa, &rows, &mut to.pixels[block * 2 * AREA * BLOCK..(block + 1) * 2 * AREA * BLOCK]);
        for (lane, pair) in chosen.iter().enumerate() {
            let at = block * BLOCK + lane;
            to.targets[at] = set.targets[*pair as usize];
            for image in 0..2 {
                to.digits[image * count * BLOCK + at] = set.digits[*pair as usize][image];
            }
        }
    }
}
