//! `--device`: cohorts through the whole program, with candle's CPU device in the place of GPUs.

use std::{
    collections::BTreeMap,
    process::{Command, Output, Stdio},
    sync::{Mutex, atomic::AtomicBool},
};

use replikat::{
    data::{Dataset, Images},
    device::Device,
    execute::{Event, Trainers, Work, execute},
    numerics::Numerics,
    plan::Plan,
    record::{Provenance, Record},
    spec::Spec,
    store::Lookup,
};

use crate::{
    faults::spec,
    support::place::{Place, TINY},
};

/// Returns every record of the store.
fn records(place: &Place) -> Vec<Record> {
    let store = place.store();
    let get = |key| match store.get(key).unwrap() {
        Lookup::Hit(record) => record,
        other => panic!("{other:?}"),
    };
    store.list().unwrap().keys.into_iter().map(get).collect()
}

/// Counts the composed runs by the size of the cohort that they were trained in.
fn cohorts(place: &Place) -> BTreeMap<usize, usize> {
    let mut sizes = BTreeMap::new();
    for record in records(place).iter().filter(|r| r.preimage.contains("composed/1")) {
        *sizes.entry(record.provenance.jobs).or_default() += 1;
    }
    sizes
}

/// Returns the metrics of each run and epoch by the names of their columns.
fn epochs(place: &Place, folder: &str) -> BTreeMap<String, Vec<(String, f64)>> {
    let text = place.read(&format!("results/{folder}/epochs.csv"));
    let (header, rows) = text.split_once('\n').unwrap();
    let names: Vec<&str> = header.split(',').collect();
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let cell = |i: usize| Some((names[i].to_owned(), cells[i].parse().ok()?));
        (cells[..5].join(","), (5..cells.len()).filter_map(cell).collect())
    };
    rows.lines().map(row).collect()
}

/// Losses to a relative 1e-3; of the accuracies one in twenty, which is one test pair, may fall on the other side.
fn assert_alike(ours: &BTreeMap<String, Vec<(String, f64)>>, others: &BTreeMap<String, Vec<(String, f64)>>) {
    assert_eq!(ours.keys().collect::<Vec<_>>(), others.keys().collect::<Vec<_>>());
    for (row, values) in ours {
        assert_eq!(values.len(), others[row].len(), "{row}");
        for ((name, a), (other, b)) in values.iter().zip(&others[row]) {
            let tolerance = if name.ends_with("loss") { 1e-3 * b } else { 0.0501 };
            assert!(name == other && (a - b).abs() <= tolerance, "{row}, {name}: {a} and {b}");
        }
    }
}

const COMPOSED: [&str; 4] = ["run", "tiny.yaml", "--device", "composed"];

#[test]
fn another_engine_has_keys_and_folders_of_its_own_and_the_numbers_agree() {
    let place = Place::with(TINY);
    place.good(&["run", "tiny.yaml"]);
    place.good(&["lock", "tiny.yaml"]);
    let exact = (place.files("reports/tiny"), place.files("results/tiny"));
    let said = place.good(&COMPOSED);
    assert!(
        said.contains("note: trained with the operations of CUDA on the CPU (engine composed/1)"),
        "{said}"
    );
    assert!(
        said.contains("4 of 4 runs finished, 0 diverged, 0 failed, 0 missing; 0 cached, 4 trained"),
        "{said}"
    );
    assert!(
        said.contains("lock: not compared, the lock is of exact/1 and these runs are of composed/1"),
        "{said}"
    );
    assert!(said.contains("bands: 1 of 1 hold"), "{said}");
    assert_eq!(exact, (place.files("reports/tiny"), place.files("results/tiny")));
    assert_alike(&epochs(&place, "tiny-composed"), &epochs(&place, "tiny"));
    for (name, bytes) in place.files("reports/tiny-composed") {
        let says = String::from_utf8_lossy(&bytes).contains("(engine composed/1)");
        assert!(says || name.ends_with("png"), "{name}");
    }
    let page = place.read("reports/tiny-composed/index.html");
    assert!(page.contains("replikat run tiny.yaml --device composed"));
    assert_eq!(cohorts(&place), BTreeMap::from([(2, 4)]), "two networks, two rounds each");

    assert!(place.good(&COMPOSED).contains("4 cached, 0 trained"));
    assert!(place.good(&["run", "tiny.yaml"]).contains("lock: 4 of 4 runs BIT-IDENTICAL"));
    assert!(place.good(&["report", "tiny.yaml", "--device", "composed"]).contains("rebuilt: nothing"));
    assert!(place.good(&["check", "tiny.yaml", "--device", "composed"]).contains("lock: not compared"));
    assert!(place.good(&["explain", "tiny.yaml", "--device", "composed"]).contains("4 hit"));
    assert!(place.good(&["plan", "tiny.yaml", "--device", "composed"]).contains("4 stored by composed/1"));
    let said = place.good(&["explain", "tiny.yaml", "--device", "cuda"]);
    assert!(said.contains("engine: cuda/1; stored: ") && said.contains("4 miss"), "{said}");
    let (code, said) = place.run(&["lock", "tiny.yaml", "--device", "composed"]);
    assert!(code == 2 && said.contains("leave `--device` out to lock the runs of the CPU"), "{said}");
    assert!(place.good(&["store", "gc", "--experiments", "."]).starts_with("8 of 8 records are needed"));
}

