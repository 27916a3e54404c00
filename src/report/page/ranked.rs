//! What came out of an experiment that claims nothing: ranking and effects.

use maud::{Markup, html};

use super::{
    parts::{beside, card, made_by, note},
    values::{Page, ROWS},
};
use crate::report::{
    ranking::{EFFECTS, METHOD, OF_AXES, RANKING, Ranking},
    table::{self, Table},
};

/// Returns the section.
pub(super) fn section(page: &Page<'_>, ranking: &Ranking) -> Markup {
    if ranking.ranked.is_empty() {
        return note("No round has finished, so there is nothing to rank.");
    }
    let command = page.of.source.command("report");
    let one = |name: &str, id: &str, made: Table| {
        let csv = format!("{name}.csv");
        let files = [beside(format!("{name}.md")), beside(csv.clone())];
        card(&html! { (table::html(id, &made.first(ROWS, &csv))) (made_by(&files, &command)) })
    };
    html! {
        (one(RANKING, "ranking", ranking.table(page.of, false)))
        (note(METHOD))
        @if !ranking.effects.is_empty() {
            (one(EFFECTS, "effects", ranking.effects(page.of, false)))
            (note(OF_AXES))
        }
    }
}
