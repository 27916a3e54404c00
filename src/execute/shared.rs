//! What is to be done, and what the threads that do it share.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use super::queue::Queue;
use crate::{
    data::Dataset,
    device::Gpu,
    error::Result,
    plan::Plan,
    record::{Outcome, Provenance, Record},
    spec::{Pairs, Scale},
    store::{Put, Store},
    task::pairs::Split,
};

/// What to execute, and with what.
pub struct Work<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// Indices of the runs to train.
    pub missing: &'a [usize],
    /// The images.
    pub dataset: &'a Dataset,
    /// Where records go.
    pub store: &'a Store,
    /// What trains.
    pub trainers: Trainers<'a>,
    /// Whether a run that is stored as failed is trained again.
    pub retry_failed: bool,
    /// Whether nothing more is begun once a run did not finish.
    pub fail_fast: bool,
    /// Set from outside to stop; finished runs are stored.
    pub stop: &'a AtomicBool,
    /// What the records say of this machine.
    pub provenance: &'a Provenance,
}

/// What trains the runs.
#[derive(Debug, Clone, Copy)]
pub enum Trainers<'a> {
    /// So many threads of the CPU, each with one run at a time.
    Threads(usize),
    /// GPUs, each with a cohort of at most so many runs at a time.
    Gpus(&'a [Gpu], usize),
}

/// What happens while runs are trained.
pub enum Event<'a> {
    /// The training of a run begins; its index in the plan.
    Begun(usize),
    /// The training of a run has ended; it is not stored yet.
    Trained {
        /// Its index in the plan.
        index: usize,
        /// The seconds that it took, or its whole cohort.
        seconds: f64,
        /// Whether it went through all epochs.
        finished: bool,
    },
    /// A run is stored.
    Done(Done<'a>),
    /// Nothing is left to begin but runs that other processes train; the index of one of them. Said again and again.
    Waiting(usize),
}

/// One run has ended and is stored.
pub struct Done<'a> {
    /// Index of the run in the plan.
    pub index: usize,
    /// Its record.
    pub record: &'a Record,
    /// Who trained it.
    pub by: By,
}

/// Who trained a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// This process; with what the store said.
    Us(Put),
    /// Another process, since the store was read.
    Another,
}

/// What the threads share.
pub(super) struct Shared<'a> {
    pub(super) work: &'a Work<'a>,
    pub(super) report: &'a (dyn Fn(Event<'_>) + Sync),
    pub(super) queue: Queue<'a>,
    /// Nothing more is begun.
    pub(super) broken: AtomicBool,
    /// The pairs of configs whose rounds have the same, by how they are made.
    pub(super) data: Mutex<Vec<(Pairs, Scale, Arc<Split>)>>,
}

impl Shared<'_> {
    pub(super) fn halted(&self) -> bool {
        self.work.stop.load(Ordering::Relaxed) || self.broken.load(Ordering::Relaxed)
    }

    /// After an error nothing more is begun.
    pub(super) fn noting<T>(&self, result: Result<T>) -> Result<T> {
        if result.is_err() {
            self.broken.store(true, Ordering::Relaxed);
        }
        result
    }

    /// What a run came to, as soon as that is known: a failure need not be stored to end what is to end with it.
    pub(super) fn ended(&self, outcome: &Outcome) {
        if self.work.fail_fast && !outcome.finished() {
            self.broken.store(true, Ordering::Relaxed);
        }
    }

    pub(super) fn done(&self, index: usize, record: &Record, by: By) {
        (self.report)(Event::Done(Done { index, record, by }));
    }
}
