//! What is said about every claim of the paper.

use maud::{Markup, html};

use super::{
    parts::{card, made_by, note},
    strip::{key, strip},
    values::Page,
};
use crate::{
    report::{
        table::{self, Cell, badge, html_cell, numbers, reading_label, word_id, words},
        verdict::{METHOD, describe_collapse, tables},
    },
    verdict::{NumberVerdict, RowVerdict, Verdicts, Word, number::show_p},
};

/// Says in one line how many claims got which word, and how the bits agree.
pub(super) fn lead(page: &Page<'_>) -> Markup {
    let list = page.verdicts.map(Verdicts::list).unwrap_or_default();
    let count = |word: Word| list.iter().filter(|(_, w, _)| *w == word).count();
    let given: Vec<Word> = Word::ALL.into_iter().filter(|word| count(*word) > 0).collect();
    if given.is_empty() && page.of.lock.is_none() {
        return Markup::default();
    }
    html! {
        ul.lead {
            "\n"
            @for word in given { li { strong { (count(word)) } " of " (list.len()) " claims " (badge(word)) } "\n" }
            @if let Some((word, reason)) = page.of.lock {
                li { "our own bits " (badge(*word)) " " span.quiet { (reason) } } "\n"
            }
        }
        "\n"
    }
}

/// Returns the whole section.
pub(super) fn section(page: &Page<'_>) -> Markup {
    let Some(verdicts) = page.verdicts else {
        let why = match (page.of.stand_in(), &page.of.spec.claims) {
            (Some(stand_in), Some(_)) => format!("The claims are not judged: {}.", stand_in.caveat()),
            _ => "The spec makes no claims that could be judged.".to_owned(),
        };
        return html! { (note(&why)) @if page.of.stand_in().is_none() { (words_and_rules()) } };
    };
    let files = ["verdict.md", "verdict.csv"].map(String::from);
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
        words("why"),
    ];
    let bodies = html! { @for row in &verdicts.rows { (body(row, columns.len())) } };
    table::framed("claims", "The paper's numbers and ours, in percent", &table::html_head(&columns), &bodies)
}

/// Returns a row of the paper: its name and word, then its numbers.
fn body(row: &RowVerdict, columns: usize) -> Markup {
    html! {
        tbody {
            "\n"
            tr.group { th scope="rowgroup" colspan=(columns) { span {
                (row.row.name) " " (badge(row.word)) " "
                span.quiet {
                    (reading_label(row.row.reading)) ", " (row.rounds) " of " (row.planned) " rounds · " (row.reason)
                }
            } } }
            "\n"
            @for cell in &row.cells { (number(cell)) }
        }
        "\n"
    }
}

fn number(verdict: &NumberVerdict) -> Markup {
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
        tr {
            @for (i, cell) in before.iter().enumerate() { (html_cell(cell, i == 0)) }
            td { (strip(verdict)) }
            @for cell in &after { (html_cell(cell, false)) }
            td.why { (verdict.reason) }
        }
        "\n"
    }
}

/// Returns how numbers are judged and what each word means.
fn words_and_rules() -> Markup {
    html! {
        details open {
            "\n" summary { "What the words mean" } "\n"
            dl.rules {
                "\n"
                @for word in Word::ALL {
                    div id={ "word-" (word_id(word)) } { dt { (badge(word)) } dd { (word.rule()) } } "\n"
                }
            }
            "\n" (note(METHOD))
        }
        "\n"
    }
}
