//! What stands behind the verdicts: other readings, forensics, the ledger, bands, configs and provenance.

use super::{
    Page,
    markup::{Cell, joined, made_by, note, numbers, table, text, words},
};
use crate::{
    plan::KEY_FORMAT,
    report::verdict::{NONE, READINGS_NOTE, ledger_note, reading_cells},
    verdict::{self, Forensic, Verdicts, reading_name},
};

/// Returns the sections: name in the page, title, body; a body is empty where there is nothing to say.
pub(super) fn sections(page: &Page<'_>) -> Vec<(&'static str, &'static str, String)> {
    let of = |f: fn(&Verdicts) -> String| page.verdicts.map_or(String::new(), f);
    vec![
        ("readings", "Other readings", of(readings)),
        ("forensics", "Forensics", of(forensics)),
        ("ledger", "Assumptions", of(ledger)),
        ("bands", "Bands", bands(page)),
        ("provenance", "Provenance", provenance(page)),
    ]
}

fn readings(verdicts: &Verdicts) -> String {
    if verdicts.readings.is_empty() {
        return String::new();
    }
    let columns = [
        words("row"),
        words("read as"),
        numbers("mean"),
        numbers("max"),
        numbers("median"),
        numbers("std"),
        words("verdict"),
        words("why"),
    ];
    let cells = |row: Vec<String>| {
        let cell =
            |(i, t): (usize, String)| if (2..6).contains(&i) { Cell::Number(t) } else { Cell::Text(t) };
        row.into_iter().enumerate().map(cell).collect()
    };
    let rows: Vec<Vec<Cell>> = reading_cells(verdicts).into_iter().map(cells).collect();
    note(READINGS_NOTE)
        + &table("reading-table", "The same numbers in every reading of the tables", &columns, &rows)
}

fn forensics(verdicts: &Verdicts) -> String {
    if verdicts.forensics.is_empty() {
        return String::new();
    }
    let columns =
        [words("subject"), words("read as"), words("check"), words("possible or shown"), words("reasoning")];
    let row = |f: &Forensic| {
        let holds = if f.holds { "yes" } else { "no" };
        vec![
            Cell::Text(f.subject.clone()),
            Cell::Text(reading_name(f.reading)),
            Cell::Text(f.check.word().to_owned()),
            Cell::Markup(format!("<span class=\"{holds}\">{holds}</span>")),
            Cell::Text(f.text.clone()),
        ]
    };
    let rows: Vec<Vec<Cell>> = verdicts.forensics.iter().map(row).collect();
    table("forensic-table", "What the paper's numbers say about themselves", &columns, &rows)
}

fn ledger(verdicts: &Verdicts) -> String {
    if verdicts.ledger.is_empty() {
        return String::new();
    }
    let columns = [words("setting"), words("value"), words("basis"), words("where or why")];
    let row = |e: &crate::spec::LedgerEntry| {
        let basis = e.basis.word();
        vec![
            Cell::Code(e.setting.path.clone()),
            Cell::Text(e.setting.value.clone()),
            Cell::Markup(format!("<span class=\"basis {basis}\">{basis}</span>")),
            Cell::Text(e.text.clone()),
        ]
    };
    let rows: Vec<Vec<Cell>> = verdicts.ledger.iter().map(row).collect();
    note(&ledger_note(verdicts)) + &table("ledger-table", "Where each setting comes from", &columns, &rows)
}

fn bands(page: &Page<'_>) -> String {
    if page.spec.expect.is_empty() || page.stamp.is_some() {
        return String::new();
    }
    let columns = [words("statistic"), numbers("from"), numbers("to"), numbers("found"), words("holds")];
    let row = |band: &verdict::BandResult| {
        let holds = if band.holds() { "yes" } else { "no" };
        vec![
            Cell::Text(band.name.clone()),
            Cell::Number(band.within[0].to_string()),
            Cell::Number(band.within[1].to_string()),
            Cell::Number(band.found.map_or(NONE.to_owned(), |v| format!("{v:.2}"))),
            Cell::Markup(format!("<span class=\"{holds}\">{holds}</span>")),
        ]
    };
    let results = verdict::bands(page.plan, page.summaries, &page.spec.expect);
    let rows: Vec<Vec<Cell>> = results.iter().map(row).collect();
    table(
        "band-table",
        "Intervals that the spec expects; they guard this program, not the paper",
        &columns,
        &rows,
    ) + &made_by(&["expect: in the spec".to_owned()], &page.source.command("check"))
}

fn provenance(page: &Page<'_>) -> String {
    let dataset = &page.plan.dataset;
    let entries = [
        ("program", format!("replikat {}", env!("CARGO_PKG_VERSION"))),
        ("engine", engine(page)),
        ("format of run keys", KEY_FORMAT.to_string()),
        ("data set", dataset.source.word().to_owned()),
        ("SHA-256 of the data set", dataset.digest.to_string()),
        ("spec", page.source.file.clone()),
        ("trains what is missing", page.source.command("run")),
        ("compares with bands and lock", page.source.command("check")),
        ("one run's record, with its machine", "replikat show KEY".to_owned()),
    ];
    let list = joined(entries, |(name, value)| {
        format!("<div><dt>{name}</dt><dd><code>{}</code></dd></div>\n", text(&value))
    });
    let replaced = joined(&page.source.overrides, |value| {
        format!("<p>Replaced on the command line: <code>{}</code></p>\n", text(value))
    });
    format!(
        "<dl class=\"facts\">\n{list}</dl>\n{}{}<details>\n<summary>The spec</summary>\n{replaced}<div class=\"frame\" role=\"region\" \
         aria-label=\"The spec\" tabindex=\"0\"><pre>{}</pre></div>\n</details>\n",
        configs(page),
        note(
            "This page has no time, no machine and no path in it, so that everyone gets the same bytes. Where and how long a run \
             was trained stands in its record."
        ),
        text(&page.source.text)
    )
}

fn engine(page: &Page<'_>) -> String {
    let numerics = page.plan.numerics;
    numerics
        .caveat()
        .map_or_else(|| format!("{}, the same bits on every machine", numerics.name()), str::to_owned)
}

fn configs(page: &Page<'_>) -> String {
    let columns = [
        words("config"),
        words("architecture"),
        numbers("parameters"),
        numbers("lr"),
        numbers("dropout"),
        numbers("GFLOP per run"),
        words("key of its first run"),
    ];
    let row = |(i, c): (usize, &crate::plan::Config)| {
        let weights: usize =
            c.architecture.parameters().iter().map(|p| p.shape.iter().product::<usize>()).sum();
        let first = page.plan.runs.iter().find(|run| run.config == i);
        let key = first.map(|run| run.key.to_string()).unwrap_or_default();
        vec![
            Cell::Text(page.plan.label(i)),
            Cell::Text(c.name.to_string()),
            Cell::Number(weights.to_string()),
            Cell::Number(c.lr.to_string()),
            Cell::Number(c.dropout.to_string()),
            Cell::Number(format!("{:.2}", page.plan.flop_per_run(i) / 1e9)),
            Cell::Code(key.chars().take(12).collect()),
        ]
    };
    let rows: Vec<Vec<Cell>> = page.plan.configs.iter().enumerate().map(row).collect();
    table("config-table", "The points of the grid", &columns, &rows)
}
