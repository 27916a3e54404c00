//! What befalls a store: processes that end at any moment, full disks, folders that cannot be written.
//!
//! After every fault the same command is run again, and then outcomes, reports and frames are byte for byte those of
//! an undisturbed run. (Records themselves hold the time and the machine, so of them the outcomes are compared.)
//! `REPLIKAT_FAULTS=nightly` makes the random part ten times as long.

use std::{
    collections::BTreeMap,
    process::{Command, Stdio},
    time::Instant,
};

use replikat::digest::Digest;

#[cfg(target_os = "linux")]
use crate::support::disk::Disk;
use crate::support::place::Place;

/// A spec of `runs` tiny runs.
pub(crate) fn spec(runs: usize) -> String {
    format!(
        "
experiment: tiny
data: {{source: glyphs, pairs: {{train: 20, test: 10}}, scale: unit}}
train: {{epochs: 2, batch: 10}}
architectures: {{net: {{pair: [flatten, {{linear: 2}}]}}}}
grid: {{architecture: [net], seed: {{count: {runs}}}, lr: [0.1]}}
tables: {{t: {{rows: [{{split: test}}]}}}}
figures: {{d: {{dots: {{metric: accuracy, split: test}}}}}}
"
    )
}

/// Returns what an undisturbed run leads to.
pub(crate) fn undisturbed(spec: &str) -> BTreeMap<String, Digest> {
    let place = Place::with(spec);
    place.good(&["run", "tiny.yaml"]);
    let results = place.results("tiny");
    assert!(results.len() > 8, "{results:?}");
    results
}

/// How many times longer the random tests are than usual.
pub(crate) fn factor() -> usize {
    let nightly = std::env::var("REPLIKAT_FAULTS").is_ok_and(|v| v == "nightly");
    if nightly { 10 } else { 1 }
}

/// Asserts that the store has no damage and nothing in quarantine; half-written files may be there.
fn assert_whole(place: &Place, what: &str) {
    let listing = place.store().list().unwrap();
    let checked = place.store().check(&listing.keys).unwrap();
    assert_eq!((checked.good, checked.damaged.len()), (listing.keys.len(), 0), "{what}: {checked:?}");
    assert!(!place.store().quarantine().exists(), "{what}");
}

#[test]
fn a_process_may_end_at_every_step_of_every_write() {
    let text = spec(2);
    let expected = undisturbed(&text);
    let mut step = 1;
    loop {
        let place = Place::with(&text);
        let run = ["run", "tiny.yaml", "--jobs", "1"];
        let ended = place.command(&run).env("REPLIKAT_ABORT_AT", step.to_string()).output().unwrap();
        if ended.status.success() {
            break;
        }
        assert_eq!(ended.status.code(), None, "step {step} ends the process: {ended:?}");
        assert_whole(&place, &format!("step {step}"));
        place.good(&run);
        assert_eq!(place.results("tiny"), expected, "step {step}");
        assert_eq!(place.store().list().unwrap().strays, [] as [std::path::PathBuf; 0], "step {step}");
        let left = place.files("reports").into_keys().chain(place.files("results").into_keys());
        assert_eq!(left.filter(|name| name.contains(".tmp")).count(), 0, "step {step}");
        step += 1;
    }
    // Two records of seven steps each, eleven files of reports, and the folders.
    assert!(step > 60, "only {step} steps");
}

#[test]
fn a_process_may_end_at_every_step_of_a_recovery() {
    let text = spec(2);
    let expected = undisturbed(&text);
    for step in 1.. {
        let place = Place::with(&text);
        place.good(&["run", "tiny.yaml"]);
        let path = place.store().path(place.store().list().unwrap().keys[0]);
        std::fs::write(&path, "damaged").unwrap();
        std::fs::remove_dir_all(place.path("reports")).unwrap();
        let ended =
            place.command(&["run", "tiny.yaml"]).env("REPLIKAT_ABORT_AT", step.to_string()).output().unwrap();
        place.good(&["run", "tiny.yaml"]);
        assert_eq!(place.results("tiny"), expected, "step {step}");
        assert_eq!(
            place.files("results/quarantine").into_values().collect::<Vec<_>>(),
            [b"damaged"],
            "step {step}"
        );
        if ended.status.success() {
            assert!(step > 30, "only {step} steps");
            break;
        }
    }
}

