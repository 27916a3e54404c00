//! Outcomes → tables (Markdown, CSV, LaTeX), figures (SVG, PNG), frames (CSV, Parquet), verdicts and a page on disk.
//!
//! Every byte is a function of the plan's configs and the stored outcomes: no time, no host, no name of the experiment enters
//! a file; only the page has that name, with the spec's text. An output whose inputs are what they were is not made again;
//! see [`build`].

mod build;
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

pub use build::{FILE, write_files};
pub use inputs::{
    Folders, Owner, ReportInputs, Source, StandIn, caveat, command_line, folder_name, quoted, stand_in,
};

use crate::{
    digest::Digest,
    error::Result,
    parallel,
    verdict::{Verdicts, judge},
};
use build::{Build, Files};
use outputs::{Frame, Output};
use ranking::Ranking;
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
    let mut work = Work { inputs, configs, build: Build::begin(folders, spec)?, verdicts: None };
    let judged = spec.claims.is_some() && inputs.stand_in().is_none();
    work.stage(&judged.then_some(Output::Judgement).into_iter().collect::<Vec<_>>())?;
    let tables = spec.tables.iter().map(|(name, table)| Output::Table(name, table));
    let figures = spec.figures.iter().map(|(name, figure)| Output::Figure(name, figure));
    let latex = (!spec.tables.is_empty()).then_some(Output::Latex);
    let verdict = judged.then_some(Output::Verdict);
    let ranking = spec.claims_nothing().then_some(Output::Ranking);
    let outputs = tables.chain(figures).chain(Frame::ALL.map(Output::Frame)).chain(latex).chain(verdict);
    let outputs = outputs.chain(ranking);
    work.stage(&outputs.collect::<Vec<_>>())?;
    work.stage(&[Output::Page])?;
    if described {
        work.stage(&[Output::ResearchObject])?;
    }
    if judged && work.verdicts.is_none() {
        work.verdicts = judge(spec, plan, rounds, outputs::judged_rows(&work.build)?);
    }
    let Work { build, verdicts, .. } = work;
    let removed = build.finish()?;
    let own = |(name, table): (&String, _)| {
        table::build(table, plan, rounds, inputs.stand_in()).first(SHOWN, &format!("{name}.csv"))
    };
    let ranked = spec.claims_nothing().then(|| Ranking::of(inputs).table(inputs).first(SHOWN, "ranking.csv"));
    let tables = spec.tables.iter().map(own).chain(ranked.filter(|table| table.rows.len() > 1));
    Ok(Report {
        tables: tables.collect(),
        verdicts: verdicts.filter(|_| judged),
        files: build.files,
        rebuilt: build.rebuilt,
        removed,
    })
}

/// A report that is being written.
struct Work<'a> {
    inputs: &'a ReportInputs<'a>,
    configs: Vec<Digest>,
    build: Build,
    /// Set as soon as an output needs it.
    verdicts: Option<Verdicts>,
}

impl Work<'_> {
    /// Brings outputs up to date that are made of those of earlier stages.
    fn stage(&mut self, outputs: &[Output<'_>]) -> Result<()> {
        let inputs: Vec<_> =
            outputs.iter().map(|o| o.inputs(self.inputs, &self.configs, &self.build)).collect();
        let reason = |(o, inputs): (&Output<'_>, _)| self.build.reason(&o.name(), o.folder(), inputs);
        let reasons: Vec<Option<String>> = outputs.iter().zip(&inputs).map(reason).collect();
        let changed = outputs.iter().zip(&reasons).filter(|(_, reason)| reason.is_some());
        let changed: Vec<Output<'_>> = changed.map(|(output, _)| *output).collect();
        self.judge(&changed)?;
        let (of, verdicts, build) = (self.inputs, self.verdicts.as_ref(), &self.build);
        let made: Vec<Result<Files>> =
            parallel::map_all(changed.len(), |i| changed[i].make(of, verdicts, build));
        let mut made = made.into_iter();
        for ((output, inputs), reason) in outputs.iter().zip(inputs).zip(reasons) {
            match (reason, output.name()) {
                (None, name) => self.build.keep(&name),
                (Some(reason), name) => {
                    let files = made.next().unwrap_or_else(|| Ok(Files::new()))?;
                    self.build.write(name, output.folder(), inputs, files, reason)?;
                }
            }
        }
        Ok(())
    }

    /// Judges the claims if one of the outputs needs it, with the rows that an earlier call kept; before the outputs are made, whose
    /// threads would wait for each other's loops inside.
    fn judge(&mut self, outputs: &[Output<'_>]) -> Result<()> {
        let new = outputs.iter().any(|output| matches!(output, Output::Judgement));
        let shown = outputs.iter().any(|output| output.is_judged()) && self.inputs.stand_in().is_none();
        if self.verdicts.is_none() && (new || shown) {
            let known = if new { None } else { outputs::judged_rows(&self.build)? };
            self.verdicts = judge(self.inputs.spec, self.inputs.plan, self.inputs.rounds, known);
        }
        Ok(())
    }
}
