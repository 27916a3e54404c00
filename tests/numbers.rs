//! From records to the numbers of tables, bands and locks, on outcomes made by hand.

use replikat::{
    aggregate::{frames, summarize},
    data::identity,
    outcome::{End, EpochMetrics, Measure, Outcome},
    plan::Plan,
    record::{Provenance, Record},
    report::table,
    spec::{DataSource, Metric, Over, Reading, Spec, Split},
    store::{Lookup, Put, Store},
    verdict,
};

const SPEC: &str = "
experiment: numbers
data: {source: glyphs, pairs: {train: 10, test: 10}}
train: {epochs: 3, batch: 10}
architectures: {net: {pair: [flatten, {linear: 2}]}}
grid: {architecture: [net], seed: {from: 7, count: 4}, lr: [0.1]}
tables:
  t: {readings: [{over: rounds}, {over: epochs}, {metric: digit_accuracy, over: rounds}], rows: [{name: Test}]}
expect:
  - {statistic: median, within: [69, 71]}
  - {statistic: max, over: epochs, within: [10, 60]}
";

/// Test accuracies of three rounds, three epochs each; the fourth round diverges.
const ACCURACIES: [[f64; 3]; 3] = [[0.5, 0.6, 0.9], [0.4, 0.6, 0.7], [0.3, 0.5, 0.6]];

fn measure(accuracy: f64) -> Measure {
    Measure { loss: 1.0 - accuracy, accuracy, digit_loss: None, digit_accuracy: None }
}

fn outcome(round: usize) -> Outcome {
    let Some(accuracies) = ACCURACIES.get(round) else {
        return Outcome { epochs: Vec::new(), end: End::Diverged { epoch: 1, step: 1 } };
    };
    let epoch = |(i, test): (usize, &f64)| {
        let epoch = i + 1;
        EpochMetrics { epoch, running: measure(0.1), train: measure(0.2), test: measure(*test) }
    };
    let weights = format!("{round}");
    Outcome { epochs: accuracies.iter().enumerate().map(epoch).collect(), end: End::Finished { weights } }
}

fn made() -> (Spec, Plan, Vec<Option<Record>>) {
    let spec = Spec::parse("numbers.yaml", SPEC, &[]).unwrap_or_else(|e| panic!("{e}"));
    let plan = Plan::expand(&spec, identity(DataSource::Glyphs));
    let record = |(round, run): (usize, &replikat::plan::Run)| {
        Some(Record::new(run.key, plan.preimage(run), outcome(round), Provenance::default()))
    };
    let records = plan.runs.iter().enumerate().map(record).collect();
    (spec, plan, records)
}

#[test]
fn both_readings_are_what_they_say() {
    let (_, plan, records) = made();
    let summaries = summarize(&plan, &frames(&plan, &records).unwrap()).unwrap();
    let s = &summaries[0];
    assert_eq!((s.planned, s.finished, s.diverged, s.failed), (4, 3, 1, 0));
    let reading = |over| s.statistics(Split::Test, Reading { metric: Metric::Accuracy, over }).unwrap();
    let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
    // Last epochs 0.9, 0.7, 0.6; mean curve 0.4, 17/30, 22/30.
    let rounds = reading(Over::Rounds);
    close(rounds.mean, 2.2 / 3.0);
    close(rounds.median, 0.7);
    close(rounds.max, 0.9);
    close(rounds.min, 0.6);
    close(rounds.std, (0.07_f64 / 3.0).sqrt());
    let epochs = reading(Over::Epochs);
    close(epochs.mean, 1.7 / 3.0);
    close(epochs.median, 17.0 / 30.0);
    close(epochs.max, 22.0 / 30.0);
    close(epochs.min, 0.4);
    assert!(
        s.statistics(Split::Test, Reading { metric: Metric::DigitAccuracy, over: Over::Rounds }).is_none()
    );
}

