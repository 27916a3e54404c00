//! Training for `run` and `sweep`: what trains, what stops it, and what came of it.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use clap::Args;

use super::{
    context::{Context, Records, chosen},
    memory,
    options::{IsaName, TalkOptions, jobs},
    progress::{Part, Runs},
    talk::say,
};
use crate::{
    data,
    device::Gpu,
    error::{Error, Result},
    execute::{self, By, Event, Trainers, execute, provenance},
    lines::counted,
    plan::Plan,
    report,
    store::{InUse, Put},
    task::pairs,
};

/// How to train.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct How {
    /// Runs at once; as many as there are cores if left out, on a GPU as many as fit.
    #[arg(short, long, value_name = "N", value_parser = jobs)]
    pub(super) jobs: Option<std::num::NonZeroUsize>,
    /// Train failed runs again; their records go to the quarantine.
    #[arg(long)]
    pub(super) retry_failed: bool,
    /// Begin nothing more once a run diverged or failed; without it the others go on.
    #[arg(long)]
    pub(super) fail_fast: bool,
    /// Train the other runs when one diverges or fails; this is the default.
    #[arg(long, conflicts_with = "fail_fast")]
    pub(super) keep_going: bool,
    /// Use this instruction set in place of the best one; the bits are the same.
    #[arg(long, value_enum, env = "REPLIKAT_ISA")]
    pub(super) isa: Option<IsaName>,
}

/// What was planned, what was stored before, and what came of training the rest.
pub(super) struct Work {
    pub(super) plan: Plan,
    pub(super) records: Records,
    /// Runs that were not stored.
    pub(super) missing: usize,
    pub(super) trained: Trained,
    /// Until this is dropped, no other process moves the runs away.
    pub(super) in_use: Vec<InUse>,
}

/// Trains what is missing; the progress of a sweep is that of all its variants.
pub(super) fn work(context: &Context<'_>, how: &How, sweep: Option<&Runs>) -> Result<Work> {
    let mut in_use = Vec::new();
    let (plan, records, means) = prepare(context, how, &mut in_use)?;
    let mut missing: Vec<usize> = (0..plan.runs.len()).filter(|i| records[*i].is_none()).collect();
    let stored = plan.runs.len() - missing.len();
    // One network under two names is trained once.
    let mut keys = std::collections::BTreeSet::new();
    missing.retain(|index| keys.insert(plan.runs[*index].key));
    if sweep.is_none() {
        announce(context, &plan, stored, missing.len());
    }
    if means.is_some() && sweep.is_none() {
        report::is_owner(&context.spec, &plan, &context.text, &context.folders())?;
    }
    let trained = match (means, sweep) {
        (None, _) => Trained::default(),
        (Some(means), Some(progress)) => train(context, how, &plan, &missing, &means, progress)?,
        (Some(means), None) => {
            let parts = vec![Part::of(String::new(), &plan, &missing)];
            let progress = Runs::new(parts, context.options.talk);
            let trained = train(context, how, &plan, &missing, &means, &progress);
            progress.finish();
            trained?
        }
    };
    Ok(Work { missing: plan.runs.len() - stored, plan, records, trained, in_use })
}

/// What training takes.
struct Means {
    /// None for the CPU.
    gpus: Vec<Gpu>,
    dataset: data::Dataset,
}

/// Returns the records of a plan's runs, none for failed ones that are to be trained again: they are set aside when that
/// begins. Notes in `in_use` what must not be moved away, where a store is: a command that ends before anything is trained
/// makes no folder.
fn look_up(context: &Context<'_>, how: &How, plan: &Plan, in_use: &mut Vec<InUse>) -> Result<Records> {
    if context.store.is_there() {
        in_use.extend(hold(context, plan)?);
    }
    let mut records = context.records(plan)?;
    for record in records.iter_mut().filter(|_| how.retry_failed) {
        if record.as_ref().is_some_and(|r| r.outcome.failed()) {
            *record = None;
        }
    }
    Ok(records)
}

fn hold(context: &Context<'_>, plan: &Plan) -> Result<Option<InUse>> {
    context.store.hold(plan.runs.iter().map(|run| run.key))
}

/// Finds what is stored and, if something is missing, the GPUs that are to train it and the data; where it cannot be
/// had, the plan is that of the data set that the spec names in its place.
fn prepare(
    context: &Context<'_>,
    how: &How,
    in_use: &mut Vec<InUse>,
) -> Result<(Plan, Records, Option<Means>)> {
    let mut plan = context.plan();
    let mut records = look_up(context, how, &plan, in_use)?;
    if records.iter().all(Option::is_some) {
        return Ok((plan, records, None));
    }
    let gpus = context.options.device.open()?;
    let mut folder = None;
    match (context.find_files(plan.dataset.source), context.spec.data.fallback()) {
        (Ok(found), _) => folder = found,
        // A folder that was named must hold the data.
        (Err(error), None) => return Err(error),
        (Err(error), Some(_)) if chosen(&context.options.data).is_some() => return Err(error),
        (Err(error), Some(other)) => {
            say!(context.options.talk, "warning: {error}");
            plan = context.plan_on(other);
            records = look_up(context, how, &plan, in_use)?;
        }
    }
    if records.iter().all(Option::is_some) {
        return Ok((plan, records, None));
    }
    let wanted = &context.spec.grid.most_pairs();
    let dataset = plan.dataset.source.load(folder.as_deref(), pairs::images(wanted))?;
    pairs::check(&dataset, wanted)?;
    if in_use.is_empty() {
        in_use.extend(hold(context, &plan)?);
    }
    Ok((plan, records, Some(Means { gpus, dataset })))
}

