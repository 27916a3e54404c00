//! What every command shows at 80 and at 140 columns, kept as files; `REPLIKAT_WRITE_SCREENS=1` renews them.

use std::{collections::BTreeSet, path::PathBuf, process::Output};

use unicode_width::UnicodeWidthStr;

use crate::support::place::Place;

/// Two networks, one of them with a claim, a band that is violated and a learning rate that diverges.
const SPEC: &str = "
experiment: tiny
data: {source: glyphs, pairs: {train: 32, test: 20}, scale: unit}
train: {epochs: 2, batch: 16}
architectures:
  one: {pair: [flatten, {linear: 2}]}
  a-longer-name: {pair: [flatten, {linear: 20}, {linear: 20}, {linear: 20}, {linear: 2}]}
grid: {architecture: [one, a-longer-name], seed: {from: 3, count: 6}, lr: [0.05, 1e6]}
tables:
  t: {caption: A table, rows: [{name: Training, split: train, where: {lr: 0.05}}, {name: Testing, where: {lr: 0.05}}]}
expect:
  - {where: {architecture: one, lr: 0.05}, split: train, statistic: mean, within: [2, 100]}
  - {where: {architecture: a-longer-name, lr: 0.05}, split: train, statistic: max, within: [2, 3]}
claims:
  rounds: 5
  collapsed: {below: 100}
  words:
    - {name: The network with the longer name is better than the other, greater: {architecture: a-longer-name, lr: 0.05}, less: {architecture: one, lr: 0.05}}
    - {name: No round is perfect, where: {architecture: one, lr: 0.05}, below: 101}
";

const SWEEP: &str =
    "sweep: s\nbase: tiny.yaml\nset: [\"grid.lr=[0.05]\"]\nvariants:\n  many epochs: [train.epochs=4]\n";

/// Commands in the order in which they are given in one folder, each with the name of its file; one without a name is
/// not looked at, and of `fits-` only that it fits, since it is of this machine. `KEY0` is the first stored run, and so on.
const COMMANDS: [(&str, &str); 54] = [
    ("help", "--help"),
    ("help-run", "run --help"),
    ("help-store", "store gc --help"),
    ("no-command", "rnu tiny.yaml"),
    ("no-option", "run tiny.yaml --jbs 3"),
    ("no-spec", "run"),
    ("no-file", "run none.yaml"),
    ("no-store", "store list"),
    ("data-status", "data status"),
    ("data-status-wrong", "data status --data-dir data"),
    ("data-status-glyphs", "data status glyphs"),
    ("data-head-schema", "schema"),
    ("data-head-reference", "schema --markdown"),
    ("data-head-man", "man"),
    ("data-head-man-run", "man run"),
    ("data-head-completions", "completions bash"),
    ("init", "init mine"),
    ("init-again", "init mine"),
    ("plan-before", "plan tiny.yaml"),
    ("check-before", "check tiny.yaml"),
    ("sweep-dry", "sweep s.yaml --dry-run"),
    ("run", "run tiny.yaml --jobs 1"),
    ("run-again", "run tiny.yaml"),
    ("run-quiet", "run tiny.yaml -q"),
    ("show", "show KEY0"),
    ("show-diverged", "show KEY2"),
    ("show-none", "show abcd"),
    ("diff", "diff KEY0 KEY1"),
    ("diff-networks", "diff KEY0 KEY2"),
    ("diff-same", "diff KEY0 KEY0"),
    ("plan", "plan tiny.yaml --set grid.seed.count=8"),
    ("report", "report tiny.yaml"),
    ("report-quiet", "report tiny.yaml --quiet"),
    ("lock", "lock tiny.yaml"),
    ("lock-fewer", "lock tiny.yaml --set grid.seed.count=1"),
    ("check", "check tiny.yaml"),
    ("check-part", "check tiny.yaml --set grid.seed.count=8"),
    ("check-quiet", "check tiny.yaml -q"),
    ("explain", "explain tiny.yaml --set grid.seed.count=8"),
    ("explain-new", "explain tiny.yaml --set train.batch=8 --set grid.seed.count=1"),
    ("sweep", "sweep s.yaml"),
    ("sweep-quiet", "sweep s.yaml -q"),
    ("compare", "compare tiny.yaml tiny.yaml --set train.epochs=4 --set grid.lr=[0.05]"),
    ("store-list", "store list"),
    ("store-fsck", "store fsck"),
    ("store-list-part", "store list --experiment tiny --status diverged"),
    ("help-store-list", "store list --help"),
    ("fits-store-doctor", "store doctor"),
    ("", "run tiny.yaml -q --set grid.seed.from=20"),
    ("", "report tiny.yaml -q"),
    ("store-gc-dry", "store gc --dry-run"),
    ("store-gc", "store gc --yes"),
    ("experiments", "experiments"),
    ("fault", "plan tiny.yaml --set train.batch=none --set grid.lr=[]"),
];

