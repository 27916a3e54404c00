//! The curves of the runs: a small one in each row, and the numbers that the page's script draws.

use maud::{Markup, html};

use super::{
    listed::Listed,
    values::{Page, has},
};
use crate::{digest::canonical, spec::Split, task::Metric};

/// Bytes of curves that the page carries; more would make it slow to open.
const MOST: usize = 1_000_000;
/// Bytes of a number, about.
const BYTES: usize = 6;

/// Returns what is drawn, in this order.
fn series(page: &Page<'_>) -> Vec<(Split, Metric)> {
    let all = page.of.plan.task.accuracies_first().into_iter();
    let all = all.flat_map(|metric| [(Split::Train, metric), (Split::Test, metric)]);
    all.filter(|(split, metric)| has(page, *split, *metric)).collect()
}

/// Returns the runs whose curves are on the page: listed ones, first rounds first, as far as there is room.
fn carried(page: &Page<'_>) -> Vec<usize> {
    let series = series(page).len();
    let listed = Listed::of(page);
    let mut left = MOST.min(page.room.saturating_sub(listed.bytes)) / BYTES;
    let mut found = Vec::new();
    for i in listed.by_round() {
        let Some(record) = &page.of.records[i] else { continue };
        let Some(rest) = left.checked_sub(record.outcome.epochs.len() * (series + 1)) else { break };
        left = rest;
        found.push(i);
    }
    found.sort_unstable();
    found
}

/// Says how many runs have no curve on the page, if any has none.
pub(super) fn told(page: &Page<'_>) -> Option<String> {
    let stored = page.of.records.iter().flatten().count();
    let carried = carried(page).len();
    (carried < stored).then(|| {
        format!(
            "Curves of {carried} of {stored} runs are on this page, first rounds first; epochs.csv holds all."
        )
    })
}

/// Returns the series and the curves as two entries of a JSON object.
pub(super) fn json(page: &Page<'_>) -> String {
    let series = series(page);
    let names: Vec<String> = series.iter().map(|(s, m)| format!("{} {}", s.word(), m.word())).collect();
    let mut runs = Vec::new();
    for i in carried(page) {
        let Some(record) = &page.of.records[i] else { continue };
        let epochs: Vec<String> = record.outcome.epochs.iter().map(|e| e.epoch.to_string()).collect();
        let lists = series.iter().map(|(split, metric)| {
            let value = |e: &crate::record::EpochMetrics| match e.get(*split, *metric) {
                Some(v) if v.is_finite() => metric.shown(v),
                _ => "null".to_owned(),
            };
            let values: Vec<String> = record.outcome.epochs.iter().map(value).collect();
            let none = values.iter().all(|v| v == "null");
            if none { "null".to_owned() } else { format!("[{}]", values.join(",")) }
        });
        runs.push(format!("\"{i}\":[[{}],{}]", epochs.join(","), lists.collect::<Vec<_>>().join(",")));
    }
    let names = canonical(&serde_json::json!(names));
    format!("\"series\":{names},\"runs\":{{\n{}}}", runs.join(",\n"))
}

/// Returns the smallest and the largest value of the task's first metric in the tests of any run and epoch, as fractions.
pub(super) fn range(page: &Page<'_>) -> Option<[f64; 2]> {
    let epochs = page.of.records.iter().flatten().flat_map(|record| &record.outcome.epochs);
    epochs.filter_map(|e| e.test.first()).filter(|v| v.is_finite()).fold(None, |range, v| {
        let [low, high] = range.unwrap_or([v, v]);
        Some([v.min(low), v.max(high)])
    })
}

/// Returns a run's test accuracy over its epochs, between the smallest and the largest of all runs, as a small line.
pub(super) fn sparkline(page: &Page<'_>, index: usize, [low, high]: [f64; 2]) -> Markup {
    const WIDTH: f64 = 96.0;
    const HEIGHT: f64 = 22.0;
    let Some(record) = &page.of.records[index] else { return Markup::default() };
    let epochs = &record.outcome.epochs;
    let step = WIDTH / epochs.len().saturating_sub(1).max(1) as f64;
    let y = |v: f64| 1.0 + (HEIGHT - 2.0) * (high - v) / (high - low).max(1e-9);
    let values = epochs.iter().enumerate().filter_map(|(i, e)| Some((i, e.test.first()?)));
    let values = values.filter(|(_, v)| v.is_finite());
    let points: Vec<String> = values.map(|(i, v)| format!("{:.1},{:.1}", i as f64 * step, y(v))).collect();
    html! {
        svg.spark viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } width=(WIDTH) height=(HEIGHT) aria-hidden="true" {
            polyline points=(points.join(" ")) {}
        }
    }
}
