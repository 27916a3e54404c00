//! Tables in columns for a terminal.

use super::model::{Cell, Table};

/// Returns the rows in columns, with a header and a rule.
pub(in crate::report) fn body(table: &Table) -> String {
    let rows: Vec<Vec<&str>> = table.rows.iter().map(|row| row.iter().map(Cell::shown).collect()).collect();
    lines(table, &rows)
}

fn lines(table: &Table, rows: &[Vec<&str>]) -> String {
    let header: Vec<&str> = table.columns.iter().map(|column| &*column.name).collect();
    let mut widths: Vec<usize> = header.iter().map(|name| name.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: &[&str]| {
        let padded = cells.iter().zip(&widths).zip(&table.columns).map(|((cell, width), column)| {
            let space = " ".repeat(width - cell.chars().count());
            if column.right { space + cell } else { (*cell).to_owned() + &space }
        });
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    let rules: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
    let head = line(&header) + &line(&rules.iter().map(String::as_str).collect::<Vec<_>>());
    rows.iter().fold(head, |out, row| out + &line(row))
}

impl Table {
    /// Returns the table for a terminal, under its caption; a name that repeats is shown once.
    #[must_use]
    pub fn text(&self) -> String {
        let mut rows: Vec<Vec<&str>> =
            self.rows.iter().map(|row| row.iter().map(Cell::shown).collect()).collect();
        for row in (0..rows.len()).filter(|i| self.repeats(*i)) {
            rows[row][0] = "";
        }
        let caveat = self.caveat.as_ref().map_or(String::new(), |caveat| format!("! {caveat}\n"));
        format!("{}\n{caveat}{}", self.caption, lines(self, &rows))
    }
}
