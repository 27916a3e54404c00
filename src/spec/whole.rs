//! A whole spec.

use std::collections::BTreeMap;

use super::{
    claims::ClaimsSpec, config::DataSpec, figures::FigureSpec, grid::Grid, ledger::LedgerEntry, named::Named,
    outputs::Band, paper::PaperSpec, tables::TableSpec,
};
use crate::{model::Architecture, task::Task};

/// What a person wrote in `experiments/*.yaml`, checked and with defaults filled in.
#[derive(Debug, Clone, PartialEq)]
pub struct Spec {
    /// Name of the experiment; output folders are named after it.
    pub experiment: String,
    /// What it asks, in one line; may be empty.
    pub title: String,
    /// The paper that it is about.
    pub paper: Option<PaperSpec>,
    /// What the networks are trained for.
    pub task: &'static Task,
    /// Where the data comes from.
    pub data: DataSpec,
    /// The networks by name; where axes of the grid vary one, its first.
    pub architectures: BTreeMap<String, Architecture>,
    /// The axes whose product is the runs.
    pub grid: Grid,
    /// Tables to write.
    pub tables: Named<TableSpec>,
    /// Figures to draw.
    pub figures: Named<FigureSpec>,
    /// Intervals that the results must lie in.
    pub expect: Vec<Band>,
    /// How the paper's numbers are judged, and what it claims in words.
    pub claims: Option<ClaimsSpec>,
    /// Where each setting comes from; empty, or complete.
    pub ledger: Vec<LedgerEntry>,
}

impl Spec {
    /// Says whether there is nothing to be judged: no paper, no number of one, and no claim in words.
    #[must_use]
    pub fn claims_nothing(&self) -> bool {
        let printed = self.tables.values().flat_map(|table| &table.rows).any(|row| row.paper.is_some());
        let words = self.claims.as_ref().is_some_and(|claims| !claims.words.is_empty());
        self.paper.is_none() && !printed && !words
    }
}
