//! Seeded bugs, for the test that lock and bands find them.
//!
//! Without the feature `seeded-bugs` [`on`] is constantly false and nothing of this is in the program. With it, the variable
//! `REPLIKAT_BUG` names the bug of the process; `tests/bugs.rs` runs the program once for each.

/// A mistake that training code is known to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bug {
    /// Kept units are not scaled by `1/(1 − p)`.
    DropoutUnscaled,
    /// Dropout is on in evaluations, with the masks of the last step.
    DropoutInEvaluation,
    /// The auxiliary loss is subtracted.
    AuxiliarySign,
    /// Every training pair has its neighbour's targets.
    LabelsShifted,
    /// The training pairs are the test pairs.
    TestInTraining,
    /// Initial weights are bounded by the number of outputs.
    WrongFanIn,
    /// The last, smaller batch of an epoch is left out.
    LastBatchDropped,
    /// Pixels are scaled by the deviation with divisor `n`.
    StdOfPopulation,
}

/// Says whether this process has the bug.
#[cfg(not(feature = "seeded-bugs"))]
pub(crate) const fn on(_: Bug) -> bool {
    false
}

/// Says whether this process has the bug.
#[cfg(feature = "seeded-bugs")]
pub(crate) fn on(bug: Bug) -> bool {
    static NAME: std::sync::LazyLock<String> =
        std::sync::LazyLock::new(|| std::env::var("REPLIKAT_BUG").unwrap_or_default());
    format!("{bug:?}") == *NAME
}
