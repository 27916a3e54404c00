//! Verdicts as text: terminal, Markdown, CSV.

mod csv;
mod markdown;

use std::path::{Path, PathBuf};

pub use csv::csv;
pub use markdown::markdown;
pub(super) use markdown::{METHOD, READINGS_NOTE, ledger_note, reading_cells, tests};

use super::{
    form::{aligned, markdown_escape, markdown_table},
    junit::Suite,
};
use crate::{
    error::Result,
    files,
    stats::Interval,
    verdict::{Collapse, Finding, NumberVerdict, RowVerdict, Verdicts, WordsVerdict},
};

/// What the columns of the compact table hold.
const HEADER: [&str; 6] = ["claim", "paper", "ours", "expected", "percentile", "verdict"];
/// Numbers stand right, words left.
const RIGHT: [bool; 6] = [false, true, true, true, true, false];

/// The file that holds what the terminal shows.
pub const TEXT: &str = "verdict.txt";

/// Stands where nothing is claimed.
const NO_CLAIM: &str = "The spec states no number and no claim in words to judge.";

/// Stands where there is no number.
pub(super) const NONE: &str = "–";

/// Shows a number with two decimals.
pub(super) fn show(value: Option<f64>) -> String {
    value.map_or(NONE.to_owned(), |v| format!("{v:.2}"))
}

/// Shows an interval with two decimals.
pub(super) fn range(interval: Option<Interval>) -> String {
    interval.map_or(NONE.to_owned(), |[low, high]| format!("{low:.2} to {high:.2}"))
}

/// Returns the rows of the compact table.
fn lines(verdicts: &Verdicts) -> Vec<[String; 6]> {
    let mut lines = Vec::new();
    for row in &verdicts.rows {
        let empty = String::new;
        lines.push([row.row.name.clone(), empty(), empty(), empty(), empty(), row.word.word().to_owned()]);
        lines.extend(row.cells.iter().map(|cell| cell_line(row, cell)));
    }
    lines.extend(verdicts.words.iter().map(words_line));
    lines
}

fn cell_line(row: &RowVerdict, cell: &NumberVerdict) -> [String; 6] {
    let envelope = cell.envelope.as_ref();
    [
        format!("{}, {}", row.row.name, cell.claim.statistic.word()),
        cell.claim.printed(),
        show(cell.ours),
        range(envelope.map(|e| e.interval)),
        envelope.map_or(NONE.to_owned(), |e| format!("{:.1}", e.percentile)),
        cell.word.word().to_owned(),
    ]
}

fn words_line(words: &WordsVerdict) -> [String; 6] {
    let (ours, expected) = match &words.finding {
        None => (NONE.to_owned(), NONE.to_owned()),
        Some(Finding::Ordering(o)) => (format!("{:+.2}", o.difference), range(Some(o.interval))),
        Some(Finding::Limit(l)) => (format!("{:.2}", l.largest), NONE.to_owned()),
    };
    [words.claim.name.clone(), "in words".into(), ours, expected, NONE.into(), words.word.word().to_owned()]
}

/// Says what the columns of the compact table are.
fn legend(verdicts: &Verdicts) -> [String; 3] {
    let n = verdicts.rule.rounds;
    [
        format!(
            "expected: where {n} rounds like ours fall in at least 95 of 100 cases, though ours may have missed a collapse; for an ordering \
             the interval of ours"
        ),
        format!(
            "percentile: the paper's place among sets of {n} of our rounds, drawn with replacement if we have less than twice as many"
        ),
        "ours: over all our rounds; for an ordering the mean difference by seed, for a limit the largest"
            .to_owned(),
    ]
}

/// Returns the verdicts for a terminal.
#[must_use]
pub fn text(verdicts: &Verdicts) -> String {
    let lines = lines(verdicts);
    let mut out = "Verdicts\n".to_owned();
    if !lines.is_empty() {
        out += &aligned(&HEADER, RIGHT, &lines);
    }
    for collapse in verdicts.collapses.iter().filter(|c| !c.seeds.is_empty() || !c.diverged.is_empty()) {
        out += &format!("collapsed: {}\n", describe_collapse(collapse));
    }
    if lines.is_empty() { out + NO_CLAIM + "\n" } else { out + &legend(verdicts).join("\n") + "\n" }
}

/// Returns the compact table as Markdown, for a job summary or as the beginning of the file.
#[must_use]
pub fn markdown_lines(verdicts: &Verdicts) -> String {
    let rows: Vec<Vec<String>> = lines(verdicts).into_iter().map(Vec::from).collect();
    if rows.is_empty() {
        return NO_CLAIM.to_owned() + "\n";
    }
    format!("{}\n{}\n", markdown_table(&HEADER, &RIGHT, &rows), markdown_escape(&legend(verdicts).join("; ")))
}

/// Says how many rounds of a config collapsed or diverged.
pub(super) fn describe_collapse(c: &Collapse) -> String {
    let seeds = |seeds: &[u64]| seeds.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
    let mut text = format!(
        "{}: {} of {} rounds end below {} % {} {}",
        c.config,
        c.seeds.len(),
        c.rounds,
        c.rule.below,
        c.rule.split.word(),
        c.rule.metric.word()
    );
    if !c.seeds.is_empty() {
        text += &format!(" (seed {})", seeds(&c.seeds));
    }
    if !c.diverged.is_empty() {
        text += &format!(", {} diverged (seed {})", c.diverged.len(), seeds(&c.diverged));
    }
    let [low, high] = c.share.map(|share| 100.0 * share);
    text + &format!("; share {low:.1} to {high:.1} % (Clopper–Pearson, 95 %)")
}

/// Returns the summary of a CI job in Markdown: how many judgements hold, what fails, and the verdicts.
#[must_use]
pub fn summary(experiment: &str, suites: &[Suite], verdicts: Option<&Verdicts>) -> String {
    let mut out = format!("## {}\n\n", markdown_escape(experiment));
    let failing = |suite: &Suite| suite.cases.iter().filter(|c| c.failure.is_some()).count();
    let rows: Vec<Vec<String>> = suites
        .iter()
        .filter(|suite| suite.name != "verdicts")
        .map(|s| vec![s.name.to_owned(), s.cases.len().to_string(), failing(s).to_string()])
        .collect();
    out += &markdown_table(&["judged", "cases", "failing"], &[false, true, true], &rows);
    for suite in suites {
        for case in &suite.cases {
            if let Some(failure) = &case.failure {
                out += &format!("\n- **{}**: {}", markdown_escape(&case.name), markdown_escape(failure));
            }
        }
    }
    match verdicts {
        Some(verdicts) => out + "\n\n" + &markdown_lines(verdicts) + "\n",
        None => out + "\n\n",
    }
}

/// Writes `verdict.md` and `verdict.csv` into a report folder; returns each file with whether its bytes are new.
///
/// # Errors
/// Returns an error if a file cannot be written.
pub fn write(verdicts: &Verdicts, folder: &Path) -> Result<Vec<(PathBuf, bool)>> {
    let forms = [(TEXT, text(verdicts)), ("verdict.md", markdown(verdicts)), ("verdict.csv", csv(verdicts))];
    let save = |(name, text): &(&str, String)| {
        let path = folder.join(name);
        let changed = files::write_if_changed(&path, text.as_bytes())?;
        Ok((path, changed))
    };
    forms.iter().map(save).collect()
}
