//! Did the paper's numbers come out? Rounds × bands and claims, outcomes × lock; pure.
//!
//! [`judge`] takes what the spec claims and what is stored, and returns plain data: [`Verdicts`].

mod bands;
mod claim;
mod collapse;
pub mod envelope;
pub mod forensic;
mod lock;
pub mod number;
mod word;
pub mod words;

pub use bands::{BandResult, bands, pick};
pub use claim::{Claim, ClaimRow, reading_name, rows};
pub use collapse::Collapse;
pub use envelope::Envelope;
pub use forensic::Forensic;
pub use lock::{LOCK_FORMAT, Lock, LockChange, LockResult, LockedRun, against_lock, lock};
pub use number::{Needed, NumberVerdict, RowVerdict, Rule, printed};
pub use word::{DOUBTFUL_BELOW, LEAST_ROUNDS, REFUTED_BELOW, Word};
pub use words::{Finding, Limit, Ordering, WordsVerdict};

use std::collections::BTreeSet;

use crate::{
    parallel,
    plan::Plan,
    results::Rounds,
    spec::{LedgerEntry, Spec, WordsKind},
    stats::Subsets,
};

/// What is said about everything that a paper claims.
#[derive(Debug, Clone)]
pub struct Verdicts {
    /// How numbers were judged.
    pub rule: Rule,
    /// The printed rows, each in the reading that its table names first.
    pub rows: Vec<RowVerdict>,
    /// The same rows in their tables' other readings, without intervals of ours; Holm within them.
    pub readings: Vec<RowVerdict>,
    /// The claims in words.
    pub words: Vec<WordsVerdict>,
    /// Collapsed rounds of each config, if the spec says what that is.
    pub collapses: Vec<Collapse>,
    /// What the paper's numbers say about themselves.
    pub forensics: Vec<Forensic>,
    /// Where each setting comes from.
    pub ledger: Vec<LedgerEntry>,
}

impl Verdicts {
    /// Returns name, word and reason of every claim: rows first, then claims in words.
    #[must_use]
    pub fn list(&self) -> Vec<(String, Word, String)> {
        let rows = self.rows.iter().map(|r| (r.row.name.clone(), r.word, r.reason.clone()));
        rows.chain(self.words.iter().map(|w| (w.claim.name.clone(), w.word, w.reason.clone()))).collect()
    }

    /// Counts the claims by their word; words that no claim has are left out.
    #[must_use]
    pub fn tally(&self) -> Vec<(Word, usize)> {
        let words = || self.rows.iter().map(|row| row.word).chain(self.words.iter().map(|claim| claim.word));
        let counts = Word::ALL.map(|word| (word, words().filter(|w| *w == word).count()));
        counts.into_iter().filter(|(_, count)| *count > 0).collect()
    }
}

/// Printed rows that are judged: in each table's first reading, and in its other ones.
type JudgedRows = (Vec<RowVerdict>, Vec<RowVerdict>);

/// Judges everything that a spec claims by the rounds of each config; `None` if it claims nothing.
#[must_use]
pub fn judge(spec: &Spec, plan: &Plan, configs: &[Rounds]) -> Option<Verdicts> {
    let claims = spec.claims.as_ref()?;
    let rule = Rule { rounds: claims.rounds, margin: claims.margin, draws: envelope::DRAWS };
    let printed = rows(spec, plan);
    let (rows, readings) = judge_rows(&printed, configs, &rule);
    let one = |filter| plan.chosen(filter).next();
    let mut words: Vec<WordsVerdict> = Vec::new();
    for claim in &claims.words {
        words.extend(match &claim.kind {
            WordsKind::Ordering { greater, less } => {
                one(greater).zip(one(less)).map(|(a, b)| words::ordering(claim, &configs[a], &configs[b]))
            }
            WordsKind::Below { filter, limit } => {
                one(filter).map(|config| words::below(claim, &configs[config], *limit))
            }
        });
    }
    words::decide(&mut words, claims.rounds);
    let collapses = claims.collapsed.iter().flat_map(|rule| {
        configs.iter().enumerate().filter_map(|(i, rounds)| Collapse::of(plan.label(i), *rule, rounds))
    });
    Some(Verdicts {
        rule,
        rows,
        readings,
        words,
        collapses: collapses.collect(),
        forensics: forensic::inspect(plan, &printed, claims),
        ledger: spec.ledger.clone(),
    })
}

/// Judges the printed rows, and the same rows in their tables' other readings.
fn judge_rows(printed: &[ClaimRow], configs: &[Rounds], rule: &Rule) -> JudgedRows {
    let counts: BTreeSet<usize> =
        printed.iter().map(|row| configs[row.config].finished()).filter(|n| *n > 0).collect();
    let counts: Vec<usize> = counts.into_iter().collect();
    let subsets = parallel::map_all(counts.len(), |i| Subsets::choose(counts[i], rule.rounds, rule.draws));
    let in_reading = |row: &ClaimRow, reading| ClaimRow { reading, others: Vec::new(), ..row.clone() };
    let others =
        printed.iter().flat_map(|row| row.others.iter().map(move |reading| in_reading(row, *reading)));
    let all: Vec<ClaimRow> = printed.iter().cloned().chain(others).collect();
    let mut rows = parallel::map_all(all.len(), |i| {
        let rounds = &configs[all[i].config];
        let matrix = rounds.matrix(all[i].split, all[i].reading.metric);
        let subsets = subsets.iter().find(|subsets| subsets.rounds == rounds.finished());
        number::measure(&all[i], matrix.zip(subsets), rounds.planned, rule, i < printed.len())
    });
    let mut readings = rows.split_off(printed.len());
    number::decide(&mut rows, rule);
    number::decide(&mut readings, rule);
    (rows, readings)
}

/// Returns the word for how the runs agree with the lock, and why.
#[must_use]
pub fn lock_word(result: &LockResult) -> (Word, String) {
    let reason = format!("{} of {} runs have the lock's bits", result.identical, result.planned);
    let word = if result.identical == result.planned && result.planned > 0 {
        Word::BitIdentical
    } else if !result.differing.is_empty() {
        Word::NotReplicated
    } else {
        Word::Undecidable
    };
    (word, reason)
}
