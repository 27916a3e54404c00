//! What every command shows at 80 and at 140 columns, kept as files; `REPLIKAT_WRITE_SCREENS=1` renews them.

use std::{path::PathBuf, process::Output};

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

/// Commands in the order in which they are given in one folder, each with the name of its file.
const COMMANDS: [(&str, &str); 18] = [
    ("plan-before", "plan tiny.yaml"),
    ("sweep-dry", "sweep s.yaml --dry-run"),
    ("run", "run tiny.yaml --jobs 1"),
    ("run-again", "run tiny.yaml"),
    ("run-quiet", "run tiny.yaml -q"),
    ("plan", "plan tiny.yaml --set grid.seed.count=8"),
    ("report", "report tiny.yaml"),
    ("report-quiet", "report tiny.yaml --quiet"),
    ("lock", "lock tiny.yaml"),
    ("check", "check tiny.yaml"),
    ("check-part", "check tiny.yaml --set grid.seed.count=8"),
    ("check-quiet", "check tiny.yaml -q"),
    ("explain", "explain tiny.yaml --set grid.seed.count=8"),
    ("sweep", "sweep s.yaml"),
    ("sweep-quiet", "sweep s.yaml -q"),
    ("store-list", "store list"),
    ("store-fsck", "store fsck"),
    ("fault", "plan tiny.yaml --set train.batch=none --set grid.lr=[]"),
];

/// Replaces seconds and dates, which differ from call to call.
fn masked(text: &str) -> String {
    let is_date = |word: &str| {
        let parts: Vec<usize> = word.split('-').map(str::len).collect();
        parts == [4, 2, 2] && word.bytes().all(|c| c == b'-' || c.is_ascii_digit())
    };
    let dated = |line: &str| {
        line.split(' ')
            .map(|word| if is_date(word) { "DATE-DATE-" } else { word })
            .collect::<Vec<_>>()
            .join(" ")
    };
    let text = text.split('\n').map(dated).collect::<Vec<_>>().join("\n");
    let words: Vec<&str> = text.split(' ').collect();
    let is_time = |i: usize| {
        let unit = words.get(i + 1).is_some_and(|unit| unit.trim_end().trim_end_matches([';', ',']) == "s");
        unit && words[i].parse::<f64>().is_ok()
    };
    let shown = words.iter().enumerate().map(|(i, word)| if is_time(i) { "N" } else { word });
    shown.collect::<Vec<_>>().join(" ")
}

/// Says whether a line is of a time that no two calls have alike.
fn passing(line: &str) -> bool {
    ["runs trained", "they take about", " s left", "further runs", "diverged: ", " missing; "]
        .iter()
        .any(|part| line.contains(part))
}

fn shown(place: &Place, line: &str, columns: usize) -> (String, String) {
    let arguments: Vec<&str> = line.split(' ').collect();
    let mut command = place.command(&arguments);
    let Output { stdout, stderr, .. } = command.env("COLUMNS", columns.to_string()).output().unwrap();
    (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

fn kept(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/screens").join(name)
}

#[test]
fn every_screen_fits_and_is_as_it_was() {
    let renew = std::env::var_os("REPLIKAT_WRITE_SCREENS").is_some();
    let mut old = Vec::new();
    for columns in [80, 140] {
        let place = Place::with(SPEC);
        place.write("s.yaml", SWEEP);
        for (name, line) in COMMANDS {
            let (out, talk) = shown(&place, line, columns);
            let quiet = name.ends_with("-quiet");
            for line in out.lines().chain(talk.lines()).filter(|_| !quiet) {
                assert!(line.width() <= columns, "{name} at {columns}: {} columns: {line}", line.width());
            }
            if quiet {
                assert!(out.lines().count() == 1 && talk.is_empty(), "{name}: {out}{talk}");
            }
            let talk: Vec<&str> = talk.lines().filter(|line| !passing(line)).collect();
            let out: Vec<&str> = out.lines().filter(|line| !passing(line)).collect();
            let screen =
                masked(&format!("$ replikat {line}\n{}\n--- stderr\n{}\n", out.join("\n"), talk.join("\n")));
            let path = kept(&format!("{name}-{columns}.txt"));
            if renew {
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(&path, &screen).unwrap();
            }
            if std::fs::read_to_string(&path).unwrap_or_default() != screen {
                old.push(format!("{}\n{screen}", path.display()));
            }
        }
    }
    assert!(
        old.is_empty(),
        "renew with REPLIKAT_WRITE_SCREENS=1 and look at the difference:\n{}",
        old.join("\n")
    );
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
