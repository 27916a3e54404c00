//! The top of the page: what it is about, the answer in a sentence, and what has to be known with it.

use maud::{Markup, html};

use super::{parts::note, runs, values::Page};
use crate::{
    report::{
        table::badge_link,
        verdict::{NO_CLAIMS, answer},
    },
    results::Ends,
    verdict::{self, Verdicts, Word},
};

/// Returns the heading of the page.
pub(super) fn title<'a>(page: &Page<'a>) -> &'a str {
    let spec = page.of.spec;
    let paper = spec.paper.as_ref().map(|paper| paper.title.as_str());
    Some(spec.title.as_str()).filter(|title| !title.is_empty()).or(paper).unwrap_or(&spec.experiment)
}

/// Returns everything above the sections.
pub(super) fn header(page: &Page<'_>) -> Markup {
    let spec = page.of.spec;
    let brand = if spec.claims_nothing() { "" } else { " · Did the paper’s numbers come out?" };
    html! {
        header {
            "\n" p.brand { "replikat · " (spec.experiment) (brand) } "\n"
            h1 { (title(page)) } "\n"
            (paper(page))
            p.answer { (told(page)) } "\n"
            @if let Some(caveat) = page.of.caveat() { p.caveat role="note" { (caveat) } "\n" }
            (alarms(page))
            (counts(page))
            (program(page))
            (note(&runs::counted(page)))
        }
        "\n"
    }
}

/// Says which paper it is, whose, and where to read it.
fn paper(page: &Page<'_>) -> Markup {
    let Some(paper) = &page.of.spec.paper else { return Markup::default() };
    let year = paper.year.map(|year| year.to_string()).unwrap_or_default();
    // The title is the heading, unless the spec has one of its own.
    let title = if title(page) == paper.title { "" } else { &paper.title };
    let parts = [title, &paper.authors.join(", "), &paper.venue, &year].map(str::to_owned);
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    html! {
        p.byline {
            (parts.join(" · "))
            @if !paper.url.is_empty() {
                @if !parts.is_empty() { " · " }
                a href=(paper.url) rel="noreferrer" { (paper.url) }
            }
        }
        "\n"
    }
}

/// Returns the answer.
fn told(page: &Page<'_>) -> String {
    match (page.ranking, page.verdicts, page.of.stand_in()) {
        (Some(ranking), ..) => ranking.answer(page.of),
        (None, Some(verdicts), _) => answer(verdicts),
        (None, None, Some(stand_in)) => format!("Nothing is judged: {}.", stand_in.reason()),
        (None, None, None) => NO_CLAIMS.to_owned(),
    }
}

/// Says what is wrong with bands and runs, if something is.
fn alarms(page: &Page<'_>) -> Markup {
    let Ends { planned, diverged, failed, .. } = Ends::of(page.of.rounds);
    let (held, bands) = bands(page);
    let s = if bands == 1 { "" } else { "s" };
    let all = [
        (bands > held, "#bands", format!("{} of {bands} band{s} violated", bands - held)),
        (
            diverged > 0,
            "#runs&status=diverged",
            format!("{diverged} of {planned} runs diverged: their loss was no longer a number"),
        ),
        (failed > 0, "#runs&status=failed", format!("{failed} of {planned} runs failed")),
    ];
    html! {
        @if all.iter().any(|(wrong, ..)| *wrong) {
            ul.alarms role="note" {
                "\n"
                @for (_, link, text) in all.iter().filter(|(wrong, ..)| *wrong) { li { a href=(link) { (text) } } "\n" }
            }
            "\n"
        }
    }
}

/// Returns how many bands hold, and how many there are.
fn bands(page: &Page<'_>) -> (usize, usize) {
    if page.of.stand_in().is_some() {
        return (0, 0);
    }
    let results = verdict::bands(page.of.plan, page.of.rounds, &page.of.spec.expect);
    (results.iter().filter(|band| band.holds()).count(), results.len())
}

/// Counts the claims by their word, each with what it says.
fn counts(page: &Page<'_>) -> Markup {
    let given = page.verdicts.map(Verdicts::tally).unwrap_or_default();
    html! {
        @if !given.is_empty() {
            ul.lead {
                "\n"
                @for (word, count) in given {
                    li { strong { (count) } " " (badge_link(word)) " " span.quiet { (word.gloss()) } } "\n"
                }
            }
            "\n"
        }
    }
}

/// Says whether this program still does what it did: about the program, not about the paper.
fn program(page: &Page<'_>) -> Markup {
    let (held, bands) = bands(page);
    let lock = page.of.lock.map(|(word, reason)| {
        let mark = if *word == Word::BitIdentical { "✓" } else { "!" };
        (word.word(), format!("{mark} {reason}"))
    });
    html! {
        @if lock.is_some() || bands > 0 {
            p.program {
                span title="Guards of this program; they say nothing about the paper" { "This program:" }
                @if let Some((word, text)) = &lock { " " span title=(word) { (text) } }
                @if lock.is_some() && bands > 0 { " ·" }
                @if bands > 0 { " " a href="#bands" { (held) " of " (bands) " bands hold" } }
            }
            "\n"
        }
    }
}
