//! The values of a task's metrics.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, MapAccess, Visitor},
    ser::SerializeMap,
};

use super::{description::Task, list::TASKS, metric::Metric};

/// Metrics of a task, as many as every task has.
const MOST: usize = 4;

/// The values of a task's metrics on a set of samples; where a network has no head for a metric, there is no value.
///
/// As JSON it is a map from the metrics' names, in their order, to a number or `null`.
#[derive(Clone, Copy, PartialEq)]
pub struct Measure {
    task: &'static Task,
    /// In the order of the task's metrics.
    values: [Option<f64>; MOST],
}

impl Measure {
    /// Makes the measure of a task; what is not in `values` has none.
    #[must_use]
    pub fn of(task: &'static Task, values: &[(Metric, f64)]) -> Self {
        let mut measure = Self { task, values: [None; MOST] };
        for (metric, value) in values {
            measure.set(*metric, Some(*value));
        }
        measure
    }

    /// Makes the measure of a task from the values of its metrics, in their order.
    #[must_use]
    pub fn new(task: &'static Task, values: [Option<f64>; MOST]) -> Self {
        Self { task, values }
    }

    /// Replaces the value of one metric, if the task has it.
    pub fn set(&mut self, metric: Metric, value: Option<f64>) {
        if let Some(at) = self.task.metrics.iter().position(|m| *m == metric) {
            self.values[at] = value;
        }
    }

    /// Returns the value of one metric.
    #[must_use]
    pub fn get(&self, metric: Metric) -> Option<f64> {
        self.iter().find(|(m, _)| *m == metric)?.1
    }

    /// Returns the value of the task's first metric.
    #[must_use]
    pub fn first(&self) -> Option<f64> {
        self.values[0]
    }

    /// Returns every metric of the task with its value, in the task's order.
    pub fn iter(&self) -> impl Iterator<Item = (Metric, Option<f64>)> {
        self.task.metrics.iter().copied().zip(self.values)
    }
}

impl fmt::Debug for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter().map(|(metric, value)| (metric.name, value))).finish()
    }
}

impl Serialize for Measure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sorted: Vec<_> = self.iter().collect();
        sorted.sort_by_key(|(metric, _)| *metric);
        let mut map = serializer.serialize_map(Some(sorted.len()))?;
        for (metric, value) in sorted {
            map.serialize_entry(metric.name, &value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Measure {
    /// Reads the metrics of one task, all of them and each once.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Values;
        impl<'de> Visitor<'de> for Values {
            type Value = Measure;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map from the names of a task's metrics to their values")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Measure, A::Error> {
                let mut found: Vec<(Metric, Option<f64>)> = Vec::with_capacity(MOST);
                while let Some(metric) = map.next_key()? {
                    if found.iter().any(|(other, _)| *other == metric) {
                        return Err(de::Error::custom(format!(
                            "the metric `{}` is there twice",
                            metric.name
                        )));
                    }
                    found.push((metric, map.next_value()?));
                }
                let has_all = |task: &&Task| {
                    task.metrics.len() == found.len()
                        && task.metrics.iter().all(|m| found.iter().any(|(metric, _)| metric == m))
                };
                let Some(task) = TASKS.into_iter().find(has_all) else {
                    return Err(de::Error::custom("no task has these metrics and no others"));
                };
                let mut measure = Measure::of(task, &[]);
                for (metric, value) in found {
                    measure.set(metric, value);
                }
                Ok(measure)
            }
        }
        deserializer.deserialize_map(Values)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{
        digest::{canonical, compact},
        task::digit_pairs::{ACCURACY, DIGIT_LOSS, LOSS, TASK},
    };

    const BYTES: &str = r#"{"accuracy":0.1,"digit_accuracy":null,"digit_loss":1e-9,"loss":2.0}"#;

    #[test]
    fn a_measure_is_a_map_in_the_order_of_names_and_is_read_back_bit_by_bit() {
        let measure = Measure::of(&TASK, &[(LOSS, 2.0), (DIGIT_LOSS, 1e-9), (ACCURACY, 0.1)]);
        assert_eq!(compact(&measure), BYTES);
        assert_eq!(canonical(&serde_json::to_value(measure).unwrap()), BYTES);
        assert_eq!(serde_json::from_str::<Measure>(BYTES).unwrap(), measure);
        assert_eq!((measure.first(), measure.get(DIGIT_LOSS)), (Some(0.1), Some(1e-9)));
        let values: Vec<Option<f64>> = measure.iter().map(|(_, value)| value).collect();
        assert_eq!(values, [Some(0.1), Some(2.0), None, Some(1e-9)]);
    }

    #[test]
    fn a_measure_with_another_name_one_less_or_one_twice_is_refused() {
        for (from, to, says) in [
            ("loss\":2.0", "cost\":2.0", "there is no metric `cost`"),
            (",\"loss\":2.0", "", "no task has these metrics"),
            ("loss\":2.0", "loss\":2.0,\"loss\":2.0", "the metric `loss` is there twice"),
            ("2.0", "true", "expected f64"),
        ] {
            let error = serde_json::from_str::<Measure>(&BYTES.replace(from, to)).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }

    #[test]
    fn every_task_has_a_word_of_its_own_and_metrics_that_fit_and_differ() {
        let mut words = BTreeSet::new();
        for task in TASKS {
            assert!(words.insert(task.word), "{task:?}");
            let names: BTreeSet<&str> = task.metrics.iter().map(|metric| metric.name).collect();
            assert_eq!(names.len(), task.metrics.len(), "{task:?}");
            for metric in &task.metrics {
                let name = serde_json::to_string(metric).unwrap();
                assert_eq!(serde_json::from_str::<Metric>(&name).unwrap(), *metric);
                assert!(
                    metric.guessing.is_none_or(|share| metric.is_accuracy() && share < 1.0),
                    "{metric:?}"
                );
            }
        }
    }
}
