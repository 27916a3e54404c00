//! What the page is made of, and values of runs as it shows them.

use crate::{
    report::{inputs::ReportInputs, links::Links, ranking::Ranking},
    spec::Split,
    task::Metric,
    verdict::Verdicts,
};

/// Bytes that figures, runs and curves may take: a page stays below 5 MB.
pub(in crate::report) const ROOM: usize = 4_400_000;

/// Rows of a table that the page shows; its files have all.
pub(super) const ROWS: usize = 30;

/// What the page shows.
#[derive(Debug, Clone, Copy)]
pub(in crate::report) struct Page<'a> {
    /// What all reports are made of.
    pub(in crate::report) of: &'a ReportInputs<'a>,
    /// What is said about the paper's claims, if the runs can be judged.
    pub(in crate::report) verdicts: Option<&'a Verdicts>,
    /// The configs in order, if the spec claims nothing.
    pub(in crate::report) ranking: Option<&'a Ranking>,
    /// Where the files are that the page leads to.
    pub(in crate::report) links: &'a Links,
    /// Bytes that runs and curves may take.
    pub(in crate::report) room: usize,
}

/// Says whether any config has a metric.
pub(super) fn has(page: &Page<'_>, split: Split, metric: Metric) -> bool {
    page.of.rounds.iter().any(|rounds| rounds.curves.contains_key(&(split, metric)))
}

/// A metric that is shown of a last epoch.
pub(super) type Shown = (Split, Metric, String);

/// Returns what is shown of a last epoch, with the heading of its column.
pub(super) fn shown(page: &Page<'_>) -> Vec<Shown> {
    let mut found = Vec::new();
    for metric in page.of.plan.task.accuracies_first() {
        let Some(name) = metric.column else { continue };
        let unit = if metric.is_accuracy() { ", %" } else { "" };
        for (split, set) in [(Split::Test, "test"), (Split::Train, "training")] {
            if has(page, split, metric) {
                found.push((split, metric, format!("{set} {name}{unit}")));
            }
        }
    }
    found
}
