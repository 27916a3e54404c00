//! The list of all tasks.

use serde::{Deserialize, Deserializer, de};

use super::{description::Task, digit_pairs, metric::Metric};

/// All tasks; the first is the one that is meant where none is named.
pub static TASKS: [&Task; 1] = [&digit_pairs::TASK];

/// Says whether a task is the one that is meant where none is named.
#[must_use]
pub fn is_default(task: &Task) -> bool {
    task == TASKS[0]
}

/// Returns the words of all tasks, with the tasks.
#[must_use]
pub fn words() -> Vec<(&'static str, &'static Task)> {
    TASKS.into_iter().map(|task| (task.word, task)).collect()
}

impl<'de> Deserialize<'de> for Metric {
    /// Reads a name that some task has for a metric.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;
        impl de::Visitor<'_> for Name {
            type Value = Metric;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("the name of a metric")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Metric, E> {
                let mut all = TASKS.into_iter().flat_map(|task| task.metrics);
                let found = all.find(|metric| metric.name == name);
                found.ok_or_else(|| E::custom(format!("there is no metric `{name}`")))
            }
        }
        deserializer.deserialize_str(Name)
    }
}
