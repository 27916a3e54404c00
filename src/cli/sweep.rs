//! `replikat sweep`: a spec and its variants, and which verdicts move.

use std::{collections::BTreeSet, path::PathBuf};

use clap::Args;

use super::{
    context::{self, Context, chosen},
    judge,
    options::{DataOptions, SpecOptions, Status, TalkOptions, jobs},
    progress::{Part, Runs},
    screen::{self, Stream},
    spec_file, sweep_faults,
    talk::{out, say, show, show_all, show_one},
    training::{How, Work, work},
};
use crate::{
    device::Device,
    error::{Error, Result},
    lines::{Line, Tone, counted},
    plan::Plan,
    report,
    report::{
        sweep::JudgedVariant,
        table::{Cell, Table, numbers, words},
    },
    results,
    spec::{ITSELF, Sweep, Variant},
};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// The sweep, a YAML file that names a spec and its variants.
    sweep: PathBuf,
    /// Replace a value of the spec and of every variant, such as `grid.seed.count=30`; may be repeated.
    #[arg(long = "set", value_name = "PATH=VALUE")]
    overrides: Vec<String>,
    /// Say how many runs each variant has and how many are stored; train nothing.
    #[arg(long)]
    dry_run: bool,
    /// Runs at once; as many as there are cores if left out, on a GPU as many as fit.
    #[arg(short, long, value_name = "N", value_parser = jobs)]
    jobs: Option<std::num::NonZeroUsize>,
    /// Where runs are trained, as for `replikat run`.
    #[arg(long, value_name = "DEVICE", default_value = "cpu")]
    device: Device,
    /// Folder of the store.
    #[arg(long, value_name = "DIR", default_value = "results")]
    results: PathBuf,
    /// Folder of the report.
    #[arg(long, value_name = "DIR", default_value = "reports")]
    reports: PathBuf,
    #[command(flatten)]
    data: DataOptions,
    #[command(flatten)]
    talk: TalkOptions,
}

/// What a variant has to train.
struct Planned {
    name: String,
    plan: Plan,
    missing: usize,
    part: Part,
}

pub(super) fn command(options: &Options) -> Result<Status> {
    let text = spec_file::read(&options.sweep)?;
    let name = options.sweep.display().to_string();
    let sweep = Sweep::parse(&name, &text)?;
    let file = sweep_faults::File { name, text: &text, sweep: &sweep };
    let base =
        spec_file::read(&options.sweep.with_file_name(&sweep.base)).map_err(|error| file.base(error))?;
    if Sweep::is_one(&base) {
        let (message, hint) = (format!("`{}` is a sweep", sweep.base), "name a spec".to_owned());
        return Err(file.base(Error::Usage { message, hint }));
    }
    let itself = Variant { name: ITSELF.into(), set: Vec::new() };
    let variants: Vec<Variant> = [itself].into_iter().chain(sweep.variants.iter().cloned()).collect();
    let specs: Vec<SpecOptions> =
        variants.iter().map(|variant| spec_options(options, &sweep, variant)).collect();
    // A mistake in the last variant is found before the first one is trained.
    let read = |(index, options): (usize, _)| {
        read(options).map_err(|error| file.variant(index.checked_sub(1), error))
    };
    let contexts: Vec<Context<'_>> = specs.iter().enumerate().map(read).collect::<Result<_>>()?;
    tell_of_same(options, &contexts, &variants);
    let planned = planned(&contexts, &variants)?;
    let sum = |of: fn(&Planned) -> usize| planned.iter().map(of).sum::<usize>();
    let (runs, missing) = (sum(|p| p.plan.runs.len()), sum(|p| p.missing));
    let whole = format!(
        "{}: {} and the spec itself, {}, {} stored, {missing} to train",
        sweep.name,
        counted(sweep.variants.len(), "variant"),
        counted(runs, "run"),
        runs - missing
    );
    if options.dry_run {
        if !options.talk.quiet {
            show_all(grid(&planned).lines(screen::width(Stream::Out), &[]));
        }
        out!("{whole}");
        return Ok(Status::Good);
    }
    say!(options.talk, "{whole}");
    comparable(&contexts, &planned)?;
    note_runs(options, &sweep, &planned)?;
    let progress = Runs::new(planned.into_iter().map(|p| p.part).collect(), options.talk);
    let trained = judged(options, &contexts, variants, &progress);
    progress.finish();
    let Some((judged, status)) = trained? else { return Ok(Status::Interrupted) };
    finish(options, &sweep, &judged)?;
    Ok(status)
}

