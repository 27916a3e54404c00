//! Tables in columns for a terminal.

use std::borrow::Cow;

use unicode_width::UnicodeWidthStr;

use super::model::{Cell, Table};

/// Returns the rows in columns, with a header and a rule.
pub(in crate::report) fn body(table: &Table) -> String {
    lines(table, &shown(table))
}

fn shown(table: &Table) -> Vec<Vec<Cow<'_, str>>> {
    table.rows.iter().map(|row| row.iter().map(Cell::shown).collect()).collect()
}

/// Returns lines whose columns stand under each other: some letters take two places of a terminal, some none.
fn lines(table: &Table, rows: &[Vec<Cow<'_, str>>]) -> String {
    let header: Vec<Cow<'_, str>> = table.columns.iter().map(|column| Cow::Borrowed(&*column.name)).collect();
    let mut widths: Vec<usize> = header.iter().map(|name| name.width()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    let line = |cells: &[Cow<'_, str>]| {
        let padded = cells.iter().zip(&widths).zip(&table.columns).map(|((cell, width), column)| {
            let space = " ".repeat(width - cell.width());
            if column.right { space + cell } else { cell.clone().into_owned() + &space }
        });
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    let rules: Vec<Cow<'_, str>> = widths.iter().map(|width| Cow::Owned("─".repeat(*width))).collect();
    let head = line(&header) + &line(&rules);
    rows.iter().fold(head, |out, row| out + &line(row))
}

impl Table {
    /// Returns the table for a terminal, under its caption; a name that repeats is shown once.
    #[must_use]
    pub fn text(&self) -> String {
        let mut rows = shown(self);
        for row in (0..rows.len()).filter(|i| self.repeats(*i)) {
            rows[row][0] = Cow::Borrowed("");
        }
        let caveat = self.caveat.as_ref().map_or(String::new(), |caveat| format!("! {caveat}\n"));
        format!("{}\n{caveat}{}", self.caption, lines(self, &rows))
    }
}
