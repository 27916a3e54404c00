//! The words of a verdict, each with its rule.

/// One word about a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Word {
    /// Our runs have the lock's bits.
    BitIdentical,
    /// It came out, and precisely enough to say so.
    Replicated,
    /// Nothing speaks against it, but the evidence is weak.
    Consistent,
    /// A part of it came out.
    Partly,
    /// It did not come out.
    NotReplicated,
    /// What is known does not suffice for an answer.
    Undecidable,
}

/// A claim is refuted by a p-value below this, after Holm's adjustment.
pub const REFUTED_BELOW: f64 = 0.01;
/// A claim is doubtful by a p-value below this, after Holm's adjustment.
pub const DOUBTFUL_BELOW: f64 = 0.05;
/// Fewer rounds than this decide nothing.
pub const LEAST_ROUNDS: usize = 5;

impl Word {
    /// Every word.
    pub const ALL: [Self; 6] = [
        Self::BitIdentical,
        Self::Replicated,
        Self::Consistent,
        Self::Partly,
        Self::NotReplicated,
        Self::Undecidable,
    ];

    /// Returns it as reports print it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::BitIdentical => "BIT-IDENTICAL",
            Self::Replicated => "REPLICATED",
            Self::Consistent => "CONSISTENT",
            Self::Partly => "PARTLY",
            Self::NotReplicated => "NOT REPLICATED",
            Self::Undecidable => "UNDECIDABLE",
        }
    }

    /// Says it in a few words, as the end of a sentence that begins with how many.
    #[must_use]
    pub fn gloss(self) -> &'static str {
        match self {
            Self::BitIdentical => "the same bits as the lock",
            Self::Replicated => "came out",
            Self::Consistent => "agreed, on weak evidence",
            Self::Partly => "came out in part",
            Self::NotReplicated => "did not come out",
            Self::Undecidable => "could not be decided",
        }
    }

    /// Returns the rule by which it is given.
    #[must_use]
    pub fn rule(self) -> &'static str {
        match self {
            Self::BitIdentical => "every run of the spec has the outcome that the lock has, bit by bit",
            Self::Replicated => {
                "a number: p ≥ 0.05 after Holm, and the 90 % interval of the difference lies within the margin, which \
                 for a spread is at most half of it; a row: all its numbers; an ordering: Welch's and Wilcoxon's p both \
                 below 0.05 after Holm, in the claimed direction; a limit: no round breaks it, and as many new rounds as \
                 the paper had would more likely than not all keep it, at the 95 % upper bound of the share that \
                 breaks it"
            }
            Self::Consistent => {
                "weak evidence. A number: p ≥ 0.05 after Holm, but equality within the margin is not shown, or rounds \
                 are missing; a row: all its numbers at least so; an ordering: the claimed direction without p < 0.05; \
                 a limit: no round breaks it, but there are few"
            }
            Self::Partly => {
                "a row: some numbers are refuted, others are not; a limit: some rounds break it, but the paper's may \
                 still all have kept it"
            }
            Self::NotReplicated => {
                "a number: p < 0.01 after Holm; a row: all its numbers; an ordering: both p below 0.01 after Holm, \
                 against the claimed direction; a limit: the chance that as many rounds as the paper had all keep \
                 it is below 0.01 even at the 95 % lower bound of the share that breaks it"
            }
            Self::Undecidable => {
                "fewer than 5 rounds, nothing measured, p from 0.01 to 0.05, or an ordering that points the other \
                 way without p < 0.01"
            }
        }
    }
}
