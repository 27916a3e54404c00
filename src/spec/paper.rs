//! `paper:`: which paper the numbers and claims are of. Nothing here enters a run key.

use serde::Serialize;

use super::outputs::{every, short_text, text_or_empty};
use crate::yaml::{
    decode::Decoder,
    kind::{Entry, Kind, Section},
    node::Node,
};

/// The paper that numbers and claims are of.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PaperSpec {
    /// Its title.
    pub title: String,
    /// Its authors, in order.
    pub authors: Vec<String>,
    /// Where it appeared; may be empty.
    pub venue: String,
    /// When it appeared.
    pub year: Option<u64>,
    /// Its address, `http` or `https`; may be empty.
    pub url: String,
}

/// `paper:`.
pub(super) const PAPER: Section = Section {
    name: "paper",
    kind: Kind::Map(PARTS),
    doc: "The paper that numbers and claims are of, as the page's top names it.",
    example: "paper:
  title: Classification with weight sharing
  authors: [A. Author, B. Author]
  year: 2020
  url: https://example.org/paper.pdf
",
};

const YEAR: std::ops::RangeInclusive<u64> = 1600..=2200;

const PARTS: &[Entry] = &[
    Entry::must("title", Kind::Text("a line of text"), "Its title."),
    Entry::may("authors", Kind::List(&Kind::Text("a name")), "", "Its authors, in order."),
    Entry::may("venue", Kind::Text("a line of text"), "", "Where it appeared."),
    Entry::may("year", Kind::Integer(*YEAR.start(), *YEAR.end()), "", "When it appeared."),
    Entry::may(
        "url",
        Kind::Text("an address that begins with `http://` or `https://`"),
        "",
        "Where to read it.",
    ),
];

/// Reads `paper:`.
pub(super) fn paper(d: &mut Decoder, node: Option<&Node>) -> Option<PaperSpec> {
    let fields = d.declared(node?, PARTS)?;
    let title = d.required(&fields, "title").and_then(|n| short_text(d, n));
    let authors = fields
        .get("authors")
        .map_or(Some(Vec::new()), |n| every(d, n, "[Author One, Author Two]", short_text));
    let venue = text_or_empty(d, &fields, "venue");
    let year = fields.get("year").map_or(Some(None), |n| d.integer(n, YEAR).map(Some));
    let url = fields.get("url").map_or(Some(String::new()), |n| address(d, n));
    Some(PaperSpec { title: title?, authors: authors?, venue: venue?, year: year?, url: url? })
}

/// Reads an address that a page may lead to.
fn address(d: &mut Decoder, node: &Node) -> Option<String> {
    let text = short_text(d, node)?;
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    if rest.is_some_and(|rest| {
        !rest.is_empty() && rest.chars().all(|c| c.is_ascii_graphic() && !"<>\"\\`".contains(c))
    }) {
        return Some(text);
    }
    let message = format!("{}: this is no address that a page may lead to", node.path);
    d.fault(
        &node.span,
        message,
        Some("write `https://…`, other letters than those of ASCII as `%C3%A9`".to_owned()),
    )
}
