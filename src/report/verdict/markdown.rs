//! Everything that is known about the verdicts, as Markdown.

use super::{
    compact::{describe_collapse, markdown_lines},
    tables,
};
use crate::{
    report::table::{markdown_body, markdown_escape},
    spec::Basis,
    verdict::{Verdicts, Word},
};

/// Returns everything that is known about the verdicts as Markdown.
#[must_use]
pub fn markdown(verdicts: &Verdicts) -> String {
    let head = format!("## Did the paper's numbers come out?\n\n{}", markdown_lines(verdicts));
    let rules = Word::ALL.map(|word| format!("- **{}**: {}.\n", word.word(), markdown_escape(word.rule())));
    let sections = [
        (
            "Numbers",
            verdicts.rows.is_empty(),
            format!("{METHOD}\n\n{}", markdown_body(&tables::reasons(verdicts))),
        ),
        (
            "Claims in words",
            verdicts.words.is_empty(),
            markdown_body(&tables::in_words(verdicts).without("ours")),
        ),
        ("Rounds that never learned", verdicts.collapses.is_empty(), collapses(verdicts)),
        (
            "Other readings",
            verdicts.readings.is_empty(),
            format!("{READINGS_NOTE}\n\n{}", markdown_body(&tables::readings(verdicts))),
        ),
        (
            "What the paper's numbers say about themselves",
            verdicts.forensics.is_empty(),
            markdown_body(&tables::forensics(verdicts.forensics.iter())),
        ),
        (
            "Assumption ledger",
            verdicts.ledger.is_empty(),
            format!("{}\n\n{}", ledger_note(verdicts), markdown_body(&tables::ledger(verdicts))),
        ),
        ("What the words mean", false, rules.concat()),
    ];
    let shown = sections.into_iter().filter(|(_, empty, _)| !empty);
    shown.fold(head, |out, (title, _, body)| format!("{out}\n### {title}\n\n{body}"))
}

fn collapses(verdicts: &Verdicts) -> String {
    let line = |c| format!("- {}\n", markdown_escape(&describe_collapse(c)));
    let note =
        "Collapsed rounds are in every statistic; diverged ones have no last epoch and are in none.\n\n";
    note.to_owned() + &verdicts.collapses.iter().map(line).collect::<Vec<_>>().concat()
}

/// How numbers are judged.
pub(crate) const METHOD: &str = "A number's p says how rare the paper's value would be if its rounds were like ours. It is the larger \
of two: the tail of the envelope, which is the same statistic over sets of as many of our rounds as the paper had, \
and Student's t. The envelope counts one more round among ours, which stays where our worst one began, since few \
rounds may miss that some never learn; and it is widened for our own finite number of rounds. Spreads are compared \
by their logarithm; a largest round also without any distribution. The percentile is the paper's place among sets of our \
rounds alone.";

/// What the cells of [`tables::readings`] hold.
pub(in crate::report) const READINGS_NOTE: &str = "Ours; in brackets the paper's percentile and, over rounds, where the paper's own mean and standard deviation \
     lead one to expect ours in 95 of 100 cases. A table's first reading is the one that is judged above; it was chosen among \
     these, after the numbers were known.";

/// Says how many settings rest on what.
pub(crate) fn ledger_note(verdicts: &Verdicts) -> String {
    let entries = &verdicts.ledger;
    let count = |basis| entries.iter().filter(|e| e.basis == basis).count();
    format!(
        "Of {} settings the paper gives {}, the authors' code {}; {} are assumed.",
        entries.len(),
        count(Basis::Paper),
        count(Basis::Code),
        count(Basis::Assumed)
    )
}
