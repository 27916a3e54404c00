//! Small inputs that once went wrong, each in a folder of its own below `tests/fixtures/cases`: what is right for them.
//!
//! A case is a line of the table below if commands and texts are enough to tell it, else a test in `by_hand`.

mod by_hand;

use std::{
    path::{Path, PathBuf},
    process::Output,
};

use crate::support::place::Place;

/// What is done or looked at in a copy of a case's folder. A text with `!` in front may not be there.
enum Step {
    /// A command line, its exit code, and texts in what is said; `2>/dev/full` at its end is a disk without room.
    Run(&'static str, i32, &'static [&'static str]),
    /// A file, and texts in it.
    Holds(&'static str, &'static [&'static str]),
    /// A file or folder that is removed.
    Remove(&'static str),
}
use Step::{Holds, Remove, Run};

/// Makes a test of each case; its folder has its name, with hyphens.
macro_rules! cases {
    ($($name:ident: [$($step:expr),* $(,)?];)*) => {
        $(#[test]
        fn $name() {
            play(&case(stringify!($name)), &[$($step),*]);
        })*
    };
}

cases! {
    stderr_full: [
        Run("run s.yaml 2>/dev/full", 0, &["\nnet  comparison over rounds       4  "]),
        Run("store list", 0, &["\n4 runs\n"]),
        Run("check none.yaml 2>/dev/full", 2, &[]),
    ];
    one_network_two_names: [
        Run("run s.yaml", 0, &[
            "note: `a` and `b` are one network",
            "6 of 6 runs finished, 0 diverged, 0 failed, 0 missing; 0 cached, 3 trained; ",
            "Of 2 configs `a` and 1 more have the highest test accuracy: ",
            "!other processes",
        ]),
        Run("lock s.yaml", 0, &["3 runs (3 more are the same under another name), written"]),
        Run("check s.yaml", 0, &["lock: 6 of 6 runs BIT-IDENTICAL", "!not in the lock"]),
    ];
    // The only round has an accuracy of 57.00 %, or with another seed of 55.00 %.
    limit_57_kept: [
        Run("run s.yaml -q", 0, &[]),
        Holds("reports/s/verdict.csv", &["0 of 1 rounds keep it, the largest is 57.00"]),
        Holds("results/s/summary.csv", &[",test,accuracy,rounds,1,1,1,0,0,0,0.57,"]),
        Run("report s.yaml -q --set claims.words[0].below=58 --set claims.collapsed.below=58", 0, &[]),
        Holds("reports/s/verdict.csv", &["1 of 1 rounds keep it, the largest is 57.00"]),
        Holds("results/s/summary.csv", &[",test,accuracy,rounds,1,1,1,0,0,1,0.57,"]),
        Run("report s.yaml -q --set claims.words[0].below=56", 0, &[]),
        Holds("reports/s/verdict.csv", &["0 of 1 rounds keep it"]),
        Run("run s.yaml -q --set grid.seed.from=0 --set claims.words[0].below=55", 0, &[]),
        Holds("reports/s/verdict.csv", &["0 of 1 rounds keep it, the largest is 55.00"]),
    ];
    split_not_shown: [
        Run("run s.yaml", 0, &["\nnet, training set  comparison", "\nnet, test set      comparison"]),
        Holds("reports/s/t.csv", &["net, training set", "net, test set", "\nA,"]),
        Holds("reports/s/t.md", &["net, training set", "net, test set"]),
        Holds("reports/s/t.tex", &["net, training set", "net, test set"]),
        Holds("reports/s/index.html", &["net, training set", "net, test set"]),
        Holds("reports/s/u.csv", &["net, training set"]),
    ];
    partial_macros: [
        Run("run s.yaml -q --set grid.seed.count=5", 0, &[]),
        Run("report s.yaml -q", 0, &[]),
        Holds("reports/s/numbers.tex", &["incomplete: 5 of 60 runs"]),
        Holds("reports/s/tables.tex", &["incomplete: 5 of 60 runs"]),
        Holds("reports/s/t.tex", &["incomplete: 5 of 60 runs"]),
        Holds("reports/s/t.md", &["incomplete: 5 of 60 runs"]),
        Holds("reports/s/index.html", &["incomplete: 5 of 60 runs"]),
        Holds("reports/s/f.svg", &["incomplete: 5 of 60 runs", "mean ± std of 5 of 60 rounds"]),
        Holds("reports/s/t.csv", &[
            "row,source,rounds,mean,max,median,std,planned,note\n",
            "net,comparison over rounds,5,",
            ",60,incomplete: 5 of 60 runs",
        ]),
    ];
    constant_metric_axis: [
        Run("run s.yaml -q", 0, &[]),
        Holds("reports/s/s.svg", &["\n0.0\n", "\n1.0\n", "!e−", "!\n−"]),
        Holds("reports/s/o.svg", &["\n0.0\n", "\n1.0\n", "!e−", "!\n−"]),
    ];
    thirteenth_config_looks_like_the_first: [
        Run("run s.yaml -q --set grid.seed.count=1 --set grid.lr=[.01,.02,.03,.04,.05,.06,.07,.08,.09,.1,.11,.12,.13,\
             .14,.15,.16,.17,.18,.19,.2,.21,.22,.23,.24,.25,.26,.27,.28,.29,.3]", 0, &[]),
        Holds("reports/s/f.svg", &["6 of 30 configs are left out; choose some with `where:`"]),
    ];
    latex_less_than: [
        Run("run s.yaml -q", 0, &[]),
        Holds("reports/s/t.tex", &[
            "\\caption{a \\textless{} b \\textgreater{} c \\textbar{} d}", "!<", "!>", "!|", "!\\usepackage",
        ]),
    ];
    csv_missing_numbers: [
        Run("run s.yaml", 2, &["s.yaml:7:66", "none of these networks scores the digits"]),
        Run("run some.yaml -q", 0, &[]),
        // Words that would be a formula are none, and a missing number is an empty cell.
        Holds("reports/s/t.csv", &["row,source,rounds,mean,max,median,std\n'=net,comparison over rounds,1,55.00,55.00,55.00,\n", "!–"]),
        Holds("reports/s/t.csv", &["\n'=net,digits over rounds,1,,,,\n"]),
        Holds("reports/s/t.md", &["–"]),
    ];
    gc_specs_in_subfolders: [
        Run("run experiments/a.yaml -q", 0, &[]),
        Run("run experiments/second-paper/b.yml -q", 0, &[]),
        Remove("results/b"),
        Run("store gc --yes", 0, &["8 of 8 records are needed: by 2 specs in experiments", "nothing to move"]),
        Run("store list", 0, &["\n8 runs\n"]),
    ];
    gc_runs_of_a_lock: [
        Run("run experiments/a.yaml -q --set grid.seed.count=10 --set experiment=a-10", 0, &[]),
        Run("lock experiments/a.yaml --set grid.seed.count=10 --set experiment=a-10", 0, &["10 runs, written"]),
        Run("store gc", 0, &["by 1 spec in experiments, by 1 lock, by the outputs of 1 experiment\n"]),
        Remove("results/a-10"),
        Run("store gc --yes", 0, &["by 1 spec in experiments, by 1 lock\n", "nothing to move"]),
        Run("check experiments/a.yaml --set grid.seed.count=10 --set experiment=a-10", 0, &["10 of 10 runs"]),
        // Without the lock the outputs are enough; without both, ten runs are two.
        Run("report experiments/a.yaml -q --set grid.seed.count=10 --set experiment=a-10", 0, &[]),
        Remove("results/a-10.lock.json"),
        Run("store gc", 0, &["10 of 10 records are needed"]),
        Remove("results/a-10"),
        Run("store gc", 2, &["8 records of one config", "nothing was changed"]),
        Run("store list", 0, &["\n10 runs\n"]),
    ];
    two_specs_of_one_name: [
        Run("run one.yaml -q", 0, &[]),
        Run("lock one.yaml", 0, &["4 runs, written"]),
        Run("run two.yaml", 2, &["`reports/s` belong to another spec of the name `s`: one.yaml, not two.yaml", "!removed"]),
        Run("report one.yaml", 0, &["rebuilt: page (lock changed)\n"]),
        Run("run two.yaml -q --set experiment=two", 0, &[]),
        Run("lock two.yaml", 2, &["of its 4 runs 4 would be dropped (net seeds 0 to 3)"]),
        Run("check one.yaml", 0, &["lock: 4 of 4 runs BIT-IDENTICAL"]),
    ];
    interval_of_one_pair: [
        Run("run s.yaml", 0, &["b beats a  in words  -6.00         –           –"]),
        Holds("reports/s/verdict.csv", &[",-6.0000,,,,,,,", "1 pair, which has no interval", "!-6.00, -6.00"]),
        Holds("reports/s/o.svg", &["\n1 seed\n", "!95 % of the mean"]),
    ];
    dot_in_a_name: [
        Run("plan s.yaml --set 'architectures.net.v1.pair=[flatten, {linear: 4}, {linear: 2}]'", 0, &["net.v1        1582"]),
        Run("plan s.yaml --set 'architectures.\"net.v1\".pair=[flatten, {linear: 4}, {linear: 2}]'", 0, &["net.v1        1582"]),
        Run("plan s.yaml --set 'architectures.net.v2.pair=[flatten]'", 2, &["a name with a dot stands in quotes"]),
    ];
    spec_not_in_utf_8: [
        Run("plan latin1.yaml", 2, &["`latin1.yaml` is not UTF-8: line 1 has the byte 0xe9", "hint: save the file as UTF-8"]),
        Run("plan utf16.yaml", 2, &["`utf16.yaml` is UTF-16 (the low byte first), not UTF-8", "hint: save the file as UTF-8"]),
    ];
    // The only round has an accuracy of 55.00 %; a band holds at its ends.
    nan_in_a_band: [
        Run("check s.yaml --junit j.xml", 2, &["no run of `s.yaml` by engine exact/1 is stored"]),
        Run("run s.yaml", 1, &["0 of 1 hold", "!NaN"]),
        Run("check s.yaml --junit j.xml", 1, &["has no value, since no round has it or one round has no spread", "!NaN"]),
        Holds("j.xml", &["std of test accuracy", "!NaN"]),
        Run("check s.yaml --set 'expect=[{statistic: max, within: [55, 100]}]'", 0, &["1 of 1 hold"]),
        Run("check s.yaml --set 'expect=[{statistic: max, within: [0, 55]}]'", 0, &["1 of 1 hold"]),
        Run("check s.yaml --set 'expect=[{statistic: max, within: [56, 100]}]'", 1, &["0 of 1 hold"]),
    ];
}

/// Returns the folder of all cases.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cases")
}

/// Returns a copy of a case's folder.
fn case(name: &str) -> Place {
    fn copy(from: &Path, to: &Path) {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap() {
            let path = entry.unwrap().path();
            let target = to.join(path.file_name().unwrap());
            if path.is_dir() {
                copy(&path, &target);
            } else {
                std::fs::copy(&path, &target).unwrap();
            }
        }
    }
    let place = Place::empty();
    copy(&folder().join(name.replace('_', "-")), &place.path(""));
    place
}

/// Splits a command line at spaces, but not within single quotes.
fn words(line: &str) -> Vec<&str> {
    let parts = line.split('\'').enumerate();
    parts
        .flat_map(
            |(i, part)| {
                if i % 2 == 1 { vec![part] } else { part.split(' ').filter(|w| !w.is_empty()).collect() }
            },
        )
        .collect()
}

fn play(place: &Place, steps: &[Step]) {
    for step in steps {
        match step {
            Run(line, code, parts) => {
                let (line, full) =
                    line.strip_suffix(" 2>/dev/full").map_or((*line, false), |line| (line, true));
                let mut command = place.command(&words(line));
                if full {
                    command.stderr(std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap());
                }
                let Output { status, stdout, stderr } = command.output().unwrap();
                let said = String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap();
                assert_eq!(status.code(), Some(*code), "{line}: {said}");
                has(line, &said, parts);
            }
            Holds(file, parts) => has(file, &place.read(file), parts),
            Remove(path) if place.path(path).is_dir() => std::fs::remove_dir_all(place.path(path)).unwrap(),
            Remove(path) => std::fs::remove_file(place.path(path)).unwrap(),
        }
    }
}

/// Asserts that texts are there, or with `!` in front are not.
fn has(what: &str, text: &str, parts: &[&str]) {
    for part in parts {
        let found = part.strip_prefix('!').map_or_else(|| text.contains(part), |never| !text.contains(never));
        assert!(found, "{what}: `{part}`: {text}");
    }
}

#[test]
fn every_folder_is_a_test() {
    let source = include_str!("cases.rs").to_owned() + include_str!("cases/by_hand.rs");
    for entry in std::fs::read_dir(folder()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap().replace('-', "_");
        assert!(
            source.contains(&format!("    {name}: [")) || source.contains(&format!("case(\"{name}\")")),
            "{name}"
        );
    }
}
