//! Tables on the page.

use maud::{Markup, html};

use super::model::{Cell, Column, Table};
use crate::verdict::Word;

/// Returns a verdict as a name within the page.
pub(in crate::report) fn word_id(word: Word) -> String {
    word.word().to_lowercase().replace(' ', "-")
}

/// Returns a verdict as a badge that says what it means.
pub(in crate::report) fn badge(word: Word) -> Markup {
    html! { span class={ "badge " (word_id(word)) } title=(word.gloss()) { (word.word()) } }
}

/// Returns a verdict as a badge that leads to its rule.
pub(in crate::report) fn badge_link(word: Word) -> Markup {
    let id = word_id(word);
    html! { a class={ "badge " (id) } href={ "#word-" (id) } title=(word.rule()) { (word.word()) } }
}

/// Says what a column holds, where its name does not say it all.
pub(in crate::report) fn meaning(column: &str) -> Option<&'static str> {
    Some(match column {
        "paper" => "as the paper prints it",
        "ours" => "the same statistic of all our rounds",
        "95 % interval of ours" => {
            "how far ours would move with other rounds of ours, in 95 of 100 cases (bootstrap)"
        }
        "expected of the paper" => {
            "where as many rounds as the paper had would fall in at least 95 of 100 cases if they were like ours"
        }
        "0 to 100 %" => "the same on a scale",
        "percentile" => "how many of 100 sets of our rounds lie below the paper's number",
        "p (Holm)" => {
            "how rare the paper's number would be if its rounds were like ours, raised for the number of numbers that are judged \
                       (Holm's method); refuted below 0.01"
        }
        "std" => "standard deviation, divisor n − 1",
        "rounds" => "runs of one config that differ in the seed alone",
        "source" | "read as" => {
            "what the statistics are of, and over what: the rounds' last epochs, or the epochs of their mean curve"
        }
        "basis" => "where a setting comes from: the paper, the authors' code, or an assumption",
        "found" => "in percent for accuracies",
        "GFLOP per run" => "thousand millions of necessary arithmetic operations",
        "minus the best" | "minus the axis' best" => "mean difference over the seeds that both have",
        "tests" => {
            "Welch's and Student's paired t, Wilcoxon's signed ranks, and how often a round of the one beats a round of the other"
        }
        "check" => {
            "what was looked at: whether numbers of this many rounds and samples can be what the paper prints"
        }
        _ => return None,
    })
}

/// Returns a cell; the first of a row is the row's heading.
pub(in crate::report) fn cell(cell: &Cell, heading: bool) -> Markup {
    shown(cell, heading, None)
}

/// Returns a cell that names its column, for screens on which a row is a card.
pub(in crate::report) fn cell_of(cell: &Cell, heading: bool, column: &str) -> Markup {
    shown(cell, heading, Some(column).filter(|column| !column.is_empty()))
}

fn shown(cell: &Cell, heading: bool, label: Option<&str>) -> Markup {
    let (class, inner) = match cell {
        Cell::Text(text) => (None, html! { (text) }),
        Cell::Number(_) | Cell::Part(..) => (Some("n"), html! { (&*cell.shown()) }),
        Cell::Code(text) => (None, html! { code { (text) } }),
        Cell::Verdict(word) => (None, badge(*word)),
        Cell::Holds(_) => (None, html! { span class=(&*cell.shown()) { (&*cell.shown()) } }),
        Cell::Basis(basis) => (None, html! { span class={ "basis " (basis.word()) } { (basis.word()) } }),
    };
    html! {
        @if heading { th scope="row" class=[class] data-label=[label] { (inner) } }
        @else { td class=[class] data-label=[label] { (inner) } }
    }
}

/// Returns the heading of a table.
pub(in crate::report) fn head(columns: &[Column]) -> Markup {
    html! {
        thead { tr {
            @for column in columns {
                th scope="col" class=[column.right.then_some("n")] title=[meaning(&column.name)] { (column.name) }
            }
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
                tr class=[is_printed(row)] {
                    @for (i, (content, column)) in row.iter().zip(&table.columns).enumerate() {
                        (cell_of(content, i == 0, &column.name))
                    }
                }
                "\n"
            }
        }
        "\n"
    };
    framed(id, &table.caption, &head(&table.columns), &bodies)
}

/// Marks what a paper prints, beside ours.
fn is_printed(row: &[Cell]) -> Option<&'static str> {
    row.get(1).is_some_and(|source| *source == Cell::text("paper")).then_some("printed")
}
