//! Pairs of digits: is the first one less than or equal to the second?

use super::{
    description::Task,
    metric::{Metric, Unit},
    pairs::{CLASSES, DIGITS},
};

/// The comparison of two digits.
pub static TASK: Task = Task {
    word: "digit-pairs",
    metrics: [ACCURACY, LOSS, DIGIT_ACCURACY, DIGIT_LOSS],
    target: |[first, second]| first <= second,
};

/// Fraction of pairs that are compared rightly.
pub const ACCURACY: Metric = Metric {
    name: "accuracy",
    label: "comparison",
    title: "Comparison accuracy",
    column: Some("accuracy"),
    unit: Unit::Percent,
    per_sample: 1,
    guessing: Some(1.0 / CLASSES as f64),
};

/// Mean negative log-likelihood of the comparison.
pub const LOSS: Metric = Metric {
    name: "loss",
    label: "comparison loss",
    title: "Comparison loss",
    column: Some("loss"),
    unit: Unit::Nats,
    per_sample: 1,
    guessing: None,
};

/// Fraction of digits that are classified rightly, if the network scores them.
pub const DIGIT_ACCURACY: Metric = Metric {
    name: "digit_accuracy",
    label: "digits",
    title: "Digit accuracy",
    column: Some("digits"),
    unit: Unit::Percent,
    per_sample: 2,
    guessing: Some(1.0 / DIGITS as f64),
};

/// Mean negative log-likelihood of the digits, if the network scores them.
pub const DIGIT_LOSS: Metric = Metric {
    name: "digit_loss",
    label: "digit loss",
    title: "Digit loss",
    column: None,
    unit: Unit::Nats,
    per_sample: 2,
    guessing: None,
};
