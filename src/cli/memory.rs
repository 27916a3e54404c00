//! What runs take of the machine's memory.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    error::{Error, Result},
    model::Architecture,
    plan::Plan,
    train::cpu_bytes,
};

/// Returns the bytes that the largest run of a plan takes on the CPU, and the name of its config; nothing for an empty plan.
pub(super) fn largest(plan: &Plan, of: impl Iterator<Item = usize>) -> Option<(u64, usize)> {
    // Configs of one network differ little; of many only one is looked at for each batch and number of pairs.
    let mut known: BTreeMap<(*const Architecture, [usize; 4]), u64> = BTreeMap::new();
    of.map(|config| {
        let found = &plan.configs[config];
        let sizes = [found.train.batch, found.pairs.train, found.pairs.test, found.train.optimizer.states()];
        let key = (Arc::as_ptr(&found.architecture), sizes);
        (*known.entry(key).or_insert_with(|| cpu_bytes(found)), config)
    })
    .max_by_key(|(bytes, _)| *bytes)
}

/// Returns the bytes of memory that this process may use.
fn available() -> u64 {
    let kind = sysinfo::MemoryRefreshKind::nothing().with_ram();
    let system = sysinfo::System::new_with_specifics(sysinfo::RefreshKind::nothing().with_memory(kind));
    let group = system.cgroup_limits().map_or(u64::MAX, |limits| limits.total_memory);
    // Nought is said where the system does not say.
    Some(system.total_memory().min(group)).filter(|bytes| *bytes > 0).unwrap_or(u64::MAX)
}

/// Returns how many runs there may be at once, at most `jobs`.
///
/// # Errors
/// Returns an error if one run alone takes more memory than there is.
pub(super) fn bounded(plan: &Plan, missing: &[usize], jobs: usize) -> Result<usize> {
    let Some((bytes, config)) = largest(plan, missing.iter().map(|run| plan.runs[*run].config)) else {
        return Ok(jobs);
    };
    let room = available();
    if bytes > room {
        return Err(Error::Usage {
            message: format!(
                "a run of `{}` takes about {} of memory, and there are {}",
                plan.label(config),
                shown(bytes),
                shown(room)
            ),
            hint: "choose smaller layers or a smaller batch; `replikat plan` says what a run takes".into(),
        });
    }
    Ok(jobs.min((room / bytes.max(1)) as usize).max(1))
}

/// Shows a number of bytes.
pub(super) fn shown(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1000)),
        1_000_000..1_000_000_000 => format!("{} MB", bytes / 1_000_000),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}
