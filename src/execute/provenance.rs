//! Where and how runs are made.

use std::path::Path;

use super::git;
use crate::{engine::kernels::simd::Isa, record::Provenance};

/// Describes this machine, this process and the version of the spec.
#[must_use]
pub fn provenance(jobs: usize, spec: &Path) -> Provenance {
    let system = sysinfo::System::new_with_specifics(
        sysinfo::RefreshKind::nothing().with_cpu(sysinfo::CpuRefreshKind::nothing()),
    );
    let cpu = system.cpus().first().map(|c| c.brand().trim().to_owned()).unwrap_or_default();
    Provenance {
        version: env!("CARGO_PKG_VERSION").into(),
        commit: git::commit(spec),
        host: sysinfo::System::host_name().unwrap_or_default(),
        cpu,
        isa: Isa::current().name().into(),
        platform: format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH),
        jobs,
        seconds: 0.0,
    }
}