#[test]
fn tables_show_the_numbers_in_percent_and_how_many_rounds_there_were() {
    let (spec, plan, records) = made();
    let summaries = summarize(&plan, &frames(&plan, &records).unwrap()).unwrap();
    let table = table::build(&spec.tables["t"], &plan, &summaries, None);
    let rows: Vec<String> = table.rows.iter().map(|row| row.join("|")).collect();
    assert_eq!(
        rows,
        [
            "Test|comparison over rounds|3 of 4|73.33|90.00|70.00|15.28",
            "Test|comparison over epochs|3 of 4|56.67|73.33|56.67|16.67",
            "Test|digits over rounds|3 of 4|–|–|–|–",
        ]
    );
}

#[test]
fn bands_are_judged_by_their_own_reading() {
    let (spec, plan, records) = made();
    let summaries = summarize(&plan, &frames(&plan, &records).unwrap()).unwrap();
    let results = verdict::bands(&plan, &summaries, &spec.expect);
    assert_eq!(results.iter().map(verdict::BandResult::holds).collect::<Vec<_>>(), [true, false]);
    assert_eq!(results[1].name, "net: max of test accuracy over epochs");
    assert!((results[1].found.unwrap() - 73.333).abs() < 1e-3);
}

#[test]
fn a_failed_run_never_agrees_with_a_lock() {
    let (_, plan, mut records) = made();
    let lock = verdict::lock(&plan, &records);
    assert!(verdict::against_lock(&plan, &records, &lock).holds());
    let failed = |reason: &str| Outcome { epochs: Vec::new(), end: End::Failed { reason: reason.into() } };
    assert_eq!(failed("one").digest(), failed("another").digest());
    let run = &plan.runs[1];
    records[1] = Some(Record::new(run.key, plan.preimage(run), failed("no memory"), Provenance::default()));
    let own_lock = verdict::lock(&plan, &records);
    let result = verdict::against_lock(&plan, &records, &own_lock);
    assert!(!result.holds());
    assert_eq!((result.identical, result.failed), (3, vec!["net seed 8".to_owned()]));
}

#[test]
fn the_store_keeps_the_first_outcome_and_reports_another_one() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path());
    let (_, plan, records) = made();
    let (key, record) = (plan.runs[0].key, records[0].clone().unwrap());
    assert_eq!(store.get(key).unwrap(), Lookup::Miss);
    assert_eq!(store.put(key, &record).unwrap(), Put::Stored);
    let again = Record { provenance: Provenance { seconds: 9.0, ..Provenance::default() }, ..record.clone() };
    assert_eq!(store.put(key, &again).unwrap(), Put::Same);
    let other = Record::new(key, record.preimage.clone(), outcome(1), Provenance::default());
    let Put::Alarm { kept_at } = store.put(key, &other).unwrap() else { panic!("no alarm") };
    assert_eq!(Record::from_bytes(&std::fs::read(kept_at).unwrap(), key), Ok(other));
    assert_eq!(store.get(key).unwrap(), Lookup::Hit(Box::new(record)));
}

#[test]
fn no_bit_of_a_record_can_flip_unnoticed() {
    let (_, plan, records) = made();
    let (key, bytes) = (plan.runs[0].key, records[0].as_ref().unwrap().to_bytes());
    assert!(Record::from_bytes(&bytes, key).is_ok());
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << bit;
            assert!(Record::from_bytes(&flipped, key).is_err(), "bit {bit} of byte {at}");
        }
        assert!(Record::from_bytes(&bytes[..at], key).is_err(), "cut at {at}");
    }
    assert!(Record::from_bytes(&bytes, plan.runs[1].key).is_err(), "another key");
}

#[cfg(unix)]
#[test]
fn what_stands_in_the_place_of_a_record_is_moved_away() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path());
    let (_, plan, records) = made();
    let (key, record) = (plan.runs[0].key, records[0].clone().unwrap());
    let path = store.path(key);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink("/nowhere/at/all", &path).unwrap();
    assert_eq!(store.put(key, &record).unwrap(), Put::Stored);
    std::fs::write(&path, "damaged").unwrap();
    assert!(matches!(store.get(key).unwrap(), Lookup::Damaged(_)));
    assert_eq!(store.put(key, &record).unwrap(), Put::Stored);
    assert_eq!(store.get(key).unwrap(), Lookup::Hit(Box::new(record)));
}
