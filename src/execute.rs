//! Trains missing runs on local threads and stores each as soon as it is done.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Instant,
};

use crate::{
    data::{
        Dataset,
        pairs::{self, Split},
    },
    error::{Error, Result},
    nn::kernels::lanes::Isa,
    outcome::{End, Outcome},
    plan::{Plan, Run},
    record::{Provenance, Record},
    spec::Draw,
    store::{Put, Store},
    train::{Cohort, Member, Way, train},
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
    /// Runs at once.
    pub jobs: usize,
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
    /// What the store said.
    pub put: Put,
}

/// Trains the missing runs, longest first, and calls `report` after each.
///
/// Returns whether everything was trained, which is so unless it was stopped.
///
/// # Errors
/// Returns the first error of the store; runs that are under way end first.
pub fn execute(work: &Work<'_>, report: &(dyn Fn(Done<'_>) + Sync)) -> Result<bool> {
    let mut queue = work.missing.to_vec();
    let costs: Vec<f64> = (0..work.plan.configs.len()).map(|c| work.plan.flop_per_run(c)).collect();
    let cost = |index: &usize| costs[work.plan.runs[*index].config];
    queue.sort_by(|a, b| cost(b).total_cmp(&cost(a)));
    let pool =
        rayon::ThreadPoolBuilder::new().num_threads(work.jobs.clamp(1, queue.len().max(1))).build().map_err(
            |e| Error::Usage { message: format!("cannot start threads: {e}"), hint: "try `--jobs 1`".into() },
        )?;
    let next = AtomicUsize::new(0);
    let broken = AtomicBool::new(false);
    let shared = OnceLock::new();
    let results = pool.broadcast(|_| {
        while let Some(index) = queue.get(next.fetch_add(1, Ordering::Relaxed)) {
            if work.stop.load(Ordering::Relaxed) || broken.load(Ordering::Relaxed) {
                return Ok(false);
            }
            match run_one(work, *index, &shared, report) {
                Ok(true) => {}
                Ok(false) => return Ok(false),
                Err(error) => {
                    broken.store(true, Ordering::Relaxed);
                    return Err(error);
                }
            }
        }
        Ok(true)
    });
    results.into_iter().try_fold(true, |all, result: Result<bool>| Ok(all & result?))
}

/// Trains and stores one run; returns `false` if it was stopped.
fn run_one(
    work: &Work<'_>,
    index: usize,
    shared: &OnceLock<Arc<Split>>,
    report: &(dyn Fn(Done<'_>) + Sync),
) -> Result<bool> {
    let run = &work.plan.runs[index];
    let started = Instant::now();
    // A panic of one run is that run's failure and leaves the others alone.
    let outcome = catch_unwind(AssertUnwindSafe(|| outcome_of(work, run, shared))).unwrap_or_else(|panic| {
        let reason = panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|s| (*s).to_owned()))
            .unwrap_or_else(|| "unknown panic".into());
        Ok(Some(failed(reason)))
    });
    let outcome = match outcome {
        Ok(Some(outcome)) => outcome,
        Ok(None) => return Ok(false),
        // Further lines are a backtrace.
        Err(error) => failed(error.to_string().lines().next().unwrap_or_default().to_owned()),
    };
    let seconds = started.elapsed().as_secs_f64();
    let provenance = Provenance { seconds, ..work.provenance.clone() };
    let record = Record::new(run.key, work.plan.preimage(run), outcome, provenance);
    let put = work.store.put(run.key, &record)?;
    report(Done { index, record: &record, put });
    Ok(true)
}

fn failed(reason: String) -> Outcome {
    Outcome { epochs: Vec::new(), end: End::Failed { reason } }
}

fn outcome_of(work: &Work<'_>, run: &Run, shared: &OnceLock<Arc<Split>>) -> Result<Option<Outcome>> {
    let config = work.plan.config(run);
    let draw = || {
        let seed = pairs::data_seed(&config.pairs, run.seed);
        Arc::new(pairs::draw(&work.dataset.train, &work.dataset.test, &config.pairs, config.scale, seed))
    };
    let data = match config.pairs.draw {
        Draw::Fixed => shared.get_or_init(draw).clone(),
        Draw::PerRound => draw(),
    };
    let members = [Member::of(config, run.seed, data)];
    let cohort = Cohort { config, members: &members, way: Way::Lanes, stop: work.stop };
    Ok(train(&cohort)?.and_then(|mut outcomes| outcomes.pop()))
}

/// Describes this machine and this process.
#[must_use]
pub fn provenance(jobs: usize) -> Provenance {
    let system = sysinfo::System::new_with_specifics(
        sysinfo::RefreshKind::nothing().with_cpu(sysinfo::CpuRefreshKind::nothing()),
    );
    let cpu = system.cpus().first().map(|c| c.brand().trim().to_owned()).unwrap_or_default();
    Provenance {
        version: env!("CARGO_PKG_VERSION").into(),
        commit: commit().unwrap_or_default(),
        host: sysinfo::System::host_name().unwrap_or_default(),
        cpu,
        isa: Isa::current().name().into(),
        platform: format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH),
        jobs,
        seconds: 0.0,
    }
}

/// Asks the `git` program for the commit of the working folder; `+` marks changes.
fn commit() -> Option<String> {
    let git = |arguments: &[&str]| {
        let output = std::process::Command::new("git").args(arguments).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let head = git(&["rev-parse", "HEAD"])?;
    let changes = git(&["status", "--porcelain", "--untracked-files=no"])?;
    Some(if changes.is_empty() { head } else { format!("{head}+") })
}
