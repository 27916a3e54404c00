//! Where and how runs are made.

use crate::{engine::kernels::simd::Isa, record::Provenance};

/// Describes this machine and this process.
#[must_use]
pub fn provenance(jobs: usize) -> Provenance {
    let system = sysinfo::System::new_with_specifics(
        sysinfo::RefreshKind::nothing().with_cpu(sysinfo::CpuRefreshKind::nothing()),
    );
    let cpu = system.cpus().first().map(|c| c.brand().trim().to_owned()).unwrap_or_default();
    Provenance {
        version: env!("CARGO_PKG_VERSION").into(),
        commit: commit().unwrap_or_default(),
        host: sysinfo::System::host_name().unwrap_or_default(),
        cpu,
        isa: Isa::current().name().into(),
        platform: format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH),
        jobs,
        seconds: 0.0,
    }
}

/// Asks the `git` program for the commit of the working folder; `+` marks changes.
fn commit() -> Option<String> {
    let git = |arguments: &[&str]| {
        let output = std::process::Command::new("git").args(arguments).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let head = git(&["rev-parse", "HEAD"])?;
    let changes = git(&["status", "--porcelain", "--untracked-files=no"])?;
    Some(if changes.is_empty() { head } else { format!("{head}+") })
}
