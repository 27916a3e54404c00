//! What every section of the page is put together from.

use maud::{Markup, html};

/// A section: name in the page, title, body; a body is empty where there is nothing to say.
pub(super) type Section = (&'static str, &'static str, Markup);

/// Returns a paragraph of text in the background.
pub(super) fn note(note: &str) -> Markup {
    html! { p.note { (note) } "\n" }
}

/// Says which files hold something and which command makes them again.
pub(super) fn made_by(files: &[String], command: &str) -> Markup {
    html! {
        p.made {
            @for (i, file) in files.iter().enumerate() { @if i > 0 { ", " } code { (file) } }
            " · made by " code { (command) }
        }
        "\n"
    }
}

/// Returns what belongs together, with a line around it.
pub(super) fn card(body: &Markup) -> Markup {
    html! { div.card { "\n" (body) } "\n" }
}
