//! From records to the numbers of tables, bands and locks, on outcomes made by hand.

use replikat::{
    data::glyphs,
    plan::Plan,
    record::{End, EpochMetrics, Outcome, Provenance, Record, StoredOutcome},
    report::table,
    results,
    spec::{Over, Reading, Spec, Split},
    task::{
        Measure,
        digit_pairs::{ACCURACY, DIGIT_ACCURACY, LOSS, TASK},
    },
    verdict,
};

const SPEC: &str = "
experiment: numbers
data: {source: glyphs, pairs: {train: 10, test: 10}}
train: {epochs: 3, batch: 10}
architectures: {net: {each: [flatten, {linear: 10}], digits: {loss_weight: 1.0}, then: [{linear: 2}]}}
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
    Measure::of(&TASK, &[(ACCURACY, accuracy), (LOSS, 1.0 - accuracy)])
}

fn outcome(round: usize) -> Outcome {
    let Some(accuracies) = ACCURACIES.get(round) else {
        return Outcome { end: End::Diverged { epoch: 1, step: 1 }, epochs: Vec::new() };
    };
    let epoch = |(i, test): (usize, &f64)| {
        let epoch = i + 1;
        EpochMetrics { epoch, running: measure(0.1), test: measure(*test), train: measure(0.2) }
    };
    let weights = format!("{round}");
    Outcome { end: End::Finished { weights }, epochs: accuracies.iter().enumerate().map(epoch).collect() }
}

fn made() -> (Spec, Plan, Vec<Option<StoredOutcome>>) {
    let spec = Spec::parse("numbers.yaml", SPEC, &[]).unwrap_or_else(|e| panic!("{e}"));
    let plan = Plan::expand(&spec, glyphs::SOURCE.id());
    let record = |(round, run): (usize, &replikat::plan::Run)| {
        let record = Record::new(run.key, plan.preimage(run), outcome(round), Provenance::default());
        Some(record.into_stored())
    };
    let records = plan.runs.iter().enumerate().map(record).collect();
    (spec, plan, records)
}

#[test]
fn both_readings_are_what_they_say() {
    let (_, plan, records) = made();
    let rounds = results::rounds(&plan, &records);
    let s = &rounds[0];
    assert_eq!((s.planned, s.finished(), s.diverged.len(), s.failed), (4, 3, 1, 0));
    let reading = |over| s.statistics(Split::Test, Reading { metric: ACCURACY, over }).unwrap();
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
    assert!(s.statistics(Split::Test, Reading { metric: DIGIT_ACCURACY, over: Over::Rounds }).is_none());
}

#[test]
fn tables_show_the_numbers_in_percent_and_how_many_rounds_there_were() {
    let (spec, plan, records) = made();
    let rounds = results::rounds(&plan, &records);
    let table = table::build(&spec.tables["t"], &plan, &rounds, None);
    let shown = |row: &Vec<table::Cell>| row.iter().map(table::Cell::shown).collect::<Vec<_>>().join("|");
    let rows: Vec<String> = table.rows.iter().map(shown).collect();
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
    let rounds = results::rounds(&plan, &records);
    let results = verdict::bands(&plan, &rounds, &spec.expect);
    assert_eq!(results.iter().map(verdict::BandResult::holds).collect::<Vec<_>>(), [true, false]);
    assert_eq!(results[1].name, "net: max of test accuracy over epochs");
    assert!((results[1].found.unwrap() - 73.333).abs() < 1e-3);
}

#[test]
fn a_failed_run_never_agrees_with_a_lock() {
    let (_, plan, mut records) = made();
    let lock = verdict::lock(&plan, &records);
    assert!(verdict::against_lock(&plan, &records, &lock).holds());
    let failed = |reason: &str| Outcome { end: End::Failed { reason: reason.into() }, epochs: Vec::new() };
    assert_eq!(failed("one").digest(), failed("another").digest());
    let run = &plan.runs[1];
    let record = Record::new(run.key, plan.preimage(run), failed("no memory"), Provenance::default());
    records[1] = Some(record.into_stored());
    let own_lock = verdict::lock(&plan, &records);
    let result = verdict::against_lock(&plan, &records, &own_lock);
    assert!(!result.holds());
    assert_eq!((result.identical, result.failed), (3, vec!["net seed 8".to_owned()]));
}
