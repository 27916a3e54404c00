//! Mistakes in tables, figures, bands, claims and the ledger.

use super::{Row, told};

/// A spec with two networks, one of which scores the digits.
const FULL: &str = "experiment: full
data: {source: glyphs, pairs: {train: 40, test: 40}, scale: unit}
train: {epochs: 1, batch: 10, optimizer: {sgd: {momentum: 0.5}}}
architectures:
  one: {pair: [flatten, {linear: 2}]}
  two: {each: [flatten, {linear: 10}], digits: {loss_weight: 0.7}, then: [{linear: 2}]}
grid: {architecture: [one, two], lr: [0.05]}
tables: {t: {rows: [{where: {architecture: one}}]}}
figures: {c: {where: {architecture: two}, curves: [loss, digit_accuracy]}}
expect: [{where: {architecture: one}, statistic: mean, within: [20, 100]}]
claims: {rounds: 10, words: [{name: A, where: {architecture: one}, below: 85}]}
";

const ROWS: &str = "rows: [{where: {architecture: one}}]";
const FIGURE: &str = "{where: {architecture: two}, curves: [loss, digit_accuracy]}";
const BAND: &str = "{where: {architecture: one}, statistic: mean, within: [20, 100]}";
const WORDS: &str = "{name: A, where: {architecture: one}, below: 85}";

const PAPER: &[Row] = &[
    (
        ROWS,
        "rows: [{paper: {mean: 0.72}}]",
        &[":8:36", "paper.mean: 0.72 looks like a fraction", "`mean: 72`"],
    ),
    (ROWS, "rows: [{paper: {mean: 0.7, max: 0.8, std: 0.1}}]", &["0.7 looks like a fraction", "`mean: 70`"]),
    (
        ROWS,
        "rows: [{paper: {mean: 72, max: 60}}]",
        &[":8:29", "paper: the maximum 60 is below the mean 72", "check both in the paper"],
    ),
    (ROWS, "rows: [{paper: {min: 80, median: 72}}]", &["the median 72 is below the minimum 80"]),
    (ROWS, "rows: [{paper: {mean: 72 %}}]", &[":8:36", "expected a number", "in percent, `72`"]),
    (ROWS, "rows: [{paper: {mean: 72.1 ± 3}}]", &["expected a number", "`mean: 72.1, std: 3`"]),
    (ROWS, "rows: [{paper: {avg: 72}}]", &["unknown key `avg`", "did you mean `mean`?"]),
    (ROWS, "rows: [{paper: {mean: 72}}, {}]", &[":8:42", "row 2 has no `paper:`", "`paper: {mean: 71.75}`"]),
];

const TABLES: &[Row] = &[
    (
        ROWS,
        "rows: {split: test}",
        &[":8:20", "expected a list, found a map", "write `rows: [{split: test}]`"],
    ),
    (ROWS, "rows: []", &[":8:20", "the list is empty", "write `rows: [{split: test}]`"]),
    (ROWS, "rows: [{where: {seed: 1}}]", &[":8:30", "`seed` is no axis", "over all seeds of a config"]),
    (
        ROWS,
        "rows: [{where: {architecture: [one, two]}}]",
        &[":8:44", "found a list", "write a row for each, or leave the key out"],
    ),
    (ROWS, "rows: [{where: one}]", &[":8:29", "expected a map", "write `where: {architecture: one}`"]),
];

const FIGURES: &[Row] = &[
    (FIGURE, "{curves: []}", &[":9:23", "the list is empty", "write `curves: [loss, accuracy]`"]),
    (
        FIGURE,
        "{bars: {metric: accuracy}}",
        &[":9:15", "unknown key `bars`", "known here: title, where, curves"],
    ),
    (FIGURE, "{heatmap: {x: lr}}", &["unknown key `heatmap`", "did you mean `heat-map`?"]),
    (
        FIGURE,
        "{curves: [loss], strip: {split: test}}",
        &["two kinds, `curves:` and `strip:`", "make two figures"],
    ),
    (FIGURE, "{strip: {split: [train, test]}}", &["found a list", "write a figure for each"]),
    (FIGURE, "{resampling: {table: tt}}", &[":9:35", "figures.c.resampling.table: there is no table `tt`"]),
];

