//! Tables as CSV (RFC 4180).

use super::model::{Cell, Table};

/// Returns a line of CSV.
pub(in crate::report) fn line(cells: &[&str]) -> String {
    let quote = |cell: &&str| {
        let plain = !cell.contains(['"', ',', '\n', '\r']);
        if plain { (*cell).to_owned() } else { format!("\"{}\"", cell.replace('"', "\"\"")) }
    };
    cells.iter().map(quote).collect::<Vec<_>>().join(",") + "\n"
}

impl Table {
    /// Returns the table as CSV; what has to be said is a column of its own.
    #[must_use]
    pub fn csv(&self) -> String {
        let note = self.caveat.as_ref().map(|_| "note");
        let header: Vec<&str> = self.columns.iter().map(|column| &*column.name).chain(note).collect();
        let row = |out: String, row: &Vec<Cell>| {
            let cells = row.iter().map(Cell::shown).chain(self.caveat.as_deref());
            out + &line(&cells.collect::<Vec<_>>())
        };
        self.rows.iter().fold(line(&header), row)
    }
}
