//! What is said about every claim of the paper.

use std::borrow::Cow;

use maud::{Markup, html};

use super::{
    parts::{beside, card, made_by, note},
    strip::{key, strip},
    values::Page,
};
use crate::{
    report::{
        table::{self, Cell, badge, html_cell_of, numbers, reading_label, word_id, words},
        verdict::{METHOD, NO_CLAIMS, describe_collapse, tables},
    },
    verdict::{NumberVerdict, RowVerdict, Verdicts, Word, number::show_p},
};

/// Returns the whole section.
pub(super) fn section(page: &Page<'_>) -> Markup {
    let Some(verdicts) = page.verdicts else {
        let why = match (page.of.stand_in(), &page.of.spec.claims) {
            (Some(stand_in), Some(_)) => format!("The claims are not judged: {}.", stand_in.caveat()),
            _ => NO_CLAIMS.to_owned(),
        };
        return note(&why);
    };
    let files = ["verdict.md", "verdict.csv"].map(beside);
    let about = "ours: for an ordering the mean difference by seed, for a limit the largest round; of the last epochs";
    html! {
        @if !verdicts.rows.is_empty() { (card(&html! { (printed(verdicts)) (key()) })) }
        @if !verdicts.words.is_empty() {
            (card(&html! { (table::html("words", &tables::in_words(verdicts))) (note(about)) }))
        }
        @if !verdicts.collapses.is_empty() {
            h3 { "Rounds that never learned" } "\n"
            ul { "\n" @for collapse in &verdicts.collapses { li { (describe_collapse(collapse)) } "\n" } } "\n"
            (note("Collapsed rounds are in every statistic; diverged ones have no last epoch and are in none."))
        }
        (words_and_rules())
        (made_by(&files, &page.of.source.command("report")))
    }
}

fn printed(verdicts: &Verdicts) -> Markup {
    let columns = [
        words("number"),
        words("verdict"),
        numbers("paper"),
        numbers("ours"),
        numbers("95 % interval of ours"),
        numbers("expected of the paper"),
        words("0 to 100 %"),
        numbers("percentile"),
        numbers("p (Holm)"),
    ];
    let names = columns.clone().map(|column| column.name);
    let bodies = html! { @for row in &verdicts.rows { (body(row, &names)) } };
    html! {
        (table::framed("claims", "The paper's numbers and ours, in percent", &table::html_head(&columns), &bodies))
        details {
            "\n" summary { "What the columns say" } "\n"
            dl.rules {
                "\n"
                @for (name, meaning) in names.iter().filter_map(|name| Some((name, table::meaning(name)?))) {
                    div { dt { (name) } dd { (meaning) } } "\n"
                }
            }
            "\n"
        }
        "\n"
    }
}

/// Returns a row of the paper: its name and word, then its numbers.
fn body(row: &RowVerdict, names: &[Cow<'static, str>]) -> Markup {
    html! {
        tbody {
            "\n"
            tr.group { th scope="rowgroup" colspan=(names.len()) { span {
                (row.row.name) " " (badge(row.word)) " "
                span.quiet {
                    (reading_label(row.row.reading)) ", " (row.rounds) " of " (row.planned) " rounds · " (row.reason)
                }
            } } }
            "\n"
            @for cell in &row.cells { (number(cell, names)) }
        }
        "\n"
    }
}

/// Returns a number in a row, and its reason in a row of its own, where no column squeezes it.
fn number(verdict: &NumberVerdict, names: &[Cow<'static, str>]) -> Markup {
    let envelope = verdict.envelope.as_ref();
    let before = [
        Cell::text(verdict.claim.statistic.word()),
        Cell::Verdict(verdict.word),
        Cell::Number(Some(verdict.claim.printed())),
        Cell::number(verdict.ours, 2),
        Cell::range(verdict.interval),
        Cell::range(envelope.map(|e| e.interval)),
    ];
    let after = [Cell::number(envelope.map(|e| e.percentile), 1), Cell::Number(verdict.p_holm.map(show_p))];
    html! {
        tr.number {
            @for (i, cell) in before.iter().enumerate() { (html_cell_of(cell, i == 0, &names[i])) }
            td.scale { (strip(verdict)) }
            @for (i, cell) in after.iter().enumerate() { (html_cell_of(cell, false, &names[before.len() + 1 + i])) }
        }
        "\n"
        tr.reason { td colspan=(names.len()) { (verdict.reason) } }
        "\n"
    }
}

/// Returns how numbers are judged and what each word means.
fn words_and_rules() -> Markup {
    html! {
        details {
            "\n" summary { "What the words mean" } "\n"
            dl.rules {
                "\n"
                @for word in Word::ALL {
                    div id={ "word-" (word_id(word)) } { dt { (badge(word)) } dd { strong { (word.gloss()) } ": " (word.rule()) } } "\n"
                }
            }
            "\n" (note(METHOD))
        }
        "\n"
    }
}
