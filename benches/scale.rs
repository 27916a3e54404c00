//! How planning, lookup, verification and reports grow with the number of runs.
//!
//! `cargo bench --profile dev --bench scale` (the profile of `cargo run`) fills stores with made-up records of three
//! epochs, as many as the first column says, and times the program itself, start-up included, in seconds; the last two
//! columns are microseconds of an all-hit `run` per run, and the largest memory in MB. `floor` opens, reads and hashes
//! every file and does no more: what no store of plain files can go below. The first line, on the training of 2,000 tiny
//! runs, tells what scheduling and storing cost beside the training itself.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]
#![expect(clippy::print_stdout, reason = "its output is its result")]
#![expect(clippy::disallowed_methods, reason = "made-up records need not be durable")]

use std::{
    path::Path,
    process::Command,
    sync::{Arc, atomic::AtomicBool},
    time::Instant,
};

use rayon::prelude::*;
use replikat::{
    digest::Digest,
    plan::Plan,
    record::{End, EpochMetrics, Outcome, Provenance, Record},
    spec::Spec,
    store::Store,
    task::{
        Measure,
        digit_pairs::{ACCURACY, LOSS, TASK},
        pairs,
    },
    train::{Backend, Cohort, Member, train},
};

/// Ten configs of a tenth of the runs each; or, with `many`, a hundred runs for each config.
fn spec(runs: usize, many: bool) -> String {
    let lrs = if many { runs / 100 } else { 10 };
    let lr: Vec<String> = (1..=lrs).map(|i| format!("{}", i as f64 * 1e-6)).collect();
    let outputs = if many {
        ""
    } else {
        "figures: {c: {curves: [loss, accuracy]}, d: {dots: {metric: accuracy, split: test}}}"
    };
    format!(
        "
experiment: scale
data: {{source: glyphs, pairs: {{train: 20, test: 10}}, scale: unit}}
train: {{epochs: 3, batch: 10, optimizer: {{sgd: {{momentum: 0.5}}}}}}
architectures:
  net: {{pair: [{{conv: 10}}, {{max-pool: 2}}, relu, {{dropout: channels}}, flatten, {{linear: 50}}, relu, {{linear: 2}}]}}
grid: {{architecture: [net], seed: {{count: {}}}, lr: [{}], dropout: [0.2]}}
tables: {{t: {{readings: [{{over: rounds}}, {{over: epochs}}], rows: [{{split: test}}, {{name: Training, split: train}}]}}}}
{outputs}
",
        runs / lrs,
        lr.join(", ")
    )
}

