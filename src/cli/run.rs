//! `replikat run`: the whole way from spec to reports.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use clap::Args;

use super::{
    context::{Context, Records, chosen},
    judge, memory,
    options::{IsaName, SpecOptions, Status},
    progress,
    talk::{say, tell},
};
use crate::{
    data,
    device::Gpu,
    error::{Error, Result},
    execute::{self, By, Done, Trainers, execute, provenance},
    plan::Plan,
    record::StoredOutcome,
    report,
    results::Rounds,
    store::Put,
    task::pairs,
};

#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    spec: SpecOptions,
    /// Runs at once; as many as there are cores if left out, on a GPU as many as fit.
    #[arg(short, long, value_name = "N")]
    jobs: Option<std::num::NonZeroUsize>,
    /// Train failed runs again; their records go to the quarantine.
    #[arg(long)]
    retry_failed: bool,
    /// Begin nothing more once a run diverged or failed; without it the others go on.
    #[arg(long, overrides_with = "keep_going")]
    fail_fast: bool,
    /// Train the other runs when one diverges or fails; this is the default.
    #[arg(long, overrides_with = "fail_fast")]
    keep_going: bool,
    /// Use this instruction set in place of the best one; the bits are the same.
    #[arg(long, value_enum, env = "REPLIKAT_ISA")]
    isa: Option<IsaName>,
}

impl Options {
    /// Returns the options of a run that leaves all else as it is.
    pub(super) fn of(spec: SpecOptions, jobs: Option<std::num::NonZeroUsize>) -> Self {
        Self { spec, jobs, retry_failed: false, fail_fast: false, keep_going: false, isa: None }
    }

    /// Reads the spec of a variant.
    ///
    /// # Errors
    /// Returns the faults of the spec, or of what is replaced in it, or that it makes no claims.
    pub(super) fn check(&self) -> Result<()> {
        if Context::new(&self.spec)?.spec.claims.is_none() {
            return Err(Error::Usage {
                message: format!("{} makes no claims whose verdicts could move", self.spec.spec.display()),
                hint: "add `claims:` to it".into(),
            });
        }
        Ok(())
    }
}

pub(super) fn command(options: &Options) -> Result<Status> {
    let started = Instant::now();
    options.isa.map_or(Ok(()), IsaName::choose)?;
    let context = Context::new(&options.spec)?;
    let Work { plan, mut records, missing, trained } = work(&context, options)?;
    if let Some(why) = trained.ended {
        let kept = plan.runs.len() - missing + trained.ours + trained.others;
        let planned = plan.runs.len();
        let (word, status) = match why {
            Early::Interrupted => ("interrupted", Status::Interrupted),
            Early::Failed => ("stopped at the first failure", Status::Bad),
        };
        say!(
            options.spec.talk,
            "{word}: {kept} of {planned} runs are stored; run the command again to go on"
        );
        return Ok(status);
    }
    context.fill(&plan, &mut records)?;
    tell_of_folders(&context, &plan);
    let (report, rounds) = super::report::write(&context, &plan, &records, false)?;
    let rounds = &rounds;
    judge::losses(&plan, rounds);
    let judged = [
        judge::bands(&context, &plan, rounds),
        judge::lock(&context, &plan, &records, judge::Strictness::Shared)?,
    ];
    judge::verdicts(&context, &plan, &records, report.verdicts.as_deref())?;
    super::report::tell(&context, &plan, &report);
    let sum = |part: fn(&Rounds) -> usize| -> usize { rounds.iter().map(part).sum() };
    let (finished, diverged, failed) = (sum(Rounds::finished), sum(|s| s.diverged.len()), sum(|s| s.failed));
    let planned = plan.runs.len();
    let others =
        if trained.others > 0 { format!(", {} by other processes", trained.others) } else { String::new() };
    say!(
        options.spec.talk,
        "{finished} of {planned} runs finished: {} cached, {} trained{others}; {diverged} diverged, {failed} failed, \
         {} missing; {:.2} s",
        planned - missing,
        trained.ours,
        planned - finished - diverged - failed,
        started.elapsed().as_secs_f64()
    );
    if failed > 0 {
        say!(options.spec.talk, "hint: failed runs are kept; `--retry-failed` trains them again");
    }
    let bad = finished < planned || trained.alarm || judged.contains(&Status::Bad);
    Ok(if bad { Status::Bad } else { Status::Good })
}

/// What is stored after training.
pub(super) struct Stored<'a> {
    pub(super) context: Context<'a>,
    pub(super) plan: Plan,
    pub(super) records: Records,
    /// Whether a run did not finish, or came out with other bits than the store has.
    pub(super) bad: bool,
}

