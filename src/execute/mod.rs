//! Trains missing runs and stores each as soon as it is done.
//!
//! Two kinds of threads: those that train, a run at a time each on the CPU or a cohort at a time on a GPU, and some that
//! store. A record is durable before it is reported, and waiting for the disk is most of what storing costs; many waiting
//! at once are served together, and the trainers do not wait at all. There are no child processes that train: what dies
//! with the process is everything.

mod cohort;
mod git;
mod provenance;
mod queue;
mod shared;

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

use crate::{
    error::{Error, Result},
    files,
    plan::Run,
    record::{Provenance, Record},
    store::{Lease, Lookup},
};
use cohort::{Ended, Trainer};
use queue::Queue;
use shared::Shared;

pub use provenance::provenance;
pub use shared::{By, Done, Event, Trainers, Work};

/// Threads that store: so many records wait for the disk at once, which serves them together.
const STORING: usize = 16;

/// Between two rounds of asking for runs that other processes train.
const PAUSE: Duration = Duration::from_millis(20);

/// Files that are open beside the leases of a cohort's runs: records on their way, standard streams, data.
const OTHER_FILES: usize = 100;

/// Trains the missing runs, longest first, and calls `report` with all that happens.
///
/// Returns whether everything is stored, which is so unless it was stopped or a failure ended it.
///
/// # Errors
/// Returns the first error of the store; runs that are under way end first.
pub fn execute(work: &Work<'_>, report: &(dyn Fn(Event<'_>) + Sync)) -> Result<bool> {
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
        let reason = e.to_string();
        let reason = reason.split(" (os error").next().unwrap_or_default();
        Error::Usage {
            message: format!("cannot start threads: the system gives no memory or no threads ({reason})"),
            hint: "try `--jobs 1`, or raise the limit: `ulimit -v` for memory, `ulimit -u` for threads"
                .into(),
        }
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

/// Returns trainers that hold no more leases at once than files can be open.
fn bounded(trainers: Trainers<'_>) -> Trainers<'_> {
    let (count, most) = match trainers {
        Trainers::Threads(count) => (count, 1),
        Trainers::Gpus(gpus, most) => (gpus.len(), most),
    };
    let files = files::allow_open_files(count.saturating_mul(most).saturating_add(OTHER_FILES));
    let room = files.saturating_sub(OTHER_FILES);
    match trainers {
        Trainers::Threads(count) => Trainers::Threads(count.min(room).max(1)),
        Trainers::Gpus(gpus, most) => Trainers::Gpus(gpus, most.min(room / count.max(1)).max(1)),
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
                all.ended(&record.outcome);
                all.done(index, &record, By::Another);
                continue;
            }
            ours.push((index, lease));
        }
        if all.queue.requeue(&busy) && ours.is_empty() {
            (all.report)(Event::Waiting(busy[0]));
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
        for (index, _) in &part {
            (all.report)(Event::Begun(*index));
        }
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
        let seconds = started.elapsed().as_secs_f64();
        let mut provenance = Provenance { seconds, ..all.work.provenance.clone() };
        if let Some(name) = trainer.name() {
            (provenance.isa, provenance.jobs) = (name.to_owned(), runs.len());
        }
        for outcome in &outcomes {
            all.ended(outcome);
        }
        for ((index, lease), outcome) in part.into_iter().zip(outcomes) {
            (all.report)(Event::Trained { index, seconds, finished: outcome.finished() });
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
    match work.store.get_anew(run.key)? {
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
