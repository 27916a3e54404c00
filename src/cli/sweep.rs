//! `replikat sweep`: a spec and its variants, and which verdicts move.

use std::path::PathBuf;

use clap::Args;

use super::{
    context, judge,
    options::{DataOptions, SpecOptions, Status, TalkOptions},
    run,
    talk::{out, say},
};
use crate::{
    device::Device,
    error::{Error, Result},
    files, report,
    report::sweep::JudgedVariant,
    results,
    spec::{ITSELF, MAX_BYTES, Sweep, Variant},
};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// The sweep, a YAML file that names a spec and its variants.
    sweep: PathBuf,
    /// Replace a value of the spec and of every variant, such as `grid.seed.count=30`; may be repeated.
    #[arg(long = "set", value_name = "PATH=VALUE")]
    overrides: Vec<String>,
    /// Runs at once; as many as there are cores if left out, on a GPU as many as fit.
    #[arg(short, long, value_name = "N")]
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

pub(super) fn command(options: &Options) -> Result<Status> {
    let text = files::read_text(&options.sweep, MAX_BYTES)?;
    let sweep = Sweep::parse(&options.sweep.display().to_string(), &text)?;
    let itself = Variant { name: ITSELF.into(), set: Vec::new() };
    let variants = [itself].into_iter().chain(sweep.variants.iter().cloned());
    let all: Vec<_> = variants.map(|variant| (run_options(options, &sweep, &variant), variant)).collect();
    // A mistake in the last variant is found before the first one is trained.
    all.iter().try_for_each(|(options, _)| options.check())?;
    let (mut judged, mut status) = (Vec::new(), Status::Good);
    for (run_options, variant) in &all {
        say!(options.talk, "{}", variant.name);
        let Some(run::Stored { context, plan, records, bad }) = run::train_missing(run_options)? else {
            return Ok(Status::Interrupted);
        };
        let rounds = results::rounds(&plan, &records);
        if bad {
            status = Status::Bad;
            judge::losses(&plan, &rounds);
        }
        let Some(verdicts) = judge::claims(&context, &plan, &rounds) else {
            return Err(Error::Usage {
                message: format!(
                    "there is nothing to compare: the runs are on {}, not on {}",
                    plan.dataset.source.title(),
                    context.spec.data.source.title()
                ),
                hint: context::how_to_get(context.spec.data.source),
            });
        };
        judged.push(JudgedVariant { variant: variant.clone(), verdicts });
    }
    out!("{}", report::sweep::text(&judged).trim_end());
    let folder = options.reports.join(&sweep.name);
    if folder.join(report::page::FILE).exists() {
        return Err(Error::Usage {
            message: format!("{} is the report of an experiment", folder.display()),
            hint: "give the sweep a name that no experiment has".into(),
        });
    }
    for (path, changed) in report::write_files(&folder, &report::sweep::files(&judged, &sweep.name))? {
        say!(
            options.talk,
            "{} {}",
            path.display(),
            if changed { "is new or changed" } else { "is as it was" }
        );
    }
    Ok(status)
}

/// Returns what `run` would be given for a variant.
fn run_options(options: &Options, sweep: &Sweep, variant: &Variant) -> run::Options {
    let spec = options.sweep.with_file_name(&sweep.base);
    let overrides = sweep.set.iter().chain(&variant.set).chain(&options.overrides).cloned().collect();
    let (results, reports) = (options.results.clone(), options.reports.clone());
    let (device, data, talk) = (options.device.clone(), options.data.clone(), options.talk);
    let spec = SpecOptions { spec, overrides, results, reports, device, force: false, data, talk };
    run::Options::of(spec, options.jobs)
}
