//! What only tests switch on: faults of the machine, and mistakes in the training.

pub mod failpoint;
pub(crate) mod seeded_bugs;
