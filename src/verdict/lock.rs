//! Outcomes × lock → differences.

use std::collections::BTreeMap;

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error as _, MapAccess, Visitor},
};

use crate::{plan::Plan, record::StoredOutcome};

/// What everyone should get: the outcome digest of every run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// Version of this form.
    pub format: u64,
    /// Key → run.
    #[serde(deserialize_with = "once_each")]
    pub runs: BTreeMap<String, LockedRun>,
}

/// Reads the runs; a key that is there twice, as after a careless merge, is an error.
fn once_each<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, LockedRun>, D::Error> {
    struct Runs;
    impl<'de> Visitor<'de> for Runs {
        type Value = BTreeMap<String, LockedRun>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a map from keys to runs")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
            let mut runs = BTreeMap::new();
            while let Some((key, run)) = entries.next_entry::<String, LockedRun>()? {
                if runs.contains_key(&key) {
                    return Err(A::Error::custom(format!("the run {key} is there twice")));
                }
                runs.insert(key, run);
            }
            Ok(runs)
        }
    }
    deserializer.deserialize_map(Runs)
}

/// How a new lock differs from an old one, as the names of runs, the seeds of a config in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LockChange {
    /// Runs that only the new one has.
    pub added: Vec<String>,
    /// Runs whose digest is another one.
    pub changed: Vec<String>,
    /// Runs that only the old one has.
    pub dropped: Vec<String>,
}

impl Lock {
    /// Returns a lock without any run.
    #[must_use]
    pub fn empty() -> Self {
        Self { format: LOCK_FORMAT, runs: BTreeMap::new() }
    }

    /// Compares it with the lock that it is to replace.
    #[must_use]
    pub fn change(&self, old: &Self) -> LockChange {
        let mut change = LockChange::default();
        for (key, run) in &self.runs {
            match old.runs.get(key) {
                None => change.added.push(run.run.clone()),
                Some(before) if before.outcome_sha256 != run.outcome_sha256 => {
                    change.changed.push(run.run.clone());
                }
                Some(_) => {}
            }
        }
        let dropped = old.runs.iter().filter(|(key, _)| !self.runs.contains_key(*key));
        change.dropped = dropped.map(|(_, run)| run.run.clone()).collect();
        for names in [&mut change.added, &mut change.changed, &mut change.dropped] {
            names.sort_by(|a, b| place(a).cmp(&place(b)));
        }
        change
    }
}

/// Returns by what the name of a run is put in order: its config, then its seed as a number.
fn place(name: &str) -> (&str, Option<u64>) {
    let (config, seed) = name.rsplit_once(' ').unwrap_or((name, ""));
    (config, seed.parse().ok())
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
        let (name, key) = (plan.name(run), run.key.to_string());
        stray.remove(&key);
        // The same network under two names has the same runs.
        match (lock.runs.get(&key), record) {
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
    result.stray.sort_by(|a, b| place(a).cmp(&place(b)));
    result
}
