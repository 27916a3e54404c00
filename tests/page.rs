//! Every number of a report, read again from its files and compared with the Parquet frames.

use std::{collections::BTreeMap, path::Path};

use polars::prelude::*;
use polars_io::{SerReader, csv::read::CsvReader};
use replikat::{
    data::mnist,
    device::Device,
    plan::{Plan, Run},
    record::{End, EpochMetrics, Outcome, Provenance, Record, StoredOutcome},
    report::{self, Folders, ReportInputs, Source},
    results,
    spec::Spec,
    task::{
        Measure,
        digit_pairs::{ACCURACY, DIGIT_ACCURACY, DIGIT_LOSS, LOSS, TASK},
    },
    verdict::{self, Verdicts},
};

use crate::support::html;

pub(crate) const SPEC: &str = "
experiment: page
data: {source: mnist, pairs: {train: 1000, test: 1000}}
train: {epochs: 5, batch: 10}
architectures:
  net1: {pair: [flatten, {linear: 2}]}
  net2: {each: [flatten, {linear: 10}], digits: {loss_weight: 1.0}, then: [{linear: 2}]}
grid: {architecture: [net1, net2], seed: {from: 3, count: 9}, lr: [0.1]}
tables:
  one:
    caption: One
    readings: [{over: rounds}, {over: epochs}, {metric: loss, over: rounds}]
    rows:
      - {name: Testing, where: {architecture: net1}, paper: {mean: 70.25, max: 90.00, median: 70.1, std: 10.55}}
      - {name: Training, split: train, where: {architecture: net1}, paper: {mean: 80.52, max: 90.12, median: 82.34, std: 8.66}}
  two:
    readings: [{metric: digit_accuracy, over: epochs}, {metric: digit_loss, over: rounds}]
    rows: [{name: Testing, where: {architecture: net2}, paper: {mean: 71.75, max: 76.42, median: 73.43, std: 5.19}}]
figures:
  dots: {title: All, dots: {metric: accuracy, split: test}}
claims: {rounds: 3, collapsed: {below: 60}}
";

/// Rows of a table: source, then mean, max, median and standard deviation, as printed.
type Printed = Vec<(String, [String; 4])>;

pub(crate) struct Made {
    pub(crate) folder: tempfile::TempDir,
    plan: Plan,
    verdicts: Verdicts,
}

fn record(plan: &Plan, i: usize, run: &Run) -> Option<Record> {
    // Values that no rounding makes equal; a run is missing, one diverged, one failed.
    let value = |epoch: usize, salt: usize| ((i * 7919 + epoch * 104_729 + salt * 31) % 997) as f64 / 1000.0;
    let digits = run.config == 1;
    let measure = |epoch, salt| {
        let mut values = vec![
            (LOSS, value(epoch, salt) * 2.0),
            (ACCURACY, 0.5 + value(epoch, salt + 1) / 2.0),
            (DIGIT_LOSS, value(epoch, salt + 2) * 3.0),
            (DIGIT_ACCURACY, value(epoch, salt + 3)),
        ];
        values.truncate(if digits { 4 } else { 2 });
        Measure::of(&TASK, &values)
    };
    let epoch = |epoch| {
        let running = measure(epoch, 50);
        EpochMetrics { epoch, running, train: measure(epoch, 10), test: measure(epoch, 20) }
    };
    let (epochs, end) = match i {
        2 => return None,
        4 => (vec![epoch(1)], End::Diverged { epoch: 2, step: 3 }),
        12 => (Vec::new(), End::Failed { reason: "<no> \"reason\"".into() }),
        _ => ((1..=5).map(epoch).collect(), End::Finished { weights: i.to_string() }),
    };
    Some(Record::new(run.key, plan.preimage(run), Outcome { epochs, end }, Provenance::default()))
}

/// Returns a spec with claims, its plan and a record of most runs.
pub(crate) fn trained(provenance: &Provenance) -> (Spec, Plan, Vec<Option<StoredOutcome>>) {
    let spec = Spec::parse("page.yaml", SPEC, &[]).unwrap_or_else(|e| panic!("{e}"));
    let plan = Plan::expand(&spec, mnist::SOURCE.id());
    let mut records: Vec<_> = plan.runs.iter().enumerate().map(|(i, run)| record(&plan, i, run)).collect();
    records.iter_mut().flatten().for_each(|record| record.provenance = provenance.clone());
    let records = records.into_iter().map(|r| r.map(Record::into_stored)).collect();
    (spec, plan, records)
}

