//! `index.html`: verdicts, tables, figures and every run on one page that needs nothing else.
//!
//! The page is a function of the spec's text and file name, the stored outcomes and the lock: where, when and on which
//! machine a run was made stays in its record. Nothing is loaded: styles, script, font and figures stand in the page, and
//! its content security policy forbids everything else. Text becomes markup by `maud` alone, which makes it inert.

mod background;
mod curves;
mod figures;
mod parts;
mod runs;
mod strip;
mod values;
mod verdicts;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

use super::{
    figure::{fonts, palette},
    table::{self, Table},
};
use parts::{Section, card, made_by, note};
pub(super) use values::Page;

/// Name of the page in a report's folder.
pub const FILE: &str = "index.html";

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Returns the page; `drawn` are the figures, name and SVG.
pub(super) fn page(page: &Page<'_>, drawn: &[(String, String)]) -> String {
    let command = page.of.source.command("report");
    let mut sections: Vec<Section> = vec![
        ("verdict", "Verdict", verdicts::section(page)),
        ("tables", "Tables", tables(page, &command)),
        ("figures", "Figures", figures::section(page, drawn, &command)),
        ("runs", "Runs", runs::section(page)),
    ];
    sections.extend(background::sections(page));
    sections.retain(|(_, _, body)| !body.0.is_empty());
    let document = html! {
        (DOCTYPE) "\n"
        html lang="en" {
            (head(&page.of.spec.experiment))
            "\n"
            body { (body(page, &sections, &command)) }
            "\n"
        }
        "\n"
    };
    // What no text has: other control characters than a line's end.
    let inert = |c: char| if c.is_control() && !matches!(c, '\n' | '\t') { '?' } else { c };
    document.0.chars().map(inert).collect()
}

fn head(experiment: &str) -> Markup {
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
            "\n" title { (experiment) " · replikat" }
            "\n" style { "\n" (PreEscaped(fonts::css())) (PreEscaped(STYLE.replace("/* figures */\n", &palette::css()))) }
            "\n"
        }
    }
}

fn body(page: &Page<'_>, sections: &[Section], command: &str) -> Markup {
    let brand =
        if page.verdicts.is_some() { "replikat · Did the paper’s numbers come out?" } else { "replikat" };
    html! {
        "\n" a.skip href="#verdict" { "Skip to the verdict" } "\n"
        header { "\n" p.brand { (brand) } "\n" h1 { (page.of.spec.experiment) } "\n" (lead(page)) } "\n"
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
        footer { (made_by(&[FILE.to_owned()], command)) }
        "\n"
        // JSON and script are no text: the first is made inert where it is made, the second is a file of this program.
        script type="application/json" id="curves" { (PreEscaped(curves::json(page))) } "\n"
        script { (PreEscaped(SCRIPT)) } "\n"
    }
}

/// Says in a few lines what came out.
fn lead(page: &Page<'_>) -> Markup {
    html! {
        @if let Some(caveat) = page.of.caveat() { p.caveat role="note" { (caveat) } "\n" }
        (verdicts::lead(page))
        (note(&runs::counted(page)))
    }
}

fn tables(page: &Page<'_>, command: &str) -> Markup {
    let of = page.of;
    let one = |name: &str, mut made: Table| {
        let files = ["md", "csv", "tex"].map(|end| format!("{name}.{end}"));
        if made.caption.is_empty() {
            name.clone_into(&mut made.caption);
        }
        card(&html! {
            (table::html(&format!("table-{name}"), &made))
            @if let Some(caveat) = &made.caveat { (note(caveat)) }
            (made_by(&files, command))
        })
    };
    html! {
        @for (name, spec) in &of.spec.tables { (one(name, table::build(spec, of.plan, of.rounds, of.stand_in()))) }
    }
}
