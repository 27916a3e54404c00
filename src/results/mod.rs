//! Records → the rounds of each config and their statistics, and frames for other programs.
//!
//! [`Rounds`] is the one place where rounds become numbers: tables, figures, bands and verdicts read them there. The frames
//! are polars': `runs` (a row per run), `epochs` (a row per evaluated epoch), `summary` (a row per config, set, metric and
//! reading). Every number in them is as it was measured: accuracies are fractions, losses nats.

mod frames;
mod rounds;
mod summary;

pub use frames::{csv, epochs_frame, parquet, runs_frame};
pub use rounds::{Curve, Matrix, Rounds, Subset, rounds};
pub use summary::summary_frame;