/// Fills a store with made-up records of every run of the spec.
fn fill(folder: &Path, text: &str) {
    let spec = Spec::parse("scale.yaml", text, &[]).unwrap();
    let plan = Plan::expand(&spec, spec.data.source.id());
    let store = Store::new(&folder.join("results"));
    for shard in 0..256 {
        std::fs::create_dir_all(folder.join(format!("results/store/v1/{shard:02x}"))).unwrap();
    }
    let provenance = Provenance {
        cpu: "a processor with a long name".into(),
        jobs: 2,
        seconds: 1.5,
        ..Provenance::default()
    };
    plan.runs.par_iter().for_each(|run| {
        let value = |epoch: usize| {
            (run.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as f64 / 16_777_216.0 / epoch as f64
        };
        let measure = |v: f64| Measure::of(&TASK, &[(ACCURACY, v), (LOSS, 1.0 - v / 3.0)]);
        let epochs = (1..=3).map(|epoch| {
            let [running, test, train] = [0.3, 0.5, 0.7].map(|k| measure(value(epoch) * k));
            EpochMetrics { epoch, running, test, train }
        });
        let weights = Digest::of(&run.seed.to_le_bytes()).to_string();
        let outcome = Outcome { end: End::Finished { weights }, epochs: epochs.collect() };
        let record = Record::new(run.key, plan.preimage(run), outcome, provenance.clone());
        std::fs::write(store.path(run.key), record.to_bytes()).unwrap();
    });
    std::fs::write(folder.join("scale.yaml"), text).unwrap();
}

/// Runs the program; returns its seconds and the largest memory in MB.
fn call(folder: &Path, arguments: &[&str]) -> (f64, f64) {
    let started = Instant::now();
    let mut child = Command::new(env!("CARGO_BIN_EXE_replikat"))
        .current_dir(folder)
        .args(arguments)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0.0_f64;
    loop {
        if let Some(ended) = child.try_wait().unwrap() {
            assert!(ended.success(), "{arguments:?}");
            return (started.elapsed().as_secs_f64(), peak);
        }
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kb: f64 =
            line.and_then(|l| l.split_whitespace().next()).and_then(|n| n.parse().ok()).unwrap_or(0.0);
        peak = peak.max(kb / 1000.0);
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
}

/// Opens, reads and hashes every record.
fn floor(folder: &Path) -> f64 {
    let started = Instant::now();
    let store = Store::new(&folder.join("results"));
    let keys = store.list().unwrap().keys;
    let bytes: usize = keys
        .par_iter()
        .map(|key| {
            let bytes = std::fs::read(store.path(*key)).unwrap();
            std::hint::black_box(Digest::of(&bytes));
            bytes.len()
        })
        .sum();
    assert!(bytes > 1000 * keys.len());
    started.elapsed().as_secs_f64()
}

fn stored(runs: usize, many: bool) {
    let folder = tempfile::tempdir().unwrap();
    let text = spec(runs, many);
    fill(folder.path(), &text);
    let run = ["run", "scale.yaml"];
    let floor = floor(folder.path());
    let (plan, _) = call(folder.path(), &["plan", "scale.yaml"]);
    let (first, memory) = call(folder.path(), &run);
    let (again, _) = call(folder.path(), &run);
    let (fsck, _) = call(folder.path(), &["store", "fsck"]);
    let (explain, _) = call(folder.path(), &["explain", "scale.yaml", "--set", "train.epochs=4"]);
    let configs = if many { runs / 100 } else { 10 };
    println!(
        "{runs:>9}  {configs:>7}  {floor:5.2}  {plan:5.2}  {first:8.2}  {again:9.2}  {fsck:5.2}  {explain:7.2}  {:6.1}  {memory:6.0}",
        again / runs as f64 * 1e6
    );
}

fn planned(runs: usize, many: bool) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("scale.yaml"), spec(runs, many)).unwrap();
    let (seconds, memory) = call(folder.path(), &["plan", "scale.yaml"]);
    let configs = if many { runs / 100 } else { 10 };
    println!("plan of {runs} runs, {configs} configs, nothing stored: {seconds:.2} s, {memory:.0} MB");
}

/// What scheduling and storing of tiny runs cost beside their training.
fn overhead() {
    let runs = 2000;
    let text = "
experiment: scale
data: {source: glyphs, pairs: {train: 20, test: 10}, scale: unit}
train: {epochs: 2, batch: 10}
architectures: {net: {pair: [{conv: 4}, {max-pool: 2}, relu, flatten, {linear: 2}]}}
grid: {architecture: [net], seed: {count: 2000}, lr: [0.1]}
";
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("scale.yaml"), text).unwrap();
    let spec = Spec::parse("scale.yaml", text, &[]).unwrap();
    let plan = Plan::expand(&spec, spec.data.source.id());
    let dataset = spec.data.source.load(None, pairs::images(&spec.grid.most_pairs())).unwrap();
    let config = &plan.configs[0];
    let data = Arc::new(config.task.draw(&dataset, &config.pairs, config.scale, 0).unwrap());
    let started = Instant::now();
    let training: f64 = plan
        .runs
        .iter()
        .map(|run| {
            let started = Instant::now();
            let stop = AtomicBool::new(false);
            let members = [Member::of(config, run.seed, Arc::clone(&data))];
            train(&Cohort { config, members: &members, backend: Backend::Cpu, stop: &stop }).unwrap();
            started.elapsed().as_secs_f64()
        })
        .sum();
    assert!(training <= started.elapsed().as_secs_f64());
    let (one, _) =
        call(folder.path(), &["run", "scale.yaml", "--set", "grid.seed.count=1", "--results", "one"]);
    // The disk has other users, so the best of three.
    let all = ["a", "b", "c"]
        .map(|results| call(folder.path(), &["run", "scale.yaml", "--jobs", "1", "--results", results]).0);
    let all = all.into_iter().fold(f64::INFINITY, f64::min);
    println!(
        "{runs} tiny runs, one at once: {all:.2} s, of which start-up, data and reports {one:.2} s, training {training:.2} s; \
         scheduling and storing {:.2} ms per run",
        (all - one - training) / f64::from(runs) * 1e3
    );
}

fn main() {
    // First: what the others leave to be written would be waited for here.
    overhead();
    planned(1_000_000, false);
    planned(1_000_000, true);
    println!("     runs  configs  floor   plan  run, new  run again   fsck  explain  µs/run      MB");
    for runs in [1_000, 10_000, 100_000] {
        stored(runs, false);
    }
    stored(10_000, true);
}
