//! Outcomes × lock → differences.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{plan::Plan, record::StoredOutcome};

/// What everyone should get: the outcome digest of every run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// Version of this form.
    pub format: u64,
    /// Key → run.
    pub runs: BTreeMap<String, LockedRun>,
}

/// One run of a lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockedRun {
    /// For people, such as `net1 seed 3`.
    pub run: String,
    /// Digest of the outcome.
    pub outcome_sha256: String,
}

/// Version of the lock's form.
pub const LOCK_FORMAT: u64 = 1;

/// Makes the lock of the runs that have records.
#[must_use]
pub fn lock(plan: &Plan, records: &[Option<StoredOutcome>]) -> Lock {
    let entry = |(run, record): (&crate::plan::Run, &Option<StoredOutcome>)| {
        let outcome_sha256 = record.as_ref()?.digest.to_string();
        let name = plan.name(run);
        Some((run.key.to_string(), LockedRun { run: name, outcome_sha256 }))
    };
    Lock { format: LOCK_FORMAT, runs: plan.runs.iter().zip(records).filter_map(entry).collect() }
}

/// How the runs of a plan agree with the lock.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LockResult {
    /// Runs of the plan.
    pub planned: usize,
    /// Runs whose outcome is the lock's.
    pub identical: usize,
    /// Runs whose outcome is another than the lock's.
    pub differing: Vec<String>,
    /// Runs of the plan that the lock does not have.
    pub unlocked: Vec<String>,
    /// Runs of the lock that the plan does not have.
    pub stray: Vec<String>,
    /// Runs of the plan without a record.
    pub missing: Vec<String>,
    /// Runs that failed for a reason that is not theirs; they have no outcome to compare.
    pub failed: Vec<String>,
}

impl LockResult {
    /// Says whether plan and lock have the same runs with the same outcomes.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.identical == self.planned && self.stray.is_empty()
    }
}

/// Compares the records of a plan with a lock.
#[must_use]
pub fn against_lock(plan: &Plan, records: &[Option<StoredOutcome>], lock: &Lock) -> LockResult {
    let mut result = LockResult { planned: plan.runs.len(), ..LockResult::default() };
    let mut stray = lock.runs.clone();
    for (run, record) in plan.runs.iter().zip(records) {
        let name = plan.name(run);
        match (stray.remove(&run.key.to_string()), record) {
            (_, None) => result.missing.push(name),
            (None, Some(_)) => result.unlocked.push(name),
            (_, Some(record)) if record.outcome.failed() => result.failed.push(name),
            (Some(locked), Some(record)) if locked.outcome_sha256 == record.digest.to_string() => {
                result.identical += 1;
            }
            (Some(_), Some(_)) => result.differing.push(name),
        }
    }
    result.stray = stray.into_values().map(|locked| locked.run).collect();
    result
}
