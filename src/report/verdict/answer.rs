//! The verdicts in a sentence.

use crate::verdict::{Verdicts, Word};

/// What is said where there is nothing to judge by.
pub(in crate::report) const NO_CLAIMS: &str = "The spec makes no claims that could be judged.";

/// Says how many claims came out, and how many did not.
pub(in crate::report) fn answer(verdicts: &Verdicts) -> String {
    let counts = verdicts.tally();
    if counts.is_empty() {
        return NO_CLAIMS.to_owned();
    }
    let given: Vec<String> = counts.iter().map(|(word, count)| format!("{count} {}", word.gloss())).collect();
    let refuted = counts.iter().any(|(word, _)| matches!(word, Word::NotReplicated | Word::Partly));
    let none = if refuted { "" } else { "; none was refuted" };
    let n: usize = counts.iter().map(|(_, count)| count).sum();
    let s = if n == 1 { "" } else { "s" };
    format!("Of the paper’s {n} claim{s}, {}{none}.", given.join("; "))
}