fn write(folder: &Path, provenance: &Provenance) -> (Plan, Verdicts) {
    let (spec, plan, records) = trained(provenance);
    let rounds = results::rounds(&plan, &records);
    let folders = Folders { results: folder.join("results"), reports: folder.join("reports"), owner: None };
    let (file, text, overrides) = ("page.yaml".into(), SPEC.into(), vec!["a=b c".into()]);
    let source = Source { path: file, text, overrides, results: None, reports: None, device: Device::Cpu };
    let inputs = ReportInputs {
        spec: &spec,
        plan: &plan,
        records: &records,
        rounds: &rounds,
        source: &source,
        lock: None,
    };
    report::write(&inputs, &folders, true).unwrap();
    let verdicts = verdict::judge(&spec, &plan, &rounds).unwrap();
    (plan, verdicts)
}

pub(crate) fn made() -> Made {
    let folder = tempfile::tempdir().unwrap();
    let (plan, verdicts) = write(folder.path(), &Provenance::default());
    Made { folder, plan, verdicts }
}

impl Made {
    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join("reports/page").join(name)).unwrap()
    }

    fn frame(&self, name: &str) -> DataFrame {
        let bytes = std::fs::read(self.folder.path().join("results/page").join(name)).unwrap();
        CsvReader::new(std::io::Cursor::new(bytes)).finish().unwrap()
    }

    /// Returns a column of the epochs' frame by config, epoch and seed, of finished runs.
    fn column(&self, name: &str) -> BTreeMap<(u32, u32, u64), f64> {
        let frame = self.frame("epochs.csv");
        let of = |name: &str, kind| frame.column(name).unwrap().cast(&kind).unwrap();
        let whole = |name: &str| of(name, DataType::UInt32).u32().unwrap().clone();
        let (configs, epochs) = (whole("config"), whole("epoch"));
        let seeds = of("seed", DataType::UInt64).u64().unwrap().clone();
        let finished = frame.column("finished").unwrap().bool().unwrap().clone();
        let values = of(name, DataType::Float64).f64().unwrap().clone();
        (0..frame.height())
            .filter(|i| finished.get(*i).unwrap())
            .filter_map(|i| {
                let at = (configs.get(i).unwrap(), epochs.get(i).unwrap(), seeds.get(i).unwrap());
                Some((at, values.get(i)?))
            })
            .collect()
    }

    /// Computes a reading's statistics from the frame's file, by formulas of their own.
    fn statistics(&self, config: u32, column: &str, over: &str) -> [f64; 4] {
        let column = self.column(column);
        let of = |epoch: u32| -> Vec<f64> {
            let chosen = column.iter().filter(|((c, e, _), _)| (*c, *e) == (config, epoch));
            chosen.map(|(_, v)| *v).collect()
        };
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let mut values = match over {
            "rounds" => of(5),
            _ => (1..=5).map(|epoch| mean(&of(epoch))).collect(),
        };
        values.sort_by(f64::total_cmp);
        let (n, m) = (values.len(), mean(&values));
        let median = f64::midpoint(values[(n - 1) / 2], values[n / 2]);
        let std = (values.iter().map(|v| (v - m) * (v - m)).sum::<f64>() / (n - 1) as f64).sqrt();
        [m, values[n - 1], median, std]
    }
}

/// What the two tables show, recomputed.
fn expected(made: &Made) -> BTreeMap<&'static str, Printed> {
    let ours = |source: &str, config, column: &str, over| {
        let (scale, decimals) = if column.ends_with("accuracy") { (100.0, 2) } else { (1.0, 4) };
        let printed = made.statistics(config, column, over).map(|v| format!("{:.decimals$}", v * scale));
        (format!("{source} over {over}"), printed)
    };
    let paper = |numbers: [&str; 4]| ("paper".to_owned(), numbers.map(str::to_owned));
    let one = vec![
        paper(["70.25", "90.00", "70.10", "10.55"]),
        ours("comparison", 0, "test_accuracy", "rounds"),
        ours("comparison", 0, "test_accuracy", "epochs"),
        ours("comparison loss", 0, "test_loss", "rounds"),
        paper(["80.52", "90.12", "82.34", "8.66"]),
        ours("comparison", 0, "train_accuracy", "rounds"),
        ours("comparison", 0, "train_accuracy", "epochs"),
        ours("comparison loss", 0, "train_loss", "rounds"),
    ];
    let two = vec![
        paper(["71.75", "76.42", "73.43", "5.19"]),
        ours("digits", 1, "test_digit_accuracy", "epochs"),
        ours("digit loss", 1, "test_digit_loss", "rounds"),
    ];
    BTreeMap::from([("one", one), ("two", two)])
}

