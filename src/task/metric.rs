//! Quantities that are measured after an epoch.

use std::cmp::Ordering;

use serde::{Serialize, Serializer};

/// What a quantity is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A fraction in `[0, 1]`, which people read in percent; more is better.
    Percent,
    /// A negative log-likelihood, at least 0; less is better.
    Nats,
}

/// A quantity measured after an epoch, as a task describes it; its name is what it is known by.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// Its word in specs, frames and records.
    pub name: &'static str,
    /// Names it in tables.
    pub label: &'static str,
    /// Names it on an axis.
    pub title: &'static str,
    /// Names it above a narrow column beside its set; `None` if it has none.
    pub column: Option<&'static str>,
    /// What it is counted in.
    pub unit: Unit,
    /// Values that it is the mean of, for each sample.
    pub per_sample: usize,
    /// What guessing gives, for a fraction.
    pub guessing: Option<f64>,
}

impl Metric {
    /// Returns its word in specs and tables.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.name
    }

    /// Returns its word as part of a sentence.
    #[must_use]
    pub fn phrase(self) -> String {
        self.name.replace('_', " ")
    }

    /// Says whether this is a fraction that people read in percent.
    #[must_use]
    pub fn is_accuracy(self) -> bool {
        match self.unit {
            Unit::Percent => true,
            Unit::Nats => false,
        }
    }

    /// Returns what people multiply it by: 100 for accuracies, which they read in percent.
    #[must_use]
    pub fn scale(self) -> f64 {
        if self.is_accuracy() { 100.0 } else { 1.0 }
    }

    /// Names it for an axis, with its unit.
    #[must_use]
    pub fn axis(self) -> String {
        let unit = match self.unit {
            Unit::Percent => "%",
            Unit::Nats => "nats",
        };
        format!("{} ({unit})", self.title)
    }

    /// Names the unit of a difference of two values.
    #[must_use]
    pub fn unit_of_differences(self) -> &'static str {
        match self.unit {
            Unit::Percent => "percentage points",
            Unit::Nats => "nats",
        }
    }

    /// Returns how many decimals people are shown: two of percent, four of losses.
    #[must_use]
    pub fn decimals(self) -> usize {
        match self.unit {
            Unit::Percent => 2,
            Unit::Nats => 4,
        }
    }

    /// Shows a value for people, accuracies in percent.
    #[must_use]
    pub fn shown(self, value: f64) -> String {
        format!("{:.*}", self.decimals(), self.scale() * value)
    }
}

impl PartialEq for Metric {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Metric {}

impl PartialOrd for Metric {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Metric {
    fn cmp(&self, other: &Self) -> Ordering {
        self.name.cmp(other.name)
    }
}

impl Serialize for Metric {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name)
    }
}
