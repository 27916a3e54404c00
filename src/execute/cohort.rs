//! What a trainer does with the runs that it has leases of: one on the CPU kernels, a cohort on a GPU.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, PoisonError},
};

use super::shared::{Shared, Trainers};
use crate::{
    device::Gpu,
    error::{Error, Result},
    parallel,
    plan::{Config, Run},
    record::{End, Outcome},
    spec::{Draw, Vary},
    task::pairs::{self, Split},
    testing::failpoint,
    train::{Backend, Cohort, Footprint, Member, train},
};

/// Of the free memory that cohorts take: the rest is for what their estimate leaves out.
const SHARE: f64 = 0.8;

/// Values in a tensor; candle's kernels count them in 32 bits.
const MOST_VALUES: usize = 1 << 31;

/// One trainer: a thread, and the GPU that it drives if there is one.
pub(super) struct Trainer<'a> {
    gpu: Option<&'a Gpu>,
    most: usize,
    share: f64,
}

/// How the training of a cohort ended.
pub(super) enum Ended {
    /// Each run has an outcome.
    Trained(Vec<Outcome>),
    /// It was stopped.
    Stopped,
    /// There was no memory for so many runs.
    OutOfMemory,
}

impl<'a> Trainer<'a> {
    /// Returns all trainers.
    pub(super) fn all(trainers: &Trainers<'a>) -> Vec<Self> {
        match *trainers {
            Trainers::Threads(count) => {
                (0..count).map(|_| Self { gpu: None, most: 1, share: SHARE }).collect()
            }
            Trainers::Gpus(gpus, most) => {
                gpus.iter().map(|gpu| Self { gpu: Some(gpu), most, share: SHARE }).collect()
            }
        }
    }

    /// Returns how many runs of a config it can train at once.
    pub(super) fn capacity(&self, config: &Config) -> usize {
        let Some(gpu) = self.gpu else { return 1 };
        let room = gpu.free_bytes().map(|free| (self.share * free as f64) as usize);
        fitting(room, Footprint::of(config)).clamp(1, self.most)
    }

    /// After a cohort was too large, later ones are to be half as large.
    pub(super) fn shrink(&mut self) {
        self.share /= 2.0;
    }

    /// Names what the runs are computed with, for their records; `None` for the CPU kernels.
    pub(super) fn name(&self) -> Option<&str> {
        self.gpu.map(|gpu| gpu.name.as_str())
    }

    /// Trains runs in lock-step. What goes wrong, a panic too, is the failure of all of them, but not of others.
    pub(super) fn train(&self, all: &Shared<'_>, runs: &[&Run]) -> Ended {
        let outcomes = catch_unwind(AssertUnwindSafe(|| self.outcomes(all, runs))).unwrap_or_else(|panic| {
            let reason = panic
                .downcast_ref::<String>()
                .cloned()
                .or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()))
                .unwrap_or_else(|| "unknown panic".into());
            Ok(Some(vec![failed(reason); runs.len()]))
        });
        match outcomes {
            Ok(Some(outcomes)) => Ended::Trained(outcomes),
            Ok(None) => Ended::Stopped,
            Err(error) if runs.len() > 1 && out_of_memory(&error) => Ended::OutOfMemory,
            Err(error) => {
                // Further lines are a backtrace.
                let reason = error.to_string().lines().next().unwrap_or_default().to_owned();
                Ended::Trained(vec![failed(reason); runs.len()])
            }
        }
    }

    fn outcomes(&self, all: &Shared<'_>, runs: &[&Run]) -> Result<Option<Vec<Outcome>>> {
        let plan = all.work.plan;
        let member = |i: usize| {
            let config = plan.config(runs[i]);
            pairs_of(all, config, runs[i].seed).map(|pairs| Member::of(config, runs[i].seed, pairs))
        };
        let members = match runs {
            [_] => vec![member(0)],
            _ => parallel::map_all(runs.len(), member),
        };
        let members = members.into_iter().collect::<Result<Vec<_>>>()?;
        let backend = match self.gpu {
            None => Backend::Cpu,
            Some(gpu) => {
                failpoint::room(runs.len())?;
                Backend::Tensors(&gpu.device)
            }
        };
        let config = plan.config(runs[0]);
        train(&Cohort { config, members: &members, backend, stop: all.work.stop })
    }
}

/// Returns the pairs of a run: its own, or those that all have whose pairs are made alike.
fn pairs_of(all: &Shared<'_>, config: &Config, seed: u64) -> Result<Arc<Split>> {
    let draw = || {
        let source = all.work.plan.dataset.source;
        let images = source.as_if_for(all.work.dataset, pairs::images(&config.pairs));
        let seed = pairs::data_seed(&config.pairs, config.vary.seed(Vary::Pairs, seed));
        config.task.draw(&images, &config.pairs, config.scale, seed).map(Arc::new)
    };
    match config.pairs.draw {
        Draw::PerRound => draw(),
        Draw::Fixed => {
            let mut drawn = all.data.lock().unwrap_or_else(PoisonError::into_inner);
            let alike = |(pairs, scale, _): &&(_, _, _)| (pairs, scale) == (&config.pairs, &config.scale);
            if let Some((.., found)) = drawn.iter().find(alike) {
                return Ok(Arc::clone(found));
            }
            let found = draw()?;
            drawn.push((config.pairs, config.scale, Arc::clone(&found)));
            Ok(found)
        }
    }
}

/// Returns how many runs fit into so many bytes, if they are counted, and into tensors of [`MOST_VALUES`].
fn fitting(room: Option<usize>, one: Footprint) -> usize {
    room.map_or(usize::MAX, |room| room / one.bytes).min(MOST_VALUES / one.largest)
}

fn failed(reason: String) -> Outcome {
    Outcome { epochs: Vec::new(), end: End::Failed { reason } }
}

/// Says whether an error of the tensor library is that memory ran out.
fn out_of_memory(error: &Error) -> bool {
    let Error::Tensor(error) = error else { return false };
    let text = error.to_string();
    ["OUT_OF_MEMORY", "ALLOC_FAILED"].iter().any(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cohort_fits_into_memory_and_into_its_largest_tensor() {
        let one = Footprint { bytes: 1000, largest: 1 << 20 };
        assert_eq!(fitting(Some(7999), one), 7);
        assert_eq!(fitting(Some(999), one), 0);
        assert_eq!(fitting(Some(1 << 40), one), 2048);
        assert_eq!(fitting(None, one), 2048);
    }

    #[test]
    fn only_a_shortage_of_memory_is_told_from_other_errors() {
        let error = |text: &str| Error::Tensor(candle_core::Error::Msg(text.to_owned()));
        assert!(out_of_memory(&error("DriverError(CUDA_ERROR_OUT_OF_MEMORY, \"out of memory\")")));
        assert!(out_of_memory(&error("CublasError(CUBLAS_STATUS_ALLOC_FAILED)")));
        assert!(!out_of_memory(&error("DriverError(CUDA_ERROR_ILLEGAL_ADDRESS, \"\")")));
    }
}
