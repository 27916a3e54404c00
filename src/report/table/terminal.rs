//! Tables in columns for a terminal, as wide as it is.

use unicode_width::UnicodeWidthStr;

use super::model::{Cell, Table};
use crate::{
    lines::{Line, Piece, Tone, folded, folded_head},
    verdict::Word,
};

/// Between two columns.
const GAP: usize = 2;

/// A column of text is not folded below this.
const LEAST: usize = 14;

/// Returns the tone of a verdict.
#[must_use]
pub fn tone(word: Word) -> Tone {
    match word {
        Word::BitIdentical => Tone::Own,
        Word::Replicated => Tone::Good,
        Word::Consistent => Tone::Fair,
        Word::Partly => Tone::Mixed,
        Word::Undecidable => Tone::Open,
        Word::NotReplicated => Tone::Bad,
    }
}

/// What a cell shows, and how it is meant.
type Shown = (String, Tone);

/// Returns the rows in columns, with a header and a rule, as wide as they are.
pub(in crate::report) fn body(table: &Table) -> String {
    Grid::of(table, false).lines(None).iter().map(|line| line.text() + "\n").collect()
}

/// A table whose columns may be folded or left out.
struct Grid<'a> {
    table: &'a Table,
    /// Columns that are shown.
    columns: Vec<usize>,
    /// A row of one cell alone is a heading, which no column is as wide as.
    rows: Vec<Vec<Shown>>,
}

impl<'a> Grid<'a> {
    /// A name that repeats is shown once if that is wished.
    fn of(table: &'a Table, once: bool) -> Self {
        let meant = |cell: &Cell| if let Cell::Verdict(word) = cell { tone(*word) } else { Tone::Plain };
        let shown = |row: &Vec<Cell>| row.iter().map(|c| (c.shown().into_owned(), meant(c))).collect();
        let mut rows: Vec<Vec<Shown>> = table.rows.iter().map(shown).collect();
        for row in (0..rows.len()).filter(|i| once && table.repeats(*i)) {
            rows[row][0].0.clear();
        }
        Self { table, columns: (0..table.columns.len()).collect(), rows }
    }

    fn is_heading(&self, row: &[Shown]) -> bool {
        row.len() == 1 && self.table.columns.len() > 1
    }

    /// Returns the texts of a column below its header.
    fn texts(&self, column: usize) -> impl Iterator<Item = &str> {
        let rows = self.rows.iter().filter(|row| !self.is_heading(row));
        rows.filter_map(move |row| row.get(column).map(|(text, _)| text.as_str()))
    }

    /// Returns the width that a column has by itself, and the one that it may be folded to.
    fn widths(&self, column: usize) -> (usize, usize) {
        let word = |text: &str| text.split(' ').map(UnicodeWidthStr::width).max().unwrap_or(0);
        let head = &self.table.columns[column];
        let whole = self.texts(column).map(UnicodeWidthStr::width).max().unwrap_or(0);
        let widest = whole.max(head.name.width());
        let least = if head.right {
            whole.max(word(&head.name))
        } else {
            let words = self.texts(column).map(word).max().unwrap_or(0).max(word(&head.name));
            words.clamp(LEAST, 2 * LEAST)
        };
        (widest, least.min(widest))
    }

    /// Returns the width of each shown column, narrowed to `room` if they can be, and whether they are: heads of numbers give
    /// way first, then the widest text.
    fn fit(&self, room: Option<usize>) -> (Vec<usize>, bool) {
        let both: Vec<(usize, usize)> = self.columns.iter().map(|column| self.widths(*column)).collect();
        let mut widths: Vec<usize> = both.iter().map(|(widest, _)| *widest).collect();
        let Some(room) = room else { return (widths, true) };
        let taken = |widths: &[usize]| widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1);
        while taken(&widths) > room {
            let wide = (0..widths.len())
                .filter(|i| widths[*i] > both[*i].1)
                .max_by_key(|i| (self.table.columns[self.columns[*i]].right, widths[*i]));
            let Some(wide) = wide else { return (widths, false) };
            widths[wide] -= 1;
        }
        (widths, true)
    }

    /// Returns its lines.
    fn lines(&self, room: Option<usize>) -> Vec<Line> {
        let (widths, _) = self.fit(room);
        let head = |column: &usize| (self.table.columns[*column].name.clone().into_owned(), Tone::Strong);
        let mut out = self.row(&self.columns.iter().map(head).collect::<Vec<_>>(), &widths);
        let rules: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
        out.push(Line::of(Tone::Faint, rules.join(&" ".repeat(GAP))));
        for row in &self.rows {
            if self.is_heading(row) {
                let line = Line::of(Tone::Strong, row[0].0.clone());
                out.extend(room.map_or(vec![line.clone()], |room| line.wrapped(room)));
                continue;
            }
            let cells: Vec<Shown> =
                self.columns.iter().map(|column| row.get(*column).cloned().unwrap_or_default()).collect();
            out.extend(self.row(&cells, &widths));
        }
        out
    }

    /// Returns one row: as many lines as its highest cell has.
    fn row(&self, cells: &[Shown], widths: &[usize]) -> Vec<Line> {
        let fold = |((text, tone), width): (&Shown, &usize)| match tone {
            _ if text.width() <= *width => vec![text.clone()],
            Tone::Strong => folded_head(text, *width),
            _ => folded(text, *width),
        };
        let folded: Vec<Vec<String>> = cells.iter().zip(widths).map(fold).collect();
        let height = folded.iter().map(Vec::len).max().unwrap_or(0);
        let line = |at: usize| {
            let mut pieces: Vec<Piece> = Vec::new();
            let mut space = 0;
            for (i, column) in self.columns.iter().enumerate() {
                let text = folded[i].get(at).map_or("", String::as_str);
                let beside = widths[i].saturating_sub(text.width());
                let (before, after) =
                    if self.table.columns[*column].right { (beside, 0) } else { (0, beside) };
                space += before;
                if !text.is_empty() {
                    pieces.push(Piece { text: " ".repeat(space), tone: Tone::Plain });
                    pieces.push(Piece { text: text.to_owned(), tone: cells[i].1 });
                    space = 0;
                }
                space += after + GAP;
            }
            Line(pieces)
        };
        (0..height).map(line).collect()
    }
}