const BANDS: &[Row] = &[
    (BAND, "{statistic: mean, within: [20, 190]}", &[":10:36", "190 is more than 100 %", "from 0 to 100"]),
    (
        BAND,
        "{statistic: mean, within: [0.2, 1.0]}",
        &[":10:36", "looks like fractions", "`within: [20, 100]`"],
    ),
    (BAND, "{statistic: mean, within: [90, 60]}", &[":10:36", "90 is above 60", "write `within: [60, 90]`"]),
    (
        BAND,
        "{statistic: mean, within: 20-90}",
        &[":10:36", "expected two numbers", "write `within: [20, 90]`"],
    ),
    (
        BAND,
        "{statistic: mean, within: {min: 20, max: 90}}",
        &[":10:36", "found a map", "write `within: [20, 90]`"],
    ),
    (
        "expect: [{where: {architecture: one}, statistic: mean, within: [20, 100]}]",
        "expect: {statistic: mean, within: [20, 90]}",
        &[":10:9", "expected a list, found a map", "write `expect: [{statistic: mean, within: [20, 90]}]`"],
    ),
];

const CLAIMS: &[Row] = &[
    (
        WORDS,
        "{name: A, metric: digit_accuracy, greater: {architecture: one}, less: {architecture: two}}",
        &[":11:48", "claims.words[0].metric: `one` does not score the digits", "choose `accuracy`"],
    ),
    (
        WORDS,
        "{name: A, where: {architecture: one}, below: 0.85}",
        &[":11:75", "looks like a fraction", "`below: 85`"],
    ),
    (
        WORDS,
        "{name: A, greater: one, less: two}",
        &["expected a map", "write `greater: {architecture: one}`"],
    ),
    (WORDS, "\"one beats two\"", &[":11:30", "expected a map", "write `{name: A beats B, greater: {"]),
    (
        "words: [{name: A, where: {architecture: one}, below: 85}]",
        "words: []",
        &["empty", "write `words: [{name: "],
    ),
    ("claims:", "ledger: {data: paper}\nclaims:", &[":11:16", "ledger.data: expected a map, found a text"]),
    (
        "claims:",
        "ledger: {dta: {paper: x}}\nclaims:",
        &[":11:10", "`dta` is no setting", "did you mean `data`?"],
    ),
    (
        "claims:",
        "ledger: {train.momentum: {paper: x}}\nclaims:",
        &["`train.momentum` is no setting", "did you mean `train.optimizer.sgd.momentum`?"],
    ),
    (
        "claims:",
        "ledger: {data: {book: x}}\nclaims:",
        &["unknown key `book`", "known here: paper, code, assumed"],
    ),
];

#[test]
fn numbers_of_a_paper_that_cannot_be_are_refused() {
    told(FULL, PAPER);
}

#[test]
fn mistakes_in_tables_are_told() {
    told(FULL, TABLES);
}

#[test]
fn mistakes_in_figures_are_told() {
    told(FULL, FIGURES);
}

#[test]
fn mistakes_in_bands_are_told() {
    told(FULL, BANDS);
}

#[test]
fn mistakes_in_claims_and_ledger_are_told() {
    told(FULL, CLAIMS);
}

#[test]
fn an_unknown_key_is_one_fault() {
    for (from, to) in [
        (ROWS, "rows: [{paper: {avg: 72}}]"),
        (FIGURE, "{bars: {metric: accuracy}}"),
        ("claims:", "ledger: {data: {book: x}}\nclaims:"),
        ("claims:", "ledger: {data: paper}\nclaims:"),
    ] {
        let said = super::faults(&FULL.replacen(from, to, 1), &[]);
        assert_eq!(said.matches("error: ").count(), 1, "{to}: {said}");
    }
}

#[test]
fn small_spreads_and_zeros_are_honest() {
    let rows = "rows: [{paper: {mean: 72, std: 0.5, min: 0}}]";
    replikat::spec::Spec::parse("s.yaml", &FULL.replacen(ROWS, rows, 1), &[]).unwrap();
}
