//! What a table is, whatever form it takes.

use std::borrow::Cow;

use crate::{spec::Basis, stats::Interval, verdict::Word};

/// Stands where there is no number.
pub const NONE: &str = "–";

/// A table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// Shown above it.
    pub caption: String,
    /// What has to be said in every form of it.
    pub caveat: Option<String>,
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows, each with a cell for every column.
    pub rows: Vec<Vec<Cell>>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// What it holds.
    pub name: Cow<'static, str>,
    /// Whether its cells stand right, as numbers do.
    pub right: bool,
}

/// Returns a column of words.
#[must_use]
pub const fn words(name: &'static str) -> Column {
    Column { name: Cow::Borrowed(name), right: false }
}

/// Returns a column of numbers.
#[must_use]
pub const fn numbers(name: &'static str) -> Column {
    Column { name: Cow::Borrowed(name), right: true }
}

/// A cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Text.
    Text(String),
    /// A number or an interval as it is printed, in the unit that its column or row says; `None` where there is none.
    Number(Option<String>),
    /// So many of those that were planned.
    Part(usize, usize),
    /// A name of the spec or of a file.
    Code(String),
    /// A verdict.
    Verdict(Word),
    /// Whether something holds.
    Holds(bool),
    /// What a setting rests on.
    Basis(Basis),
}

impl Cell {
    /// Returns a cell of text.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// Returns a number with so many decimals; missing if it is not finite.
    #[must_use]
    pub fn number(value: Option<f64>, decimals: usize) -> Self {
        Self::Number(value.filter(|v| v.is_finite()).map(|v| format!("{v:.decimals$}")))
    }

    /// Returns a number with its sign and two decimals.
    #[must_use]
    pub fn signed(value: f64) -> Self {
        Self::Number(Some(format!("{value:+.2}")))
    }

    /// Returns how many there are.
    #[must_use]
    pub fn count(count: usize) -> Self {
        Self::Number(Some(count.to_string()))
    }

    /// Returns an interval with two decimals.
    #[must_use]
    pub fn range(interval: Option<Interval>) -> Self {
        Self::Number(interval.map(|[low, high]| format!("{low:.2} to {high:.2}")))
    }

    /// Returns it as plain text.
    #[must_use]
    pub fn shown(&self) -> Cow<'_, str> {
        Cow::Borrowed(match self {
            Self::Text(text) | Self::Code(text) => text,
            Self::Number(number) => number.as_deref().unwrap_or(NONE),
            Self::Part(some, of) => return Cow::Owned(format!("{some} of {of}")),
            Self::Verdict(word) => word.word(),
            Self::Holds(true) => "yes",
            Self::Holds(false) => "no",
            Self::Basis(basis) => basis.word(),
        })
    }
}

impl Table {
    /// Returns a table with these columns and rows.
    #[must_use]
    pub fn new(caption: &str, columns: Vec<Column>, rows: Vec<Vec<Cell>>) -> Self {
        Self { caption: caption.to_owned(), caveat: None, columns, rows }
    }

    /// Returns its first rows and says in the caption where the others are.
    #[must_use]
    pub fn first(mut self, rows: usize, others: &str) -> Self {
        let all = self.rows.len();
        if all > rows {
            self.rows.truncate(rows);
            self.caption += &format!(" (the first {rows} of {all} rows; {others} has all)");
        }
        self
    }

    /// Says whether row `index` repeats the name of the row above it.
    pub(super) fn repeats(&self, index: usize) -> bool {
        index > 0 && self.rows[index].first() == self.rows[index - 1].first()
    }

    /// Returns it without the column of a name.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        if let Some(at) = self.columns.iter().position(|column| column.name == name) {
            self.columns.remove(at);
            for row in &mut self.rows {
                row.remove(at);
            }
        }
        self
    }
}
