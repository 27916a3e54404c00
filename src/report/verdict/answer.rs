//! The verdicts in a sentence.

use crate::verdict::{Verdicts, Word};

/// Says how many claims came out, and how many did not.
#[must_use]
pub fn answer(verdicts: &Verdicts) -> String {
    let list = verdicts.list();
    let count = |word: Word| list.iter().filter(|(_, w, _)| *w == word).count();
    let given: Vec<String> = Word::ALL
        .into_iter()
        .filter(|word| count(*word) > 0)
        .map(|word| format!("{} {}", count(word), word.gloss()))
        .collect();
    if given.is_empty() {
        return "The spec makes no claims that could be judged.".to_owned();
    }
    let refuted = count(Word::NotReplicated) + count(Word::Partly);
    let none = if refuted == 0 { "; none was refuted" } else { "" };
    let (n, s) = (list.len(), if list.len() == 1 { "" } else { "s" });
    format!("Of the paper’s {n} claim{s}, {}{none}.", given.join("; "))
}
