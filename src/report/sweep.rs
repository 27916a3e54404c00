//! Which verdicts move if a setting is another: terminal, Markdown, CSV.

use std::path::{Path, PathBuf};

use super::form::{aligned, csv_line, markdown_escape, markdown_table};
use crate::{
    error::{Error, Result},
    files,
    spec::Variant,
    verdict::{Finding, RowVerdict, Verdicts, Word, WordsVerdict},
};

/// The verdicts of one variant; the first of a sweep is the spec itself, which replaces nothing.
#[derive(Debug, Clone)]
pub struct Judged {
    /// The variant.
    pub variant: Variant,
    /// What is said of it.
    pub verdicts: Verdicts,
}

const HEADER: [&str; 9] =
    ["claim", "variant", "mean", "max", "median", "std", "distance", "verdict", "moved"];
const RIGHT: [bool; 9] = [false, false, true, true, true, true, true, false, false];

/// Returns the rows: for every claim each variant, and whether its word is another than the spec's own.
fn lines(judged: &[Judged]) -> Vec<[String; 9]> {
    let Some((base, _)) = judged.split_first() else { return Vec::new() };
    let mut lines = Vec::new();
    for (i, row) in base.verdicts.rows.iter().enumerate() {
        let same = |r: &&RowVerdict| r.row.name == row.row.name;
        for Judged { variant, verdicts } in judged {
            if let Some(found) = verdicts.rows.get(i).filter(same) {
                lines.push(number_line(found, &variant.name, row.word));
            }
        }
    }
    for words in &base.verdicts.words {
        for Judged { variant, verdicts } in judged {
            let found = verdicts.words.iter().find(|found| found.claim.name == words.claim.name);
            lines.extend(found.map(|found| words_line(found, &variant.name, words.word)));
        }
    }
    lines
}

fn moved(word: Word, base: Word) -> String {
    if word == base { String::new() } else { format!("from {}", base.word()) }
}

fn number_line(row: &RowVerdict, variant: &str, base: Word) -> [String; 9] {
    let ours =
        |i: usize| row.cells.get(i).and_then(|c| c.ours).map_or("–".to_owned(), |v| format!("{v:.2}"));
    let distance = distance(row).map_or("–".to_owned(), |z| format!("{z:.2}"));
    let (name, word) = (row.row.name.clone(), row.word.word().to_owned());
    [name, variant.into(), ours(0), ours(1), ours(2), ours(3), distance, word, moved(row.word, base)]
}

fn words_line(words: &WordsVerdict, variant: &str, base: Word) -> [String; 9] {
    let ours = match &words.finding {
        Some(Finding::Ordering(o)) => format!("{:+.2}", o.difference),
        Some(Finding::Limit(l)) => format!("{:.2}", l.largest),
        None => "–".to_owned(),
    };
    let (name, word) = (words.claim.name.clone(), words.word.word().to_owned());
    let none = String::new;
    [name, variant.into(), ours, none(), none(), none(), none(), word, moved(words.word, base)]
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
    "distance: root mean square of the four differences from the paper, in points",
];

/// Returns the sweep for a terminal.
#[must_use]
pub fn text(judged: &[Judged]) -> String {
    format!("Which verdicts move\n{}{}\n", aligned(&HEADER, RIGHT, &lines(judged)), LEGEND.join("\n"))
}

/// Returns the sweep as Markdown.
#[must_use]
pub fn markdown(judged: &[Judged]) -> String {
    let rows: Vec<Vec<String>> = lines(judged).into_iter().map(Vec::from).collect();
    let mut out = format!(
        "## Which verdicts move if an assumption is another?\n\n{}",
        markdown_table(&HEADER, &RIGHT, &rows)
    );
    out += &format!("\n{}\n\n### The variants\n\n", markdown_escape(&LEGEND.join("; ")));
    for Judged { variant, .. } in judged {
        let set = if variant.set.is_empty() { "replaces nothing".to_owned() } else { variant.set.join("; ") };
        out += &format!("- **{}**: {}\n", markdown_escape(&variant.name), markdown_escape(&set));
    }
    out
}

/// Writes `<name>.md` and `<name>.csv` into a report folder; returns each file with whether its bytes are new.
///
/// # Errors
/// Returns an error if the folder is the report of an experiment, or a file cannot be written.
pub fn write(judged: &[Judged], folder: &Path, name: &str) -> Result<Vec<(PathBuf, bool)>> {
    if folder.join(super::page::FILE).exists() {
        return Err(Error::Usage {
            message: format!("{} is the report of an experiment", folder.display()),
            hint: "give the sweep a name that no experiment has".into(),
        });
    }
    let csv = lines(judged)
        .iter()
        .fold(csv_line(&HEADER), |csv, line| csv + &csv_line(&line.each_ref().map(String::as_str)));
    let save = |(end, text): (&str, String)| {
        let path = folder.join(format!("{name}.{end}"));
        let changed = files::write_if_changed(&path, text.as_bytes())?;
        Ok((path, changed))
    };
    [("md", markdown(judged)), ("csv", csv)].into_iter().map(save).collect()
}