/// Lines that are kept of what programs read.
const HEAD: usize = 24;

/// Replaces seconds and sizes of files, which differ from call to call, dates and the version.
fn masked(text: &str) -> String {
    let is_date = |word: &str| {
        let parts: Vec<usize> = word.split('-').map(str::len).collect();
        parts == [4, 2, 2] && word.bytes().all(|c| c == b'-' || c.is_ascii_digit())
    };
    let dated = |line: &str| {
        line.split(' ')
            .map(|word| if is_date(word) { "YYYY-MM-DD" } else { word })
            .collect::<Vec<_>>()
            .join(" ")
    };
    let text = text.split('\n').map(dated).collect::<Vec<_>>().join("\n");
    let words: Vec<&str> = text.split(' ').collect();
    let passes = |i: usize| {
        let unit = words.get(i + 1).map(|unit| unit.trim_end());
        unit.is_some_and(|unit| ["s", "s;", "s,", "kB,"].contains(&unit)) && words[i].parse::<f64>().is_ok()
    };
    let shown = words.iter().enumerate().map(|(i, word)| if passes(i) { "N" } else { word });
    shown.collect::<Vec<_>>().join(" ").replace(env!("CARGO_PKG_VERSION"), "VERSION")
}

/// Says whether a line is of a time that no two calls have alike.
fn passing(line: &str) -> bool {
    ["runs trained", "they take about", " s left", "further runs", "diverged: ", " missing; "]
        .iter()
        .any(|part| line.contains(part))
}

