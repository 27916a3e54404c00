//! The summary frame: against polars' own statistics, and against the numbers of tables and verdicts.

use polars::prelude::*;
use replikat::{
    plan::Plan,
    record::{Provenance, StoredOutcome},
    results::{self, Rounds},
    spec::{CollapseRule, Over, Reading, Split},
    task::digit_pairs::{ACCURACY, TASK},
};

use crate::page::trained;

const RULE: CollapseRule = CollapseRule { split: Split::Test, metric: ACCURACY, below: 75.0 };

fn made() -> (Plan, Vec<Option<StoredOutcome>>, Vec<Rounds>, DataFrame) {
    let (_, plan, records) = trained(&Provenance::default());
    let rounds = results::rounds(&plan, &records);
    let epochs = results::epochs_frame(&plan, &records).unwrap();
    let summary = results::summary_frame(&plan, &rounds, Some(RULE), &epochs).unwrap();
    (plan, records, rounds, summary)
}

/// Returns the row of a config, set, metric and reading.
fn row(summary: &DataFrame, config: u32, split: &str, metric: &str, over: &str) -> usize {
    let text = |name: &str, i: usize| summary.column(name).unwrap().str().unwrap().get(i).unwrap().to_owned();
    let configs = summary.column("config").unwrap().u32().unwrap();
    let wanted = |i: &usize| {
        configs.get(*i) == Some(config)
            && (text("split", *i), text("metric", *i), text("over", *i))
                == (split.into(), metric.into(), over.into())
    };
    let found: Vec<usize> = (0..summary.height()).filter(wanted).collect();
    assert_eq!(found.len(), 1, "{config} {split} {metric} {over}");
    found[0]
}

fn number(frame: &DataFrame, name: &str, row: usize) -> Option<f64> {
    frame.column(name).unwrap().f64().unwrap().get(row)
}

fn count(frame: &DataFrame, name: &str, row: usize) -> u32 {
    frame.column(name).unwrap().u32().unwrap().get(row).unwrap()
}

#[test]
#[expect(
    deprecated,
    reason = "polars offers these statistics of groups only through its query engine, which is not built"
)]
fn polars_own_statistics_of_groups_are_the_same() {
    let (plan, records, _, summary) = made();
    let epochs = results::epochs_frame(&plan, &records).unwrap();
    let epochs = epochs.filter(epochs.column("finished").unwrap().bool().unwrap()).unwrap();
    let last: BooleanChunked =
        epochs.column("epoch").unwrap().u32().unwrap().iter().map(|e| e == Some(5)).collect();
    let mut compared = 0;
    for split in ["train", "test"] {
        for metric in TASK.metrics.map(|metric| metric.name) {
            let name = format!("{split}_{metric}");
            let over_rounds = epochs.filter(&last).unwrap();
            let mut over_epochs =
                epochs.group_by_stable(["config", "epoch"]).unwrap().select([name.as_str()]).mean().unwrap();
            over_epochs.rename(&format!("{name}_mean"), name.as_str().into()).unwrap();
            for (over, frame) in [("rounds", over_rounds), ("epochs", over_epochs)] {
                let grouped = || frame.group_by_stable(["config"]).unwrap().select([name.as_str()]);
                let statistics = [
                    ("mean", grouped().mean().unwrap()),
                    ("median", grouped().median().unwrap()),
                    ("max", grouped().max().unwrap()),
                    ("min", grouped().min().unwrap()),
                    ("std", grouped().std(1).unwrap()),
                ];
                for (statistic, polars) in statistics {
                    for config in 0..plan.configs.len() {
                        let theirs = polars.columns()[1].f64().unwrap().get(config);
                        let ours =
                            number(&summary, statistic, row(&summary, config as u32, split, metric, over));
                        match (ours, theirs) {
                            (Some(ours), Some(theirs)) => {
                                assert!(
                                    (ours - theirs).abs() < 1e-12,
                                    "{name} {over} {statistic}: {ours} {theirs}"
                                );
                                compared += 1;
                            }
                            (ours, theirs) => {
                                assert_eq!(ours, theirs, "{name} {over} {statistic} of {config}");
                            }
                        }
                    }
                }
            }
        }
    }
    // The first config has no digits.
    assert_eq!(compared, 2 * (4 + 2) * 2 * 5);
}

