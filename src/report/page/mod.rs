//! `index.html`: verdicts, tables, figures and every run on one page that needs nothing else.
//!
//! The page is a function of the spec's text, the command line that named it, the stored outcomes and the lock: where, when and on
//! which machine a run was made stays in its record. Nothing is loaded: styles, script, font and figures stand in the page, and
//! its content security policy forbids everything else. Text becomes markup by `maud` alone, which makes it inert.

mod background;
mod curves;
mod data;
mod figures;
mod listed;
mod parts;
mod ranked;
mod runs;
mod strip;
mod top;
mod values;
mod verdicts;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

use super::{
    figure::{fonts, palette},
    table::{self, Table},
};
use crate::text::turns;
use parts::{Section, beside, card, made_by, note};
use values::ROWS;
pub(super) use values::{Page, ROOM};

/// Name of the page in a report's folder.
pub const FILE: &str = "index.html";

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Returns the page; `drawn` are the figures, name and SVG.
pub(super) fn page(page: &Page<'_>, drawn: &[(String, String)]) -> String {
    let (drawn, room) = figures::fitting(drawn);
    let page = &Page { room: page.room.min(room), ..*page };
    let command = page.of.source.command("report");
    let first = match page.ranking {
        Some(ranking) => ("verdict", "Results", ranked::section(page, ranking)),
        None => ("verdict", "Verdict", verdicts::section(page)),
    };
    let mut sections: Vec<Section> = vec![
        first,
        ("tables", "Tables", tables(page, &command)),
        ("figures", "Figures", figures::section(page, &drawn, &command)),
        ("runs", "Runs", runs::section(page)),
    ];
    sections.extend(background::sections(page));
    sections.retain(|(_, _, body)| !body.0.is_empty());
    let document = html! {
        (DOCTYPE) "\n"
        html lang="en" {
            (head(top::title(page)))
            "\n"
            body { (body(page, &sections, &command)) }
            "\n"
        }
        "\n"
    };
    inert(&document.0)
}

/// Replaces what no text has: control characters, and those that turn a line.
fn inert(document: &str) -> String {
    let mut out = String::with_capacity(document.len());
    for c in document.chars() {
        if turns(c) {
            out += &format!("⟨U+{:04X}⟩", u32::from(c));
        } else {
            out.push(if c.is_control() && !matches!(c, '\n' | '\t') { '?' } else { c });
        }
    }
    out
}

fn head(title: &str) -> Markup {
    let policy = format!(
        "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:; base-uri 'none'; \
         form-action 'none'; script-src 'sha256-{}'",
        fonts::base64(&Sha256::digest(SCRIPT.as_bytes()))
    );
    html! {
        head {
            "\n" meta charset="utf-8";
            "\n" meta http-equiv="Content-Security-Policy" content=(policy);
            "\n" meta name="viewport" content="width=device-width, initial-scale=1";
            "\n" meta name="color-scheme" content="light dark";
            "\n" title { (title) " · replikat" }
            "\n" style { "\n" (PreEscaped(fonts::css())) (PreEscaped(STYLE.replace("/* figures */\n", &palette::css()))) }
            "\n"
        }
    }
}

fn body(page: &Page<'_>, sections: &[Section], command: &str) -> Markup {
    html! {
        "\n" a.skip href="#verdict" { "Skip to the results" } "\n"
        (top::header(page))
        nav aria-label="Sections" {
            "\n"
            ul { "\n" @for (id, title, _) in sections { li { a href={ "#" (id) } { (title) } } "\n" } }
            "\n" button type="button" id="theme" hidden { "Dark" } "\n"
        }
        "\n"
        main {
            "\n"
            @for (id, title, body) in sections {
                section id=(id) aria-labelledby={ (id) "-title" } {
                    "\n" h2 id={ (id) "-title" } { (title) } "\n" (body)
                }
                "\n"
            }
        }
        "\n"
        footer { (made_by(&[beside(FILE)], command)) }
        "\n"
        // JSON and script are no text: the first is made inert where it is made, the second is a file of this program.
        script type="application/json" id="data" { (PreEscaped(data::json(page))) } "\n"
        script { (PreEscaped(SCRIPT)) } "\n"
    }
}

fn tables(page: &Page<'_>, command: &str) -> Markup {
    let of = page.of;
    let one = |name: &str, mut made: Table| {
        let files = ["md", "csv", "tex"].map(|end| beside(format!("{name}.{end}")));
        if made.caption.is_empty() {
            name.clone_into(&mut made.caption);
        }
        card(&html! {
            (table::html(&format!("table-{name}"), &made.first(ROWS, &format!("{name}.csv"))))
            (made_by(&files, command))
        })
    };
    html! {
        @for (name, spec) in of.spec.tables.iter() { (one(name, table::build(spec, of.plan, of.rounds, of.stand_in()))) }
        @if let Some(caveat) = of.caveat() { @if !of.spec.tables.is_empty() { (note(&caveat)) } }
    }
}