/// Trains what is missing and writes no report; returns what is then stored, or `None` if it was stopped.
pub(super) fn train_missing(options: &Options) -> Result<Option<Stored<'_>>> {
    let context = Context::new(&options.spec)?;
    let Work { plan, mut records, trained, .. } = work(&context, options)?;
    if trained.ended.is_some() {
        return Ok(None);
    }
    context.fill(&plan, &mut records)?;
    let finished = |record: &Option<StoredOutcome>| record.as_ref().is_some_and(|r| r.outcome.finished());
    let bad = trained.alarm || !records.iter().all(finished);
    Ok(Some(Stored { context, plan, records, bad }))
}

/// What was planned, what was stored before, and what came of training the rest.
struct Work {
    plan: Plan,
    records: Records,
    /// Runs that were not stored.
    missing: usize,
    trained: Trained,
}

/// Trains what is missing.
fn work(context: &Context<'_>, options: &Options) -> Result<Work> {
    let (plan, records, means) = prepare(context, options)?;
    let mut missing: Vec<usize> = (0..plan.runs.len()).filter(|i| records[*i].is_none()).collect();
    let stored = plan.runs.len() - missing.len();
    // One network under two names is trained once.
    let mut keys = std::collections::BTreeSet::new();
    missing.retain(|index| keys.insert(plan.runs[*index].key));
    announce(context, &plan, stored, missing.len());
    let trained = match means {
        Some(means) => train(context, options, &plan, &missing, &means)?,
        None => Trained::default(),
    };
    Ok(Work { missing: plan.runs.len() - stored, plan, records, trained })
}

/// What training takes.
struct Means {
    /// None for the CPU.
    gpus: Vec<Gpu>,
    dataset: data::Dataset,
}

/// Finds what is stored and, if something is missing, the GPUs that are to train it and the data; where it cannot be
/// had, the plan is that of the data set that the spec names in its place.
fn prepare(context: &Context<'_>, options: &Options) -> Result<(Plan, Records, Option<Means>)> {
    let mut plan = context.plan();
    let mut records = context.records(&plan)?;
    forget_failed(options, &mut records);
    if records.iter().all(Option::is_some) {
        return Ok((plan, records, None));
    }
    let gpus = options.spec.device.open()?;
    let mut folder = None;
    match (context.find_files(plan.dataset.source), context.spec.data.fallback()) {
        (Ok(found), _) => folder = found,
        // A folder that was named must hold the data.
        (Err(error), None) => return Err(error),
        (Err(error), Some(_)) if chosen(&context.options.data).is_some() => return Err(error),
        (Err(error), Some(other)) => {
            say!(context.options.talk, "warning: {error}");
            plan = context.plan_on(other);
            records = context.records(&plan)?;
            forget_failed(options, &mut records);
        }
    }
    if records.iter().all(Option::is_some) {
        return Ok((plan, records, None));
    }
    let wanted = &context.spec.grid.most_pairs();
    let dataset = plan.dataset.source.load(folder.as_deref(), pairs::images(wanted))?;
    pairs::check(&dataset, wanted)?;
    Ok((plan, records, Some(Means { gpus, dataset })))
}

/// Forgets the records of failed runs if they are to be trained again; they are set aside when that begins.
fn forget_failed(options: &Options, records: &mut Records) {
    for record in records.iter_mut().filter(|_| options.retry_failed) {
        if record.as_ref().is_some_and(|r| r.outcome.failed()) {
            *record = None;
        }
    }
}

/// Twins are named up to this many.
const NAMED: usize = 5;

/// Says what will be done.
fn announce(context: &Context<'_>, plan: &Plan, stored: usize, missing: usize) {
    if let Some(caveat) = report::stand_in(&context.spec, plan) {
        let yellow = anstyle::AnsiColor::Yellow.on_default().bold();
        tell(format_args!("{yellow}note{yellow:#}: {}", caveat.caveat()));
    }
    if let Some(caveat) = plan.numerics.caveat() {
        say!(context.options.talk, "note: {caveat}");
    }
    for (config, earlier) in plan.twins().into_iter().take(NAMED) {
        say!(
            context.options.talk,
            "note: `{}` and `{}` are one network with one set of runs, which are trained once",
            plan.label(earlier),
            plan.label(config)
        );
    }
    for name in plan.without_use_of_dropout() {
        say!(
            context.options.talk,
            "note: `{name}` has no dropout layer, so its dropout rate changes nothing but its keys"
        );
    }
    say!(
        context.options.talk,
        "{}: {} runs, {} cached, {} to train",
        context.spec.experiment,
        plan.runs.len(),
        stored,
        missing
    );
}

