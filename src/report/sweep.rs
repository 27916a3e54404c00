//! Which verdicts move if a setting is another: terminal, Markdown, CSV.

use super::{
    table::{Cell, Table, markdown_body, markdown_escape, numbers, terminal_body, words},
    verdict::tables::found,
};
use crate::{
    spec::{Statistic, Variant},
    verdict::{RowVerdict, Verdicts, Word, printed},
};

/// The verdicts of one variant; the first of a sweep is the spec itself, which replaces nothing.
#[derive(Debug, Clone)]
pub struct JudgedVariant {
    /// The variant.
    pub variant: Variant,
    /// What is said of it.
    pub verdicts: Verdicts,
}

/// Returns for every claim each variant, and whether its word is another than the spec's own.
fn table(judged: &[JudgedVariant]) -> Table {
    let base = judged.first().map(|first| &first.verdicts);
    let shown = printed(base.iter().flat_map(|base| &base.rows));
    let mut columns = vec![words("claim"), words("variant")];
    columns.extend(shown.iter().map(|s| numbers(s.word())));
    columns.extend([numbers("distance"), words("verdict"), words("moved")]);
    let mut rows = Vec::new();
    for (i, row) in base.iter().flat_map(|base| base.rows.iter().enumerate()) {
        let same = |r: &&RowVerdict| r.row.name == row.row.name;
        for JudgedVariant { variant, verdicts } in judged {
            if let Some(found) = verdicts.rows.get(i).filter(same) {
                let ours = |s: &Statistic| Cell::number(found.cell(*s).and_then(|c| c.ours), 2);
                let numbers = shown.iter().map(ours).chain([Cell::number(distance(found), 2)]).collect();
                rows.push(line(&found.row.name, variant, numbers, found.word, row.word));
            }
        }
    }
    for words in base.iter().flat_map(|base| &base.words) {
        for JudgedVariant { variant, verdicts } in judged {
            if let Some(claim) = verdicts.words.iter().find(|w| w.claim.name == words.claim.name) {
                let [ours, _] = found(claim.finding.as_ref());
                let mut numbers = vec![Cell::text(""); shown.len() + 1];
                numbers[0] = ours;
                rows.push(line(&claim.claim.name, variant, numbers, claim.word, words.word));
            }
        }
    }
    Table::new("Which verdicts move", columns, rows)
}

fn line(name: &str, variant: &Variant, numbers: Vec<Cell>, word: Word, base: Word) -> Vec<Cell> {
    let moved = if word == base { String::new() } else { format!("from {}", base.word()) };
    let names = [Cell::text(name), Cell::text(&variant.name)];
    names.into_iter().chain(numbers).chain([Cell::Verdict(word), Cell::Text(moved)]).collect()
}

/// Returns how far a row's numbers lie from the paper's: the root mean square of their differences, in points.
fn distance(row: &RowVerdict) -> Option<f64> {
    let squares: Option<Vec<f64>> = row
        .cells
        .iter()
        .map(|c| c.ours.map(|ours| (c.claim.value - ours) * (c.claim.value - ours)))
        .collect();
    Some(crate::stats::mean(&squares?).sqrt()).filter(|d| d.is_finite())
}

const LEGEND: [&str; 2] = [
    "mean, max, median, std: ours, in each table's first reading; for an ordering the mean difference by seed, for a limit \
     the largest",
    "distance: root mean square of the differences from the paper, in points",
];

/// Returns the sweep for a terminal.
#[must_use]
pub fn text(judged: &[JudgedVariant]) -> String {
    let table = table(judged);
    format!("{}\n{}{}\n", table.caption, terminal_body(&table), LEGEND.join("\n"))
}

/// Returns the sweep as Markdown.
#[must_use]
pub fn markdown(judged: &[JudgedVariant]) -> String {
    let mut out =
        format!("## Which verdicts move if an assumption is another?\n\n{}", markdown_body(&table(judged)));
    out += &format!("\n{}\n\n### The variants\n\n", markdown_escape(&LEGEND.join("; ")));
    for JudgedVariant { variant, .. } in judged {
        let set = if variant.set.is_empty() { "replaces nothing".to_owned() } else { variant.set.join("; ") };
        out += &format!("- **{}**: {}\n", markdown_escape(&variant.name), markdown_escape(&set));
    }
    out
}

/// Returns `<name>.md` and `<name>.csv`: names and contents.
#[must_use]
pub fn files(judged: &[JudgedVariant], name: &str) -> Vec<(String, Vec<u8>)> {
    let csv = table(judged).csv().into_bytes();
    vec![(format!("{name}.md"), markdown(judged).into_bytes()), (format!("{name}.csv"), csv)]
}