/// Takes source and numbers out of rows of seven cells; the heading goes.
fn printed(rows: Vec<Vec<String>>) -> Printed {
    let row = |row: Vec<String>| {
        // In a CSV, how many were planned and what has to be said stand behind.
        assert!(row.len() >= 7, "{row:?}");
        let cell = |i: usize| row[i].trim().to_owned();
        (cell(1), [cell(3), cell(4), cell(5), cell(6)])
    };
    rows.into_iter().skip(1).map(row).collect()
}

#[test]
fn tables_have_the_numbers_of_the_parquet_frames_in_every_form() {
    let made = made();
    let page = made.read("index.html");
    for (name, expected) in expected(&made) {
        let split = |text: &str, by: char| -> Vec<Vec<String>> {
            text.lines().map(|line| line.split(by).map(str::to_owned).collect()).collect()
        };
        assert_eq!(printed(split(&made.read(&format!("{name}.csv")), ',')), expected, "{name}.csv");
        assert_eq!(printed(html::rows(&page, &format!("table-{name}"))), expected, "the page");
        let markdown: Vec<Vec<String>> = made
            .read(&format!("{name}.md"))
            .lines()
            .filter(|line| line.starts_with('|') && !line.contains("---"))
            .map(|line| line.trim_matches('|').split('|').map(str::to_owned).collect())
            .collect();
        assert_eq!(printed(markdown), expected, "{name}.md");
        for file in [format!("{name}.tex"), "tables.tex".to_owned()] {
            let text = made.read(&file);
            let rows =
                text.lines().filter(|line| line.contains(" & ")).map(|line| line.trim_end_matches("\\\\"));
            let rows: Vec<Vec<String>> =
                rows.map(|line| line.split(" & ").map(str::to_owned).collect()).collect();
            let found = printed(rows);
            if file == "tables.tex" {
                let all: Printed = found.into_iter().filter(|(source, _)| source != "source").collect();
                assert!(expected.iter().all(|row| all.contains(row)), "{name} in {file}: {all:?}");
            } else {
                assert_eq!(found, expected, "{file}");
            }
        }
    }
}

#[test]
fn macros_have_the_numbers_of_the_parquet_frames() {
    let made = made();
    let text = made.read("numbers.tex");
    let value = |name: &str| {
        let (_, rest) = text
            .split_once(&format!("\\newcommand{{\\{name}}}{{"))
            .unwrap_or_else(|| panic!("{name}: {text}"));
        rest.split_once('}').unwrap().0.to_owned()
    };
    for (table, begin) in [("one", "NetOneTest"), ("two", "NetTwoTest")] {
        let expected = &expected(&made)[table];
        for (i, statistic) in ["Mean", "Max", "Median", "Std"].iter().enumerate() {
            assert_eq!(value(&format!("{begin}{statistic}Paper")), expected[0].1[i]);
            assert_eq!(value(&format!("{begin}{statistic}")), expected[1].1[i]);
        }
    }
    assert_eq!(value("NetTwoTestDigitLossOverRoundsMean"), expected(&made)["two"][2].1[0]);
    assert_eq!(value("NetOneTrainComparisonOverEpochsStd"), expected(&made)["one"][6].1[3]);
}

#[test]
fn every_run_goes_in_and_comes_out() {
    let made = made();
    let page = made.read("index.html");
    let runs = made.frame("runs.csv");
    let rows = html::rows(&page, "run-table");
    assert_eq!((rows.len() - 1, runs.height()), (made.plan.runs.len(), made.plan.runs.len()));
    assert!(page.contains("18 runs of 2 configs: 15 finished, 1 diverged, 1 failed, 1 missing."));
    let columns = [
        ("test accuracy, %", "test_accuracy"),
        ("training accuracy, %", "train_accuracy"),
        ("test digits, %", "test_digit_accuracy"),
        ("training digits, %", "train_digit_accuracy"),
        ("test loss", "test_loss"),
        ("training loss", "train_loss"),
    ];
    for (heading, column) in columns {
        let at = rows[0].iter().position(|cell| cell == heading).unwrap_or_else(|| panic!("{heading}"));
        let values = runs.column(column).unwrap().f64().unwrap().clone();
        for (i, row) in rows[1..].iter().enumerate() {
            let expected = match values.get(i) {
                None => "–".to_owned(),
                Some(v) if column.ends_with("accuracy") => format!("{:.2}", 100.0 * v),
                Some(v) => format!("{v:.4}"),
            };
            assert_eq!(row[at], expected, "{heading} of run {i}");
        }
    }
    for (i, run) in made.plan.runs.iter().enumerate() {
        assert_eq!(rows[i + 1][1], run.seed.to_string());
        assert!(page.contains(&format!("data-run=\"{i}\" data-key=\"{}\"", &run.key.to_string()[..12])));
    }
    let status = |i: usize| rows[i + 1][2].as_str();
    assert_eq!((status(2), status(4)), ("missing", "diverged at epoch 2, step 3"));
    assert_eq!(status(12), "failed: <no> \"reason\"");
}