/// Runs of a cohort, unless `--jobs` says otherwise: more make no GPU faster, and all are lost when it is stopped.
const MOST_AT_ONCE: usize = 1 << 14;

/// Why training ended before everything was stored.
#[derive(Debug, Clone, Copy)]
enum Early {
    Interrupted,
    Failed,
}

/// What came of the training.
#[derive(Debug, Default, Clone, Copy)]
struct Trained {
    ended: Option<Early>,
    alarm: bool,
    /// Runs that this process trained.
    ours: usize,
    /// Runs that others trained meanwhile.
    others: usize,
}

/// Returns what trains, and how many runs that is at once.
fn trainers<'a>(options: &Options, gpus: &'a [Gpu]) -> (Trainers<'a>, usize) {
    let at_once = options.jobs.map(std::num::NonZero::get);
    if gpus.is_empty() {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let jobs = at_once.unwrap_or(cores);
        return (Trainers::Threads(jobs), jobs);
    }
    for gpu in gpus {
        say!(options.spec.talk, "training on {}", gpu.name);
    }
    let most = at_once.unwrap_or(MOST_AT_ONCE);
    (Trainers::Gpus(gpus, most), most.saturating_mul(gpus.len()))
}

/// Returns a flag that Ctrl-C and a request to end set; a second signal ends the process at once.
fn stop_on_signals() -> Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        let flag = Arc::clone(&stop);
        signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&flag))
            .and_then(|_| signal_hook::flag::register(signal, flag))
            .map_err(|e| Error::Usage {
                message: format!("cannot watch for Ctrl-C: {e}"),
                hint: "try again".into(),
            })?;
    }
    Ok(stop)
}

fn train(
    context: &Context<'_>,
    options: &Options,
    plan: &Plan,
    missing: &[usize],
    Means { gpus, dataset }: &Means,
) -> Result<Trained> {
    let (mut trainers, mut jobs) = trainers(options, gpus);
    if let Trainers::Threads(threads) = &mut trainers {
        *threads = memory::bounded(plan, missing, jobs)?;
        if *threads < jobs {
            say!(context.options.talk, "note: {threads} runs at once, since no more have room in memory");
        }
        jobs = *threads;
    }
    let stop = stop_on_signals()?;
    let progress = progress::Runs::new(missing.len(), jobs, context.options.talk.quiet);
    let count = std::sync::Mutex::new(Trained::default());
    let provenance = provenance(jobs, &context.options.spec);
    if let Some(reason) = provenance.commit.strip_prefix("unknown: ") {
        say!(context.options.talk, "note: the records do not name the spec's commit: {reason}");
    }
    let work = execute::Work {
        plan,
        missing,
        dataset,
        store: &context.store,
        trainers,
        retry_failed: options.retry_failed,
        fail_fast: options.fail_fast,
        stop: &stop,
        provenance: &provenance,
    };
    let all = execute(&work, &|done| {
        let line = told(plan, &done);
        let failed = !done.record.outcome.finished();
        if let Ok(mut count) = count.lock() {
            match &done.by {
                By::Us(put) => {
                    count.ours += 1;
                    count.alarm |= matches!(put, Put::Alarm { .. });
                }
                By::Another => count.others += 1,
            }
        }
        progress.done(failed, jobs, line);
    });
    progress.finish();
    let mut trained = count.into_inner().unwrap_or_default();
    if !all? {
        trained.ended = Some(if stop.load(Ordering::Relaxed) { Early::Interrupted } else { Early::Failed });
    }
    Ok(trained)
}

/// Says whose folders are written to, if the spec has another content than its name says.
fn tell_of_folders(context: &Context<'_>, plan: &Plan) {
    let overrides = &context.options.overrides;
    if !overrides.is_empty() && !overrides.iter().any(|o| o.starts_with("experiment=")) {
        let name = report::folder_name(&context.spec, plan);
        say!(
            context.options.talk,
            "note: `--set` without `--set experiment=NAME` writes to the folders of `{name}`"
        );
    }
}

/// Returns a line about a run that did not end well.
fn told(plan: &Plan, done: &Done<'_>) -> Option<String> {
    let run = &plan.runs[done.index];
    let name = plan.name(run);
    if let By::Us(Put::Alarm { kept_at }) = &done.by {
        let kept_at = kept_at.display();
        return Some(format!(
            "ALARM: {name} came out with other bits than the store has; both are kept, the new one at {kept_at}"
        ));
    }
    let outcome = &done.record.outcome;
    (!outcome.finished()).then(|| format!("{}: {name}: {}", outcome.status(), outcome.detail()))
}
