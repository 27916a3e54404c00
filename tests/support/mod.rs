//! What tests share.

#[cfg(target_os = "linux")]
pub(crate) mod disk;
pub(crate) mod html;
pub(crate) mod imports;
pub(crate) mod place;
pub(crate) mod plain;

/// Returns how many cases a property is tried on: the same ones each time, or with `REPLIKAT_FAULTS=nightly` others.
pub(crate) fn cases(cases: u32) -> proptest::prelude::ProptestConfig {
    use proptest::{prelude::ProptestConfig, test_runner::RngSeed};
    let config = ProptestConfig::default();
    let rng_seed = if crate::faults::factor() > 1 { config.rng_seed } else { RngSeed::Fixed(1) };
    ProptestConfig { cases, rng_seed, ..config }
}