#[test]
fn curves_on_the_page_are_those_of_the_frame() {
    let made = made();
    let data = html::data(&made.read("index.html"));
    let series = data["series"].as_array().unwrap();
    assert_eq!(series.len(), 8);
    let mut seen = 0;
    for (s, name) in series.iter().enumerate() {
        let name = name.as_str().unwrap().replace(' ', "_");
        for ((config, epoch, seed), value) in made.column(&name) {
            let run =
                made.plan.runs.iter().position(|r| (r.config as u32, r.seed) == (config, seed)).unwrap();
            let list = &data["runs"][run.to_string()];
            assert_eq!(list[0][epoch as usize - 1], epoch);
            let shown = list[s + 1][epoch as usize - 1].as_f64().unwrap();
            let (scale, half) = if name.ends_with("accuracy") { (100.0, 0.005) } else { (1.0, 0.000_05) };
            assert!((shown - scale * value).abs() <= half * 1.000_001, "{name}: {shown} for {value}");
            seen += 1;
        }
    }
    // 15 finished runs of 5 epochs, 8 with two metrics on two sets and 7 with four.
    let net2 = made.column("test_digit_loss").len();
    let all = made.column("test_loss").len();
    assert_eq!((seen, all), (4 * all + 4 * net2, 75));
}

#[test]
fn verdicts_on_the_page_are_those_of_the_csv_file_and_ours_those_of_the_frame() {
    let made = made();
    let rows = html::rows(&made.read("index.html"), "claims");
    let csv = made.read("verdict.csv");
    let cells: Vec<Vec<&str>> = csv.lines().skip(1).map(|line| line.splitn(18, ',').collect()).collect();
    // The file has four decimals, the page two.
    let same = |shown: &str, digits: &str| {
        let number = |text: &str| text.parse::<f64>().unwrap_or_else(|_| panic!("{text} is no number"));
        (shown == "–" && digits.is_empty()) || (number(shown) - number(digits)).abs() < 0.005_06
    };
    let range = |shown: &str, low: &str, high: &str| {
        let (from, to) = shown.split_once(" to ").unwrap_or((shown, shown));
        same(from, low) && same(to, high)
    };
    let numbers: Vec<&Vec<String>> = rows.iter().skip(1).filter(|row| row.len() > 1).collect();
    assert_eq!(numbers.len(), made.verdicts.rows.iter().map(|row| row.cells.len()).sum::<usize>());
    assert_eq!(numbers.len(), 12);
    for (row, line) in numbers.iter().zip(&cells) {
        // A name such as "one, Testing" is quoted, and so two pieces.
        let line = &line[1..];
        assert_eq!(row[0], line[1]);
        assert_eq!((row[1].as_str(), row[2].as_str()), (line[15].trim(), line[5]), "{line:?}");
        assert!(same(&row[3], line[6]), "{row:?} {line:?}");
        assert!(range(&row[4], line[7], line[8]), "{row:?} {line:?}");
        assert!(range(&row[5], line[9], line[10]), "{row:?} {line:?}");
    }
    let expected = expected(&made);
    for (i, row) in numbers.iter().enumerate() {
        let (table, paper) = [("one", 0), ("one", 4), ("two", 0)][i / 4];
        let rows = &expected[table];
        assert_eq!((&row[2], &row[3]), (&rows[paper].1[i % 4], &rows[paper + 1].1[i % 4]));
    }
}

#[test]
fn a_report_has_the_same_bytes_wherever_and_whenever_its_runs_were_made() {
    let bytes = |provenance: &Provenance| -> BTreeMap<String, Vec<u8>> {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), provenance);
        let files =
            std::fs::read_dir(folder.path().join("reports/page")).unwrap().map(|entry| entry.unwrap().path());
        let files = files.filter(|path| path.is_file());
        files
            .map(|p| (p.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(p).unwrap()))
            .collect()
    };
    let other = Provenance {
        host: "elsewhere".into(),
        cpu: "another".into(),
        seconds: 9.5,
        jobs: 3,
        ..Provenance::default()
    };
    let (here, there) = (bytes(&Provenance::default()), bytes(&other));
    assert_eq!(here.len(), 16, "{:?}", here.keys());
    assert!(here == there, "bytes differ");
}
