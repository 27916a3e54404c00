//! Every run in one table that can be sorted and filtered.

use super::{
    Page,
    curves::{self, sparkline},
    markup::{attribute, joined, made_by, note, text},
};
use crate::{record::End, report::verdict::NONE, spec::Split, task::Metric};

/// Runs are listed up to this many; the frames hold all.
const LISTED: usize = 10_000;

/// Returns what is shown of a last epoch, with the heading of its column.
fn shown(page: &Page<'_>) -> Vec<(Split, Metric, String)> {
    let mut found = Vec::new();
    for metric in page.plan.task.accuracies_first() {
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

/// Says how many runs there are and how they ended.
pub(super) fn counted(page: &Page<'_>) -> String {
    let sum = |f: fn(&crate::aggregate::ConfigSummary) -> usize| page.summaries.iter().map(f).sum::<usize>();
    let (planned, finished) = (sum(|s| s.planned), sum(|s| s.finished));
    let (diverged, failed) = (sum(|s| s.diverged), sum(|s| s.failed));
    let missing = planned - finished - diverged - failed;
    let configs = page.plan.configs.len();
    let s = if configs == 1 { "" } else { "s" };
    format!(
        "{planned} runs of {configs} config{s}: {finished} finished, {diverged} diverged, {failed} failed, {missing} missing. \
         Statistics are of the finished ones."
    )
}

/// Returns the section.
pub(super) fn section(page: &Page<'_>) -> String {
    let shown = shown(page);
    let names = shown.iter().map(|(_, _, name)| (name.as_str(), true));
    let columns: Vec<(&str, bool)> = [("config", false), ("seed", true), ("status", false), ("curve", false)]
        .into_iter()
        .chain(names)
        .chain([("run key", false)])
        .collect();
    let mut listed = curves::by_round(page);
    listed.truncate(LISTED);
    listed.sort_unstable();
    let range = curves::range(page).unwrap_or([0.0, 1.0]);
    let rows = joined(&listed, |i| row(page, *i, &shown, range));
    let frame = format!(
        "<div class=\"frame\" role=\"region\" aria-label=\"All runs\" tabindex=\"0\">\n<table id=\"run-table\">\n<caption>Every run at its \
         last epoch</caption>\n<thead><tr>{}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n</div>\n",
        joined(&columns, |(name, right)| heading(name, *right))
    );
    let mut out = filters(page) + "<div class=\"runs card\">\n<div>\n" + &frame;
    if listed.len() < page.plan.runs.len() {
        out += &note(&format!(
            "{} of {} runs are listed, by round; the files below hold all.",
            listed.len(),
            page.plan.runs.len()
        ));
    }
    let [low, high] = range.map(|v| 100.0 * v);
    out += &note(&format!(
        "The small curves are the test accuracy by epoch, all from {low:.2} to {high:.2} %; point at a run to see more of it."
    ));
    out += &curves::told(page).map_or(String::new(), |told| note(&told));
    out += "<p class=\"note\"><button type=\"button\" id=\"more\" hidden>Show all</button></p>\n";
    out += &made_by(
        &["runs", "epochs"].map(|f| format!("{f}.csv and {f}.parquet")),
        &page.source.command("report"),
    );
    out + "</div>\n<aside id=\"detail\" aria-label=\"The chosen run\" hidden></aside>\n</div>\n"
}

/// Says whether any config has a metric.
pub(super) fn has(page: &Page<'_>, split: Split, metric: Metric) -> bool {
    page.summaries.iter().any(|s| s.curves.contains_key(&(split, metric)))
}

fn heading(name: &str, right: bool) -> String {
    if name == "curve" {
        return format!("<th scope=\"col\">{name}</th>");
    }
    let (class, kind) = if right { (" class=\"n\"", " data-number") } else { ("", "") };
    format!(
        "<th scope=\"col\"{class}><button type=\"button\" class=\"sort\"{kind}>{}</button></th>",
        text(name)
    )
}

fn filters(page: &Page<'_>) -> String {
    let options = |names: &[String]| -> String {
        joined(names, |n| format!("<option value=\"{}\">{}</option>", attribute(n), text(n)))
    };
    let configs: Vec<String> = (0..page.plan.configs.len()).map(|c| page.plan.label(c)).collect();
    let statuses = ["finished", "collapsed", "diverged", "failed", "missing"].map(String::from);
    format!(
        "<form id=\"filters\" class=\"filters\" role=\"search\" aria-label=\"Filter the runs\" hidden>\n\
         <label>Search <input type=\"search\" id=\"query\" autocomplete=\"off\" placeholder=\"seed, key, …\"></label>\n\
         <label>Config <select id=\"config\"><option value=\"\">all</option>{}</select></label>\n\
         <label>Status <select id=\"status\"><option value=\"\">all</option>{}</select></label>\n\
         <output id=\"count\" for=\"query config status\"></output>\n</form>\n",
        options(&configs),
        options(&statuses)
    )
}

/// Says whether a finished run collapsed, by the spec's own rule.
fn collapsed(page: &Page<'_>, run: usize) -> bool {
    let run = page.plan.runs[run];
    let label = page.plan.label(run.config);
    page.verdicts
        .is_some_and(|v| v.collapses.iter().any(|c| c.config == label && c.seeds.contains(&run.seed)))
}

fn row(page: &Page<'_>, index: usize, shown: &[(Split, Metric, String)], range: [f64; 2]) -> String {
    let run = page.plan.runs[index];
    let record = page.records[index].as_ref();
    let (status, detail) = match record.map(|r| &r.outcome.end) {
        None => ("missing", String::new()),
        Some(End::Finished { .. }) if collapsed(page, index) => ("collapsed", String::new()),
        Some(End::Finished { .. }) => ("finished", String::new()),
        Some(End::Diverged { epoch, step }) => ("diverged", format!(" at epoch {epoch}, step {step}")),
        Some(End::Failed { reason }) => ("failed", format!(": {reason}")),
    };
    let last = record.filter(|r| r.outcome.finished()).and_then(|r| r.outcome.epochs.last());
    let numbers = joined(shown, |(split, metric, _)| {
        let value = last.and_then(|epoch| epoch.get(*split, *metric)).filter(|v| v.is_finite());
        format!("<td class=\"n\">{}</td>", value.map_or(NONE.to_owned(), |v| metric.shown(v)))
    });
    let key = run.key.to_string();
    format!(
        "<tr data-run=\"{index}\" data-key=\"{key}\" data-outcome=\"{}\"><th scope=\"row\">{}</th><td class=\"n\">{}</td>\
         <td class=\"{status}\">{status}{}</td><td>{}</td>{numbers}<td><code>{}</code></td></tr>\n",
        &record.map_or(String::new(), |r| r.digest.to_string()),
        text(&page.plan.label(run.config)),
        run.seed,
        text(&detail),
        sparkline(page, index, range),
        &key[..12]
    )
}
