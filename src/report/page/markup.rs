//! HTML: cells, tables and sections. Text becomes markup here and nowhere else.

use crate::report::form::xml_escape;

/// A cell of a table.
pub(super) enum Cell {
    /// Text.
    Text(String),
    /// A number, or what stands for one; it stands right.
    Number(String),
    /// Text in the fixed-width font.
    Code(String),
    /// Markup that was made here.
    Markup(String),
}

/// A column of a table.
pub(super) struct Column {
    /// What it holds.
    pub(super) name: &'static str,
    /// Whether numbers stand in it.
    pub(super) right: bool,
}

/// Returns a column of words.
pub(super) const fn words(name: &'static str) -> Column {
    Column { name, right: false }
}

/// Returns a column of numbers.
pub(super) const fn numbers(name: &'static str) -> Column {
    Column { name, right: true }
}

/// Makes text inert, line by line.
pub(super) fn text(text: &str) -> String {
    text.lines().map(xml_escape).collect::<Vec<_>>().join("\n")
}

/// Makes text inert inside of double quotes.
pub(super) fn attribute(text: &str) -> String {
    xml_escape(text)
}

/// Returns a cell; the first of a row is the row's heading.
pub(super) fn cell(cell: &Cell, heading: bool) -> String {
    let (class, inner) = match cell {
        Cell::Text(t) => ("", text(t)),
        Cell::Number(t) => (" class=\"n\"", text(t)),
        Cell::Code(t) => ("", format!("<code>{}</code>", text(t))),
        Cell::Markup(markup) => ("", markup.clone()),
    };
    if heading {
        format!("<th scope=\"row\"{class}>{inner}</th>")
    } else {
        format!("<td{class}>{inner}</td>")
    }
}

/// Returns a row of cells.
pub(super) fn row(cells: &[Cell]) -> String {
    let cells: String = cells.iter().enumerate().map(|(i, c)| cell(c, i == 0)).collect();
    format!("<tr>{cells}</tr>\n")
}

/// Returns the heading of a table.
pub(super) fn head(columns: &[Column]) -> String {
    let cell = |c: &Column| {
        let class = if c.right { " class=\"n\"" } else { "" };
        format!("<th scope=\"col\"{class}>{}</th>", text(c.name))
    };
    format!("<thead><tr>{}</tr></thead>\n", columns.iter().map(cell).collect::<String>())
}

/// Returns a table whose rows are markup already, in a frame of its own that scrolls.
pub(super) fn framed(id: &str, caption: &str, columns: &[Column], bodies: &str) -> String {
    let (id, label) = (attribute(id), attribute(caption));
    format!(
        "<div class=\"frame\" role=\"region\" aria-label=\"{label}\" tabindex=\"0\">\n<table id=\"{id}\">\n\
         <caption>{}</caption>\n{}{bodies}</table>\n</div>\n",
        text(caption),
        head(columns)
    )
}

/// Returns a table.
pub(super) fn table(id: &str, caption: &str, columns: &[Column], rows: &[Vec<Cell>]) -> String {
    let rows: String = rows.iter().map(|cells| row(cells)).collect();
    framed(id, caption, columns, &format!("<tbody>\n{rows}</tbody>\n"))
}

/// Returns a section of the page.
pub(super) fn section(id: &str, title: &str, body: &str) -> String {
    format!(
        "<section id=\"{id}\" aria-labelledby=\"{id}-title\">\n<h2 id=\"{id}-title\">{}</h2>\n{body}</section>\n",
        text(title)
    )
}

/// Returns a paragraph of text in the background.
pub(super) fn note(note: &str) -> String {
    format!("<p class=\"note\">{}</p>\n", text(note))
}

/// Says which files hold something and which command makes them again.
pub(super) fn made_by(files: &[String], command: &str) -> String {
    let files: Vec<String> = files.iter().map(|f| format!("<code>{}</code>", text(f))).collect();
    format!("<p class=\"made\">{} · made by <code>{}</code></p>\n", files.join(", "), text(command))
}

/// Returns the markup of several items, one after the other.
pub(super) fn joined<T>(items: impl IntoIterator<Item = T>, markup: impl Fn(T) -> String) -> String {
    items.into_iter().fold(String::new(), |out, item| out + &markup(item))
}
