//! Turns a paper's experiment into runs, tables, figures and a verdict that anyone can check.
//!
//! The way of data is one direction: a spec's text becomes a [`spec::Spec`], a [`plan::Plan`],
//! records in a [`store`], their [`results`], and reports. `ARCHITECTURE.md` has the map.

pub mod cli;
pub mod data;
pub mod device;
pub mod digest;
pub mod engine;
pub mod error;
pub mod execute;
pub mod files;
pub mod lines;
pub mod model;
pub mod numerics;
pub mod parallel;
pub mod plan;
pub mod record;
pub mod report;
pub mod results;
pub mod spec;
pub mod store;
pub mod task;
pub mod testing;
pub mod text;
pub mod train;
pub mod verdict;
pub mod yaml;

pub use replikat_stats::{self as stats, random};
