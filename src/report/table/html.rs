//! Tables on the page.

use maud::{Markup, html};

use super::model::{Cell, Column, Table};
use crate::verdict::Word;

/// Returns a verdict as a name within the page.
pub(in crate::report) fn word_id(word: Word) -> String {
    word.word().to_lowercase().replace(' ', "-")
}

/// Returns a verdict as a badge that leads to its rule.
pub(in crate::report) fn badge(word: Word) -> Markup {
    let id = word_id(word);
    html! { a class={ "badge " (id) } href={ "#word-" (id) } { (word.word()) } }
}

/// Returns a cell; the first of a row is the row's heading.
pub(in crate::report) fn cell(cell: &Cell, heading: bool) -> Markup {
    let (class, inner) = match cell {
        Cell::Text(text) => (None, html! { (text) }),
        Cell::Number(_) | Cell::Part(..) => (Some("n"), html! { (&*cell.shown()) }),
        Cell::Code(text) => (None, html! { code { (text) } }),
        Cell::Verdict(word) => (None, badge(*word)),
        Cell::Holds(_) => (None, html! { span class=(&*cell.shown()) { (&*cell.shown()) } }),
        Cell::Basis(basis) => (None, html! { span class={ "basis " (basis.word()) } { (basis.word()) } }),
    };
    html! {
        @if heading { th scope="row" class=[class] { (inner) } }
        @else { td class=[class] { (inner) } }
    }
}

/// Returns the heading of a table.
pub(in crate::report) fn head(columns: &[Column]) -> Markup {
    html! {
        thead { tr {
            @for column in columns { th scope="col" class=[column.right.then_some("n")] { (column.name) } }
        } }
        "\n"
    }
}

/// Returns a table in a frame of its own that scrolls, with bodies that were made already.
pub(in crate::report) fn framed(id: &str, caption: &str, head: &Markup, bodies: &Markup) -> Markup {
    html! {
        div.frame role="region" aria-label=(caption) tabindex="0" {
            "\n"
            table id=(id) { "\n" caption { (caption) } "\n" (head) (bodies) }
            "\n"
        }
        "\n"
    }
}

/// Returns a table in a frame.
pub(in crate::report) fn table(id: &str, table: &Table) -> Markup {
    let bodies = html! {
        tbody {
            "\n"
            @for row in &table.rows {
                tr { @for (i, content) in row.iter().enumerate() { (cell(content, i == 0)) } }
                "\n"
            }
        }
        "\n"
    };
    framed(id, &table.caption, &head(&table.columns), &bodies)
}
