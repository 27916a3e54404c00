//! What stands behind the verdicts: other readings, forensics, the ledger, bands, configs and provenance.

use maud::{Markup, html};

use super::{
    parts::{Section, card, named, note, spec},
    values::{Page, ROWS},
};
use crate::{
    plan::KEY_FORMAT,
    report::{
        table::{self, Cell, Column, Table, numbers, words},
        verdict::{READINGS_NOTE, ledger_note, tables},
    },
    verdict::{self, Verdicts},
    yaml::kind::Scalar,
};

/// Returns the sections.
pub(super) fn sections(page: &Page<'_>) -> Vec<Section> {
    let of = |f: fn(&Verdicts) -> Markup| page.verdicts.map(f).unwrap_or_default();
    vec![
        ("readings", "Other readings", of(readings)),
        ("forensics", "Forensics", of(forensics)),
        ("ledger", "Assumptions", of(ledger)),
        ("bands", "Bands", bands(page)),
        ("provenance", "Provenance", provenance(page)),
    ]
}

fn readings(verdicts: &Verdicts) -> Markup {
    if verdicts.readings.is_empty() {
        return Markup::default();
    }
    html! { (note(READINGS_NOTE)) (card(&table::html("reading-table", &tables::readings(verdicts)))) }
}

fn forensics(verdicts: &Verdicts) -> Markup {
    if verdicts.forensics.is_empty() {
        return Markup::default();
    }
    // What speaks against the paper's numbers is what a reader looks for.
    let [odd, fine] =
        [false, true].map(|holds| tables::forensics(verdicts.forensics.iter().filter(|f| f.holds == holds)));
    html! {
        @if odd.rows.is_empty() { (note("No check speaks against the paper's numbers.")) } @else { (card(&table::html("forensic-table", &odd))) }
        @if !fine.rows.is_empty() {
            details {
                "\n" summary { (fine.rows.len()) " checks that hold" } "\n" (card(&table::html("forensic-more", &fine)))
            }
            "\n"
        }
    }
}

fn ledger(verdicts: &Verdicts) -> Markup {
    if verdicts.ledger.is_empty() {
        return Markup::default();
    }
    html! { (note(&ledger_note(verdicts))) (card(&table::html("ledger-table", &tables::ledger(verdicts)))) }
}

fn bands(page: &Page<'_>) -> Markup {
    let of = page.of;
    if of.spec.expect.is_empty() || of.stand_in().is_some() {
        return Markup::default();
    }
    let columns = vec![words("statistic"), numbers("from"), numbers("to"), numbers("found"), words("holds")];
    let row = |band: &verdict::BandResult| {
        let [low, high] = band.within.map(|end| Cell::Number(Some(end.to_string())));
        vec![Cell::text(&band.name), low, high, Cell::number(band.found, 2), Cell::Holds(band.holds())]
    };
    let results = verdict::bands(of.plan, of.rounds, &of.spec.expect);
    let caption = "Intervals that the spec expects; they guard this program and say nothing about a claim";
    let rows = results.iter().map(row).collect();
    html! {
        (card(&table::html("band-table", &Table::new(caption, columns, rows))))
        p.made { code { "expect:" } " in " (named(&spec(page))) " · compared by " code { (of.source.command("check")) } }
        "\n"
    }
}

fn provenance(page: &Page<'_>) -> Markup {
    let (dataset, source) = (&page.of.plan.dataset, page.of.source);
    let entries: [(&str, String); 8] = [
        ("program", format!("replikat {}", env!("CARGO_PKG_VERSION"))),
        ("engine", engine(page)),
        ("format of run keys", KEY_FORMAT.to_string()),
        ("data set", dataset.source.word().to_owned()),
        ("SHA-256 of the data set", dataset.digest.to_string()),
        ("trains what is missing", source.command("run")),
        ("compares with bands and lock", source.command("check")),
        ("one run's record, with its machine", source.show("KEY")),
    ];
    let told = "This page has no time and no machine in it, so that everyone who gives the same command gets the same bytes. Where \
                and how long a run was trained stands in its record.";
    html! {
        dl.facts {
            "\n" div { dt { "spec" } dd { (named(&spec(page))) } } "\n"
            @for (name, value) in &entries { div { dt { (name) } dd { code { (value) } } } "\n" }
        }
        "\n"
        (card(&table::html("config-table", &configs(page).first(ROWS, "runs.csv"))))
        (note(told))
        details {
            "\n" summary { "The spec" } "\n"
            @for value in &source.overrides { p { "Replaced on the command line: " code { (value) } } "\n" }
            div.frame role="region" aria-label="The spec" tabindex="0" { pre { (source.text) } }
            "\n"
        }
        "\n"
    }
}

fn engine(page: &Page<'_>) -> String {
    let numerics = page.of.plan.numerics;
    let everywhere = || format!("{}, the same bits on every machine", numerics.name());
    numerics.caveat().map_or_else(everywhere, str::to_owned)
}

fn configs(page: &Page<'_>) -> Table {
    let plan = page.of.plan;
    let settings = plan.setting_columns();
    let axes = settings.iter().skip(1).map(|column| {
        let is_text = column.values.iter().any(|value| matches!(value, Scalar::Text(_)));
        Column { name: column.name.clone().into(), right: !is_text }
    });
    let columns = [words("config"), words("architecture"), numbers("parameters")]
        .into_iter()
        .chain(axes)
        .chain([numbers("GFLOP per run"), words("key of its first run")])
        .collect();
    let value = |value: &Scalar| match value {
        Scalar::Nothing => Cell::Number(None),
        Scalar::Text(text) => Cell::text(text),
        Scalar::Flag(_) | Scalar::Integer(_) | Scalar::Number(_) => Cell::Number(Some(value.to_string())),
    };
    let row = |(i, c): (usize, &crate::plan::Config)| {
        let first = plan.runs.iter().find(|run| run.config == i);
        let key = first.map(|run| run.key.short()).unwrap_or_default();
        let front =
            [Cell::Text(plan.label(i)), Cell::text(&c.name), Cell::count(c.architecture.parameter_count())];
        let back = [Cell::number(Some(plan.flop_per_run(i) / 1e9), 2), Cell::Code(key)];
        let axes = settings.iter().skip(1).map(|column| value(&column.values[i]));
        front.into_iter().chain(axes).chain(back).collect()
    };
    Table::new("The points of the grid", columns, plan.configs.iter().enumerate().map(row).collect())
}
