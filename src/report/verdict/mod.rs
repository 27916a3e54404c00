//! Verdicts as text: terminal, Markdown, CSV.

mod answer;
mod compact;
mod csv;
mod markdown;
pub(super) mod tables;

pub(super) use answer::{NO_CLAIMS, answer};
pub(super) use compact::describe_collapse;
pub use compact::{TEXT, markdown_lines, screen, text};
pub use csv::csv;
pub use markdown::markdown;
pub(super) use markdown::{METHOD, READINGS_NOTE, ledger_note};

use super::{
    junit::Suite,
    table::{Cell, Table, markdown_body, markdown_escape, numbers, words},
};
use crate::verdict::Verdicts;

/// Returns the summary of a CI job in Markdown: how many judgements hold, what fails, and the verdicts.
#[must_use]
pub fn summary(experiment: &str, suites: &[Suite], verdicts: Option<&Verdicts>) -> String {
    let mut out = format!("## {}\n\n", markdown_escape(experiment));
    let failing = |suite: &Suite| suite.cases.iter().filter(|c| c.failure.is_some()).count();
    let row = |s: &Suite| vec![Cell::text(s.name), Cell::count(s.cases.len()), Cell::count(failing(s))];
    let rows = suites.iter().filter(|suite| suite.name != "verdicts").map(row).collect();
    let columns = vec![words("judged"), numbers("cases"), numbers("failing")];
    out += &markdown_body(&Table::new("", columns, rows));
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

/// Returns `verdict.txt`, `verdict.md` and `verdict.csv`: names and contents.
#[must_use]
pub fn files(verdicts: &Verdicts) -> Vec<(String, Vec<u8>)> {
    let forms = [(TEXT, text(verdicts)), ("verdict.md", markdown(verdicts)), ("verdict.csv", csv(verdicts))];
    forms.map(|(name, text)| (name.to_owned(), text.into_bytes())).to_vec()
}
