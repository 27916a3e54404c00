//! Tables as CSV (RFC 4180), whose numbers are numbers: nothing stands where there is none.

use std::borrow::Cow;

use super::model::{Cell, Table};

/// Returns a line of CSV.
pub(in crate::report) fn line(cells: &[&str]) -> String {
    let quote = |cell: &&str| {
        let plain = !cell.contains(['"', ',', '\n', '\r']);
        if plain { (*cell).to_owned() } else { format!("\"{}\"", cell.replace('"', "\"\"")) }
    };
    cells.iter().map(quote).collect::<Vec<_>>().join(",") + "\n"
}

/// Makes words inert in a spreadsheet, which takes some for formulas: a quote before them makes them words.
pub(in crate::report) fn inert(words: &str) -> Cow<'_, str> {
    if words.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{words}"))
    } else {
        Cow::Borrowed(words)
    }
}

impl Cell {
    fn in_csv(&self) -> Cow<'_, str> {
        match self {
            Self::Text(words) | Self::Code(words) => inert(words),
            Self::Number(number) => Cow::Borrowed(number.as_deref().unwrap_or_default()),
            Self::Part(some, _) => Cow::Owned(some.to_string()),
            Self::Verdict(_) | Self::Holds(_) | Self::Basis(_) => self.shown(),
        }
    }
}

impl Table {
    /// Returns the table as CSV. What has to be said is a column of its own, and so is how many were planned, where some are
    /// not there.
    #[must_use]
    pub fn csv(&self) -> String {
        let partial = self.rows.iter().flatten().any(|cell| matches!(cell, Cell::Part(..)));
        let planned = |row: &[Cell]| {
            row.iter().find_map(|cell| match cell {
                Cell::Part(_, planned) => Some(planned.to_string()),
                _ => None,
            })
        };
        let more = partial.then_some("planned").into_iter().chain(self.caveat.as_ref().map(|_| "note"));
        let header: Vec<&str> = self.columns.iter().map(|column| &*column.name).chain(more).collect();
        let row = |out: String, row: &Vec<Cell>| {
            let mut cells: Vec<Cow<'_, str>> = row.iter().map(Cell::in_csv).collect();
            cells.extend(partial.then(|| Cow::Owned(planned(row).unwrap_or_default())));
            cells.extend(self.caveat.as_deref().map(inert));
            out + &line(&cells.iter().map(|cell| &**cell).collect::<Vec<_>>())
        };
        self.rows.iter().fold(line(&header), row)
    }
}