#[test]
fn a_cohort_that_finds_no_memory_is_halved_and_one_run_without_memory_fails() {
    let text = TINY.replace("count: 2", "count: 7");
    let at_once = Place::with(&text);
    at_once.good(&COMPOSED);
    assert_eq!(cohorts(&at_once), BTreeMap::from([(7, 14)]), "two networks");
    for (room, sizes) in [("4", [(3, 6), (4, 8)].as_slice()), ("1", &[(1, 14)])] {
        let place = Place::with(&text);
        let output = place.command(&COMPOSED).env("REPLIKAT_ROOM", room).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(cohorts(&place), sizes.iter().copied().collect(), "room for {room}");
        assert_alike(&epochs(&place, "tiny-composed"), &epochs(&at_once, "tiny-composed"));
    }
    let place = Place::with(&text);
    let Output { status, stderr, .. } = place.command(&COMPOSED).env("REPLIKAT_ROOM", "0").output().unwrap();
    let said = String::from_utf8(stderr).unwrap();
    assert_eq!(status.code(), Some(1), "{said}");
    assert!(said.contains(": tensor error: CUDA_ERROR_OUT_OF_MEMORY"), "{said}");
    assert!(said.contains("0 of 14 runs finished") && said.contains("14 failed"), "{said}");
    let said = place.good(&[&COMPOSED[..], &["--retry-failed"]].concat());
    assert!(
        said.contains("14 of 14 runs finished, 0 diverged, 0 failed, 0 missing; 0 cached, 14 trained"),
        "{said}"
    );
}

#[test]
fn several_devices_share_the_runs_and_jobs_bounds_their_cohorts() {
    let place = Place::with(&spec(20));
    place.good(&["run", "tiny.yaml", "--device", "composed:3"]);
    let sizes = cohorts(&place);
    assert_eq!(sizes, BTreeMap::from([(6, 6), (7, 14)]), "a third each");
    let place = Place::with(&spec(20));
    place.good(&["run", "tiny.yaml", "--device", "composed:3", "--jobs", "2"]);
    assert_eq!(cohorts(&place), BTreeMap::from([(2, 20)]));
    assert!(records(&place).iter().all(|r| r.provenance.isa.starts_with("composed:")));
}

#[test]
fn processes_share_a_grid_of_cohorts_and_nothing_is_trained_twice() {
    let place = Place::with(&spec(60));
    let start = || {
        let mut command = place.command(&[&COMPOSED[..], &["--jobs", "4"]].concat());
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let children = [start(), start(), start()];
    let mut trained = 0;
    for child in children {
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success() && said.contains("60 of 60 runs finished"), "{said}");
        let (_, counts) = said.split_once(" missing; ").unwrap();
        let ours = counts.split(", ").find_map(|part| part.split_once(" trained")).unwrap().0;
        trained += ours.parse::<usize>().unwrap();
    }
    assert_eq!(trained, 60);
    assert!(!place.store().quarantine().exists());
    assert!(place.files("results/store/claims").is_empty());
}