impl Table {
    /// Returns the table for a terminal of `room` columns, under its caption; a name that repeats is shown once, a column without
    /// any text not at all. Text is
    /// folded inside its column; where that is not enough, the columns that `spare` names are left out in that order, and
    /// the last line says so.
    #[must_use]
    pub fn lines(&self, room: Option<usize>, spare: &[&str]) -> Vec<Line> {
        let mut grid = Grid::of(self, true);
        let empty = |column: &usize| !self.rows.is_empty() && grid.texts(*column).all(str::is_empty);
        let shown: Vec<usize> = grid.columns.iter().copied().filter(|column| !empty(column)).collect();
        grid.columns = shown;
        let mut left_out = Vec::new();
        for name in spare {
            if grid.fit(room).1 {
                break;
            }
            if let Some(at) = grid.columns.iter().position(|column| self.columns[*column].name == *name) {
                grid.columns.remove(at);
                left_out.push(*name);
            }
        }
        let mut out = Vec::new();
        let above = [(Tone::Strong, Some(&self.caption)), (Tone::Caveat, self.caveat.as_ref())];
        for (tone, text) in above {
            let Some(text) = text.filter(|text| !text.is_empty()) else { continue };
            let line = Line::of(tone, if tone == Tone::Caveat { format!("! {text}") } else { text.clone() });
            out.extend(room.map_or(vec![line.clone()], |room| line.wrapped(room)));
        }
        out.extend(grid.lines(room));
        if !left_out.is_empty() {
            let note = Line::of(Tone::Faint, format!("no room for the columns {}", left_out.join(", ")));
            out.extend(room.map_or(vec![note.clone()], |room| note.wrapped(room)));
        }
        out
    }

    /// Returns the table under its caption as plain text, as wide as it is.
    #[must_use]
    pub fn text(&self) -> String {
        self.lines(None, &[]).iter().map(|line| line.text() + "\n").collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::table::{numbers, words};

    fn table() -> Table {
        let columns = vec![words("claim"), numbers("GFLOP per run"), numbers("ours"), words("verdict")];
        let row = |name: &str, word| {
            vec![Cell::text(name), Cell::number(Some(12.5), 1), Cell::count(7), Cell::Verdict(word)]
        };
        let rows = vec![
            vec![Cell::text("A heading that is wider than its column")],
            row("a long name of four words", Word::NotReplicated),
            row("a long name of five words", Word::Replicated),
        ];
        Table::new("Caption", columns, rows)
    }

    fn texts(room: Option<usize>, spare: &[&str]) -> Vec<String> {
        table().lines(room, spare).iter().map(Line::text).collect()
    }

    #[test]
    fn a_table_is_as_wide_as_it_is_or_folds_its_text_inside_the_column() {
        let wide = texts(None, &[]);
        assert_eq!(wide.len(), 6);
        assert_eq!(wide[1], "claim                      GFLOP per run  ours  verdict");
        assert_eq!(
            texts(Some(50), &[]),
            [
                "Caption",
                "claim                  GFLOP  ours  verdict",
                "                         per",
                "                         run",
                "─────────────────────  ─────  ────  ──────────────",
                "A heading that is wider than its column",
                "a long name of four     12.5     7  NOT REPLICATED",
                "  words",
                "a long name of five     12.5     7  REPLICATED",
                "  words",
            ]
        );
    }

    #[test]
    fn no_line_is_wider_than_the_terminal_and_what_is_left_out_is_named() {
        let narrow = texts(Some(36), &["ours", "GFLOP per run"]);
        assert!(narrow.iter().all(|line| line.width() <= 36), "{narrow:#?}");
        assert!(narrow.contains(&"no room for the columns ours, GFLOP".to_owned()), "{narrow:#?}");
    }

    #[test]
    fn words_of_verdicts_have_a_tone() {
        let lines = table().lines(Some(50), &[]);
        let tones: Vec<Tone> = lines.iter().flat_map(|l| &l.0).map(|p| p.tone).collect();
        assert!(tones.contains(&Tone::Bad) && tones.contains(&Tone::Good) && tones.contains(&Tone::Strong));
    }
}
