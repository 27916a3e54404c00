//! Twelve mistakes on purpose: the lock finds every one, the bands most. Needs the feature `seeded-bugs`.

use std::{
    path::Path,
    process::{Command, Output},
    sync::{Arc, atomic::AtomicBool},
};

use replikat::{
    data::glyphs,
    engine::optimizer::Optimizer,
    model::Architecture,
    parallel,
    plan::{Config, Plan},
    record::{Provenance, Record},
    spec::{Over, Spec, Statistic},
    stats,
    store::Store,
    task::{digit_pairs::TASK, pairs},
    train::{Backend, Cohort, Member, train},
};

const BUGS: [&str; 12] = [
    "DoubleRate",
    "NoMomentum",
    "DropoutUnscaled",
    "DropoutInEvaluation",
    "AuxiliarySign",
    "SharingBroken",
    "LabelsShifted",
    "TestInTraining",
    "NoShuffle",
    "WrongFanIn",
    "LastBatchDropped",
    "StdOfPopulation",
];

/// Everything that a bug can touch: momentum, dropout, shuffle, shared weights with an auxiliary loss, a last batch of
/// 4, standardised pixels.
const SPEC: &str = "
experiment: bugs
data: {source: glyphs, pairs: {train: 500, test: 500}, scale: standard}
train: {epochs: 6, batch: 16, optimizer: {sgd: {momentum: 0.8}}}
architectures:
  net:
    each: [{conv: 6}, {max-pool: 2}, relu, {conv: 8}, {dropout: elements}, {max-pool: 2}, relu, flatten, {linear: 10}]
    digits: {loss_weight: 1.0}
    then: [{linear: 16}, relu, {linear: 2}]
grid: {architecture: [net], seed: {from: 0, count: 10}, lr: [0.01], dropout: [0.4]}
";

