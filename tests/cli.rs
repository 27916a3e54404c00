//! The program from end to end, on drawn digits.

use std::{
    collections::BTreeMap,
    path::Path,
    process::{Command, Output},
};

use crate::support::place::{Place, TINY};

#[test]
fn a_second_run_trains_nothing_and_changes_no_byte() {
    let place = Place::with(TINY);
    assert!(
        place
            .good(&["run", "tiny.yaml"])
            .contains("4 of 4 runs finished, 0 diverged, 0 failed, 0 missing; 0 cached, 4 trained")
    );
    let first = (place.files("reports/tiny"), place.files("results/tiny"));
    let names: Vec<&str> = first.0.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "c.png",
            "c.svg",
            "d.png",
            "d.svg",
            "effects.csv",
            "effects.md",
            "index.html",
            "numbers.tex",
            "ranking.csv",
            "ranking.md",
            "t.csv",
            "t.md",
            "t.tex",
            "tables.tex"
        ]
    );
    assert_eq!(first.1.len(), 7, "three frames in two forms, and what every output was built of");
    let again = place.good(&["run", "tiny.yaml"]);
    assert!(again.contains("4 cached, 0 trained") && again.contains("rebuilt: nothing"), "{again}");
    assert!(
        again.contains("20 report files in reports/tiny and results/tiny: 0 written, 20 as they were"),
        "{again}"
    );

    // Comments, key order and the experiment's name; the page shows the spec.
    let mut lines: Vec<&str> = TINY.trim().lines().collect();
    lines.rotate_left(2);
    let edited = lines.join("\n").replace("experiment: tiny", "experiment: renamed # a comment");
    place.write("tiny.yaml", &edited);
    assert!(place.good(&["run", "tiny.yaml"]).contains("4 cached, 0 trained"));
    let without_page = |mut files: BTreeMap<String, Vec<u8>>| {
        files.retain(|name, _| name != "index.html" && name != "build.json");
        files
    };
    let renamed = place.files("reports/renamed");
    assert_eq!(without_page(first.0), without_page(renamed.clone()));
    assert_eq!(without_page(first.1), without_page(place.files("results/renamed")));

    std::fs::remove_dir_all(place.path("reports")).unwrap();
    place.good(&["report", "tiny.yaml"]);
    assert_eq!(renamed, place.files("reports/renamed"));
}

#[test]
fn outcomes_are_the_same_for_any_number_of_jobs_and_any_instruction_set() {
    let place = Place::with(TINY);
    let lock = place.lock_of("plain", &[]);
    assert_eq!(lock.matches("outcome_sha256").count(), 4);
    assert_eq!(lock, place.lock_of("one", &["--jobs", "1"]));
    assert_eq!(lock, place.lock_of("three", &["--jobs", "3"]));
    assert_eq!(lock, place.lock_of("scalar", &["--isa", "scalar"]));
    for isa in ["avx2", "avx512", "neon"] {
        let (code, said) = place.run(&["run", "tiny.yaml", "--isa", isa, "--results", isa, "--reports", isa]);
        if code == 2 {
            assert!(said.contains("does not have the instruction set"), "{said}");
        } else {
            place.good(&["lock", "tiny.yaml", "--results", isa]);
            assert_eq!(lock, place.read(&format!("{isa}/tiny.lock.json")), "{isa}");
        }
    }
}

#[test]
fn evaluating_less_often_gives_the_same_numbers_at_the_epochs_that_are_shared() {
    let place = Place::with(TINY);
    place.good(&["run", "tiny.yaml"]);
    place.good(&["run", "tiny.yaml", "--set", "train.evaluate_every=4", "--set", "experiment=sparse"]);
    let rows = |name: &str| -> BTreeMap<String, String> {
        let text = place.read(&format!("results/{name}/epochs.csv"));
        let row = |line: &str| {
            let (head, metrics) = line.match_indices(',').nth(8).map(|(at, _)| line.split_at(at)).unwrap();
            (head.to_owned(), metrics.to_owned())
        };
        text.lines().skip(1).map(row).collect()
    };
    let (all, sparse) = (rows("tiny"), rows("sparse"));
    assert_eq!((all.len(), sparse.len()), (4 * 6, 4 * 2));
    for (head, metrics) in sparse {
        assert_eq!(all.get(&head), Some(&metrics), "{head}");
    }
}