/// Twins are named up to this many.
const NAMED: usize = 5;

/// Says what of the networks is another than it seems.
pub(super) fn tell_of_networks(context: &Context<'_>, plan: &Plan) {
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
    for name in plan.without_rate_of_dropout() {
        say!(
            context.options.talk,
            "note: `{name}` has a dropout layer and no config has a dropout rate, so the layer does nothing: set `grid.dropout`"
        );
    }
}

/// Says what will be done.
fn announce(context: &Context<'_>, plan: &Plan, stored: usize, missing: usize) {
    if let Some(caveat) = report::stand_in(&context.spec, plan) {
        say!(context.options.talk, "note: {}", caveat.caveat());
    }
    if let Some(caveat) = plan.numerics.caveat() {
        say!(context.options.talk, "note: {caveat}");
    }
    tell_of_networks(context, plan);
    say!(
        context.options.talk,
        "{}: {}, {} cached, {} to train",
        context.spec.experiment,
        counted(plan.runs.len(), "run"),
        stored,
        missing
    );
}

/// Runs of a cohort, unless `--jobs` says otherwise: more make no GPU faster, and all are lost when it is stopped.
const MOST_AT_ONCE: usize = 1 << 14;

/// Why training ended before everything was stored.
#[derive(Debug, Clone, Copy)]
pub(super) enum Early {
    Interrupted,
    Failed,
}

/// What came of the training.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Trained {
    pub(super) ended: Option<Early>,
    pub(super) alarm: bool,
    /// Runs that this process trained.
    pub(super) ours: usize,
    /// Runs that others trained meanwhile.
    pub(super) others: usize,
}

/// Returns what trains, and how many runs that is at once.
fn trainers<'a>(how: &How, gpus: &'a [Gpu], talk: TalkOptions) -> (Trainers<'a>, usize) {
    let at_once = how.jobs.map(std::num::NonZero::get);
    if gpus.is_empty() {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let jobs = at_once.unwrap_or(cores);
        return (Trainers::Threads(jobs), jobs);
    }
    for gpu in gpus {
        say!(talk, "training on {}", gpu.name);
    }
    let most = at_once.unwrap_or(MOST_AT_ONCE);
    (Trainers::Gpus(gpus, most), most.saturating_mul(gpus.len()))
}

/// Returns a flag that Ctrl-C, a request to end and a closed terminal set; a second signal ends the process at once.
fn stop_on_signals() -> Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let mut signals = vec![signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM];
    signals.extend((!hangup_is_ignored()).then_some(signal_hook::consts::SIGHUP));
    for signal in signals {
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

/// Says whether a closed terminal is to change nothing, as `nohup` wishes; so too where that cannot be known.
fn hangup_is_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_none_or(|mask| mask >> (signal_hook::consts::SIGHUP - 1) & 1 == 1)
}

/// Trains the missing runs.
fn train(
    context: &Context<'_>,
    how: &How,
    plan: &Plan,
    missing: &[usize],
    Means { gpus, dataset }: &Means,
    progress: &Runs,
) -> Result<Trained> {
    let (mut trainers, mut jobs) = trainers(how, gpus, context.options.talk);
    if let Trainers::Threads(threads) = &mut trainers {
        *threads = memory::bounded(plan, missing, jobs)?;
        if *threads < jobs {
            say!(context.options.talk, "note: {threads} runs at once, since no more have room in memory");
        }
        jobs = *threads;
    }
    let stop = stop_on_signals()?;
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
        retry_failed: how.retry_failed,
        fail_fast: how.fail_fast,
        stop: &stop,
        provenance: &provenance,
    };
    let count = Mutex::new(Trained::default());
    let all = execute(&work, &|event| {
        if let Event::Done(done) = &event {
            let mut count = count.lock().unwrap_or_else(PoisonError::into_inner);
            match &done.by {
                By::Us(put) => {
                    count.ours += 1;
                    count.alarm |= matches!(put, Put::Alarm { .. });
                }
                By::Another => count.others += 1,
            }
        }
        progress.note(plan, &event);
    });
    let mut trained = count.into_inner().unwrap_or_else(PoisonError::into_inner);
    if !all? {
        trained.ended = Some(if stop.load(Ordering::Relaxed) { Early::Interrupted } else { Early::Failed });
    }
    Ok(trained)
}
