//! `replikat report`: the tables and figures whose inputs changed, from the store.

use std::{path::Path, process::Stdio};

use clap::Args;

use super::{
    answer::Answer,
    context::{Context, Records},
    judge, limits, lock_file,
    options::{SpecOptions, Status},
    progress::Busy,
    screen::{self, Stream},
    talk::{detail, say, show_all},
};
use crate::{
    error::{Result, reason},
    lines::{Line, some_of},
    plan::Plan,
    report::{self, Report, ReportInputs, Source},
    results::{self, Rounds},
    verdict,
};

#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    spec: SpecOptions,
    /// Also write the folder as a research object (RO-Crate), with spec and frames.
    #[arg(long = "crate")]
    research_object: bool,
    /// Open the page in a browser.
    #[arg(long)]
    open: bool,
}

pub(super) fn command(options: &Options) -> Result<Status> {
    limits::threads()?;
    let context = Context::new(&options.spec)?;
    let (plan, records) = context.stored()?;
    if records.iter().all(Option::is_none) {
        return Err(context.nothing_stored());
    }
    if let Some(caveat) = report::caveat(&plan, report::stand_in(&context.spec, &plan), &[]) {
        say!(options.spec.talk, "note: {caveat}");
    }
    let (report, rounds) = write(&context, &plan, &records, options.research_object)?;
    judge::show_verdicts(&context, report.verdicts.as_ref(), &plan, &records);
    tell_of_files(&context, &plan, &report)?;
    let judged = [
        judge::bands(&context, &plan, &rounds),
        judge::lock(&context, &plan, &records, judge::Strictness::Shared)?,
    ];
    let answer = Answer::of(&context, &plan, &rounds, report.verdicts.as_ref()).judged(judged);
    places(&context, &plan, &report, answer).show(options.spec.talk.quiet);
    if options.open {
        open(&context, &plan);
    }
    Ok(Status::Good)
}

/// Writes the report files that changed, with the metadata of a research object if that is wanted or there already, and
/// prints the tables.
pub(super) fn write(
    context: &Context<'_>,
    plan: &Plan,
    records: &Records,
    research_object: bool,
) -> Result<(Report, Vec<Rounds>)> {
    let rounds = results::rounds(plan, records);
    let judged = report::stand_in(&context.spec, plan).is_none();
    let lock = if judged { lock_file::own(context)? } else { None };
    let lock = lock.map(|lock| verdict::lock_word(&verdict::against_lock(plan, records, &lock)));
    let (spec, lock, source) = (&context.spec, lock.as_ref(), &source(context));
    let inputs = ReportInputs { spec, plan, records, rounds: &rounds, source, lock };
    let writing = Busy::with("writing tables, figures and the page", context.options.talk);
    let report = report::write(&inputs, &context.folders(), research_object)?;
    drop(writing);
    if !context.options.talk.quiet {
        let room = screen::width(Stream::Out);
        for table in &report.tables {
            show_all(table.lines(room, &["median", "max", "std"]).into_iter().chain([Line::default()]));
        }
    }
    Ok((report, rounds))
}