#[test]
fn without_mnist_the_spec_may_fall_back_and_everything_says_so() {
    let spec = TINY.replace("source: glyphs", "source: mnist, otherwise: glyphs");
    let place = Place::with(&spec);
    let said = place.good(&["run", "tiny.yaml", "--offline"]);
    assert!(said.contains("note: drawn digits, not MNIST") && said.contains("! drawn digits"), "{said}");
    assert!(said.contains("bands: not judged"), "{said}");
    for (name, bytes) in place.files("reports/tiny-glyphs").iter().filter(|(name, _)| !name.ends_with("png"))
    {
        assert!(String::from_utf8_lossy(bytes).contains("drawn digits, not MNIST"), "{name}");
    }
    assert!(!place.path("reports/tiny").exists() && !place.path("results/tiny").exists());
    let (code, said) = place.run(&["check", "tiny.yaml"]);
    assert!(code == 2 && said.contains("only runs on glyphs are stored, none on mnist"), "{said}");

    // A folder that was named is never silently replaced, and without a fallback there is none.
    let (code, said) = place.run(&["run", "tiny.yaml", "--data-dir", "nowhere"]);
    assert!(code == 2 && said.contains("`nowhere` is no folder"), "{said}");
    place.write("tiny.yaml", &spec.replace(", otherwise: glyphs", ""));
    let (code, said) = place.run(&["run", "tiny.yaml", "--offline"]);
    assert!(code == 2 && said.contains("hint: put the four files into a folder"), "{said}");
}

#[test]
fn a_wrong_data_file_is_refused_with_its_digest() {
    let place = Place::with(&TINY.replace("source: glyphs", "source: mnist"));
    std::fs::create_dir(place.path("data")).unwrap();
    for name in [
        "train-images-idx3-ubyte",
        "train-labels-idx1-ubyte",
        "t10k-images-idx3-ubyte",
        "t10k-labels-idx1-ubyte",
    ] {
        place.write(&format!("data/{name}"), "not MNIST");
    }
    let (code, said) = place.run(&["run", "tiny.yaml", "--data-dir", "data"]);
    assert!(code == 2 && said.contains("its SHA-256 is") && said.contains("hint: remove the file"), "{said}");
    assert_eq!(place.run(&["data", "status", "--data-dir", "data"]).0, 1);
}

#[test]
fn check_names_a_violated_band_and_a_changed_lock() {
    let place = Place::with(TINY);
    place.good(&["run", "tiny.yaml"]);
    place.good(&["lock", "tiny.yaml"]);
    assert!(place.good(&["check", "tiny.yaml"]).contains("lock: 4 of 4 runs BIT-IDENTICAL"));

    let tight = [
        "check",
        "tiny.yaml",
        "--set",
        "expect=[{where: {architecture: two}, statistic: max, within: [99.9, 100]}]",
    ];
    let (code, said) = place.run(&tight);
    assert!(code == 1 && said.contains("violated: two: max of test accuracy over rounds is"), "{said}");

    let lock = place.read("results/tiny.lock.json");
    let flipped = |at: usize| {
        let digit = if &lock[at..=at] == "0" { "1" } else { "0" };
        format!("{}{digit}{}", &lock[..at], &lock[at + 1..])
    };
    let outcome = lock.find("outcome_sha256").unwrap() + "outcome_sha256\": \"".len();
    place.write("results/tiny.lock.json", &flipped(outcome));
    for command in ["check", "run"] {
        let (code, said) = place.run(&[command, "tiny.yaml"]);
        assert!(
            code == 1 && said.contains("other bits than the lock: ") && said.contains("3 of 4"),
            "{said}"
        );
    }
    let key = lock.find("\"runs\": {\n    \"").unwrap() + "\"runs\": {\n    \"".len();
    place.write("results/tiny.lock.json", &flipped(key));
    let (code, said) = place.run(&["check", "tiny.yaml"]);
    assert!(
        code == 1
            && said.contains("not in the lock: ")
            && said.contains("in the lock, but not in the spec: "),
        "{said}"
    );
    place.write("results/tiny.lock.json", "{");
    assert_eq!(place.run(&["check", "tiny.yaml"]).0, 2);
}

