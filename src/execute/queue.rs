//! The runs that are still to be trained.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use crate::plan::{Config, Plan};

/// Runs that nobody has begun, longest first, and those that other processes train.
pub(super) struct Queue<'a> {
    plan: &'a Plan,
    /// Of each config the first one that it stacks with.
    groups: Vec<usize>,
    /// Of each config how many of its like a trainer may take at once, so that all have some.
    quota: Vec<usize>,
    state: Mutex<State>,
}

struct State {
    runs: VecDeque<usize>,
    /// Runs that were put back since one could be begun.
    busy: usize,
}

impl<'a> Queue<'a> {
    /// Queues the missing runs of a plan for so many trainers.
    pub(super) fn new(plan: &'a Plan, missing: &[usize], trainers: usize) -> Self {
        let mut firsts: Vec<usize> = Vec::new();
        let mut first_of_group = |config: usize| {
            let alike = |other: &&usize| plan.configs[**other].stacks_with(&plan.configs[config]);
            firsts.iter().find(alike).copied().unwrap_or_else(|| {
                firsts.push(config);
                config
            })
        };
        let groups: Vec<usize> = (0..plan.configs.len()).map(&mut first_of_group).collect();
        let mut counts = vec![0; plan.configs.len()];
        for run in missing {
            counts[groups[plan.runs[*run].config]] += 1_usize;
        }
        let quota = groups.iter().map(|group| counts[*group].div_ceil(trainers)).collect();
        let costs: Vec<f64> = (0..plan.configs.len()).map(|c| plan.work_per_run(c)).collect();
        let mut runs = missing.to_vec();
        let config = |run: &usize| plan.runs[*run].config;
        runs.sort_by(|a, b| {
            let (a, b) = (config(a), config(b));
            costs[b].total_cmp(&costs[a]).then(groups[a].cmp(&groups[b]))
        });
        Self { plan, groups, quota, state: Mutex::new(State { runs: runs.into(), busy: 0 }) }
    }

    /// Takes the next run and the following ones that it can be a cohort with, at most as many as `most` says for its
    /// config; none if none is left.
    pub(super) fn next(&self, most: impl FnOnce(&Config) -> usize) -> Vec<usize> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(first) = state.runs.front() else { return Vec::new() };
        let config = |run: usize| self.plan.runs[run].config;
        let first = config(*first);
        let most = most(&self.plan.configs[first]).min(self.quota[first]);
        let alike = |run: &&usize| self.groups[config(**run)] == self.groups[first];
        let count = state.runs.iter().take(most).take_while(alike).count();
        state.runs.drain(..count).collect()
    }

    /// Notes that a run could be begun.
    pub(super) fn progressed(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).busy = 0;
    }

    /// Takes back runs that other processes train; says whether that is so of all that are left.
    pub(super) fn requeue(&self, runs: &[usize]) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.runs.extend(runs);
        state.busy += runs.len();
        !runs.is_empty() && state.busy >= state.runs.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{data::glyphs, spec::Spec};

    /// Two learning rates of one network, then another network that takes longer; three rounds each.
    fn plan() -> Plan {
        let text = "
experiment: queue
data: {source: glyphs, pairs: {train: 20, test: 10}}
train: {epochs: 1, batch: 10}
architectures:
  short: {pair: [flatten, {linear: 2}]}
  long: {pair: [{conv: 3}, flatten, {linear: 2}]}
grid: {architecture: [short, long], lr: [0.1, 0.2], seed: {count: 3}}
";
        let spec = Spec::parse("queue.yaml", text, &[]).unwrap_or_else(|e| panic!("{e}"));
        Plan::expand(&spec, glyphs::SOURCE.id())
    }

    #[test]
    fn a_cohort_has_runs_of_one_shape_and_the_longest_come_first() {
        let plan = plan();
        let queue = Queue::new(&plan, &(0..12).collect::<Vec<_>>(), 1);
        assert_eq!(queue.next(|_| 4), [6, 7, 8, 9]);
        assert_eq!(queue.next(|_| 4), [10, 11], "both learning rates, and nothing of the other network");
        assert_eq!(queue.next(|_| 1), [0]);
        assert!(!queue.requeue(&[0]));
        assert_eq!(queue.next(|_| 100), [1, 2, 3, 4, 5, 0]);
        assert!(queue.requeue(&[3]), "another process has the only one that is left");
        assert_eq!(queue.next(|_| 100), [3]);
        assert!(queue.next(|_| 100).is_empty());
    }

    #[test]
    fn several_trainers_share_what_one_could_take_alone() {
        let plan = plan();
        let queue = Queue::new(&plan, &[0, 1, 2, 3, 4], 2);
        assert_eq!(queue.next(|_| 100), [0, 1, 2]);
        assert_eq!(queue.next(|_| 100), [3, 4]);
    }
}
