//! `replikat lock`: writes what everyone should get.

use clap::Args;

use super::{
    context::Context,
    lock_file,
    options::{SpecOptions, Status},
    talk::out,
};
use crate::{
    error::{Error, Result},
    files,
    lines::{self, counted},
    record::StoredOutcome,
    verdict::{self, Lock, LockChange},
};

#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    spec: SpecOptions,
}

pub(super) fn command(options: &Options) -> Result<Status> {
    let numerics = options.spec.numerics();
    if !numerics.is_locked() {
        return Err(Error::Usage {
            message: format!(
                "a lock holds bits that everyone gets, and those of {} differ by device",
                numerics.name()
            ),
            hint: "leave `--device` out to lock the runs of the CPU; `check` judges these by the bands"
                .into(),
        });
    }
    let context = Context::new(&options.spec)?;
    let (plan, records) = context.own_stored()?;
    let stored = records.iter().flatten().count();
    if stored < plan.runs.len() {
        return Err(Error::Usage {
            message: format!("only {stored} of {} runs are stored; a lock has all of them", plan.runs.len()),
            hint: format!("train the rest with `{}`", options.spec.command("run")),
        });
    }
    let failed =
        |(_, record): &(_, &Option<StoredOutcome>)| record.as_ref().is_some_and(|r| r.outcome.failed());
    if let Some((run, _)) = plan.runs.iter().zip(&records).find(failed) {
        return Err(Error::Usage {
            message: format!("the run {} failed; a lock holds outcomes", plan.name(run)),
            hint: format!("train it again with `{} --retry-failed`", options.spec.command("run")),
        });
    }
    write(options, &context, &verdict::lock(&plan, &records), plan.runs.len())
}

/// Writes the lock, unless digests of the one that is there would be changed or dropped without `--force`.
fn write(options: &Options, context: &Context<'_>, lock: &Lock, planned: usize) -> Result<Status> {
    let path = context.lock_path();
    let text = serde_json::to_string_pretty(lock).unwrap_or_default() + "\n";
    let old = match lock_file::read(context) {
        Err(Error::Damaged { .. } | Error::Format { .. }) if options.spec.force => None,
        read => read?,
    };
    let LockChange { added, changed, dropped } = lock.change(&old.clone().unwrap_or_else(Lock::empty));
    if !options.spec.force && changed.len() + dropped.len() > 0 {
        return Err(Error::Usage {
            message: format!(
                "{} was left as it is: of its {} {}",
                path.display(),
                counted(old.map_or(0, |old| old.runs.len()), "run"),
                losses(&[(&changed, "would get other digests"), (&dropped, "would be dropped")])
            ),
            hint: format!(
                "see what differs with `{}`; `{} --force` writes the lock all the same",
                options.spec.command("check"),
                options.spec.command("lock")
            ),
        });
    }
    let new = old.as_ref() != Some(lock);
    if new {
        if path.is_symlink() {
            return Err(Error::Usage {
                message: format!("{} is a link, which is neither followed nor replaced", path.display()),
                hint: "put the file itself there, or remove the link".into(),
            });
        }
        files::write_atomic(&path, text.as_bytes())?;
    }
    let named = planned - lock.runs.len();
    let twice = match named {
        0 => String::new(),
        1 => " (1 more is the same under another name)".to_owned(),
        _ => format!(" ({named} more are the same under another name)"),
    };
    let state = match old {
        _ if !new => "unchanged".to_owned(),
        None => "written".to_owned(),
        Some(_) => {
            format!("written: {} added, {} changed, {} dropped", added.len(), changed.len(), dropped.len())
        }
    };
    out!("{}: {}{twice}, {state}", path.display(), counted(lock.runs.len(), "run"));
    Ok(Status::Good)
}

/// Configs whose runs are named, up to this many.
const NAMED: usize = 5;

/// Counts and names the runs that lose their digest, leaving out what befalls none.
fn losses(all: &[(&[String], &str)]) -> String {
    let there = all.iter().filter(|(names, _)| !names.is_empty());
    let said = there.map(|(names, what)| format!("{} {what} ({})", names.len(), lines::runs(names, NAMED)));
    said.collect::<Vec<_>>().join(" and ")
}
