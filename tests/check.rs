//! What `check` leaves for a CI system, and the verdict lines and files, from end to end on drawn digits.

use std::{path::Path, process::Command};

const SPEC: &str = "
experiment: tiny
data: {source: glyphs, pairs: {train: 32, test: 20}, scale: unit}
train: {epochs: 2, batch: 16}
architectures:
  one: {pair: [flatten, {linear: 2}]}
  two: {pair: [flatten, {linear: 4}, relu, {linear: 2}]}
grid: {architecture: [one, two], seed: {from: 3, count: 6}, lr: [0.05]}
tables:
  t: {rows: [{split: train}]}
expect:
  - {where: {architecture: one}, split: train, statistic: mean, within: [2, 100]}
  - {where: {architecture: two}, split: train, statistic: max, within: [2, 3]}
claims:
  rounds: 5
  collapsed: {below: 100}
  words:
    - {name: Two is better, greater: {architecture: two}, less: {architecture: one}}
    - {name: No round is perfect, where: {architecture: one}, below: 101}
";

/// Runs the program in `folder`; returns its exit code and its stdout.
fn run(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_replikat"));
    command.current_dir(folder).args(arguments).env_clear().env("HOME", folder);
    let output = command.output().unwrap();
    (output.status.code().unwrap_or(-1), String::from_utf8(output.stdout).unwrap())
}

#[test]
fn check_tells_ci_what_fails_and_what_the_verdicts_are() {
    let folder = tempfile::tempdir().unwrap();
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    std::fs::write(folder.path().join("tiny.yaml"), SPEC).unwrap();
    // The second band is violated, as it is meant to be.
    let (code, said) = run(folder.path(), &["run", "tiny.yaml"]);
    assert_eq!(code, 1, "{said}");
    assert_eq!(run(folder.path(), &["lock", "tiny.yaml"]).0, 0);
    std::fs::write(folder.path().join("summary.md"), "before\n").unwrap();
    let arguments = ["check", "tiny.yaml", "--junit", "j.xml", "--summary", "summary.md"];
    let (code, said) = run(folder.path(), &arguments);
    assert_eq!(code, 1, "{said}");
    let verdicts = said.split("Verdicts\n").nth(1).unwrap();
    for part in [
        "Two is better",
        "No round is perfect",
        "CONSISTENT",
        "one: 6 of 6 (seeds 3 to 8)",
        "lock: 12 of 12 runs BIT-IDENTICAL",
    ] {
        assert!(verdicts.contains(part), "no `{part}` in\n{said}");
    }
    let junit = read("j.xml");
    for part in [
        "<testsuites name=\"tiny\" tests=\"7\" failures=\"1\">",
        "<testsuite name=\"bands\" tests=\"2\" failures=\"1\" errors=\"0\">",
        "<testcase classname=\"tiny.verdicts\" name=\"Two is better\">",
        "<failure message=",
        "<system-out>BIT-IDENTICAL: 12 of 12",
    ] {
        assert!(junit.contains(part), "no `{part}` in\n{junit}");
    }
    let summary = read("summary.md");
    assert!(summary.starts_with("before\n## tiny\n"), "{summary}");
    assert!(summary.contains("| bands | 2 | 1 |") && summary.contains("expected 2 to 3"), "{summary}");

    // The files are a function of the outcomes: a second report changes no byte.
    let files = [read("reports/tiny/verdict.md"), read("reports/tiny/verdict.csv")];
    assert!(files[0].contains("### Claims in words") && files[1].lines().count() == 3, "{files:?}");
    let (code, said) = run(folder.path(), &["report", "tiny.yaml"]);
    assert!(code == 0 && said.contains("Verdicts\n"), "{said}");
    assert_eq!(files, [read("reports/tiny/verdict.md"), read("reports/tiny/verdict.csv")]);
}

#[test]
fn a_sweep_says_which_verdicts_move() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("tiny.yaml", SPEC);
    let sweep =
        "sweep: s\nbase: tiny.yaml\nset: [train.epochs=3]\nvariants:\n  many epochs: [train.epochs=40]\n";
    write("s.yaml", sweep);
    let (code, said) = run(folder.path(), &["sweep", "s.yaml"]);
    assert_eq!(code, 0, "{said}");
    let claim = said.split("Two is better\n").nth(1).unwrap_or_else(|| panic!("{said}"));
    let mut lines = claim.lines();
    let (own, many) = (lines.next().unwrap(), lines.next().unwrap());
    assert!(own.contains("as in the spec") && many.contains("many epochs"), "{said}");
    assert!(said.contains("None of 2 verdicts moves."), "{said}");
    let (code, dry) = run(folder.path(), &["sweep", "s.yaml", "--dry-run", "--set", "train.batch=8"]);
    assert!(
        code == 0 && dry.contains("s: 1 variant and the spec itself, 24 runs, 0 stored, 24 to train"),
        "{dry}"
    );
    assert_ne!(own.split_once("spec").unwrap().1.trim(), many.split_once("epochs").unwrap().1.trim());
    let read = |end: &str| std::fs::read_to_string(folder.path().join(format!("reports/s/s.{end}"))).unwrap();
    assert!(read("md").contains("- **many epochs**: train.epochs=40\n") && read("csv").lines().count() == 5);
    write("s.yaml", &sweep.replace("many epochs: [train.epochs=40]", "bad: [train.epoks=1]"));
    assert_eq!(run(folder.path(), &["sweep", "s.yaml"]).0, 2);
    write("s.yaml", &sweep.replace("base", "bas"));
    assert_eq!(run(folder.path(), &["sweep", "s.yaml"]).0, 2);
}

#[test]
fn a_reader_that_goes_away_changes_neither_the_exit_code_nor_the_files() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("tiny.yaml"), SPEC).unwrap();
    assert_eq!(run(folder.path(), &["run", "tiny.yaml"]).0, 1);
    let mut command = Command::new(env!("CARGO_BIN_EXE_replikat"));
    command.current_dir(folder.path()).args(["check", "tiny.yaml", "--junit", "j.xml"]).env_clear();
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert!(folder.path().join("j.xml").exists());
}

#[test]
fn verdicts_fail_a_check_only_if_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("tiny.yaml"), SPEC).unwrap();
    run(folder.path(), &["run", "tiny.yaml"]);
    let check = |more: &[&str]| {
        let sets = [
            "--set",
            "expect=[{statistic: mean, within: [2, 100]}]",
            "--set",
            "claims.words[1].below=2",
            "--set",
            "claims.rounds=10",
        ];
        run(folder.path(), &[&["check", "tiny.yaml", "--junit", "j.xml"], &sets[..], more].concat())
    };
    let (code, said) = check(&[]);
    assert!(code == 0 && said.contains("NOT REPLICATED"), "{said}");
    let (code, said) = check(&["--fail-on", "not-replicated"]);
    assert!(code == 1 && said.contains("1 verdict fails the check"), "{said}");
    let junit = std::fs::read_to_string(folder.path().join("j.xml")).unwrap();
    assert!(
        junit.contains("failures=\"1\"") && junit.contains("<failure message=\"NOT REPLICATED: "),
        "{junit}"
    );
}
