//! Verdicts as text: terminal, Markdown, CSV.

use std::path::{Path, PathBuf};

use super::form::{aligned, csv_line, markdown_escape, markdown_table};
use crate::{
    error::Result,
    files,
    spec::{Basis, Metric},
    stats::Interval,
    verdict::{Collapse, Finding, NumberVerdict, RowVerdict, Verdicts, Word, WordsVerdict, number::show_p, reading_name},
};

/// What the columns of the compact table hold.
const HEADER: [&str; 6] = ["claim", "paper", "ours", "expected", "percentile", "verdict"];
/// Numbers stand right, words left.
const RIGHT: [bool; 6] = [false, true, true, true, true, false];

const NONE: &str = "–";

fn show(value: Option<f64>) -> String {
    value.map_or(NONE.to_owned(), |v| format!("{v:.2}"))
}

fn range(interval: Option<Interval>) -> String {
    interval.map_or(NONE.to_owned(), |[low, high]| format!("{low:.2} to {high:.2}"))
}

/// Returns the interval of a statistic of accuracies: what lies beyond 0 and 100 % cannot be.
fn possible([low, high]: Interval, metric: Metric) -> Interval {
    if metric.is_accuracy() { [low.max(0.0), high.min(100.0)] } else { [low, high] }
}

/// Returns the rows of the compact table.
fn lines(verdicts: &Verdicts) -> Vec<[String; 6]> {
    let mut lines = Vec::new();
    for row in &verdicts.rows {
        let empty = String::new;
        lines.push([row.row.name.clone(), empty(), empty(), empty(), empty(), row.word.word().to_owned()]);
        lines.extend(row.cells.iter().map(|cell| cell_line(row, cell)));
    }
    lines.extend(verdicts.words.iter().map(words_line));
    lines
}

fn cell_line(row: &RowVerdict, cell: &NumberVerdict) -> [String; 6] {
    let envelope = cell.envelope.as_ref();
    [
        format!("{}, {}", row.row.name, cell.claim.statistic.word()),
        cell.claim.printed(),
        show(cell.ours),
        range(envelope.map(|e| possible(e.interval, row.row.reading.metric))),
        envelope.map_or(NONE.to_owned(), |e| format!("{:.1}", e.percentile)),
        cell.word.word().to_owned(),
    ]
}

fn words_line(words: &WordsVerdict) -> [String; 6] {
    let (ours, expected) = match &words.finding {
        None => (NONE.to_owned(), NONE.to_owned()),
        Some(Finding::Ordering(o)) => (format!("{:+.2}", o.difference), range(Some(o.interval))),
        Some(Finding::Limit(l)) => (format!("{:.2}", l.largest), NONE.to_owned()),
    };
    [words.claim.name.clone(), "in words".into(), ours, expected, NONE.into(), words.word.word().to_owned()]
}

/// Says what the columns of the compact table are.
fn legend(verdicts: &Verdicts) -> String {
    format!(
        "expected: where {} rounds like ours fall in 95 of 100 cases; percentile: the paper's place among {} of our \
         rounds; for an ordering the mean difference by seed and its 95 % interval; for a limit our largest",
        verdicts.rule.rounds, verdicts.rule.rounds
    )
}

/// Returns the verdicts for a terminal.
#[must_use]
pub fn text(verdicts: &Verdicts) -> String {
    let mut out = "Verdicts\n".to_owned() + &aligned(&HEADER, RIGHT, &lines(verdicts));
    for collapse in verdicts.collapses.iter().filter(|c| !c.seeds.is_empty() || !c.diverged.is_empty()) {
        out += &format!("collapsed: {}\n", describe_collapse(collapse));
    }
    out + &legend(verdicts) + "\n"
}

/// Returns the compact table as Markdown, for a job summary or as the beginning of the file.
#[must_use]
pub fn markdown_lines(verdicts: &Verdicts) -> String {
    let rows: Vec<Vec<String>> = lines(verdicts).into_iter().map(Vec::from).collect();
    format!("{}\n{}\n", markdown_table(&HEADER, &RIGHT, &rows), markdown_escape(&legend(verdicts)))
}

fn describe_collapse(c: &Collapse) -> String {
    let seeds = |seeds: &[u64]| seeds.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
    let mut text = format!(
        "{}: {} of {} rounds end below {} % {} {}",
        c.config,
        c.seeds.len(),
        c.rounds,
        c.rule.below,
        c.rule.split.word(),
        c.rule.metric.word()
    );
    if !c.seeds.is_empty() {
        text += &format!(" (seed {})", seeds(&c.seeds));
    }
    if !c.diverged.is_empty() {
        text += &format!(", {} diverged (seed {})", c.diverged.len(), seeds(&c.diverged));
    }
    let [low, high] = c.share.map(|share| 100.0 * share);
    text + &format!("; share {low:.1} to {high:.1} % (Clopper–Pearson, 95 %)")
}

