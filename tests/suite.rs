//! All integration tests in one binary, so that the crate is linked once.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::disallowed_methods, reason = "tests write their own inputs")]

mod architectures;
mod bombs;
#[cfg(feature = "seeded-bugs")]
mod bugs;
mod cases;
mod check;
mod claims;
mod cli;
mod cohorts;
mod compare;
mod devices;
mod differences;
mod engines;
mod explain;
mod faults;
mod figures;
mod gradients;
mod help;
mod hostile;
mod inert;
mod intruders;
mod judged;
mod keeping;
mod kernels;
mod keys;
mod layering;
mod limits;
mod living;
mod macros;
mod messages;
mod network;
mod numbers;
mod optimizers;
mod page;
mod processes;
mod rebuild;
mod reference;
mod research_object;
mod screens;
mod settings;
mod sizes;
mod sources;
mod statistics;
mod store;
mod summary;
mod support;
mod vary;
mod verdicts;
