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
    IsaName, SpecOptions, Status,
    context::{Context, Records, chosen},
    page, progress, say, stored, verdicts,
};
use crate::{
    data,
    error::{Error, Result},
    execute::{Done, Work, execute, provenance},
    outcome::End,
    plan::Plan,
    report,
    spec::DataSource,
    store::Put,
};

#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    spec: SpecOptions,
    /// Runs at once; as many as there are cores if left out.
    #[arg(short, long, value_name = "N")]
    jobs: Option<std::num::NonZeroUsize>,
    /// Train failed runs again; their records go to the quarantine.
    #[arg(long)]
    retry_failed: bool,
    /// Use this instruction set in place of the best one; the bits are the same.
    #[arg(long, value_enum, env = "REPLIKAT_ISA")]
    isa: Option<IsaName>,
}

impl Options {
    /// Returns the options of a run that leaves all else as it is.
    pub(super) fn of(spec: SpecOptions, jobs: Option<std::num::NonZeroUsize>) -> Self {
        Self { spec, jobs, retry_failed: false, isa: None }
    }
}

pub(super) fn command(options: &Options) -> Result<Status> {
    let started = Instant::now();
    options.isa.map_or(Ok(()), IsaName::choose)?;
    let context = Context::new(&options.spec)?;
    let (plan, mut records, dataset) = prepare(&context, options)?;
    let missing: Vec<usize> = (0..plan.runs.len()).filter(|i| records[*i].is_none()).collect();
    announce(&context, &plan, &missing);
    let trained = match dataset {
        Some(dataset) => train(&context, options, &plan, &missing, &dataset)?,
        None => Trained::default(),
    };
    if trained.interrupted {
        let kept = plan.runs.len() - missing.len() + trained.finished;
        say!(
            options.spec.talk,
            "interrupted: {kept} of {} runs are stored; run the command again to go on",
            plan.runs.len()
        );
        return Ok(Status::Interrupted);
    }
    context.fill(&plan, &mut records)?;
    if !options.spec.overrides.is_empty()
        && !options.spec.overrides.iter().any(|o| o.starts_with("experiment="))
    {
        let name = report::folder_name(&context.spec, &plan);
        say!(
            options.spec.talk,
            "note: `--set` without `--set experiment=NAME` writes to the folders of `{name}`"
        );
    }
    let stored::Made { summaries, verdicts, .. } = stored::write_reports(&context, &plan, &records)?;
    stored::print_losses(&plan, &summaries);
    let judged = [
        stored::judge_bands(&context, &plan, &summaries),
        stored::judge_lock(&context, &plan, &records, stored::Strictness::Shared)?,
    ];
    verdicts::print(&context, &plan, &records, verdicts.as_ref())?;
    page::tell(&context, &plan);
    let lost = summaries.iter().any(|s| s.finished < s.planned);
    let failed: usize = summaries.iter().map(|s| s.failed).sum();
    let diverged: usize = summaries.iter().map(|s| s.diverged).sum();
    say!(
        options.spec.talk,
        "{} runs: {} cached, {} trained; {diverged} diverged, {failed} failed; {:.2} s",
        plan.runs.len(),
        plan.runs.len() - missing.len(),
        missing.len(),
        started.elapsed().as_secs_f64()
    );
    if failed > 0 {
        say!(options.spec.talk, "hint: failed runs are kept; `--retry-failed` trains them again");
    }
    let bad = lost || trained.alarm || judged.contains(&Status::Bad);
    Ok(if bad { Status::Bad } else { Status::Good })
}

/// Trains what is missing and writes no report; returns what is then stored, or `None` if it was stopped.
pub(super) fn train_missing(options: &Options) -> Result<Option<(Context<'_>, Plan, Records)>> {
    let context = Context::new(&options.spec)?;
    let (plan, mut records, dataset) = prepare(&context, options)?;
    let missing: Vec<usize> = (0..plan.runs.len()).filter(|i| records[*i].is_none()).collect();
    announce(&context, &plan, &missing);
    if let Some(dataset) = dataset
        && train(&context, options, &plan, &missing, &dataset)?.interrupted
    {
        return Ok(None);
    }
    context.fill(&plan, &mut records)?;
    Ok(Some((context, plan, records)))
}

