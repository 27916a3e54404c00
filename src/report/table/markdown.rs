//! Tables in Markdown.

use super::model::{Cell, Table};

/// Makes text inert in Markdown.
pub(in crate::report) fn escape(text: &str) -> String {
    let mut out = String::new();
    for (at, c) in text.char_indices() {
        let after = &text[at + c.len_utf8()..];
        match c {
            // What GitHub makes a link of without being asked: addresses and names of users.
            ':' if after.starts_with("//") => out += "\\:",
            '.' if text[..at].to_ascii_lowercase().ends_with("www") => out += "\\.",
            '@' if after.starts_with(|c: char| c.is_ascii_alphanumeric()) => out += "@<!-- -->",
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' | '$' => out.extend(['\\', c]),
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '&' => out += "&amp;",
            '\n' | '\r' => out.push(' '),
            _ => out.push(c),
        }
    }
    out
}

/// Returns header and rows.
pub(in crate::report) fn body(table: &Table) -> String {
    lines(table, |_| false)
}

/// Returns header and rows, the first cell empty in those rows that hide their name.
fn lines(table: &Table, hides: impl Fn(usize) -> bool) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let mut out = line(&table.columns.iter().map(|column| column.name.to_string()).collect::<Vec<_>>());
    let rule = |right| if right { "---:" } else { "---" }.to_owned();
    out += &line(&table.columns.iter().map(|column| rule(column.right)).collect::<Vec<_>>());
    for (i, row) in table.rows.iter().enumerate() {
        let mut cells: Vec<String> = row.iter().map(|cell: &Cell| escape(&cell.shown())).collect();
        if hides(i) {
            cells[0].clear();
        }
        out += &line(&cells);
    }
    out
}

impl Table {
    /// Returns the table as Markdown, under its caption; a name that repeats is shown once.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut out = format!("**{}**\n\n", escape(&self.caption));
        if let Some(caveat) = &self.caveat {
            out += &format!("> **{}**\n\n", escape(caveat));
        }
        out + &lines(self, |i| self.repeats(i))
    }
}
