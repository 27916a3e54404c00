//! Which verdicts move if a setting is another: terminal, Markdown, CSV.

use super::{
    table::{Cell, Table, csv_line, csv_words, markdown_body, markdown_escape, numbers, words},
    verdict::tables::found,
};
use crate::{
    lines::{Line, Tone},
    plan::Plan,
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
    // What is found of a claim in words stands in the first column of numbers.
    let shown = if shown.is_empty() { vec![Statistic::Mean] } else { shown };
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

/// Returns the sweep for a terminal of `room` columns: each claim with the paper's numbers, then every variant.
#[must_use]
pub fn screen(judged: &[JudgedVariant], room: Option<usize>) -> Vec<Line> {
    let Table { columns, rows, caption, .. } = table(judged);
    let base = judged.first().map(|first| &first.verdicts);
    let mut out: Vec<Vec<Cell>> = Vec::new();
    for (i, row) in rows.iter().enumerate() {
        if i == 0 || rows[i - 1][0] != row[0] {
            out.push(vec![row[0].clone()]);
            let printed = base.iter().flat_map(|base| &base.rows).find(|r| r.row.name == row[0].shown());
            out.extend(printed.map(|found| {
                let number = |name: &str| {
                    let cell = found.cells.iter().find(|cell| cell.claim.statistic.word() == name);
                    cell.map_or(Cell::text(""), |cell| Cell::Number(Some(cell.claim.printed())))
                };
                let numbers = columns.iter().skip(2).map(|column| number(&column.name));
                [Cell::text("  paper")].into_iter().chain(numbers).collect()
            }));
        }
        let mut line = row[1..].to_vec();
        line[0] = Cell::Text(format!("  {}", row[1].shown()));
        // What it moved from stands in the claim's first line.
        if let Some(moved) = line.last_mut().filter(|moved| !moved.shown().is_empty()) {
            *moved = Cell::text("moved");
        }
        out.push(line);
    }
    let table = Table::new(&caption, columns.into_iter().skip(1).collect(), out);
    let mut lines = table.lines(room, &["median", "max", "std"]);
    lines.extend(LEGEND.map(|line| Line::of(Tone::Faint, line)));
    lines
}

/// Returns the variants by which verdicts move, each with how many do, and the number of all verdicts that could.
#[must_use]
pub fn moves(judged: &[JudgedVariant]) -> (Vec<(String, usize)>, usize) {
    let rows = table(judged).rows;
    let own = judged.first().map_or("", |first| first.variant.name.as_str());
    let others: Vec<&Vec<Cell>> = rows.iter().filter(|row| row[1].shown() != own).collect();
    let count = |name: &str| {
        let moved =
            |row: &&&Vec<Cell>| row[1].shown() == name && row.last().is_some_and(|m| !m.shown().is_empty());
        others.iter().filter(moved).count()
    };
    let names = judged.iter().skip(1).map(|judged| judged.variant.name.clone());
    let moves = names.map(|name| (name.clone(), count(&name))).filter(|(_, count)| *count > 0);
    (moves.collect(), others.len())
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

/// Returns the runs of every variant as CSV, each with its key.
#[must_use]
pub fn runs<'a>(plans: impl Iterator<Item = (&'a str, &'a Plan)>) -> String {
    let mut text = csv_line(&["variant", "run", "key"]);
    for (variant, plan) in plans {
        for run in &plan.runs {
            text += &csv_line(&[&csv_words(variant), &csv_words(&plan.name(run)), &run.key.to_string()]);
        }
    }
    text
}
