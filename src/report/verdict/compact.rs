//! Every claim in one line, for a terminal and as the beginning of the Markdown.

use super::tables;
use crate::{
    report::table::{markdown_body, markdown_escape, terminal_body},
    verdict::{Collapse, Verdicts},
};

/// The file that holds what the terminal shows.
pub const TEXT: &str = "verdict.txt";

/// Stands where nothing is claimed.
const NO_CLAIM: &str = "The spec states no number and no claim in words to judge.";

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
    let table = tables::compact(verdicts);
    let mut out = format!("{}\n", table.caption);
    if !table.rows.is_empty() {
        out += &terminal_body(&table);
    }
    for collapse in verdicts.collapses.iter().filter(|c| !c.seeds.is_empty() || !c.diverged.is_empty()) {
        out += &format!("collapsed: {}\n", describe_collapse(collapse));
    }
    if table.rows.is_empty() { out + NO_CLAIM + "\n" } else { out + &legend(verdicts).join("\n") + "\n" }
}

/// Returns the compact table as Markdown, for a job summary or as the beginning of the file.
#[must_use]
pub fn markdown_lines(verdicts: &Verdicts) -> String {
    let table = tables::compact(verdicts);
    if table.rows.is_empty() {
        return NO_CLAIM.to_owned() + "\n";
    }
    format!("{}\n{}\n", markdown_body(&table), markdown_escape(&legend(verdicts).join("; ")))
}

/// Says how many rounds of a config collapsed or diverged.
pub(in crate::report) fn describe_collapse(c: &Collapse) -> String {
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
