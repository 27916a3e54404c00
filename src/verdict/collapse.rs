//! Rounds that never learned: counted and named, never dropped.

use crate::{
    results::Rounds,
    spec::CollapseRule,
    stats::{self, Interval},
};

/// How many rounds of a config collapsed.
#[derive(Debug, Clone, PartialEq)]
pub struct Collapse {
    /// The config for people.
    pub config: String,
    /// The rule.
    pub rule: CollapseRule,
    /// Rounds with an outcome of their own: finished ones and diverged ones.
    pub rounds: usize,
    /// Seeds of the rounds whose last epoch lies below the rule's limit; they are in every statistic.
    pub seeds: Vec<u64>,
    /// Seeds of the rounds that diverged; they have no last epoch, and are in no statistic.
    pub diverged: Vec<u64>,
    /// 95 % interval of the share of rounds that collapse or diverge, by Clopper and Pearson.
    pub share: Interval,
}

impl Collapse {
    /// Applies the rule to the rounds of a config; `None` if no round has an outcome.
    #[must_use]
    pub fn of(config: String, rule: CollapseRule, rounds: &Rounds) -> Option<Self> {
        let seeds: Vec<u64> = rounds.collapsed(rule).into_iter().map(|round| rounds.seeds[round]).collect();
        let diverged = rounds.diverged.clone();
        let all = rounds.last(rule.split, rule.metric).len() + diverged.len();
        let share = stats::clopper_pearson(seeds.len() + diverged.len(), all, 0.95);
        (all > 0).then_some(Self { config, rule, rounds: all, seeds, diverged, share })
    }
}
