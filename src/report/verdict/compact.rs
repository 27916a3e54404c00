//! Every claim in one line, for a terminal and as the beginning of the Markdown.

use super::tables;
use crate::{
    lines::{Line, Tone, seeds},
    report::table::{Cell, Table, markdown_body, markdown_escape, terminal_body},
    spec::Spec,
    verdict::{Collapse, RowVerdict, Verdicts},
};

/// The file that holds every claim in one line.
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

/// Returns the verdicts for a terminal of `room` columns: every claim, the rounds that never learned, and what the columns
/// are.
#[must_use]
pub fn screen(verdicts: &Verdicts, spec: &Spec, room: Option<usize>) -> Vec<Line> {
    let table = by_table(verdicts, spec);
    if table.rows.is_empty() {
        return vec![Line::of(Tone::Strong, table.caption), Line::plain(NO_CLAIM)];
    }
    let mut out = table.lines(room, &["percentile", "expected"]);
    let collapsed = verdicts.collapses.iter().filter(|c| !c.seeds.is_empty());
    out.extend(collapses(&collapsed.collect::<Vec<_>>()));
    out.extend(legend(verdicts).map(|line| Line::of(Tone::Faint, line)));
    out
}

/// Returns the compact table with each row of the paper under the caption of its table and each number under its row.
fn by_table(verdicts: &Verdicts, spec: &Spec) -> Table {
    let mut table = tables::compact(verdicts);
    let mut lines = std::mem::take(&mut table.rows).into_iter();
    let mut rows = Vec::new();
    let heading = |text: &str| vec![Cell::text(text)];
    let mut caption = None;
    for row in &verdicts.rows {
        let RowVerdict { row, cells, .. } = row;
        if caption != Some(&row.table) {
            caption = Some(&row.table);
            rows.push(heading(spec.tables.get(&row.table).map_or(&row.table, |table| &table.caption)));
        }
        let name = row.name.strip_prefix(&format!("{}, ", row.table)).unwrap_or(&row.name);
        let names = cells.iter().map(|cell| format!("    {}", cell.claim.statistic.word()));
        for name in std::iter::once(format!("  {name}")).chain(names) {
            rows.extend(lines.next().map(|mut line| {
                line[0] = Cell::Text(name);
                line
            }));
        }
    }
    if !verdicts.rows.is_empty() && !verdicts.words.is_empty() {
        rows.push(heading("In words"));
    }
    let indent = if verdicts.rows.is_empty() { "" } else { "  " };
    rows.extend(lines.zip(&verdicts.words).map(|(mut line, words)| {
        line[0] = Cell::Text(format!("{indent}{}", words.claim.name));
        line
    }));
    Table { rows, ..table }
}

/// Says which rounds of which configs never learned.
fn collapses(all: &[&Collapse]) -> Vec<Line> {
    const NAMED: usize = 8;
    let Some(Collapse { rule, .. }) = all.first() else { return Vec::new() };
    let head = format!("collapsed: rounds that end below {} % {} ", rule.below, rule.split.word());
    let mut out = vec![Line::plain(head + rule.metric.word())];
    for Collapse { config, seeds: which, rounds, .. } in all.iter().take(NAMED) {
        out.push(Line::plain(format!("  {config}: {} of {rounds} ({})", which.len(), seeds(which))));
    }
    if all.len() > NAMED {
        out.push(Line::plain(format!(
            "  and some of {} more configs; verdict.md names them",
            all.len() - NAMED
        )));
    }
    out
}

/// Returns every claim in one line as plain text.
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
