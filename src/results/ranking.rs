//! Which config is best, by how much, and what each axis of the grid does: all of the rounds' last epochs.
//!
//! Rounds of one seed belong together: they have the same pairs of images where the spec draws them by seed, and the same
//! random streams. So differences are taken seed by seed.

use super::rounds::Rounds;
use crate::{
    plan::Plan,
    spec::Split,
    stats::{self, Interval, Moments},
    task::Metric,
};

/// A config in the ranking.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranked {
    /// Index of the config.
    pub config: usize,
    /// Count, mean and standard deviation of its finished rounds, as measured.
    pub moments: Moments,
    /// 95 % interval of the mean, Student's t.
    pub interval: Option<Interval>,
    /// This config minus the best one.
    pub behind: Behind,
}

/// A mean difference, seed by seed.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Behind {
    /// The mean; nothing without pairs.
    pub difference: Option<f64>,
    /// Its 95 % interval, Student's t of the differences.
    pub interval: Option<Interval>,
}

/// An axis of the grid, with what its values do.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// Index of the axis.
    pub axis: usize,
    /// Its values, in the grid's order.
    pub levels: Vec<Level>,
}

/// A value of an axis: for each seed the mean over its configs, and over the seeds.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    /// Index of the value.
    pub value: usize,
    /// Configs that have it.
    pub configs: usize,
    /// Count, mean and standard deviation over the seeds that all these configs finished.
    pub moments: Moments,
    /// 95 % interval of the mean, Student's t over the seeds.
    pub interval: Option<Interval>,
    /// This value minus the axis' best one.
    pub behind: Behind,
}

/// Values by their seeds.
pub(super) type BySeed = Vec<(u64, f64)>;

/// Returns the configs whose rounds have a metric, best first; equal ones in the plan's order.
#[must_use]
pub fn ranking(rounds: &[Rounds], split: Split, metric: Metric) -> Vec<Ranked> {
    let values: Vec<BySeed> = rounds.iter().map(|of| by_seed(of, split, metric)).collect();
    let mut order: Vec<usize> = (0..values.len()).filter(|c| !values[*c].is_empty()).collect();
    let moments: Vec<Moments> = values.iter().map(moments).collect();
    order.sort_by(|a, b| better_first(metric, moments[*a].mean, moments[*b].mean));
    let Some(&best) = order.first() else { return Vec::new() };
    let one = |config: usize| Ranked {
        config,
        moments: moments[config],
        interval: stats::t_interval(moments[config], 0.95),
        behind: behind(&values[config], &values[best]),
    };
    order.into_iter().map(one).collect()
}

/// Returns the axes with several values, and what these do to a metric.
#[must_use]
pub fn effects(plan: &Plan, rounds: &[Rounds], split: Split, metric: Metric) -> Vec<Effect> {
    let values: Vec<BySeed> = rounds.iter().map(|of| by_seed(of, split, metric)).collect();
    let varied = plan.axes.iter().enumerate().filter(|(_, axis)| axis.values.len() > 1);
    let effect = |axis: usize, count: usize| {
        let mut members: Vec<Vec<usize>> = vec![Vec::new(); count];
        for (config, of) in plan.configs.iter().enumerate() {
            if let Some(value) = of.point[axis] {
                members[value as usize].push(config);
            }
        }
        let means: Vec<BySeed> = members.iter().map(|configs| mean_by_seed(configs, &values)).collect();
        let all: Vec<Moments> = means.iter().map(moments).collect();
        let known = (0..count).filter(|level| !means[*level].is_empty());
        let best = known.min_by(|a, b| better_first(metric, all[*a].mean, all[*b].mean));
        let level = |value: usize| Level {
            value,
            configs: members[value].len(),
            moments: all[value],
            interval: stats::t_interval(all[value], 0.95),
            behind: best.map(|best| behind(&means[value], &means[best])).unwrap_or_default(),
        };
        Effect { axis, levels: (0..count).map(level).collect() }
    };
    varied.map(|(index, axis)| effect(index, axis.values.len())).collect()
}

pub(super) fn by_seed(rounds: &Rounds, split: Split, metric: Metric) -> BySeed {
    let values = rounds.last(split, metric);
    rounds.seeds.iter().copied().zip(values).filter(|(_, value)| value.is_finite()).collect()
}

/// Returns for each seed that all of some configs have the mean over these.
fn mean_by_seed(configs: &[usize], values: &[BySeed]) -> BySeed {
    let Some((first, others)) = configs.split_first() else { return BySeed::new() };
    let mut sums = values[*first].clone();
    for config in others {
        sums = paired(&sums, &values[*config]).map(|(seed, a, b)| (seed, a + b)).collect();
    }
    sums.into_iter().map(|(seed, sum)| (seed, sum / configs.len() as f64)).collect()
}

/// Returns the seeds that both have, with both values; seeds of a config stand in the plan's order.
pub(super) fn paired<'a>(a: &'a BySeed, b: &'a BySeed) -> impl Iterator<Item = (u64, f64, f64)> + 'a {
    let same = a.len() == b.len() && a.iter().zip(b).all(|(x, y)| x.0 == y.0);
    a.iter().enumerate().filter_map(move |(i, (seed, value))| {
        let other = if same { Some(&b[i]) } else { b.iter().find(|(other, _)| other == seed) };
        other.map(|(_, other)| (*seed, *value, *other))
    })
}

fn behind(own: &BySeed, best: &BySeed) -> Behind {
    let differences: Vec<f64> = paired(own, best).map(|(_, a, b)| a - b).collect();
    let of = Moments::of(&differences);
    let difference = Some(of.mean).filter(|mean| mean.is_finite());
    // The best one itself is no guess.
    let interval = stats::t_interval(of, 0.95).filter(|_| own != best);
    Behind { difference, interval }
}

pub(super) fn moments(values: &BySeed) -> Moments {
    Moments::of(&values.iter().map(|(_, value)| *value).collect::<Vec<f64>>())
}

/// Orders two means by what is better: larger fractions, smaller losses.
fn better_first(metric: Metric, a: f64, b: f64) -> std::cmp::Ordering {
    if metric.is_accuracy() { b.total_cmp(&a) } else { a.total_cmp(&b) }
}