/// Finds what is stored and, if something is missing, the data to train it on; without MNIST the
/// plan is that of the drawn digits, if the spec allows them.
fn prepare(context: &Context<'_>, options: &Options) -> Result<(Plan, Records, Option<data::Dataset>)> {
    let mut plan = context.plan();
    let mut records = context.records(&plan)?;
    set_failed_aside(context, options, &plan, &mut records)?;
    if records.iter().all(Option::is_some) {
        return Ok((plan, records, None));
    }
    let mut place = None;
    if plan.dataset.source == DataSource::Mnist {
        match (context.find_mnist(), context.spec.data.fallback()) {
            (Ok(found), _) => place = Some(found),
            // A folder that was named must hold the data.
            (Err(error), None) => return Err(error),
            (Err(error), Some(_)) if chosen(&context.options.data).is_some() => return Err(error),
            (Err(error), Some(other)) => {
                say!(context.options.talk, "warning: {error}");
                plan = context.plan_on(other);
                records = context.records(&plan)?;
                set_failed_aside(context, options, &plan, &mut records)?;
            }
        }
    }
    if records.iter().all(Option::is_some) {
        return Ok((plan, records, None));
    }
    let dataset = data::load(plan.dataset.source, place.as_ref(), &context.spec.data.pairs)?;
    Ok((plan, records, Some(dataset)))
}

fn set_failed_aside(
    context: &Context<'_>,
    options: &Options,
    plan: &Plan,
    records: &mut Records,
) -> Result<()> {
    if !options.retry_failed {
        return Ok(());
    }
    for (run, record) in plan.runs.iter().zip(records) {
        if record.as_ref().is_some_and(|r| r.outcome.failed()) {
            context.store.set_aside(run.key)?;
            *record = None;
        }
    }
    Ok(())
}

/// Says what will be done.
fn announce(context: &Context<'_>, plan: &Plan, missing: &[usize]) {
    if let Some(stamp) = report::stamp(&context.spec, plan) {
        let yellow = anstyle::AnsiColor::Yellow.on_default().bold();
        anstream::eprintln!("{yellow}note{yellow:#}: {stamp}");
    }
    say!(
        context.options.talk,
        "{}: {} runs, {} cached, {} to train",
        context.spec.experiment,
        plan.runs.len(),
        plan.runs.len() - missing.len(),
        missing.len()
    );
}

/// What came of the training.
#[derive(Debug, Default, Clone, Copy)]
struct Trained {
    interrupted: bool,
    alarm: bool,
    finished: usize,
}

fn train(
    context: &Context<'_>,
    options: &Options,
    plan: &Plan,
    missing: &[usize],
    dataset: &data::Dataset,
) -> Result<Trained> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let jobs = options.jobs.map_or(cores, std::num::NonZero::get);
    let stop = Arc::new(AtomicBool::new(false));
    let signals = [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM];
    for signal in signals {
        let flag = Arc::clone(&stop);
        // A second signal ends the process at once.
        signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&flag))
            .and_then(|_| signal_hook::flag::register(signal, flag))
            .map_err(|e| Error::Usage {
                message: format!("cannot watch for Ctrl-C: {e}"),
                hint: "try again".into(),
            })?;
    }
    let progress = progress::Runs::new(missing.len(), jobs, context.options.talk.quiet);
    let count = std::sync::Mutex::new(Trained::default());
    let provenance = provenance(jobs);
    let work =
        Work { plan, missing, dataset, store: &context.store, jobs, stop: &stop, provenance: &provenance };
    let all = execute(&work, &|done| {
        let line = tell(plan, &done);
        let failed = !done.record.outcome.finished();
        if let Ok(mut count) = count.lock() {
            count.finished += 1;
            count.alarm |= matches!(done.put, Put::Alarm { .. });
        }
        progress.done(failed, jobs, line);
    });
    progress.finish();
    let mut trained = count.into_inner().unwrap_or_default();
    trained.interrupted = !all? && stop.load(Ordering::Relaxed);
    Ok(trained)
}

/// Returns a line about a run that did not end well.
fn tell(plan: &Plan, done: &Done<'_>) -> Option<String> {
    let run = &plan.runs[done.index];
    let name = plan.name(run);
    if let Put::Alarm { kept_at } = &done.put {
        let kept_at = kept_at.display();
        return Some(format!(
            "ALARM: {name} came out with other bits than the store has; both are kept, the new one at {kept_at}"
        ));
    }
    match &done.record.outcome.end {
        End::Finished { .. } => None,
        End::Diverged { epoch, step } => {
            Some(format!("diverged: {name}, loss not finite at epoch {epoch}, step {step}"))
        }
        End::Failed { reason } => Some(format!("failed: {name}: {reason}")),
    }
}
