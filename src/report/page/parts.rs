//! What every section of the page is put together from.

use maud::{Markup, html};

use super::values::Page;
use crate::report::links::address;

/// A section: name in the page, title, body; a body is empty where there is nothing to say.
pub(super) type Section = (&'static str, &'static str, Markup);

/// A file that is named on the page, and where it is as seen from there.
pub(super) type File = (String, Option<String>);

/// Returns a paragraph of text in the background.
pub(super) fn note(note: &str) -> Markup {
    html! { p.note { (note) } "\n" }
}

/// Returns a file beside the page.
pub(super) fn beside(name: impl Into<String>) -> File {
    let name = name.into();
    let link = address(&name);
    (name, Some(link))
}

/// Returns a file of the results.
pub(super) fn result(page: &Page<'_>, name: &str) -> File {
    (name.to_owned(), page.links.result(name))
}

/// Returns the spec's file.
pub(super) fn spec(page: &Page<'_>) -> File {
    (page.of.source.path.clone(), page.links.spec.clone())
}

/// Returns a file's name, which leads to it.
pub(super) fn named((name, link): &File) -> Markup {
    html! {
        @match link {
            Some(link) => a href=(link) { code { (name) } },
            None => code { (name) },
        }
    }
}

/// Says which files hold something and which command makes them again.
pub(super) fn made_by(files: &[File], command: &str) -> Markup {
    html! {
        p.made {
            @for (i, file) in files.iter().enumerate() { @if i > 0 { ", " } (named(file)) }
            " · made by " code { (command) }
        }
        "\n"
    }
}

/// Returns what belongs together, with a line around it.
pub(super) fn card(body: &Markup) -> Markup {
    html! { div.card { "\n" (body) } "\n" }
}