/// Returns everything that is known about the verdicts as Markdown.
#[must_use]
pub fn markdown(verdicts: &Verdicts) -> String {
    let mut out = format!("## Did the paper's numbers come out?\n\n{}", markdown_lines(verdicts));
    out += &section("Numbers", &reasons(verdicts));
    if !verdicts.words.is_empty() {
        let rows = verdicts.words.iter().map(|w| {
            vec![w.claim.name.clone(), w.word.word().to_owned(), w.reason.clone(), tests(w)]
        });
        let table = markdown_table(&["claim", "verdict", "why", "tests"], &[false; 4], &rows.collect::<Vec<_>>());
        out += &section("Claims in words", &table);
    }
    if !verdicts.collapses.is_empty() {
        let lines = verdicts.collapses.iter().map(|c| format!("- {}\n", markdown_escape(&describe_collapse(c))));
        let note = "Collapsed rounds are in every statistic; diverged ones have no last epoch and are in none.\n\n";
        out += &section("Rounds that never learned", &(note.to_owned() + &lines.collect::<String>()));
    }
    if !verdicts.readings.is_empty() {
        out += &section("Other readings", &readings(verdicts));
    }
    let rows: Vec<Vec<String>> = verdicts.forensics.iter().map(|f| {
        let holds = if f.holds { "yes" } else { "no" };
        vec![f.subject.clone(), reading_name(f.reading), f.check.word().into(), holds.into(), f.text.clone()]
    }).collect();
    let header = ["subject", "read as", "check", "possible or shown", "reasoning"];
    out += &section("What the paper's numbers say about themselves", &markdown_table(&header, &[false; 5], &rows));
    if !verdicts.ledger.is_empty() {
        out += &section("Assumption ledger", &ledger(verdicts));
    }
    let rules = Word::ALL.map(|word| format!("- **{}**: {}.\n", word.word(), word.rule()));
    out + &section("What the words mean", &rules.concat())
}

fn section(title: &str, body: &str) -> String {
    format!("\n### {title}\n\n{body}")
}

fn reasons(verdicts: &Verdicts) -> String {
    let header = ["number", "read as", "rounds", "95 % interval of ours", "from the paper's summary", "p", "p (Holm)", "verdict", "why"];
    let mut rows = Vec::new();
    for row in &verdicts.rows {
        let (reading, metric) = (reading_name(row.row.reading), row.row.reading.metric);
        for cell in &row.cells {
            let p = |p: Option<f64>| p.map_or(NONE.to_owned(), show_p);
            rows.push(vec![
                format!("{}, {}", row.row.name, cell.claim.statistic.word()),
                reading.clone(),
                row.rounds.to_string(),
                range(cell.interval.map(|i| possible(i, metric))),
                range(cell.predicted.map(|i| possible(i, metric))),
                p(cell.envelope.as_ref().map(|e| e.p)),
                p(cell.p_holm),
                cell.word.word().to_owned(),
                cell.reason.clone(),
            ]);
        }
        let mut line = vec![String::new(); header.len()];
        (line[0], line[7], line[8]) = (row.row.name.clone(), row.word.word().to_owned(), row.reason.clone());
        rows.push(line);
    }
    let right = [false, false, true, true, true, true, true, false, false];
    markdown_table(&header, &right, &rows)
}

fn tests(words: &WordsVerdict) -> String {
    let Some(Finding::Ordering(o)) = &words.finding else { return NONE.to_owned() };
    let t = |name: &str, test: Option<crate::stats::TTest>| {
        test.map_or(String::new(), |t| format!("{name} t = {:.2}, df = {:.1}, p = {}; ", t.t, t.df, show_p(t.p)))
    };
    let wilcoxon = o.wilcoxon.map_or(String::new(), |w| {
        format!("Wilcoxon W = {}, p = {}; ", w.positive, show_p(w.p))
    });
    let [low, high] = o.share_interval;
    let share = format!("P(A > B) = {:.2} [{low:.2}, {high:.2}]", o.greater_share);
    t("Welch", o.welch) + &t("paired", o.paired) + &wilcoxon + &share
}

fn readings(verdicts: &Verdicts) -> String {
    let header = ["row", "read as", "mean", "max", "median", "std", "verdict", "why"];
    let rows = verdicts.rows.iter().chain(&verdicts.readings).map(|row| {
        let mut line = vec![row.row.name.clone(), reading_name(row.row.reading)];
        let place = |c: &NumberVerdict| c.envelope.as_ref().map_or(NONE.to_owned(), |e| {
            let ours = c.ours.unwrap_or(e.centre);
            format!("{ours:.2} ({:.1})", e.percentile)
        });
        line.extend(row.cells.iter().map(place));
        line.extend([row.word.word().to_owned(), row.reason.clone()]);
        line
    });
    let mut rows: Vec<Vec<String>> = rows.collect();
    rows.sort_by(|a, b| a[0].cmp(&b[0]));
    let right = [false, false, true, true, true, true, false, false];
    let note = "Ours, and in brackets the paper's percentile. The table's first reading is the one that is judged above; it was \
                chosen among these, after the numbers were known.\n\n";
    note.to_owned() + &markdown_table(&header, &right, &rows)
}

