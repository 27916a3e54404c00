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

/// Says that a test was not run, also where the test passes and its output is not shown.
pub(crate) fn not_tested(why: &str) {
    use std::io::Write;
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    // Written to the stream itself, since what a test prints is shown only if it fails.
    let _ = std::io::stderr().write_all(format!("NOT TESTED: {test}: {why}\n").as_bytes());
}
