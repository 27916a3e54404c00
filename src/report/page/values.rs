//! What the page is made of, and values of runs as it shows them.

use crate::{report::inputs::ReportInputs, spec::Split, task::Metric, verdict::Verdicts};

/// What the page shows.
#[derive(Debug, Clone, Copy)]
pub(in crate::report) struct Page<'a> {
    /// What all reports are made of.
    pub(in crate::report) of: &'a ReportInputs<'a>,
    /// What is said about the paper's claims, if the runs can be judged.
    pub(in crate::report) verdicts: Option<&'a Verdicts>,
}

/// Says whether any config has a metric.
pub(super) fn has(page: &Page<'_>, split: Split, metric: Metric) -> bool {
    page.of.rounds.iter().any(|rounds| rounds.curves.contains_key(&(split, metric)))
}
