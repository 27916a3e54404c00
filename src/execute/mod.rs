//! Trains missing runs and stores each as soon as it is done.
//!
//! Two kinds of threads: those that train, a run at a time each on the CPU or a cohort at a time on a GPU, and some that
//! store. A record is durable before it is reported, and waiting for the disk is most of what storing costs; many waiting
//! at once are served together, and the trainers do not wait at all. There are no child processes that train: what dies
//! with the process is everything.

mod cohort;
mod provenance;
mod queue;

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

use crate::{
    data::Dataset,
    device::Gpu,
    error::{Error, Result},
    files,
    plan::{Plan, Run},
    record::{Provenance, Record},
    spec::{Pairs, Scale},
    store::{Lease, Lookup, Put, Store},
    task::pairs::Split,
};
use cohort::{Ended, Trainer};
use queue::Queue;

pub use provenance::provenance;

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

/// One run has ended.
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

/// Threads that store: so many records wait for the disk at once, which serves them together.
const STORING: usize = 16;

/// Between two rounds of asking for runs that other processes train.
const PAUSE: Duration = Duration::from_millis(20);

/// Files that are open beside the leases of a cohort's runs: records on their way, standard streams, data.
const OTHER_FILES: usize = 100;

/// Trains the missing runs, longest first, and calls `report` after each is stored.
///
/// Returns whether everything is stored, which is so unless it was stopped or a failure ended it.
///
/// # Errors
/// Returns the first error of the store; runs that are under way end first.
pub fn execute(work: &Work<'_>, report: &(dyn Fn(Done<'_>) + Sync)) -> Result<bool> {
    work.store.prepare()?;
    let mut trainers = Trainer::all(&bounded(work.trainers));
    trainers.truncate(work.missing.len());
    let all = Shared {
        work,
        report,
        queue: Queue::new(work.plan, work.missing, trainers.len().max(1)),
        broken: AtomicBool::new(false),
        data: Mutex::new(Vec::new()),
    };
    let all = &all;
    let (sender, receiver) = sync_channel(STORING);
    let receiver = Mutex::new(receiver);
    let failed = |e: std::io::Error| {
        all.broken.store(true, Ordering::Relaxed);
        Error::Usage { message: format!("cannot start threads: {e}"), hint: "try `--jobs 1`".into() }
    };
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for _ in 0..STORING.min(work.missing.len()) {
            let storing = || store_all(all, &receiver);
            threads.push(thread::Builder::new().spawn_scoped(scope, storing).map_err(failed)?);
        }
        for trainer in trainers {
            let sender = sender.clone();
            let training = move || all.noting(train_all(all, trainer, &sender));
            threads.push(thread::Builder::new().spawn_scoped(scope, training).map_err(failed)?);
        }
        drop(sender);
        threads.into_iter().try_fold(true, |whole, thread| match thread.join() {
            Ok(result) => Ok(result? && whole),
            Err(panic) => std::panic::resume_unwind(panic),
        })
    })
}

/// Returns trainers whose cohorts have no more runs than leases can be held, each of which is an open file.
fn bounded(trainers: Trainers<'_>) -> Trainers<'_> {
    let Trainers::Gpus(gpus, most) = trainers else { return trainers };
    let files = files::allow_open_files(gpus.len().saturating_mul(most).saturating_add(OTHER_FILES));
    Trainers::Gpus(gpus, most.min(files.saturating_sub(OTHER_FILES) / gpus.len().max(1)).max(1))
}

/// What the threads share.
struct Shared<'a> {
    work: &'a Work<'a>,
    report: &'a (dyn Fn(Done<'_>) + Sync),
    queue: Queue<'a>,
    /// Nothing more is begun.
    broken: AtomicBool,
    /// The pairs of configs whose rounds have the same, by how they are made.
    data: Mutex<Vec<(Pairs, Scale, Arc<Split>)>>,
}

impl Shared<'_> {
    fn halted(&self) -> bool {
        self.work.stop.load(Ordering::Relaxed) || self.broken.load(Ordering::Relaxed)
    }

    /// After an error nothing more is begun.
    fn noting<T>(&self, result: Result<T>) -> Result<T> {
        if result.is_err() {
            self.broken.store(true, Ordering::Relaxed);
        }
        result
    }

    fn done(&self, index: usize, record: &Record, by: By) {
        if self.work.fail_fast && !record.outcome.finished() {
            self.broken.store(true, Ordering::Relaxed);
        }
        (self.report)(Done { index, record, by });
    }
}

