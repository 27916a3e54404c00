//! Steps run after run on the CPU, in planned buffers.

use super::{Cohort, Member, Set, Steps, Tally};
use crate::{
    engine::{
        cpu::{Blocks, Descent, Fused, MaskSite, Scored},
        dropout::{Draw, Dropout},
        kernels::{
            simd::{BLOCK, Isa},
            transpose::interleave,
        },
    },
    error::Result,
    spec::Vary,
    task::pairs::{AREA, PairSet},
};

/// The runs of a cohort.
pub(super) struct Lanes<'a> {
    cohort: &'a Cohort<'a>,
    isa: Isa,
    runs: Vec<Run>,
}

/// One run with its pairs in blocks.
struct Run {
    network: Fused,
    sites: Vec<MaskSite>,
    train: Blocks,
    test: Blocks,
    batch: Blocks,
    dropout: Dropout,
    descent: Descent,
}

impl<'a> Lanes<'a> {
    pub(super) fn new(cohort: &'a Cohort<'a>) -> Self {
        let isa = Isa::current();
        let config = cohort.config;
        let in_order = |set: &PairSet| {
            let all: Vec<u32> = (0..set.len() as u32).collect();
            let mut blocks = Blocks::default();
            gather(isa, set, &all, &mut blocks);
            blocks
        };
        let make = |member: &Member| {
            let mut network =
                Fused::new(&config.architecture, config.vary.seed(Vary::Init, member.seed), isa);
            network.reserve(config.train.batch.min(config.pairs.train));
            Run {
                sites: network.sites().to_vec(),
                network,
                train: in_order(&member.data.train),
                test: in_order(&member.data.test),
                dropout: Dropout::new(member.dropout),
                descent: Descent { lr: member.lr as f32, momentum: config.train.momentum as f32 },
                batch: Blocks::default(),
            }
        };
        Self { cohort, isa, runs: cohort.members.iter().map(make).collect() }
    }
}

impl Steps for Lanes<'_> {
    fn step(&mut self, epoch: usize, step: usize, chosen: &[&[u32]]) -> Result<Vec<Scored>> {
        let Self { cohort, isa, runs } = self;
        let mut scored = Vec::with_capacity(runs.len());
        for (index, run) in runs.iter_mut().enumerate() {
            let Run { network, sites, batch, dropout, descent, .. } = run;
            let member = &cohort.members[index];
            gather(*isa, &member.data.train, chosen[index], batch);
            let samples = batch.samples;
            for (site, at) in sites.iter().enumerate() {
                let layer = Draw { name: &at.name, values: at.values, images: at.images, samples };
                let seed = cohort.config.vary.seed(Vary::Dropout, member.seed);
                dropout.draw(seed, epoch, step, &layer, |image, value, pair, mask| {
                    let (block, lane) = (pair / BLOCK, pair % BLOCK);
                    network.mask_mut(site, image, block, samples)[value * BLOCK + lane] = mask;
                });
            }
            scored.push(network.step(batch, *descent));
        }
        Ok(scored)
    }

    fn evaluate(&mut self, set: Set) -> Result<Vec<Tally>> {
        let evaluate = |run: &mut Run| {
            let mut tally = Tally::default();
            let blocks = match set {
                Set::Train => &run.train,
                Set::Test => &run.test,
            };
            tally.add(&run.network.evaluate(blocks));
            tally
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
