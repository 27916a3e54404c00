//! `replikat run`: the whole way from spec to reports.

use std::time::Instant;

use clap::Args;

use super::{
    answer::Answer,
    context::Context,
    judge, limits,
    options::{IsaName, SpecOptions, Status},
    talk::{out, say},
    training::{Early, How, Trained, Work, work},
};
use crate::{
    error::Result,
    plan::Plan,
    report,
    results::{Ends, Rounds},
};

#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    spec: SpecOptions,
    #[command(flatten)]
    how: How,
    /// Open the page in a browser when all is done.
    #[arg(long)]
    open: bool,
}

pub(super) fn command(options: &Options) -> Result<Status> {
    let started = Instant::now();
    options.how.isa.map_or(Ok(()), IsaName::choose)?;
    limits::threads()?;
    let context = Context::new(&options.spec)?;
    let Work { plan, mut records, missing, trained, in_use: _in_use } = work(&context, &options.how, None)?;
    if let Some(why) = trained.ended {
        let kept = plan.runs.len() - missing + trained.ours + trained.others;
        let planned = plan.runs.len();
        let (word, status) = match why {
            Early::Interrupted => ("interrupted", Status::Interrupted),
            Early::Failed => ("stopped at the first failure", Status::Bad),
        };
        let said = format!("{word}: {kept} of {planned} runs are stored; run the command again to go on");
        if options.spec.talk.quiet {
            out!("{}: {said}", context.spec.experiment);
        } else {
            say!(options.spec.talk, "{said}");
        }
        return Ok(status);
    }
    context.fill(&plan, &mut records)?;
    tell_of_folders(&context, &plan);
    let (report, rounds) = super::report::write(&context, &plan, &records, false)?;
    judge::show_verdicts(&context, report.verdicts.as_ref(), &plan, &records);
    super::report::tell_of_files(&context, &plan, &report)?;
    let answer = Answer::of(&context, &plan, &rounds, report.verdicts.as_ref()).judged([
        judge::bands(&context, &plan, &rounds),
        judge::lock(&context, &plan, &records, judge::Strictness::Shared)?,
    ]);
    let finished = tell_of_runs(options, &plan, &rounds, missing, &trained, started);
    let bad = finished < plan.runs.len() || trained.alarm || answer.status() == Status::Bad;
    super::report::places(&context, &plan, &report, answer).show(options.spec.talk.quiet);
    if options.open {
        super::report::open(&context, &plan);
    }
    Ok(if bad { Status::Bad } else { Status::Good })
}

/// Says how the runs ended, and where they came from; returns how many finished.
fn tell_of_runs(
    options: &Options,
    plan: &Plan,
    rounds: &[Rounds],
    missing: usize,
    trained: &Trained,
    started: Instant,
) -> usize {
    let ends = Ends::of(rounds);
    let Ends { finished, diverged, failed, .. } = ends;
    let planned = plan.runs.len();
    let others =
        if trained.others > 0 { format!(", {} by other processes", trained.others) } else { String::new() };
    say!(
        options.spec.talk,
        "{finished} of {planned} runs finished, {diverged} diverged, {failed} failed, {} missing; {} cached, {} \
         trained{others}; {:.2} s",
        ends.missing(),
        planned - missing,
        trained.ours,
        started.elapsed().as_secs_f64()
    );
    if failed > 0 {
        let command = options.spec.command("run");
        say!(options.spec.talk, "hint: failed runs are kept; `{command} --retry-failed` trains them again");
    }
    finished
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
