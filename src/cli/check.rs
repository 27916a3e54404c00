//! `replikat check`: bands and lock as pass or fail.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{
    answer::Answer,
    context::{Context, Records},
    judge, lock_file,
    options::{SpecOptions, Status},
};
use crate::{
    error::{Error, Result},
    files,
    plan::Plan,
    report::{self, junit},
    results::{self, Rounds},
    verdict::{self, Verdicts, Word},
};

#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    spec: SpecOptions,
    /// Write the judgements as JUnit XML.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Append the judgements as Markdown, as for `$GITHUB_STEP_SUMMARY`.
    #[arg(long, value_name = "FILE")]
    summary: Option<PathBuf>,
    /// Fail if a claim of the paper has this verdict or a worse one; without it, verdicts fail nothing.
    #[arg(long, value_enum, value_name = "VERDICT")]
    fail_on: Option<FailOn>,
}

/// The verdicts that a check may fail on, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    NotReplicated,
    Partly,
}

impl FailOn {
    fn fails(self, word: Word) -> bool {
        word == Word::NotReplicated || self == Self::Partly && word == Word::Partly
    }
}

pub(super) fn command(options: &Options) -> Result<Status> {
    let context = Context::new(&options.spec)?;
    // Only runs on the spec's own data set can be judged.
    let (plan, records) = context.own_stored()?;
    let judged = !context.spec.expect.is_empty() || context.spec.claims.is_some();
    if !judged && lock_file::own(&context)?.is_none() {
        let lock = if plan.numerics.is_locked() {
            context.lock_path().display().to_string()
        } else {
            format!("lock of {}", plan.numerics.name())
        };
        return Err(Error::Usage {
            message: format!("there is nothing to judge by: no band and no claim in the spec, no {lock}"),
            hint: format!("add `expect:`, or write the lock with `{}`", options.spec.command("lock")),
        });
    }
    let rounds = results::rounds(&plan, &records);
    let verdicts = judge::claims(&context, &plan, &rounds);
    let answer = Answer::of(&context, &plan, &rounds, verdicts.as_ref()).judged([
        judge::bands(&context, &plan, &rounds),
        judge::lock(&context, &plan, &records, judge::Strictness::Exact)?,
    ]);
    judge::show_verdicts(&context, verdicts.as_ref(), &plan, &records);
    let mut suites = suites(&context, &plan, &records, &rounds, verdicts.as_ref())?;
    let refuted = options.fail_on.map_or(0, |limit| fail(&mut suites, verdicts.as_ref(), limit));
    write(options, &context, &suites, verdicts.as_ref())?;
    let lost = rounds.iter().any(|s| s.unfinished() > 0);
    let bad = lost || refuted > 0 || answer.status() == Status::Bad;
    let page = context.folders().of(&context.spec, &plan).reports.join(report::page::FILE);
    let answer = if refuted > 0 { answer.refuted(refuted) } else { answer };
    let answer = if page.exists() { answer.place("page", &page) } else { answer };
    answer.show(options.spec.talk.quiet);
    Ok(if bad { Status::Bad } else { Status::Good })
}

/// Makes failures of the verdicts that a check is to fail on; returns how many there are.
fn fail(suites: &mut [junit::Suite], verdicts: Option<&Verdicts>, limit: FailOn) -> usize {
    let words: Vec<Word> =
        verdicts.map(Verdicts::list).unwrap_or_default().into_iter().map(|(_, word, _)| word).collect();
    let cases = suites.iter_mut().filter(|suite| suite.name == "verdicts").flat_map(|suite| &mut suite.cases);
    let mut count = 0;
    for (case, _) in cases.zip(words).filter(|(_, word)| limit.fails(*word)) {
        case.failure = Some(case.output.clone());
        count += 1;
    }
    count
}

/// Writes the forms that were asked for.
fn write(
    options: &Options,
    context: &Context<'_>,
    suites: &[junit::Suite],
    verdicts: Option<&Verdicts>,
) -> Result<()> {
    let name = &context.spec.experiment;
    if let Some(path) = &options.junit {
        files::write_to(path, junit::junit(name, suites).as_bytes())?;
    }
    if let Some(path) = &options.summary {
        files::append(path, &report::verdict::summary(name, suites, verdicts))?;
    }
    Ok(())
}

/// Returns everything that was judged: bands, lock and rounds fail a check; verdicts do not, unless that is asked for.
fn suites(
    context: &Context<'_>,
    plan: &Plan,
    records: &Records,
    by_config: &[Rounds],
    verdicts: Option<&Verdicts>,
) -> Result<Vec<junit::Suite>> {
    let case = |name: String, failure: Option<String>| junit::Case { name, failure, output: String::new() };
    let bands = verdict::bands(plan, by_config, &context.spec.expect).into_iter().map(|band| {
        let [low, high] = band.within;
        let found = band.shown();
        let failure = (!band.holds()).then(|| format!("{found}, expected {low} to {high}"));
        junit::Case { output: format!("{found} in [{low}, {high}]"), ..case(band.name, failure) }
    });
    let rounds = by_config.iter().enumerate().map(|(config, s)| {
        let lost = (s.unfinished() > 0).then(|| format!("{} of {} rounds finished", s.finished(), s.planned));
        case(plan.label(config), lost)
    });
    let mut lock = Vec::new();
    if let Some(locked) = lock_file::own(context)? {
        let result = verdict::against_lock(plan, records, &locked);
        lock.extend(judge::differences(&result).into_iter().flat_map(|(kind, names)| {
            names.iter().map(move |name| case(name.clone(), Some(kind.to_owned())))
        }));
        let (word, reason) = verdict::lock_word(&result);
        let output = format!("{}: {reason}", word.word());
        lock.push(junit::Case { output, ..case("our own bits".to_owned(), None) });
    }
    let claims = verdicts.map(Verdicts::list).unwrap_or_default().into_iter().map(|(name, word, reason)| {
        junit::Case { output: format!("{}: {reason}", word.word()), ..case(name, None) }
    });
    Ok(vec![
        junit::Suite { name: "rounds", cases: rounds.collect() },
        junit::Suite { name: "bands", cases: bands.collect() },
        junit::Suite { name: "lock", cases: lock },
        junit::Suite { name: "verdicts", cases: claims.collect() },
    ])
}