/// Leaves out the lines that pass, and where a run was made, which is another machine every time.
fn lasting(text: &str) -> String {
    let mut made = false;
    let lines = text.lines().filter(|line| !passing(line)).filter_map(|line| {
        let begins = line.starts_with("made     ");
        made = begins || made && line.starts_with("  ");
        match (begins, made) {
            (true, _) => Some("made     WHERE AND WHEN"),
            (false, true) => None,
            (false, false) => Some(line),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn shown(place: &Place, line: &str, columns: usize) -> (String, String) {
    let arguments: Vec<&str> = line.split(' ').collect();
    let mut command = place.command(&arguments);
    // A folder as seen from here has the same name everywhere.
    command.env("HOME", "home").env("COLUMNS", columns.to_string());
    let Output { stdout, stderr, .. } = command.output().unwrap();
    (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

/// Writes the keys of stored runs into a command line.
fn with_keys(place: &Place, line: &str) -> String {
    let mut line = line.to_owned();
    for (i, key) in place.store().list().unwrap().keys.iter().enumerate().take(3) {
        line = line.replace(&format!("KEY{i}"), &key.to_string()[..8]);
    }
    line
}

fn kept(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/screens").join(name)
}

/// Gives a command; returns what it shows, all of which fits.
fn screen(place: &Place, name: &str, line: &str, columns: usize) -> String {
    let line = with_keys(place, line);
    let (out, talk) = shown(place, &line, columns);
    if name.starts_with("data-head-") {
        let head: Vec<&str> = out.lines().take(HEAD).collect();
        assert!(talk.is_empty() && head.len() == HEAD, "{name}: {talk}");
        return masked(&format!("$ replikat {line} | head -{HEAD}\n{}\n", head.join("\n")));
    }
    if name.ends_with("-quiet") {
        assert!(out.lines().count() == 1 && talk.is_empty(), "{name}: {out}{talk}");
    } else {
        for line in out.lines().chain(talk.lines()) {
            assert!(line.width() <= columns, "{name} at {columns}: {} columns: {line}", line.width());
        }
    }
    let talk = if talk.is_empty() { String::new() } else { format!("--- stderr\n{}\n", lasting(&talk)) };
    masked(&format!("$ replikat {line}\n{}\n{talk}", lasting(&out)))
}

#[test]
fn every_screen_fits_and_is_as_it_was() {
    let renew = std::env::var_os("REPLIKAT_WRITE_SCREENS").is_some();
    let mut old = Vec::new();
    let mut names = BTreeSet::new();
    for columns in [80, 140] {
        let place = Place::with(SPEC);
        place.write("s.yaml", SWEEP);
        std::fs::create_dir(place.path("data")).unwrap();
        for name in ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"] {
            place.write(&format!("data/{name}-ubyte"), "not MNIST");
        }
        for (name, line) in COMMANDS {
            if name.is_empty() {
                shown(&place, line, columns);
                continue;
            }
            let screen = screen(&place, name, line, columns);
            if name.starts_with("fits-") {
                continue;
            }
            // What programs read does not know how wide a terminal is.
            let data = name.starts_with("data-head-");
            let file = if data { format!("{name}.txt") } else { format!("{name}-{columns}.txt") };
            let path = kept(&file);
            if renew {
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(&path, &screen).unwrap();
            }
            if std::fs::read_to_string(&path).unwrap_or_default() != screen {
                old.push(format!("{}\n{screen}", path.display()));
            }
            names.insert(file);
        }
    }
    assert!(
        old.is_empty(),
        "renew with REPLIKAT_WRITE_SCREENS=1 and look at the difference:\n{}",
        old.join("\n")
    );
    let there = std::fs::read_dir(kept("")).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
    assert_eq!(there.collect::<BTreeSet<_>>(), names, "files of commands that are gone");
}

#[test]
fn colours_are_shown_where_they_are_wanted() {
    let place = Place::with(SPEC);
    let run = |variables: &[(&str, &str)]| {
        let mut command = place.command(&["run", "tiny.yaml"]);
        let output = command.envs(variables.iter().copied()).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(!run(&[]).contains('\u{1b}'), "a pipe gets none");
    let coloured = run(&[("FORCE_COLOR", "1")]);
    assert!(coloured.contains("\u{1b}[36mCONSISTENT"), "{coloured}");
    assert!(coloured.contains("\u{1b}[31mviolated:"), "{coloured}");
    assert!(run(&[("CLICOLOR_FORCE", "1")]).contains('\u{1b}'));
    for none in [("NO_COLOR", "1"), ("FORCE_COLOR", "0")] {
        assert!(!run(&[("CLICOLOR_FORCE", "1"), none]).contains('\u{1b}'), "{none:?}");
    }
}

#[test]
fn what_programs_read_is_not_broken() {
    let place = Place::with(SPEC);
    let json = |columns: usize| {
        let said = shown(&place, "plan tiny.yaml --json", columns).0;
        serde_json::from_str::<serde_json::Value>(&said).unwrap()
    };
    assert_eq!(json(20), json(1000));
}

#[test]
fn hints_are_commands_that_work_when_pasted() {
    let place = Place::with("");
    place.write("a $(touch pwned) b.yaml", SPEC);
    let more = ["--results", "my results", "--set", "grid.lr=[0.05]", "--set", "experiment=other"];
    let (code, said) = place.run(&[&["check", "a $(touch pwned) b.yaml"], &more[..]].concat());
    assert_eq!(code, 2, "{said}");
    let hint = said.split("hint: train them with `").nth(1).unwrap().split('`').next().unwrap();
    let program = env!("CARGO_BIN_EXE_replikat");
    let line = hint.replacen("replikat", &format!("'{program}'"), 1);
    let status =
        std::process::Command::new("sh").args(["-c", &line]).current_dir(place.path("")).output().unwrap();
    assert_eq!(status.status.code(), Some(1), "a band is violated: {hint}");
    assert!(place.path("my results/other").is_dir() && !place.path("pwned").exists(), "{hint}");
}
