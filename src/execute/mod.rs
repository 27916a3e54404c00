//! Trains missing runs on local threads and stores each as soon as it is done.
//!
//! Two kinds of threads: as many trainers as there are jobs, and some that store. A record is durable before it is
//! reported, and waiting for the disk is most of what storing costs; many waiting at once are served together, and the
//! trainers do not wait at all. There are no child processes that train: what dies with the process is everything.

mod provenance;

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

use crate::{
    data::{
        Dataset,
        pairs::{self, Split},
    },
    error::{Error, Result},
    outcome::{End, Outcome},
    plan::{Plan, Run},
    record::{Provenance, Record},
    spec::{Draw, Vary},
    store::{Claim, Lookup, Put, Store},
    train::{Cohort, Member, Way, train},
};

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
    /// Runs at once.
    pub jobs: usize,
    /// Whether a run that is stored as failed is trained again.
    pub retry_failed: bool,
    /// Whether nothing more is begun once a run did not finish.
    pub fail_fast: bool,
    /// Set from outside to stop; finished runs are stored.
    pub stop: &'a AtomicBool,
    /// What the records say of this machine.
    pub provenance: &'a Provenance,
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

/// Trains the missing runs, longest first, and calls `report` after each is stored.
///
/// Returns whether everything is stored, which is so unless it was stopped or a failure ended it.
///
/// # Errors
/// Returns the first error of the store; runs that are under way end first.
pub fn execute(work: &Work<'_>, report: &(dyn Fn(Done<'_>) + Sync)) -> Result<bool> {
    work.store.prepare()?;
    let all = Shared {
        work,
        report,
        queue: Queue::new(work),
        broken: AtomicBool::new(false),
        data: OnceLock::new(),
    };
    let all = &all;
    let (sender, receiver) = sync_channel(STORING);
    let receiver = Mutex::new(receiver);
    let failed = |e: std::io::Error| {
        all.broken.store(true, Ordering::Relaxed);
        Error::Usage { message: format!("cannot start threads: {e}"), hint: "try `--jobs 1`".into() }
    };
    let count = work.missing.len().max(1);
    thread::scope(|scope| {
        let mut threads = Vec::new();
        for _ in 0..STORING.min(count) {
            let storing = || store_all(all, &receiver);
            threads.push(thread::Builder::new().spawn_scoped(scope, storing).map_err(failed)?);
        }
        for _ in 0..work.jobs.clamp(1, count) {
            let sender = sender.clone();
            let training = move || all.noting(train_all(all, &sender));
            threads.push(thread::Builder::new().spawn_scoped(scope, training).map_err(failed)?);
        }
        drop(sender);
        threads.into_iter().try_fold(true, |whole, thread| match thread.join() {
            Ok(result) => Ok(result? && whole),
            Err(panic) => std::panic::resume_unwind(panic),
        })
    })
}

/// What the threads share.
struct Shared<'a> {
    work: &'a Work<'a>,
    report: &'a (dyn Fn(Done<'_>) + Sync),
    queue: Queue,
    /// Nothing more is begun.
    broken: AtomicBool,
    /// The pairs, where all rounds have the same.
    data: OnceLock<Arc<Split>>,
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

/// Runs that nobody has begun, longest first, and those that other processes train.
struct Queue(Mutex<(VecDeque<usize>, usize)>);

impl Queue {
    fn new(work: &Work<'_>) -> Self {
        let mut runs = work.missing.to_vec();
        let costs: Vec<f64> = (0..work.plan.configs.len()).map(|c| work.plan.flop_per_run(c)).collect();
        let cost = |index: &usize| costs[work.plan.runs[*index].config];
        runs.sort_by(|a, b| cost(b).total_cmp(&cost(a)));
        Self(Mutex::new((runs.into(), 0)))
    }

    fn next(&self) -> Option<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0.pop_front()
    }

    /// Notes that a run could be begun.
    fn moved(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1 = 0;
    }

    /// Takes back a run that another process trains; waits if that is so of all that are left.
    fn put_back(&self, index: usize) {
        let all_busy = {
            let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            state.0.push_back(index);
            state.1 += 1;
            state.1 >= state.0.len()
        };
        if all_busy {
            thread::sleep(PAUSE);
        }
    }
}

/// A run that is trained and has to be stored.
struct Trained {
    index: usize,
    record: Record,
    claim: Claim,
}

/// Trains runs until none is left; returns `false` if it was stopped before.
fn train_all(all: &Shared<'_>, sender: &SyncSender<Trained>) -> Result<bool> {
    while let Some(index) = all.queue.next() {
        if all.halted() {
            return Ok(false);
        }
        let run = &all.work.plan.runs[index];
        let Some(claim) = all.work.store.claim(run.key)? else {
            all.queue.put_back(index);
            continue;
        };
        all.queue.moved();
        if let Some(record) = still_there(all.work, run)? {
            drop(claim);
            all.done(index, &record, By::Another);
            continue;
        }
        let Some(record) = record_of(all, run) else { return Ok(false) };
        if sender.send(Trained { index, record, claim }).is_err() {
            return Ok(false);
        }
    }
    Ok(true)
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
        let Ok(Trained { index, record, claim }) = next else { return result };
        // After an error the rest is taken all the same, or trainers would wait for ever.
        if result.is_err() {
            continue;
        }
        match all.noting(all.work.store.put(all.work.plan.runs[index].key, &record)) {
            Ok(put) => {
                drop(claim);
                all.done(index, &record, By::Us(put));
            }
            Err(error) => result = Err(error),
        }
    }
}

/// Trains one run; returns `None` if it was stopped.
fn record_of(all: &Shared<'_>, run: &Run) -> Option<Record> {
    let started = Instant::now();
    // A panic of one run is that run's failure and leaves the others alone.
    let outcome = catch_unwind(AssertUnwindSafe(|| outcome_of(all, run))).unwrap_or_else(|panic| {
        let reason = panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()))
            .unwrap_or_else(|| "unknown panic".into());
        Ok(Some(failed(reason)))
    });
    let outcome = match outcome {
        Ok(outcome) => outcome?,
        // Further lines are a backtrace.
        Err(error) => failed(error.to_string().lines().next().unwrap_or_default().to_owned()),
    };
    let seconds = started.elapsed().as_secs_f64();
    let provenance = Provenance { seconds, ..all.work.provenance.clone() };
    Some(Record::new(run.key, all.work.plan.preimage(run), outcome, provenance))
}

fn failed(reason: String) -> Outcome {
    Outcome { epochs: Vec::new(), end: End::Failed { reason } }
}

fn outcome_of(all: &Shared<'_>, run: &Run) -> Result<Option<Outcome>> {
    let work = all.work;
    let config = work.plan.config(run);
    let draw = || {
        let seed = pairs::data_seed(&config.pairs, config.vary.seed(Vary::Pairs, run.seed));
        Arc::new(pairs::draw(&work.dataset.train, &work.dataset.test, &config.pairs, config.scale, seed))
    };
    let data = match config.pairs.draw {
        Draw::Fixed => all.data.get_or_init(draw).clone(),
        Draw::PerRound => draw(),
    };
    let members = [Member::of(config, run.seed, data)];
    let cohort = Cohort { config, members: &members, way: Way::Lanes, stop: work.stop };
    Ok(train(&cohort)?.and_then(|mut outcomes| outcomes.pop()))
}
