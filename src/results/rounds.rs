//! The rounds of one config: how they ended, their metrics, and the statistics of both readings.

use std::collections::BTreeMap;

use crate::{
    plan::Plan,
    record::{End, EpochMetrics, Outcome, StoredOutcome},
    spec::{CollapseRule, Over, Reading, Split},
    stats::{self, Interval, Matrix, Moments, Of},
    task::Metric,
};

/// What is known of the rounds of one config.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rounds {
    /// How many the plan has.
    pub planned: usize,
    /// Seeds of those that trained all epochs, in order; their metrics are in [`Rounds::curves`].
    pub seeds: Vec<u64>,
    /// Seeds of those whose loss was no longer a finite number.
    pub diverged: Vec<u64>,
    /// How many failed in another way.
    pub failed: usize,
    /// Each metric of the finished rounds over the epochs; only metrics that all of them have.
    pub curves: BTreeMap<(Split, Metric), Curve>,
}

/// A metric of several rounds over the epochs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Curve {
    /// The evaluated epochs.
    pub epochs: Vec<usize>,
    /// The values, at least one round and one epoch.
    pub rounds: Matrix,
}

/// Collects the rounds of every config of a plan from the outcomes of its runs.
#[must_use]
pub fn rounds(plan: &Plan, records: &[Option<StoredOutcome>]) -> Vec<Rounds> {
    let mut found = vec![Rounds::default(); plan.configs.len()];
    let mut finished: Vec<Vec<&Outcome>> = vec![Vec::new(); plan.configs.len()];
    for (run, record) in plan.runs.iter().zip(records) {
        let rounds = &mut found[run.config];
        rounds.planned += 1;
        let Some(outcome) = record.as_ref().map(|r| &r.outcome) else { continue };
        match outcome.end {
            End::Finished { .. } => {
                rounds.seeds.push(run.seed);
                finished[run.config].push(outcome);
            }
            End::Diverged { .. } => rounds.diverged.push(run.seed),
            End::Failed { .. } => rounds.failed += 1,
        }
    }
    for (rounds, outcomes) in found.iter_mut().zip(finished) {
        for split in [Split::Train, Split::Test] {
            for metric in &plan.task.metrics {
                let value = |epoch: &EpochMetrics| epoch.get(split, *metric);
                rounds.curves.extend(Curve::of(&outcomes, value).map(|curve| ((split, *metric), curve)));
            }
        }
    }
    found
}

impl Rounds {
    /// Returns how many trained all epochs.
    #[must_use]
    pub fn finished(&self) -> usize {
        self.seeds.len()
    }

    /// Returns how many planned rounds did not finish.
    #[must_use]
    pub fn unfinished(&self) -> usize {
        self.planned - self.finished()
    }

    /// Returns a metric of every round and epoch; `None` if there is none.
    #[must_use]
    pub fn matrix(&self, split: Split, metric: Metric) -> Option<&Matrix> {
        self.curves.get(&(split, metric)).map(|curve| &curve.rounds)
    }

    /// Returns the last epoch of every finished round; nothing if they do not have the metric.
    #[must_use]
    pub fn last(&self, split: Split, metric: Metric) -> Vec<f64> {
        self.curves.get(&(split, metric)).map(|curve| curve.reading(Over::Rounds)).unwrap_or_default()
    }

    /// Returns the finished rounds that collapsed by a rule, as indices; they are in every statistic.
    #[must_use]
    pub fn collapsed(&self, rule: CollapseRule) -> Vec<usize> {
        let last = self.last(rule.split, rule.metric);
        last.iter().enumerate().filter(|(_, value)| rule.holds(**value)).map(|(round, _)| round).collect()
    }

    /// Returns the statistics of a reading; `None` if no round has the metric.
    #[must_use]
    pub fn statistics(&self, split: Split, reading: Reading) -> Option<stats::Summary> {
        self.curves.get(&(split, reading.metric))?.statistics(reading.over)
    }
}

impl Curve {
    /// Collects a value of every epoch of the rounds; `None` if there are no epochs or a value is missing.
    fn of(rounds: &[&Outcome], value: impl Fn(&EpochMetrics) -> Option<f64>) -> Option<Self> {
        let epochs: Vec<usize> = rounds.first()?.epochs.iter().map(|epoch| epoch.epoch).collect();
        let round = |outcome: &&Outcome| outcome.epochs.iter().map(&value).collect::<Option<Vec<_>>>();
        let rounds: Matrix = rounds.iter().map(round).collect::<Option<_>>()?;
        let whole = !epochs.is_empty() && rounds.iter().all(|round| round.len() == epochs.len());
        whole.then_some(Self { epochs, rounds })
    }

    /// Returns every round's value at one of the epochs.
    #[must_use]
    pub fn at(&self, epoch: usize) -> Vec<f64> {
        self.rounds.iter().filter_map(|round| round.get(epoch)).copied().collect()
    }

    /// Returns what a reading takes its statistics of: the last epoch's rounds, or the epochs of the curve averaged over
    /// the rounds.
    #[must_use]
    pub fn reading(&self, over: Over) -> Vec<f64> {
        let mut values = Vec::new();
        let all: Vec<usize> = (0..self.rounds.len()).collect();
        of(over).take(&self.rounds, &all, &mut values);
        values
    }

    /// Returns the statistics of a reading; `None` if a value is not a number.
    #[must_use]
    pub fn statistics(&self, over: Over) -> Option<stats::Summary> {
        stats::summarize(&self.reading(over))
    }

    /// Returns a 95 % interval of a reading's mean, Student's t over the rounds: over epochs of each round's own mean, since the
    /// epochs of a round are not independent. `None` for one round.
    #[must_use]
    pub fn mean_interval(&self, over: Over) -> Option<Interval> {
        let each: Vec<f64> = match over {
            Over::Rounds => self.reading(over),
            Over::Epochs => self.rounds.iter().map(|epochs| stats::mean(epochs)).collect(),
        };
        stats::t_interval(Moments::of(&each), 0.95)
    }
}

/// Returns what a reading takes its statistics of.
#[must_use]
pub fn of(over: Over) -> Of {
    match over {
        Over::Rounds => Of::LastEpochs,
        Over::Epochs => Of::MeanCurve,
    }
}

/// How the runs of some configs ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ends {
    /// Runs that are planned.
    pub planned: usize,
    /// Runs that went through all epochs.
    pub finished: usize,
    /// Runs whose loss was no longer finite.
    pub diverged: usize,
    /// Runs that failed.
    pub failed: usize,
}

impl Ends {
    /// Counts the runs of configs.
    #[must_use]
    pub fn of(all: &[Rounds]) -> Self {
        all.iter().fold(Self::default(), |sum, of| Self {
            planned: sum.planned + of.planned,
            finished: sum.finished + of.finished(),
            diverged: sum.diverged + of.diverged.len(),
            failed: sum.failed + of.failed,
        })
    }

    /// Returns how many runs have no outcome.
    #[must_use]
    pub fn missing(self) -> usize {
        self.planned - self.finished - self.diverged - self.failed
    }
}
