//! The page of a report: writes it, names it, opens it.

use std::path::PathBuf;

use super::{context::Context, out, stored};
use crate::{
    error::{Error, Result},
    plan::Plan,
    report::{
        self, Material, Written,
        page::{Page, Source},
    },
    verdict,
};

/// Judges the claims and writes verdicts, all tables as one document and the page, if anything that they
/// are made of changed.
pub(super) fn write(context: &Context<'_>, material: &Material<'_>) -> Result<Written> {
    let Material { spec, plan, records, summaries, verdicts, .. } = *material;
    let caveat = report::caveat(spec, plan);
    let stamp = caveat.as_deref();
    let lock = stored::own_lock(context)?.filter(|_| stamp.is_none());
    let lock = lock.map(|lock| verdict::lock_word(&verdict::against_lock(plan, records, &lock)));
    let source = source(context);
    let own = format!("{source:?} {lock:?} {stamp:?}");
    report::write_page(material, &own, &context.folders(), || {
        let folder = folder(context, plan);
        let mut files = Vec::new();
        if let Some(verdicts) = verdicts.as_ref() {
            files.extend(report::verdict::write(verdicts, &folder)?);
        }
        files.extend(report::tex::write(spec, plan, summaries, stamp, &folder)?);
        let (verdicts, lock, source) = (verdicts.as_ref(), lock.as_ref(), &source);
        let page = Page { spec, plan, records, summaries, verdicts, lock, stamp, source };
        files.push(report::page::write(&page, &folder)?);
        Ok(files)
    })
}

/// Returns the text of the spec and what was replaced in it.
fn source(context: &Context<'_>) -> Source {
    let file = context.options.spec.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let (text, overrides) = (context.text.clone(), context.options.overrides.clone());
    Source { file, text, overrides, device: context.options.device.clone() }
}

/// Returns the folder of the report.
pub(super) fn folder(context: &Context<'_>, plan: &Plan) -> PathBuf {
    context.options.reports.join(report::folder_name(&context.spec, plan))
}

/// Prints where the page is.
pub(super) fn tell(context: &Context<'_>, plan: &Plan) {
    out!("page: {}", folder(context, plan).join(report::page::FILE).display());
}

/// Writes the research object again if the report has one: it holds the digest of every file.
pub(super) fn refresh_crate(context: &Context<'_>, plan: &Plan, made: &stored::Made) -> Result<()> {
    let there = folder(context, plan).join(report::research_object::FILE).exists();
    if there { write_crate(context, plan, made) } else { Ok(()) }
}

/// Writes the report's folder as a research object; says whether any byte of it is new.
pub(super) fn write_crate(context: &Context<'_>, plan: &Plan, made: &stored::Made) -> Result<()> {
    let folder = folder(context, plan);
    let frames = context.options.results.join(report::folder_name(&context.spec, plan));
    let caveat = report::caveat(&context.spec, plan);
    let described = report::research_object::Crate {
        name: &context.spec.experiment,
        plan,
        source: &source(context),
        complete: made.summaries.iter().all(|s| s.finished == s.planned),
        stamp: caveat.as_deref(),
    };
    let written = report::research_object::write(&described, &folder, &frames, &made.files)?;
    let changed = written.iter().filter(|(_, changed)| *changed).count();
    out!(
        "research object: {} ({changed} files new or changed)",
        folder.join(report::research_object::FILE).display()
    );
    Ok(())
}

/// Opens the page in the program that the system has for it.
pub(super) fn open(context: &Context<'_>, plan: &Plan) -> Result<()> {
    let path = folder(context, plan).join(report::page::FILE);
    let path = std::path::absolute(&path).unwrap_or(path);
    let (program, arguments): (&str, &[&str]) = match std::env::consts::OS {
        "macos" => ("open", &[]),
        "windows" => ("cmd", &["/C", "start", ""]),
        _ => ("xdg-open", &[]),
    };
    let failed = |reason: String| Error::Usage {
        message: format!("`{program}` cannot open {}: {reason}", path.display()),
        hint: "open the file in a browser yourself; it needs nothing else".into(),
    };
    let status = std::process::Command::new(program).args(arguments).arg(&path).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(failed(status.to_string())),
        Err(error) => Err(failed(error.to_string())),
    }
}
