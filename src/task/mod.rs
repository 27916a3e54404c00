//! What a network is trained for: a file for each task, and one list of all.
//!
//! A [`Task`] says what is measured, as [`Metric`]s; [`pairs`] says what a sample is and what the
//! network's heads must give, and makes samples of a data set.

mod description;
pub mod digit_pairs;
mod list;
mod measure;
mod metric;
pub mod pairs;

pub use description::Task;
pub use list::{TASKS, is_default, words};
pub use measure::Measure;
pub use metric::{Metric, Unit};