#[cfg(unix)]
#[test]
fn killing_the_process_group_at_random_moments_loses_only_what_is_under_way() {
    use std::os::unix::process::CommandExt;

    let text = spec(60);
    let expected = undisturbed(&text);
    let kills = 100 * factor();
    let mut place = Place::with(&text);
    let started = Instant::now();
    place.good(&["run", "tiny.yaml"]);
    let whole = started.elapsed();
    let (mut done, mut random, mut killed) = (0, 1_u64, 0);
    place = Place::with(&text);
    while killed < kills {
        let mut child = place
            .command(&["run", "tiny.yaml", "--quiet"])
            .process_group(0)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // The moment is what is random here: from the very start to some time after the end.
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        std::thread::sleep(whole.mul_f64((random >> 11) as f64 / (1_u64 << 53) as f64));
        Command::new("kill").args(["-KILL", "--", &format!("-{}", child.id())]).output().unwrap();
        killed += usize::from(child.wait().unwrap().code().is_none());
        assert_whole(&place, &format!("kill {killed}"));
        let now = place.store().list().unwrap().keys.len();
        assert!(now >= done, "kill {killed}: {done} records, then {now}");
        done = now;
        if done == 60 {
            // All is stored: finish the reports, compare, and begin anew.
            place.good(&["run", "tiny.yaml"]);
            assert_eq!(place.results("tiny"), expected, "kill {killed}");
            (place, done) = (Place::with(&text), 0);
        }
    }
    place.good(&["run", "tiny.yaml"]);
    assert_eq!(place.results("tiny"), expected);
}

#[cfg(target_os = "linux")]
const ON_DISK: [&str; 6] = ["run", "tiny.yaml", "--results", "disk/results", "--reports", "disk/reports"];

/// Moves what is on the disk to where [`Place::results`] looks for it.
#[cfg(target_os = "linux")]
fn results_on(place: &Place, disk: &Disk<'_>) -> BTreeMap<String, Digest> {
    for folder in ["results", "reports"] {
        disk.call("cp", &["-r", &format!("disk/{folder}"), folder]);
    }
    place.results("tiny")
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_may_be_full_at_every_page() {
    let text = spec(3);
    let mut expected = undisturbed(&text);
    // Both say where spec and results lie, which are elsewhere here.
    expected.remove("build.json");
    expected.remove("index.html");
    for pages in 4.. {
        let place = Place::with(&text);
        let Some(disk) = Disk::mount(&place, &format!("size={}k", 4 * pages)) else { return };
        let (code, said) = disk.run(&ON_DISK);
        if code == 0 {
            assert!(pages > 30, "only {pages} pages");
            break;
        }
        assert!(code == 2 && said.contains("no space left on device"), "{pages} pages: {code} {said}");
        assert!(said.contains("hint: make room, or choose other folders"), "{pages} pages: {said}");
        disk.remount("size=4m");
        let (code, said) = disk.run(&ON_DISK);
        assert_eq!(code, 0, "{pages} pages: {said}");
        let mut found = results_on(&place, &disk);
        found.remove("build.json");
        assert!(found.remove("index.html").is_some(), "{pages} pages");
        assert_eq!(found, expected, "{pages} pages");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_cannot_be_written_is_read_all_the_same() {
    let place = Place::with(&spec(2));
    let Some(disk) = Disk::mount(&place, "size=4m") else { return };
    assert_eq!(disk.run(&ON_DISK).0, 0);
    disk.remount("ro");
    let (code, said) = disk.run(&ON_DISK);
    assert!(code == 0 && said.contains("2 cached, 0 trained") && said.contains("rebuilt: nothing"), "{said}");
    let results = ["--results", "disk/results"];
    for command in
        [&["plan", "tiny.yaml"][..], &["explain", "tiny.yaml"], &["store", "fsck"], &["store", "list"]]
    {
        let (code, said) = disk.run(&[command, &results].concat());
        assert_eq!(code, 0, "{command:?}: {said}");
    }
    let (code, said) = disk.run(&[&ON_DISK[..], &["--set", "grid.seed.count=3"]].concat());
    assert!(code == 2 && said.contains("read-only file system"), "{said}");
    assert!(said.contains("hint: choose other folders with `--results` and `--reports`"), "{said}");
}
