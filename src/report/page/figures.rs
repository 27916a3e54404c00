//! Figures as parts of the page: no font of their own, and names that are unique on it.

use maud::{Markup, PreEscaped, html};

use super::{
    parts::{beside, made_by},
    values::{Page, ROOM},
};
use crate::{report::figure::kind, spec::FigureSpec};

/// Returns the figures, each with what it shows.
pub(super) fn section(page: &Page<'_>, drawn: &[Drawn], command: &str) -> Markup {
    let one = |name: &str, svg: &str| {
        let (title, about) = match page.of.spec.figures.get(name) {
            Some(spec) => (if spec.title.is_empty() { name } else { &spec.title }, describe(spec)),
            None => (name, String::new()),
        };
        let files = ["svg", "png"].map(|end| beside(format!("{name}.{end}")));
        let wide = if is_wide(svg) { "card wide" } else { "card" };
        html! {
            figure class=(wide) id={ "figure-" (name) } {
                "\n"
                // A figure is markup already: its own writer made its text inert.
                @if !svg.is_empty() {
                    div.frame role="region" aria-label={ "Figure: " (title) } tabindex="0" { "\n" (PreEscaped(svg)) }
                    "\n"
                } @else {
                    p.note { (title) ": too large for this page; it is in the files below." } "\n"
                }
                figcaption { (about) (made_by(&files, command)) } "\n"
            }
            "\n"
        }
    };
    html! { @for (name, svg) in drawn { (one(name, svg)) } }
}

/// Bytes that all figures in the page may take together.
const MOST: usize = 1_200_000;

/// A figure: its name and its SVG as a part of the page, which is empty where there is no room for it.
pub(super) type Drawn = (String, String);

/// Returns the figures, without the SVG of those for which the page has no room, and the room that they leave.
pub(super) fn fitting(drawn: &[(String, String)]) -> (Vec<Drawn>, usize) {
    let mut left = MOST;
    let mut found = Vec::new();
    for (name, svg) in drawn {
        let svg = inline(svg, name);
        let fits = svg.len() <= left;
        left -= if fits { svg.len() } else { 0 };
        found.push((name.clone(), if fits { svg } else { String::new() }));
    }
    (found, ROOM - (MOST - left))
}

/// Says whether a figure is wider than a column of a journal.
fn is_wide(svg: &str) -> bool {
    let size = svg.split_once(" width=\"").and_then(|(_, rest)| rest.split('"').next());
    size.and_then(|width| width.parse::<f64>().ok()).is_some_and(|width| width > 560.0)
}

/// Says what the marks of a figure mean.
fn describe(spec: &FigureSpec) -> String {
    format!("{} The numbers behind it are those of the runs below.", kind::caption(spec))
}

/// Makes an SVG document a part of the page: without its style sheet, which brings fonts that the page has, and with its
/// names made the figure's own.
fn inline(svg: &str, name: &str) -> String {
    let mut out = String::with_capacity(svg.len());
    let mut rest = svg;
    while let Some((before, after)) = rest.split_once("<style>") {
        out += before;
        rest = after
            .split_once("</style>\n")
            .or_else(|| after.split_once("</style>"))
            .map_or("", |(_, after)| after);
    }
    out += rest;
    // The name of a figure is one of a file, and has no character that means something in a tag.
    let prefix = name;
    // Texts hold no `<` and no `>`, so that every other piece is the inside of a tag.
    let pieces = out.split_inclusive('>').map(|piece| match piece.split_once('<') {
        Some((text, tag)) => {
            let own = tag
                .replace(" id=\"", &format!(" id=\"{prefix}-"))
                .replace("url(#", &format!("url(#{prefix}-"))
                .replace("href=\"#", &format!("href=\"#{prefix}-"));
            format!("{text}<{own}")
        }
        None => piece.to_owned(),
    });
    pieces.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inline_figure_has_no_style_and_its_own_names() {
        let svg = "<svg><title>id=\"t\" url(#a)</title><style>\n@font-face{x}</style>\n<g id=\"a\"/><use href=\"#a\"/></svg>\n";
        assert_eq!(
            inline(svg, "f"),
            "<svg><title>id=\"t\" url(#a)</title><g id=\"f-a\"/><use href=\"#f-a\"/></svg>\n"
        );
    }
}
