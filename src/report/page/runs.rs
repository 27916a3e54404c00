//! Every run in one table that can be sorted and filtered.

use maud::{Markup, html};

use super::{
    curves::{self, sparkline},
    parts::{made_by, note},
    values::{self, Page},
};
use crate::{
    record::End,
    report::table::{self, Cell, html_cell},
    results::Rounds,
    spec::Split,
    task::Metric,
};

/// Runs are listed up to this many; the frames hold all.
const LISTED: usize = 10_000;

/// Returns what is shown of a last epoch, with the heading of its column.
fn shown(page: &Page<'_>) -> Vec<Shown> {
    let mut found = Vec::new();
    for metric in page.of.plan.task.accuracies_first() {
        let Some(name) = metric.column else { continue };
        let unit = if metric.is_accuracy() { ", %" } else { "" };
        for (split, set) in [(Split::Test, "test"), (Split::Train, "training")] {
            if values::has(page, split, metric) {
                found.push((split, metric, format!("{set} {name}{unit}")));
            }
        }
    }
    found
}

/// Says how many runs there are and how they ended.
pub(super) fn counted(page: &Page<'_>) -> String {
    let sum = |f: fn(&Rounds) -> usize| page.of.rounds.iter().map(f).sum::<usize>();
    let (planned, finished) = (sum(|s| s.planned), sum(Rounds::finished));
    let (diverged, failed) = (sum(|s| s.diverged.len()), sum(|s| s.failed));
    let missing = planned - finished - diverged - failed;
    let configs = page.of.plan.configs.len();
    let s = if configs == 1 { "" } else { "s" };
    format!(
        "{planned} runs of {configs} config{s}: {finished} finished, {diverged} diverged, {failed} failed, {missing} missing. \
         Statistics are of the finished ones."
    )
}

/// A metric that is shown of a last epoch.
type Shown = (Split, Metric, String);

/// Returns the section.
pub(super) fn section(page: &Page<'_>) -> Markup {
    let plan = page.of.plan;
    let shown = shown(page);
    let mut listed = curves::by_round(page);
    listed.truncate(LISTED);
    listed.sort_unstable();
    let range = curves::range(page).unwrap_or([0.0, 1.0]);
    let bodies =
        html! { tbody { "\n" @for index in &listed { (row(page, *index, &shown, range)) "\n" } } "\n" };
    let left = format!(
        "{} of {} runs are listed, by round; the files below hold all.",
        listed.len(),
        plan.runs.len()
    );
    let [low, high] = range.map(|v| 100.0 * v);
    let scale = format!(
        "The small curves are the test accuracy by epoch, all from {low:.2} to {high:.2} %; point at a run to see more of it."
    );
    let files = ["runs", "epochs", "summary"].map(|f| format!("{f}.csv and {f}.parquet"));
    html! {
        (filters(page))
        div.runs.card {
            "\n"
            div {
                "\n"
                (table::framed("run-table", "Every run at its last epoch", &head(&shown), &bodies))
                @if listed.len() < plan.runs.len() { (note(&left)) }
                (note(&scale))
                @if let Some(told) = curves::told(page) { (note(&told)) }
                p.note { button type="button" id="more" hidden { "Show all" } } "\n"
                (made_by(&files, &page.of.source.command("report")))
            }
            "\n"
            aside id="detail" aria-label="The chosen run" hidden {} "\n"
        }
        "\n"
    }
}

/// Returns the heading, whose columns can be sorted but for the curves.
fn head(shown: &[Shown]) -> Markup {
    let sorted = |name: &str, right: bool| {
        html! {
            th scope="col" class=[right.then_some("n")] {
                button.sort type="button" data-number[right] { (name) }
            }
        }
    };
    html! {
        thead { tr {
            (sorted("config", false)) (sorted("seed", true)) (sorted("status", false))
            th scope="col" { "curve" }
            @for (_, _, name) in shown { (sorted(name, true)) }
            (sorted("run key", false))
        } }
        "\n"
    }
}

fn filters(page: &Page<'_>) -> Markup {
    let configs: Vec<String> = (0..page.of.plan.configs.len()).map(|c| page.of.plan.label(c)).collect();
    let statuses = ["finished", "collapsed", "diverged", "failed", "missing"].map(String::from);
    let select = |id: &str, names: &[String]| {
        html! {
            select id=(id) {
                option value="" { "all" }
                @for name in names { option value=(name) { (name) } }
            }
        }
    };
    html! {
        form.filters id="filters" role="search" aria-label="Filter the runs" hidden {
            "\n"
            label { "Search " input type="search" id="query" autocomplete="off" placeholder="seed, key, …"; } "\n"
            label { "Config " (select("config", &configs)) } "\n"
            label { "Status " (select("status", &statuses)) } "\n"
            output id="count" for="query config status" {} "\n"
        }
        "\n"
    }
}

/// Says whether a finished run collapsed, by the spec's own rule.
fn collapsed(page: &Page<'_>, run: usize) -> bool {
    let Some(rule) = page.of.spec.claims.as_ref().and_then(|claims| claims.collapsed) else { return false };
    let run = page.of.plan.runs[run];
    let rounds = &page.of.rounds[run.config];
    rounds.collapsed(rule).into_iter().any(|round| rounds.seeds[round] == run.seed)
}

fn row(page: &Page<'_>, index: usize, shown: &[Shown], range: [f64; 2]) -> Markup {
    let run = page.of.plan.runs[index];
    let record = page.of.records[index].as_ref();
    let (status, detail) = match record.map(|r| &r.outcome.end) {
        None => ("missing", String::new()),
        Some(End::Finished { .. }) if collapsed(page, index) => ("collapsed", String::new()),
        Some(End::Finished { .. }) => ("finished", String::new()),
        Some(End::Diverged { epoch, step }) => ("diverged", format!(" at epoch {epoch}, step {step}")),
        Some(End::Failed { reason }) => ("failed", format!(": {reason}")),
    };
    let last = record.filter(|r| r.outcome.finished()).and_then(|r| r.outcome.epochs.last());
    let number = |(split, metric, _): &Shown| {
        let value = last.and_then(|epoch| epoch.get(*split, *metric)).filter(|v| v.is_finite());
        Cell::Number(value.map(|v| metric.shown(v)))
    };
    let key = run.key.to_string();
    let outcome = record.map_or(String::new(), |r| r.digest.to_string());
    html! {
        tr data-run=(index) data-key=(key) data-outcome=(outcome) {
            (html_cell(&Cell::Text(page.of.plan.label(run.config)), true))
            td.n { (run.seed) }
            td class=(status) { (status) (detail) }
            td { (sparkline(page, index, range)) }
            @for metric in shown { (html_cell(&number(metric), false)) }
            (html_cell(&Cell::Code(key[..12].to_owned()), false))
        }
    }
}