#[test]
fn a_row_has_the_bits_of_tables_and_verdicts() {
    let (plan, _, rounds, summary) = made();
    assert_eq!(summary.height(), plan.configs.len() * 2 * 4 * 2);
    for (config, of) in rounds.iter().enumerate() {
        for split in [Split::Train, Split::Test] {
            for metric in TASK.metrics {
                for over in [Over::Rounds, Over::Epochs] {
                    let row = row(&summary, config as u32, split.word(), metric.name, over.word());
                    let statistics = of.statistics(split, Reading { metric, over });
                    let bits = |name: &str| number(&summary, name, row).map(f64::to_bits);
                    assert_eq!(bits("mean"), statistics.map(|s| s.mean.to_bits()));
                    assert_eq!(bits("std"), statistics.map(|s| s.std.to_bits()));
                    assert_eq!(count(&summary, "n", row) as usize, statistics.map_or(0, |s| s.n));
                }
            }
        }
    }
}

#[test]
fn counts_and_intervals_say_what_is_behind_a_number() {
    let (_, _, rounds, summary) = made();
    let at = row(&summary, 0, "test", "accuracy", "rounds");
    let counts = ["n", "planned", "finished", "diverged", "failed"].map(|name| count(&summary, name, at));
    assert_eq!(counts, [7, 9, 7, 1, 0]);
    let last = rounds[0].last(Split::Test, ACCURACY);
    let below = last.iter().filter(|v| **v < 0.75).count();
    assert!(below > 0 && count(&summary, "collapsed", at) as usize == below);
    // Student's t with six degrees of freedom: scipy.stats.t.ppf(0.975, 6) -> 2.4469118511449692
    let value = |name: &str, row: usize| number(&summary, name, row).unwrap();
    let half = 2.446_911_851_144_969_2 * value("std", at) / 7.0_f64.sqrt();
    assert!((value("mean_low", at) - (value("mean", at) - half)).abs() < 1e-12);
    assert!((value("mean_high", at) - (value("mean", at) + half)).abs() < 1e-12);
    // Over epochs the rounds are what varies: the middle is the same mean, though there are only five epochs.
    let at = row(&summary, 0, "test", "accuracy", "epochs");
    assert_eq!(count(&summary, "n", at), 5);
    let middle = f64::midpoint(value("mean_low", at), value("mean_high", at));
    assert!((middle - value("mean", at)).abs() < 1e-12);
    // What a config does not have is empty, and no number is NaN.
    let none = row(&summary, 0, "test", "digit_loss", "rounds");
    assert_eq!((count(&summary, "n", none), number(&summary, "mean", none)), (0, None));
    assert!(!String::from_utf8(results::csv(&summary).unwrap()).unwrap().contains("NaN"));
}

#[test]
fn one_round_has_no_spread_and_none_no_row_of_numbers() {
    let (_, plan, mut records) = trained(&Provenance::default());
    records.iter_mut().skip(1).for_each(|record| *record = None);
    let rounds = results::rounds(&plan, &records);
    let epochs = results::epochs_frame(&plan, &records).unwrap();
    let summary = results::summary_frame(&plan, &rounds, None, &epochs).unwrap();
    let one = row(&summary, 0, "test", "accuracy", "rounds");
    assert!(number(&summary, "mean", one).is_some() && number(&summary, "std", one).is_none());
    assert_eq!(number(&summary, "mean_low", one), None);
    assert_eq!(summary.column("collapsed").unwrap().null_count(), summary.height(), "the spec has no rule");
    let none = row(&summary, 1, "test", "accuracy", "rounds");
    assert_eq!((count(&summary, "n", none), count(&summary, "planned", none)), (0, 9));
    records.fill(None);
    let epochs = results::epochs_frame(&plan, &records).unwrap();
    let summary = results::summary_frame(&plan, &results::rounds(&plan, &records), None, &epochs).unwrap();
    assert_eq!(summary.height(), 0);
}
