//! `index.html`: verdicts, tables, figures and every run on one page that needs nothing else.
//!
//! The page is a function of the spec's text and file name, the stored outcomes and the lock: where, when and on which
//! machine a run was made stays in its record. Nothing is loaded: styles, script, font and figures stand in
//! the page, and its content security policy forbids everything else.

mod background;
mod curves;
mod figures;
mod markup;
mod runs;
mod strip;
mod verdicts;

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::{
    figure::{fonts, palette},
    table,
};
use crate::{
    aggregate::ConfigSummary,
    device::Device,
    error::Result,
    files,
    plan::Plan,
    record::StoredOutcome,
    spec::Spec,
    verdict::{Verdicts, Word},
};
use markup::{joined, made_by, note, section, text};

/// Name of the page in a report's folder.
pub const FILE: &str = "index.html";

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// What the page shows.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// The spec.
    pub spec: &'a Spec,
    /// Its plan.
    pub plan: &'a Plan,
    /// The record of each run of the plan.
    pub records: &'a [Option<StoredOutcome>],
    /// One for each config of the plan.
    pub summaries: &'a [ConfigSummary],
    /// What is said about the paper's claims.
    pub verdicts: Option<&'a Verdicts>,
    /// How the runs agree with the lock, and why, if there is one.
    pub lock: Option<&'a (Word, String)>,
    /// A warning that belongs on everything.
    pub stamp: Option<&'a str>,
    /// Where the spec was read.
    pub source: &'a Source,
}

/// The text of a spec.
#[derive(Debug, Clone)]
pub struct Source {
    /// Name of the file, without its folder.
    pub file: String,
    /// The text.
    pub text: String,
    /// Values that were replaced on the command line, as `path=value`.
    pub overrides: Vec<String>,
    /// The device that was asked for.
    pub device: Device,
}

impl Source {
    /// Returns the command line of `verb` for this spec.
    #[must_use]
    pub fn command(&self, verb: &str) -> String {
        let mut command = format!("replikat {verb} {}", quoted(&self.file));
        for value in &self.overrides {
            command += &format!(" --set {}", quoted(value));
        }
        command + self.device.option()
    }
}

/// Quotes a word for a shell if it needs it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/=:,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// Writes the page into a report's folder, whose figures must be there; says whether its bytes are new.
///
/// # Errors
/// Returns an error if a figure cannot be read or the page cannot be written.
pub fn write(page: &Page<'_>, folder: &Path) -> Result<(PathBuf, bool)> {
    let mut drawn = Vec::new();
    for name in page.spec.figures.keys() {
        drawn.push((name.clone(), files::read_text(&folder.join(format!("{name}.svg")))?));
    }
    let path = folder.join(FILE);
    let changed = files::write_if_changed(&path, html(page, &drawn).as_bytes())?;
    Ok((path, changed))
}

/// Returns the page; `drawn` are the figures, name and SVG.
#[must_use]
pub fn html(page: &Page<'_>, drawn: &[(String, String)]) -> String {
    let command = page.source.command("report");
    let mut sections = vec![
        ("verdict", "Verdict", verdicts::section(page)),
        ("tables", "Tables", tables(page, &command)),
        ("figures", "Figures", figures::section(page, drawn, &command)),
        ("runs", "Runs", runs::section(page)),
    ];
    sections.extend(background::sections(page));
    sections.retain(|(_, _, body)| !body.is_empty());
    let links = joined(&sections, |(id, title, _)| format!("<li><a href=\"#{id}\">{title}</a></li>\n"));
    let body = joined(&sections, |(id, title, body)| section(id, title, body));
    let title = text(&page.spec.experiment);
    let policy = format!(
        "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:; base-uri 'none'; \
         form-action 'none'; script-src 'sha256-{}'",
        fonts::base64(&Sha256::digest(SCRIPT.as_bytes()))
    );
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title} · replikat</title>\n\
         <style>\n{}{}</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#verdict\">Skip to the verdict</a>\n\
         <header>\n<p class=\"brand\">{}</p>\n<h1>{title}</h1>\n{}</header>\n\
         <nav aria-label=\"Sections\">\n<ul>\n{links}</ul>\n\
         <button type=\"button\" id=\"theme\" hidden>Dark</button>\n</nav>\n<main>\n{body}</main>\n\
         <footer>{}</footer>\n<script type=\"application/json\" id=\"curves\">{}</script>\n\
         <script>{SCRIPT}</script>\n</body>\n</html>\n",
        fonts::css(),
        STYLE.replace("/* figures */\n", &palette::css()),
        if page.verdicts.is_some() { "replikat · Did the paper’s numbers come out?" } else { "replikat" },
        lead(page),
        made_by(&[FILE.to_owned()], &command),
        curves::json(page),
    )
}

/// Says in a few lines what came out.
fn lead(page: &Page<'_>) -> String {
    let stamp = super::note(page.plan, page.stamp)
        .map_or(String::new(), |s| format!("<p class=\"stamp\" role=\"note\">{}</p>\n", text(&s)));
    stamp + &verdicts::lead(page) + &note(&runs::counted(page))
}

fn tables(page: &Page<'_>, command: &str) -> String {
    use markup::{Cell, Column, numbers, words};
    let mut out = String::new();
    for (name, spec) in &page.spec.tables {
        let made = table::build(spec, page.plan, page.summaries, page.stamp);
        let columns: [Column; 7] =
            table::HEADER.map(|h| if ["row", "source"].contains(&h) { words(h) } else { numbers(h) });
        let cells = |row: &[String; 7]| {
            let cell = |(i, t): (usize, &String)| {
                if i < 2 { Cell::Text(t.clone()) } else { Cell::Number(t.clone()) }
            };
            row.iter().enumerate().map(cell).collect()
        };
        let rows: Vec<Vec<Cell>> = made.rows.iter().map(cells).collect();
        let caption = if made.caption.is_empty() { name } else { &made.caption };
        out += "<div class=\"card\">\n";
        out += &markup::table(&format!("table-{name}"), caption, &columns, &rows);
        out += &made.stamp.map_or(String::new(), |s| note(&s));
        let files = ["md", "csv", "tex"].map(|end| format!("{name}.{end}"));
        out += &(made_by(&files, command) + "</div>\n");
    }
    out
}