fn ledger(verdicts: &Verdicts) -> String {
    let entries = &verdicts.ledger;
    let count = |basis| entries.iter().filter(|e| e.basis == basis).count();
    let note = format!(
        "Of {} settings the paper gives {}, the authors' code {}; {} are assumed.\n\n",
        entries.len(),
        count(Basis::Paper),
        count(Basis::Code),
        count(Basis::Assumed)
    );
    let rows = entries.iter().map(|e| {
        vec![e.setting.path.clone(), e.setting.value.clone(), e.basis.word().to_owned(), e.text.clone()]
    });
    note + &markdown_table(&["setting", "value", "basis", "where or why"], &[false; 4], &rows.collect::<Vec<_>>())
}

const CSV_HEADER: [&str; 17] = [
    "claim", "statistic", "reading", "rounds", "planned", "paper", "ours", "ours_low", "ours_high", "expected_low",
    "expected_high", "percentile", "p", "p_holm", "choice", "verdict", "reason",
];

/// Returns every claim as CSV (RFC 4180): printed numbers in every reading, then claims in words.
#[must_use]
pub fn csv(verdicts: &Verdicts) -> String {
    let mut out = csv_line(&CSV_HEADER);
    for row in verdicts.rows.iter().chain(&verdicts.readings) {
        for cell in &row.cells {
            out += &csv_line(&cell_csv(row, cell).each_ref().map(String::as_str));
        }
    }
    for words in &verdicts.words {
        out += &csv_line(&words_csv(words).each_ref().map(String::as_str));
    }
    out
}

fn cell_csv(row: &RowVerdict, cell: &NumberVerdict) -> [String; 17] {
    let number = |v: Option<f64>| v.map_or(String::new(), |v| format!("{v:.4}"));
    let p = |v: Option<f64>| v.map_or(String::new(), |v| format!("{v:.6}"));
    let envelope = cell.envelope.as_ref();
    let end = |i: Option<Interval>, at: usize| number(i.map(|i| i[at]));
    let expected = envelope.map(|e| e.interval);
    [
        row.row.name.clone(),
        cell.claim.statistic.word().to_owned(),
        reading_name(row.row.reading),
        row.rounds.to_string(),
        row.planned.to_string(),
        cell.claim.printed(),
        number(cell.ours),
        end(cell.interval, 0),
        end(cell.interval, 1),
        end(expected, 0),
        end(expected, 1),
        envelope.map_or(String::new(), |e| format!("{:.3}", e.percentile)),
        p(envelope.map(|e| e.p)),
        p(cell.p_holm),
        envelope.map_or(String::new(), |e| format!("{} {}", e.draws, e.choice.word())),
        cell.word.word().to_owned(),
        cell.reason.clone(),
    ]
}

fn words_csv(words: &WordsVerdict) -> [String; 17] {
    let mut line = [const { String::new() }; 17];
    line[0].clone_from(&words.claim.name);
    line[2] = format!("{} over rounds", words.claim.metric.word());
    match &words.finding {
        Some(Finding::Ordering(o)) => {
            "ordering".clone_into(&mut line[1]);
            line[3] = o.pairs.to_string();
            (line[6], line[7], line[8]) =
                (format!("{:.4}", o.difference), format!("{:.4}", o.interval[0]), format!("{:.4}", o.interval[1]));
            line[13] = format!("{:.6}", o.p_holm);
        }
        Some(Finding::Limit(l)) => {
            "limit".clone_into(&mut line[1]);
            line[3] = l.rounds.to_string();
            line[6] = format!("{:.4}", l.largest);
        }
        None => {}
    }
    (line[15], line[16]) = (words.word.word().to_owned(), words.reason.clone());
    line
}

/// Writes `verdict.md` and `verdict.csv` into a report folder; returns each file with whether its bytes are new.
///
/// # Errors
/// Returns an error if a file cannot be written.
pub fn write(verdicts: &Verdicts, folder: &Path) -> Result<Vec<(PathBuf, bool)>> {
    let forms = [("verdict.md", markdown(verdicts)), ("verdict.csv", csv(verdicts))];
    let save = |(name, text): &(&str, String)| {
        let path = folder.join(name);
        let changed = files::write_if_changed(&path, text.as_bytes())?;
        Ok((path, changed))
    };
    forms.iter().map(save).collect()
}
