//! `where:`: a choice of configs.

use serde::Serialize;

use super::config::Config;

/// Chooses configs: those that agree on every axis that is given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Where {
    /// Axes of the grid with one of their values, both as indices.
    pub(super) chosen: Vec<(usize, usize)>,
}

impl Where {
    /// Says whether a config is chosen.
    #[must_use]
    pub fn matches(&self, config: &Config) -> bool {
        self.chosen.iter().all(|(axis, value)| config.point[*axis] == Some(*value as u32))
    }

    /// Returns the value on an axis that it asks for.
    #[must_use]
    pub fn value(&self, axis: usize) -> Option<usize> {
        self.chosen.iter().find(|(other, _)| *other == axis).map(|(_, value)| *value)
    }
}
