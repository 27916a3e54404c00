//! A whole spec.

use std::collections::BTreeMap;

use super::{
    claims::ClaimsSpec, config::DataSpec, figures::FigureSpec, grid::Grid, ledger::LedgerEntry,
    outputs::Band, tables::TableSpec,
};
use crate::{model::Architecture, task::Task};

/// What a person wrote in `experiments/*.yaml`, checked and with defaults filled in.
#[derive(Debug, Clone, PartialEq)]
pub struct Spec {
    /// Name of the experiment; output folders are named after it.
    pub experiment: String,
    /// What the networks are trained for.
    pub task: &'static Task,
    /// Where the data comes from.
    pub data: DataSpec,
    /// The networks by name; where axes of the grid vary one, its first.
    pub architectures: BTreeMap<String, Architecture>,
    /// The axes whose product is the runs.
    pub grid: Grid,
    /// Tables to write, by name.
    pub tables: BTreeMap<String, TableSpec>,
    /// Figures to draw, by name.
    pub figures: BTreeMap<String, FigureSpec>,
    /// Intervals that the results must lie in.
    pub expect: Vec<Band>,
    /// How the paper's numbers are judged, and what it claims in words.
    pub claims: Option<ClaimsSpec>,
    /// Where each setting comes from; empty, or complete.
    pub ledger: Vec<LedgerEntry>,
}
