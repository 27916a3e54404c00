//! Every run in one table that can be sorted and filtered.

use maud::{Markup, html};

use super::{
    curves::{self, sparkline},
    listed::Listed,
    parts::{made_by, note, result},
    values::{Page, Shown, shown},
};
use crate::{
    record::End,
    report::table::{self, Cell, html_cell},
    results::Ends,
};

/// Runs that stand in the page itself; the script shows others in their place, a page at a time.
const FIRST: usize = 50;

/// Says how many runs there are and how they ended.
pub(super) fn counted(page: &Page<'_>) -> String {
    let ends = Ends::of(page.of.rounds);
    let Ends { planned, finished, diverged, failed } = ends;
    let missing = ends.missing();
    let configs = page.of.plan.configs.len();
    let s = if configs == 1 { "" } else { "s" };
    format!(
        "{planned} runs of {configs} config{s}: {finished} finished, {diverged} diverged, {failed} failed, {missing} missing. \
         Statistics are of the finished ones."
    )
}

/// Returns the section.
pub(super) fn section(page: &Page<'_>) -> Markup {
    let plan = page.of.plan;
    let (shown, listed) = (shown(page), Listed::of(page));
    let range = curves::range(page).unwrap_or([0.0, 1.0]);
    let bodies = html! {
        tbody { "\n" @for index in listed.runs().take(FIRST) { (row(page, index, &shown, range)) "\n" } }
        "\n"
    };
    let (count, all) = (listed.count(), plan.runs.len());
    let left =
        format!("{count} of {all} runs are on this page, the first rounds of each config; runs.csv has all.");
    let first = format!("Without scripts the first {FIRST} of {count} runs are shown; runs.csv has all.");
    let [low, high] = range.map(|v| 100.0 * v);
    let scale = format!(
        "The small curves are the test accuracy by epoch, all from {low:.2} to {high:.2} %; point at a run to see more of it."
    );
    let files = ["runs", "epochs", "summary"];
    let files: Vec<_> = files
        .iter()
        .flat_map(|f| ["csv", "parquet"].map(|end| result(page, &format!("{f}.{end}"))))
        .collect();
    html! {
        (filters(page))
        div.runs.card {
            "\n"
            div {
                "\n"
                (table::framed("run-table", "Every run at its last epoch", &head(&shown), &bodies))
                @if count > FIRST { noscript { (note(&first)) } }
                p.pages id="pages" hidden {
                    button type="button" id="back" { "‹ Back" } " " span id="place" {} " " button type="button" id="next" { "Next ›" }
                }
                "\n"
                @if count < all { (note(&left)) }
                (note(&scale))
                @if let Some(told) = curves::told(page) { (note(&told)) }
                (made_by(&files, &page.of.source.command("report")))
            }
            "\n"
            aside id="detail" aria-label="The chosen run" hidden {} "\n"
        }
        "\n"
        p.printed-only { "All " (all) " runs, with seed, outcome and key, are in runs.csv." } "\n"
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
            @for (_, _, name) in shown { (sorted(name, true)) }
            th.spark scope="col" { "curve" }
            (sorted("run key", false))
        } }
        "\n"
    }
}

/// Configs that a list offers; more are found by a search.
const CHOICES: usize = 200;

fn filters(page: &Page<'_>) -> Markup {
    let count = Some(page.of.plan.configs.len()).filter(|count| *count <= CHOICES).unwrap_or(0);
    let configs: Vec<String> = (0..count).map(|c| page.of.plan.label(c)).collect();
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
            label { "Search " input type="search" id="query" autocomplete="off" placeholder="seed 4, a name, a key"; } "\n"
            label hidden[count == 0] { "Config " (select("config", &configs)) } "\n"
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

/// Says how a run ended, in a word and in the rest of a sentence.
pub(super) fn status(page: &Page<'_>, index: usize) -> (&'static str, String) {
    match page.of.records[index].as_ref().map(|r| &r.outcome.end) {
        None => ("missing", String::new()),
        Some(End::Finished { .. }) if collapsed(page, index) => ("collapsed", String::new()),
        Some(End::Finished { .. }) => ("finished", String::new()),
        Some(End::Diverged { epoch, step }) => ("diverged", format!(" at epoch {epoch}, step {step}")),
        Some(End::Failed { reason }) => ("failed", format!(": {reason}")),
    }
}

/// Returns what a finished run has at its last epoch, as it is shown.
pub(super) fn value(page: &Page<'_>, index: usize, (split, metric, _): &Shown) -> Option<String> {
    let record = page.of.records[index].as_ref().filter(|r| r.outcome.finished());
    let value = record.and_then(|r| r.outcome.epochs.last()).and_then(|epoch| epoch.get(*split, *metric));
    value.filter(|v| v.is_finite()).map(|v| metric.shown(v))
}

fn row(page: &Page<'_>, index: usize, shown: &[Shown], range: [f64; 2]) -> Markup {
    let run = page.of.plan.runs[index];
    let (status, detail) = status(page, index);
    let key = run.key.short();
    html! {
        tr data-run=(index) data-key=(&key) {
            (html_cell(&Cell::Text(page.of.plan.label(run.config)), true))
            td.n { (run.seed) }
            td class=(status) { (status) (detail) }
            @for metric in shown { (html_cell(&Cell::Number(value(page, index, metric)), false)) }
            td.spark { (sparkline(page, index, range)) }
            (html_cell(&Cell::Code(key.clone()), false))
        }
    }
}