/// Says which files are there, what was made again and why, what was removed, and what figures lack.
pub(super) fn tell_of_files(context: &Context<'_>, plan: &Plan, report: &Report) -> Result<()> {
    let mut rows = context.spec.tables.values().flat_map(|table| &table.rows);
    if context.spec.claims.is_none() && rows.any(|row| row.paper.is_some()) {
        let how = "add `claims: {rounds: N}`, with the paper's rounds";
        say!(context.options.talk, "note: the paper's numbers are not judged; {how}");
    }
    let (folders, talk) = (context.folders().of(&context.spec, plan), context.options.talk);
    let written = report.files.iter().filter(|(_, changed)| *changed).count();
    say!(
        talk,
        "{} report files in {} and {}: {written} written, {} as they were",
        report.files.len(),
        folders.reports.display(),
        folders.results.display(),
        report.files.len() - written
    );
    let mut by_reason: Vec<(&str, Vec<&str>)> = Vec::new();
    for (name, reason) in &report.rebuilt {
        match by_reason.iter_mut().find(|(known, _)| known == reason) {
            Some((_, names)) => names.push(name),
            None => by_reason.push((reason, vec![name])),
        }
    }
    let said: Vec<String> =
        by_reason.iter().map(|(reason, names)| format!("{} ({reason})", names.join(", "))).collect();
    say!(talk, "rebuilt: {}", if said.is_empty() { "nothing".to_owned() } else { said.join("; ") });
    for (path, changed) in &report.files {
        let word = if *changed { "written:  " } else { "as it was:" };
        detail!(talk, "  {word} {}", path.display());
    }
    if !report.removed.is_empty() {
        say!(talk, "removed, since nothing makes them any more: {}", report.removed.join(", "));
    }
    tell_of_letters(context, plan)
}

/// Says which letters of the figures their font lacks.
fn tell_of_letters(context: &Context<'_>, plan: &Plan) -> Result<()> {
    const NAMED: usize = 8;
    if context.spec.figures.is_empty() {
        return Ok(());
    }
    let labels: Vec<String> = (0..plan.configs.len().min(1000)).map(|config| plan.label(config)).collect();
    let titles = context.spec.figures.values().map(|figure| figure.title.as_str());
    let lacking = report::figure::lacking(labels.iter().map(String::as_str).chain(titles))?;
    if !lacking.is_empty() {
        let named: Vec<String> = lacking.iter().map(|c| format!("{c} (U+{:04X})", u32::from(*c))).collect();
        say!(
            context.options.talk,
            "note: the figures' font lacks {}; PNGs show these numbers in their place, SVG and page take the reader's fonts",
            some_of(&named, NAMED)
        );
    }
    Ok(())
}

/// Returns the text of the spec, and the parts of a command line that finds it again.
fn source(context: &Context<'_>) -> Source {
    let options = context.options;
    let other = |folder: &Path, usual: &str| (folder != Path::new(usual)).then(|| shown(folder));
    Source {
        path: shown(&options.spec),
        text: context.text.clone(),
        overrides: options.overrides.clone(),
        results: other(&options.results, "results"),
        reports: other(&options.reports, "reports"),
        device: options.device.clone(),
    }
}

/// Returns a path as the user gave it; as seen from here if it leads below this folder.
fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here).unwrap_or(path).to_string_lossy().into_owned()
}

/// Adds where the page is, and the research object if there is one.
pub(super) fn places(context: &Context<'_>, plan: &Plan, report: &Report, answer: Answer) -> Answer {
    let folder = context.folders().of(&context.spec, plan).reports;
    let answer = answer.place("page", &folder.join(report::page::FILE));
    let metadata = folder.join(report::research_object::FILE);
    let described = report.files.iter().any(|(path, _)| *path == metadata);
    if described { answer.place("research object", &metadata) } else { answer }
}

/// Opens the page in the program that the system has for it; that it cannot is no fault of the report.
pub(super) fn open(context: &Context<'_>, plan: &Plan) {
    let path = context.folders().of(&context.spec, plan).reports.join(report::page::FILE);
    let path = std::path::absolute(&path).unwrap_or(path);
    let (program, arguments): (&str, &[&str]) = match std::env::consts::OS {
        "macos" => ("open", &[]),
        "windows" => ("cmd", &["/C", "start", ""]),
        _ => ("xdg-open", &[]),
    };
    let opened =
        std::process::Command::new(program).args(arguments).arg(&path).stderr(Stdio::null()).status();
    let reason = match opened {
        Ok(status) if status.success() => return,
        Ok(status) => status.to_string(),
        Err(error) => reason(&error),
    };
    say!(
        context.options.talk,
        "note: `{program}` cannot open the page ({reason}); open {} in a browser yourself, it needs nothing else",
        path.display()
    );
}