/// A run that is trained and has to be stored.
struct Trained {
    index: usize,
    record: Record,
    lease: Lease,
}

/// Trains runs until none is left; returns `false` if it was stopped before.
fn train_all(all: &Shared<'_>, mut trainer: Trainer<'_>, sender: &SyncSender<Trained>) -> Result<bool> {
    loop {
        let runs = all.queue.next(|config| trainer.capacity(config));
        if runs.is_empty() {
            return Ok(true);
        }
        if all.halted() {
            return Ok(false);
        }
        let (mut ours, mut busy) = (Vec::new(), Vec::new());
        for index in runs {
            let run = &all.work.plan.runs[index];
            let Some(lease) = all.work.store.lease(run.key)? else {
                busy.push(index);
                continue;
            };
            all.queue.progressed();
            if let Some(record) = still_there(all.work, run)? {
                drop(lease);
                all.done(index, &record, By::Another);
                continue;
            }
            ours.push((index, lease));
        }
        if all.queue.requeue(&busy) && ours.is_empty() {
            thread::sleep(PAUSE);
        }
        if !train_leased(all, &mut trainer, ours, sender) {
            return Ok(false);
        }
    }
}

/// Trains leased runs at once, in halves where memory is too small for that; returns `false` if it was stopped.
fn train_leased(
    all: &Shared<'_>,
    trainer: &mut Trainer<'_>,
    leased: Vec<(usize, Lease)>,
    sender: &SyncSender<Trained>,
) -> bool {
    let mut parts = vec![leased];
    while let Some(mut part) = parts.pop() {
        if part.is_empty() {
            continue;
        }
        if all.halted() {
            return false;
        }
        let started = Instant::now();
        let runs: Vec<&Run> = part.iter().map(|(index, _)| &all.work.plan.runs[*index]).collect();
        let outcomes = match trainer.train(all, &runs) {
            Ended::Trained(outcomes) => outcomes,
            Ended::Stopped => return false,
            Ended::OutOfMemory => {
                trainer.shrink();
                let rest = part.split_off(part.len().div_ceil(2));
                parts.extend([rest, part]);
                continue;
            }
        };
        let mut provenance =
            Provenance { seconds: started.elapsed().as_secs_f64(), ..all.work.provenance.clone() };
        if let Some(name) = trainer.name() {
            (provenance.isa, provenance.jobs) = (name.to_owned(), runs.len());
        }
        for ((index, lease), outcome) in part.into_iter().zip(outcomes) {
            let run = &all.work.plan.runs[index];
            let record = Record::new(run.key, all.work.plan.preimage(run), outcome, provenance.clone());
            if sender.send(Trained { index, record, lease }).is_err() {
                return false;
            }
        }
    }
    true
}

/// Returns the record that another process stored since; sets aside what is damaged or to be tried again.
fn still_there(work: &Work<'_>, run: &Run) -> Result<Option<Record>> {
    match work.store.get(run.key)? {
        Lookup::Miss => return Ok(None),
        Lookup::Hit(record) if !(work.retry_failed && record.outcome.failed()) => return Ok(Some(record)),
        Lookup::Hit(_) | Lookup::Damaged(_) => {}
    }
    work.store.set_aside(run.key)?;
    Ok(None)
}

/// Stores what is trained until all trainers have ended.
fn store_all(all: &Shared<'_>, receiver: &Mutex<Receiver<Trained>>) -> Result<bool> {
    let mut result = Ok(true);
    loop {
        let next = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Trained { index, record, lease }) = next else { return result };
        // After an error the rest is taken all the same, or trainers would wait for ever.
        if result.is_err() {
            continue;
        }
        match all.noting(all.work.store.put(all.work.plan.runs[index].key, &record)) {
            Ok(put) => {
                drop(lease);
                all.done(index, &record, By::Us(put));
            }
            Err(error) => result = Err(error),
        }
    }
}