/// Names variants that are the spec itself, or another variant once again.
fn tell_of_same(options: &Options, contexts: &[Context<'_>], variants: &[Variant]) {
    for (i, (context, variant)) in contexts.iter().zip(variants).enumerate() {
        let Some(same) = contexts[..i].iter().position(|other| other.spec == context.spec) else { continue };
        let what = if same == 0 {
            format!("changes nothing: {} is in the spec already", variant.set.join(", "))
        } else {
            format!("is the same as the variant `{}`", variants[same].name)
        };
        say!(options.talk, "note: the variant `{}` {what}", variant.name);
    }
}

/// Reads the spec of a variant, which must make claims.
fn read(options: &SpecOptions) -> Result<Context<'_>> {
    let context = Context::new(options)?;
    if context.spec.claims.is_none() {
        return Err(Error::Usage {
            message: format!("{} makes no claims whose verdicts could move", options.spec.display()),
            hint: "add `claims:` to it".into(),
        });
    }
    Ok(context)
}

/// Looks up what is stored of each variant; a run that several variants have is trained once.
fn planned(contexts: &[Context<'_>], variants: &[Variant]) -> Result<Vec<Planned>> {
    let (mut keys, mut all) = (BTreeSet::new(), Vec::new());
    for (i, (context, variant)) in contexts.iter().zip(variants).enumerate() {
        let plan = context.plan();
        let records = context.records(&plan)?;
        let runs = plan.runs.iter().enumerate();
        let missing: Vec<usize> =
            runs.filter(|(i, run)| records[*i].is_none() && keys.insert(run.key)).map(|(i, _)| i).collect();
        let place = if i == 0 { String::new() } else { format!("variant {i} of {}, ", variants.len() - 1) };
        let part = Part::of(format!("{place}{}: ", variant.name), &plan, &missing);
        all.push(Planned { name: variant.name.clone(), missing: missing.len(), plan, part });
    }
    Ok(all)
}

/// Returns the variants with their runs.
fn grid(planned: &[Planned]) -> Table {
    let columns = vec![words("variant"), numbers("runs"), numbers("stored"), numbers("to train")];
    let row = |p: &Planned| {
        let runs = p.plan.runs.len();
        let counts = [runs, runs - p.missing, p.missing].map(Cell::count);
        [Cell::text(&p.name)].into_iter().chain(counts).collect()
    };
    Table::new("", columns, planned.iter().map(row).collect())
}

/// Makes sure before anything is trained that the paper's data is there: nothing could be compared without it.
fn comparable(contexts: &[Context<'_>], planned: &[Planned]) -> Result<()> {
    let Some((context, _)) = contexts.iter().zip(planned).find(|(_, p)| p.missing > 0) else { return Ok(()) };
    let source = context.spec.data.source;
    match (context.find_files(source), context.spec.data.fallback()) {
        (Err(_), Some(other)) if chosen(&context.options.data).is_none() => Err(Error::Usage {
            message: format!(
                "there is nothing to compare: the runs would be on {}, not on {}",
                other.title(),
                source.title()
            ),
            hint: context::how_to_get(source),
        }),
        (found, _) => found.map(drop),
    }
}

/// Trains what is missing of each variant and judges it; returns whether something is bad as well, or `None` if it was stopped.
fn judged(
    options: &Options,
    contexts: &[Context<'_>],
    variants: Vec<Variant>,
    progress: &Runs,
) -> Result<Option<(Vec<JudgedVariant>, Status)>> {
    let (mut all, mut status, mut held) = (Vec::new(), Status::Good, Vec::new());
    let how = How { jobs: options.jobs, ..How::default() };
    for (i, (context, variant)) in contexts.iter().zip(variants).enumerate() {
        progress.begin(i);
        let Work { plan, mut records, trained, in_use, .. } = work(context, &how, Some(progress))?;
        held.extend(in_use);
        if trained.ended.is_some() {
            say!(options.talk, "interrupted; run the command again to go on");
            return Ok(None);
        }
        context.fill(&plan, &mut records)?;
        let rounds = results::rounds(&plan, &records);
        if trained.alarm || rounds.iter().any(|r| r.unfinished() > 0) {
            status = Status::Bad;
            for line in judge::losses(&plan, &records) {
                say!(options.talk, "{}, {}", variant.name, line.text());
            }
        }
        let Some(verdicts) = judge::claims(context, &plan, &rounds) else {
            return Err(Error::Usage {
                message: format!(
                    "there is nothing to compare: the runs are on {}, not on {}",
                    plan.dataset.source.title(),
                    context.spec.data.source.title()
                ),
                hint: context::how_to_get(context.spec.data.source),
            });
        };
        all.push(JudgedVariant { variant, verdicts });
    }
    Ok(Some((all, status)))
}

/// Writes what was found, and says it.
fn finish(options: &Options, sweep: &Sweep, judged: &[JudgedVariant]) -> Result<()> {
    let folder = options.reports.join(&sweep.name);
    let written = report::write_files(&folder, &report::sweep::files(judged, &sweep.name))?;
    let answer = answer(judged);
    let Some((page, _)) = written.first() else { return Ok(()) };
    if options.talk.quiet {
        let line = Line::plain(format!("{}: ", sweep.name));
        show_one(Line([line.0, answer.0].concat()).and(Tone::Plain, format!("; {}", page.display())));
        return Ok(());
    }
    show_all(report::sweep::screen(judged, screen::width(Stream::Out)));
    for (path, changed) in &written {
        say!(options.talk, "{} {}", path.display(), if *changed { "was written" } else { "is as it was" });
    }
    show(Line::default());
    show(answer.and(Tone::Plain, "."));
    out!("report: {}", page.display());
    Ok(())
}

/// Says in one sentence which verdicts move.
fn answer(judged: &[JudgedVariant]) -> Line {
    const NAMED: usize = 8;
    let (mut moves, all) = report::sweep::moves(judged);
    let moved: usize = moves.iter().map(|(_, count)| count).sum();
    if moved == 0 {
        return Line::plain(format!("None of {all} verdicts moves"));
    }
    moves.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let named = moves.iter().take(NAMED).map(|(name, count)| format!("{name} ({count})"));
    let more = moves.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more variants") } else { String::new() };
    let verb = if moved == 1 { "moves" } else { "move" };
    Line::of(Tone::Strong, format!("{moved} of {all} verdicts {verb}"))
        .and(Tone::Plain, format!(": {}{more}", named.collect::<Vec<_>>().join(", ")))
}

/// Notes which runs the variants are made of, so that `store gc` keeps them, whatever was replaced.
fn note_runs(options: &Options, sweep: &Sweep, planned: &[Planned]) -> Result<()> {
    let (results, reports) = (options.results.join(&sweep.name), options.reports.join(&sweep.name));
    if reports.join(report::page::FILE).exists() || results.join(report::FILE).exists() {
        return Err(Error::Usage {
            message: format!("{} is the report of an experiment", reports.display()),
            hint: "give the sweep a name that no experiment has".into(),
        });
    }
    let text = report::sweep::runs(planned.iter().map(|p| (p.name.as_str(), &p.plan)));
    report::write_files(&results, &[(report::RUNS.to_owned(), text.into_bytes())])?;
    Ok(())
}

/// Returns what `run` would be given for a variant.
fn spec_options(options: &Options, sweep: &Sweep, variant: &Variant) -> SpecOptions {
    let spec = options.sweep.with_file_name(&sweep.base);
    let overrides = sweep.set.iter().chain(&variant.set).chain(&options.overrides).cloned().collect();
    let (results, reports) = (options.results.clone(), options.reports.clone());
    let (device, data, talk) = (options.device.clone(), options.data.clone(), options.talk);
    SpecOptions { spec, overrides, results, reports, device, force: false, all_faults: false, data, talk }
}
