//! Every claim as CSV.

use std::borrow::Cow;

use crate::{
    report::table::{csv_line, csv_words},
    stats::Interval,
    verdict::{Finding, NumberVerdict, RowVerdict, Verdicts, WordsVerdict, reading_name},
};

const CSV_HEADER: [&str; 17] = [
    "claim",
    "statistic",
    "reading",
    "rounds",
    "planned",
    "paper",
    "ours",
    "ours_low",
    "ours_high",
    "expected_low",
    "expected_high",
    "percentile",
    "p",
    "p_holm",
    "choice",
    "verdict",
    "reason",
];

/// Returns every claim as CSV (RFC 4180): printed numbers in every reading, then claims in words.
#[must_use]
pub fn csv(verdicts: &Verdicts) -> String {
    let mut out = csv_line(&CSV_HEADER);
    for row in verdicts.rows.iter().chain(&verdicts.readings) {
        for cell in &row.cells {
            out += &line(&cell_csv(row, cell));
        }
    }
    for words in &verdicts.words {
        out += &line(&words_csv(words));
    }
    out
}

/// Writes a line, whose claim and reason are words.
fn line(cells: &[String; 17]) -> String {
    let mut cells: Vec<Cow<'_, str>> = cells.iter().map(|cell| Cow::Borrowed(cell.as_str())).collect();
    for words in [0, 16] {
        cells[words] = Cow::Owned(csv_words(&cells[words]).into_owned());
    }
    csv_line(&cells.iter().map(|cell| &**cell).collect::<Vec<_>>())
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
            (line[6], line[7], line[8]) = (
                format!("{:.4}", o.difference),
                o.interval.map_or(String::new(), |i| format!("{:.4}", i[0])),
                o.interval.map_or(String::new(), |i| format!("{:.4}", i[1])),
            );
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