/// Runs the program in `folder` with a seeded bug, or none.
fn run(folder: &Path, bug: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_replikat"));
    command.current_dir(folder).args(arguments).env_clear().env("HOME", folder).env("REPLIKAT_BUG", bug);
    command.output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Returns the config that a program would train which forgets or doubles something, if that is all that is wrong.
fn other_config(bug: &str, config: &Config) -> Option<Config> {
    let mut config = config.clone();
    match bug {
        "DoubleRate" => config.lr *= 2.0,
        "NoMomentum" => config.train.optimizer = Optimizer::default(),
        "NoShuffle" => config.train.shuffle = false,
        "SharingBroken" => match Arc::make_mut(&mut config.architecture) {
            Architecture::Each { share, .. } => *share = false,
            Architecture::Pair(_) => panic!("nothing is shared"),
        },
        _ => return None,
    }
    Some(config)
}

/// Stores what another config gives under the keys of the spec's runs; says whether the bug is one of these.
fn store_another_config(spec: &str, bug: &str, results: &Path) -> bool {
    let spec = Spec::parse("bugs.yaml", spec, &[]).unwrap();
    let plan = Plan::expand(&spec, glyphs::SOURCE.id());
    let Some(config) = other_config(bug, &plan.configs[0]) else { return false };
    let images = spec.data.source.load(None, pairs::images(&config.pairs)).unwrap();
    let data = Arc::new(config.task.draw(&images, &config.pairs, config.scale, 0).unwrap());
    let store = Store::new(results);
    parallel::map_all(plan.runs.len(), |i| {
        let run = &plan.runs[i];
        let members = [Member::of(&config, run.seed, Arc::clone(&data))];
        let stop = AtomicBool::new(false);
        let cohort = Cohort { config: &config, members: &members, backend: Backend::Cpu, stop: &stop };
        let outcome = train(&cohort).unwrap().unwrap().remove(0);
        let record = Record::new(run.key, plan.preimage(run), outcome, Provenance::default());
        store.put(run.key, &record).unwrap();
    });
    true
}

/// What the bands are about.
fn quantities() -> Vec<(&'static str, &'static str, Over)> {
    let mut found = Vec::new();
    for split in ["train", "test"] {
        for metric in TASK.metrics.iter().map(|metric| metric.name) {
            found.extend([(split, metric, Over::Rounds), (split, metric, Over::Epochs)]);
        }
    }
    found
}

/// Returns every round's value of a quantity: its last epoch, or the mean of its epochs; in percent for accuracies.
fn rounds(epochs: &str, split: &str, metric: &str, over: Over) -> Vec<f64> {
    let mut lines = epochs.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let column = |name: &str| header.iter().position(|h| *h == name).unwrap();
    let (seed, value) = (column("seed"), column(&format!("{split}_{metric}")));
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    let scale = if metric.ends_with("accuracy") { 100.0 } else { 1.0 };
    let of_round = |round: &[Vec<&str>]| {
        let values: Vec<f64> = round.iter().map(|row| scale * row[value].parse::<f64>().unwrap()).collect();
        if over == Over::Rounds { values[values.len() - 1] } else { stats::mean(&values) }
    };
    rows.chunk_by(|a, b| a[seed] == b[seed]).map(of_round).collect()
}

/// Returns the spec with bands: the mean of ten rounds lies within four standard errors, as forty other seeds have them.
fn with_bands(folder: &Path) -> String {
    let healthy = SPEC.replace("from: 0, count: 10", "from: 1000, count: 40").replace(": bugs", ": healthy");
    std::fs::write(folder.join("healthy.yaml"), healthy).unwrap();
    assert!(run(folder, "", &["run", "healthy.yaml"]).status.success());
    let epochs = std::fs::read_to_string(folder.join("results/healthy/epochs.csv")).unwrap();
    let mut spec = format!("{SPEC}expect:\n");
    for (split, metric, over) in quantities() {
        let values = rounds(&epochs, split, metric, over);
        let half = 4.0 * stats::std(&values) * (1.0 / 10.0 + 1.0 / values.len() as f64).sqrt();
        let mean = stats::mean(&values);
        let (over, statistic) = (over.word(), Statistic::Mean.word());
        spec += &format!(
            "  - {{split: {split}, metric: {metric}, over: {over}, statistic: {statistic}, within: [{}, {}]}}\n",
            mean - half,
            mean + half
        );
    }
    spec
}

#[test]
#[expect(clippy::print_stdout, reason = "with --nocapture it prints the table of docs/numerics.md")]
fn the_lock_finds_twelve_of_twelve_bugs_and_the_bands_at_least_eight() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let spec = with_bands(folder);
    std::fs::write(folder.join("bugs.yaml"), &spec).unwrap();
    let healthy = run(folder, "", &["run", "bugs.yaml"]);
    assert!(out(&healthy).contains("bands: 16 of 16 hold"), "{}", out(&healthy));
    let locked = run(folder, "", &["lock", "bugs.yaml"]);
    assert!(locked.status.success(), "{}", String::from_utf8_lossy(&locked.stderr));
    let (mut by_lock, mut by_bands, mut table) = (0, 0, String::new());
    for bug in BUGS {
        std::fs::create_dir_all(folder.join(bug)).unwrap();
        std::fs::copy(folder.join("results/bugs.lock.json"), folder.join(bug).join("bugs.lock.json"))
            .unwrap();
        let stored = store_another_config(&spec, bug, &folder.join(bug));
        let output = run(folder, bug, &["run", "bugs.yaml", "--results", bug]);
        let (said, talk) = (out(&output), String::from_utf8(output.stderr).unwrap());
        assert!(!stored || talk.contains("10 cached, 0 trained"), "{talk}");
        let count = |begin: &str| -> usize {
            let line = said.lines().find(|l| l.starts_with(begin)).unwrap_or_else(|| panic!("{bug}: {said}"));
            line[begin.len()..].split(' ').next().unwrap().parse().unwrap()
        };
        let (identical, holding) = (count("lock: "), count("bands: "));
        by_lock += usize::from(identical < 10);
        by_bands += usize::from(holding < 16);
        table += &format!("| {bug} | {} of 10 | {} of 16 |\n", 10 - identical, 16 - holding);
    }
    println!("| bug | runs with other bits | bands violated |\n| --- | ---: | ---: |\n{table}");
    assert_eq!(by_lock, 12, "{table}");
    assert!(by_bands >= 8, "{by_bands} of 12 by bands\n{table}");
}
