//! Records → the rounds of each config and their statistics, and frames for other programs.
//!
//! [`Rounds`] is the one place where rounds become numbers: tables, figures, bands and verdicts read them there. The frames
//! are polars': `runs` (a row per run), `epochs` (a row per evaluated epoch), `summary` (a row per config, set, metric and
//! reading). Every number in them is as it was measured: accuracies are fractions, losses nats.

mod comparison;
mod files;
mod frames;
mod ranking;
mod rounds;
mod summary;

pub use comparison::{Compared, compare, together};
pub use files::{csv, parquet, start_threads};
pub use frames::{epochs_frame, runs_frame};
pub use ranking::{Behind, Effect, Level, Ranked, effects, ranking};
pub use rounds::{Curve, Ends, Rounds, of, rounds};
pub use summary::summary_frame;