#[cfg(unix)]
#[test]
fn an_interrupted_cohort_keeps_what_was_finished_and_the_next_call_goes_on() {
    let place = Place::with(&spec(4000));
    let arguments = [&COMPOSED[..], &["--jobs", "10"]].concat();
    let mut child = place.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while place.records() < 20 {
        assert_eq!(child.try_wait().unwrap(), None, "it ended before it was interrupted");
        std::thread::yield_now();
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let stored = place.records();
    assert!((20..4000).contains(&stored), "{stored}");
    assert!(place.good(&COMPOSED).contains(&format!("{stored} cached, {} trained", 4000 - stored)));
}

#[cfg(unix)]
#[test]
fn a_cohort_is_no_larger_than_the_files_that_may_be_open() {
    // Of 130 files 100 are for others; each lease of the rest is one.
    let place = Place::with(&spec(100));
    let mut shell = Command::new("sh");
    let command = format!("ulimit -n 130; exec '{}' {}", env!("CARGO_BIN_EXE_replikat"), COMPOSED.join(" "));
    shell.current_dir(place.path(".")).args(["-c", &command]).env_clear().env("HOME", place.path("home"));
    let output = shell.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(cohorts(&place), BTreeMap::from([(10, 10), (30, 90)]));
}

#[test]
fn a_panic_is_the_failure_of_its_cohort_and_the_next_one_is_trained() {
    let place = Place::with("");
    // Images without pixels, which no caller can make of a file.
    let image = Images { pixels: Vec::new(), labels: vec![3; 100] };
    let dataset = Dataset { train: image.clone(), test: image };
    let spec =
        Spec::parse("tiny.yaml", &spec(9).replace("test: 10", "test: 10, draw: per-round"), &[]).unwrap();
    let plan = Plan::expand_for(&spec, spec.data.source.id(), Numerics::Composed1);
    let (store, missing) = (place.store(), (0..9).collect::<Vec<_>>());
    let gpus = Device::Composed(1).open().unwrap();
    let work = Work {
        plan: &plan,
        missing: &missing,
        dataset: &dataset,
        store: &store,
        trainers: Trainers::Gpus(&gpus, 5),
        retry_failed: false,
        fail_fast: false,
        stop: &AtomicBool::new(false),
        provenance: &Provenance::default(),
    };
    let statuses = Mutex::new(Vec::new());
    let whole = execute(&work, &|event| {
        if let Event::Done(done) = event {
            statuses.lock().unwrap().push(done.record.outcome.status());
        }
    })
    .unwrap();
    assert!(whole && statuses.into_inner().unwrap() == ["failed"; 9]);
    assert_eq!(cohorts(&place), BTreeMap::from([(4, 4), (5, 5)]));
    assert!(records(&place).iter().all(|r| !r.outcome.detail().is_empty()));
}

#[test]
fn the_first_failure_ends_a_grid_if_that_is_asked_for() {
    let place = Place::with(
        &spec(30).replace("flatten, {linear: 2}", "flatten, {linear: 9}, {linear: 9}, {linear: 2}"),
    );
    let arguments = [&COMPOSED[..], &["--fail-fast", "--jobs", "3", "--set", "grid.lr=[1e6]"]].concat();
    let (code, said) = place.run(&arguments);
    assert!(code == 1 && said.contains("stopped at the first failure"), "{said}");
    assert!(said.contains("diverged: net seed 0: loss not finite at epoch"), "{said}");
    // One cohort was trained, and all of it is stored.
    assert_eq!(place.records(), 3, "{said}");
}

#[test]
fn a_device_that_cannot_be_had_is_named_with_the_next_step() {
    let place = Place::with(TINY);
    let (code, said) = place.run(&["run", "tiny.yaml", "--device", "gpu"]);
    assert!(code == 2 && said.contains("known are `cpu`, `cuda` (the first GPU)"), "{said}");
    let (code, said) = place.run(&["report", "tiny.yaml", "--device", "cuda"]);
    assert!(code == 2 && said.contains("no run of `tiny.yaml` by engine cuda/1 is stored"), "{said}");
    assert!(said.contains("train them with `replikat run tiny.yaml --device cuda`"), "{said}");
    let (code, said) = place.run(&["run", "tiny.yaml", "--device", "cuda:99"]);
    assert!(
        code == 2 && said.contains("error: cannot train on CUDA: ") && said.contains("\nhint: "),
        "{said}"
    );
    if cfg!(not(feature = "cuda")) {
        assert!(
            said.contains("this program was built without CUDA") && said.contains("just cuda-build"),
            "{said}"
        );
    }
    assert!(!place.path("results").exists() && !place.path("reports").exists());
}
