//! Which runs are on the page.

use super::values::{Page, shown};
use crate::plan::RunKey;

/// The runs that are listed: the first rounds of the first configs, all of them where there is room.
#[derive(Debug, Clone, Copy)]
pub(super) struct Listed {
    /// Configs.
    pub configs: usize,
    /// Rounds of each.
    pub rounds: usize,
    /// Rounds that each config has in the plan.
    pub planned: usize,
    /// About how many bytes they take.
    pub bytes: usize,
}

impl Listed {
    /// Chooses the runs for which there is room.
    pub(super) fn of(page: &Page<'_>) -> Self {
        let plan = page.of.plan;
        let planned = plan.runs.len() / plan.configs.len().max(1);
        // Key and status, and a number with its comma in each column.
        let run = RunKey::SHORT + 1 + 6 * shown(page).len();
        let label = 4 + plan.label(plan.configs.len().saturating_sub(1)).len();
        let room = page.room / plan.configs.len().max(1);
        let rounds = (room.saturating_sub(label) / run).clamp(1, planned.max(1));
        let configs = plan.configs.len().min(page.room / (label + rounds * run));
        Self { configs, rounds: rounds.min(planned), planned, bytes: configs * (label + rounds * run) }
    }

    /// Returns how many there are.
    pub(super) fn count(self) -> usize {
        self.configs * self.rounds
    }

    /// Returns their indices in the plan, in its order.
    pub(super) fn runs(self) -> impl Iterator<Item = usize> {
        (0..self.configs)
            .flat_map(move |config| (0..self.rounds).map(move |round| config * self.planned + round))
    }

    /// Returns their indices, first rounds of all configs first.
    pub(super) fn by_round(self) -> impl Iterator<Item = usize> {
        (0..self.rounds)
            .flat_map(move |round| (0..self.configs).map(move |config| config * self.planned + round))
    }
}