#[test]
fn a_damaged_record_is_moved_away_and_trained_again() {
    let place = Place::with(TINY);
    place.good(&["run", "tiny.yaml"]);
    let before = place.files("results/store");
    let (name, bytes) = before.iter().next().unwrap();
    let mut damaged = bytes.clone();
    damaged[bytes.len() / 2] ^= 1;
    std::fs::write(place.path("results/store").join(name), damaged).unwrap();
    let said = place.good(&["run", "tiny.yaml"]);
    assert!(said.contains("is damaged: its SHA-256") && said.contains("3 cached, 1 trained"), "{said}");
    assert_eq!(place.files("results/quarantine").len(), 1);
    assert!(place.good(&["run", "tiny.yaml"]).contains("4 cached, 0 trained"));
}

#[test]
fn a_run_that_diverges_is_a_result_and_the_others_go_on() {
    // A deep linear network explodes.
    let layers = "[flatten, {linear: 20}, {linear: 20}, {linear: 20}, {linear: 2}]";
    let spec =
        TINY.replace("[{conv: 3}, {max-pool: 2}, relu, {dropout: elements}, flatten, {linear: 2}]", layers);
    let place = Place::with(&spec.replace("lr: [0.05]", "lr: [0.001, 1e6]"));
    let (code, said) = place.run(&["run", "tiny.yaml"]);
    assert!(code == 1 && said.contains("loss not finite at epoch 1, step"), "{said}");
    assert!(
        said.contains("one, lr 1000000: 2 of 2 rounds diverged (seeds 3 to 4): loss not finite"),
        "{said}"
    );
    let (code, said) = place.run(&["run", "tiny.yaml"]);
    assert!(code == 1 && said.contains("8 cached, 0 trained"), "{said}");
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_keeps_what_was_finished() {
    // Whoever ignores a closed terminal, as `nohup` does, goes on.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap_or("1");
    let hangup = u64::from_str_radix(ignored.trim(), 16).is_ok_and(|mask| mask & 1 == 0).then_some("-HUP");
    ["-INT", "-TERM"].into_iter().chain(hangup).for_each(interrupted);
}

#[cfg(unix)]
fn interrupted(signal: &str) {
    let place = Place::with(TINY);
    let many = ["run", "tiny.yaml", "--jobs", "1", "--set", "grid.seed.count=100000"];
    let child = place
        .command(&many)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut child = child;
    while place.records() < 2 {
        assert_eq!(child.try_wait().unwrap(), None, "it ended before it was interrupted");
        std::thread::yield_now();
    }
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(130), "{said}");
    assert!(said.contains("interrupted: ") && said.contains("run the command again to go on"), "{said}");
    let stored = place.records();
    assert!(stored >= 2, "{stored}");
    let said = place.good(&["plan", "tiny.yaml", "--set", "grid.seed.count=100000"]);
    assert!(said.contains(&format!("{stored} stored")), "{said}");
}

#[test]
fn a_page_that_cannot_be_opened_is_named() {
    let place = Place::with(TINY);
    place.good(&["run", "tiny.yaml", "--set", "train.epochs=1"]);
    let arguments = ["report", "tiny.yaml", "--set", "train.epochs=1", "--open"];
    let Output { status, stderr, .. } =
        place.command(&arguments).env("PATH", place.path("nowhere")).output().unwrap();
    let said = String::from_utf8(stderr).unwrap();
    // The report is made all the same.
    assert_eq!(status.code(), Some(0), "{said}");
    assert!(said.contains("cannot open") && said.contains("reports/tiny/index.html"), "{said}");
    assert!(place.read("reports/tiny/index.html").contains("replikat report tiny.yaml --set train.epochs=1"));
}

#[test]
fn the_smoke_experiment_gives_the_bits_of_its_lock() {
    // results/smoke.lock.json was written by `replikat lock experiments/smoke.yaml`; another digest
    // here means that the engine's bits changed: raise its number and say why in the changelog.
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let place = Place::with("");
    std::fs::create_dir(place.path("results")).unwrap();
    std::fs::copy(root.join("results/smoke.lock.json"), place.path("results/smoke.lock.json")).unwrap();
    let said = place.good(&["run", root.join("experiments/smoke.yaml").to_str().unwrap()]);
    assert!(said.contains("lock: 6 of 6 runs BIT-IDENTICAL"), "{said}");
}

#[test]
fn plan_shows_the_papers_parameter_counts_and_changes_nothing() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let place = Place::with("");
    let said = place.good(&["plan", root.join("experiments/paper.yaml").to_str().unwrap()]);
    assert!(
        said.contains("6592") && said.contains("10362") && said.contains("20 runs, 0 stored, 20 to train"),
        "{said}"
    );
    assert!(!place.path("results").exists() && !place.path("reports").exists());
}
