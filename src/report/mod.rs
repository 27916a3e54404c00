//! Outcomes → tables (Markdown, CSV, LaTeX), figures (SVG, PNG), frames (CSV, Parquet), verdicts and a page on disk.
//!
//! Every byte is a function of the plan's configs and the stored outcomes: no time, no host, no name of the experiment enters
//! a file; only the page has that name, with the spec's text. An output whose inputs are what they were is not made again;
//! see [`build`].

mod build;
mod experiments;
pub mod figure;
mod inputs;
pub mod junit;
mod links;
mod outputs;
pub mod page;
mod ranking;
pub mod research_object;
pub mod sweep;
pub mod table;
pub mod tex;
pub mod verdict;

use std::path::PathBuf;

/// Name of the list of runs that outputs are made of, in the folder of their results.
pub const RUNS: &str = "runs.csv";

pub use build::{FILE, write_files};
pub use experiments::{Experiment, experiments, runs_of};
pub use inputs::{
    Folders, Owner, ReportInputs, Source, StandIn, caveat, command_line, folder_name, quoted, stand_in,
};

use crate::{
    digest::Digest,
    error::Result,
    parallel,
    plan::Plan,
    spec::Spec,
    verdict::{Verdicts, judge},
};
use build::{Build, Files};
use outputs::{Found, Frame, Output};
use ranking::{RANKING, Ranking};
use table::Table;

/// Rows of a table that a terminal shows.
const SHOWN: usize = 40;

/// What was written.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// The tables, for the terminal.
    pub tables: Vec<Table>,
    /// The verdicts, if the spec makes claims and the runs can be judged.
    pub verdicts: Option<Verdicts>,
    /// Every file, with whether its bytes are new.
    pub files: Vec<(PathBuf, bool)>,
    /// What was made again, such as `figure fig3`, with the reason.
    pub rebuilt: Vec<(String, String)>,
    /// Files that nothing makes any more; they were removed.
    pub removed: Vec<String>,
}

/// Writes every output of the spec whose inputs changed, and with `research_object`, or if the report has one already, the
/// metadata that makes its folder a research object. A file whose bytes stay the same is left alone.
///
/// # Errors
/// Returns an error if a file cannot be written.
pub fn write(inputs: &ReportInputs<'_>, folders: &Folders, research_object: bool) -> Result<Report> {
    let ReportInputs { spec, plan, rounds, .. } = *inputs;
    let folders = folders.of(spec, plan);
    let described = research_object || folders.reports.join(research_object::FILE).exists();
    let configs = outputs::config_digests(plan, inputs.records);
    let build = Build::begin(folders, spec, &inputs.source.text)?;
    // Judged at every call: what an earlier one kept could be another's, and it takes less time than the frames.
    let verdicts = if inputs.stand_in().is_none() { judge(spec, plan, rounds) } else { None };
    let found = Found { verdicts, ranking: Ranking::of(inputs) };
    let tables = spec.tables.iter().map(|(name, table)| Output::Table(name, table));
    let figures = spec.figures.iter().map(|(name, figure)| Output::Figure(name, figure));
    let latex = (!spec.tables.is_empty()).then_some(Output::Latex);
    let verdict = found.verdicts.as_ref().map(|_| Output::Verdict);
    let ranking = found.ranking.as_ref().map(|_| Output::Ranking);
    let mut work = Work { inputs, configs, build, found };
    let outputs = tables.chain(figures).chain(Frame::ALL.map(Output::Frame)).chain(latex).chain(verdict);
    let outputs = outputs.chain(ranking);
    work.stage(&outputs.collect::<Vec<_>>())?;
    work.stage(&[Output::Page])?;
    if described {
        work.stage(&[Output::ResearchObject])?;
    }
    let Work { build, found: Found { verdicts, ranking }, .. } = work;
    let removed = build.finish()?;
    let own = |(name, table): (&String, _)| {
        table::build(table, plan, rounds, inputs.stand_in()).first(SHOWN, &format!("{name}.csv"))
    };
    let ranked = ranking.map(|all| all.table(inputs, false).first(SHOWN, &format!("{RANKING}.csv")));
    let tables = spec.tables.iter().map(own).chain(ranked.filter(|table| table.rows.len() > 1));
    Ok(Report { tables: tables.collect(), verdicts, files: build.files, rebuilt: build.rebuilt, removed })
}

/// Makes sure that the outputs in the folders, if there are any, belong to this spec: before anything is trained for them.
///
/// # Errors
/// Returns an error if they belong to another spec's file.
pub fn is_owner(spec: &Spec, plan: &Plan, text: &str, folders: &Folders) -> Result<()> {
    let folders = folders.of(spec, plan);
    // What is not there is not made for this.
    if folders.results.is_dir() || folders.reports.is_dir() {
        Build::begin(folders, spec, text).map(drop)
    } else {
        Ok(())
    }
}

/// A report that is being written.
struct Work<'a> {
    inputs: &'a ReportInputs<'a>,
    configs: Vec<Digest>,
    build: Build,
    found: Found,
}

impl Work<'_> {
    /// Brings outputs up to date that are made of those of earlier stages.
    fn stage(&mut self, outputs: &[Output<'_>]) -> Result<()> {
        let inputs: Vec<_> =
            outputs.iter().map(|o| o.inputs(self.inputs, &self.configs, &self.build)).collect();
        let reason = |(o, inputs): (&Output<'_>, _)| self.build.reason(&o.name(), o.folder(), inputs);
        let reasons: Vec<Option<String>> = outputs.iter().zip(&inputs).map(reason).collect();
        let needed = |(o, reason): &(&Output<'_>, &Option<String>)| reason.is_some() || o.is_made_always();
        let changed: Vec<Output<'_>> = outputs.iter().zip(&reasons).filter(needed).map(|(o, _)| *o).collect();
        let (of, found, build) = (self.inputs, &self.found, &self.build);
        let made: Vec<Result<Files>> =
            parallel::map_all(changed.len(), |i| changed[i].make(of, found, build));
        let mut made = made.into_iter();
        for ((output, inputs), reason) in outputs.iter().zip(inputs).zip(reasons) {
            let (name, mut reason) = (output.name(), reason);
            if reason.is_none() && !output.is_made_always() {
                self.build.keep(&name);
                continue;
            }
            let files = made.next().unwrap_or_else(|| Ok(Files::new()))?;
            if reason.is_none() && !self.build.holds(&name, &files) {
                reason = Some("file changed".to_owned());
            }
            match reason {
                Some(reason) => self.build.write(name, output.folder(), inputs, files, reason)?,
                None => self.build.keep(&name),
            }
        }
        Ok(())
    }
}
