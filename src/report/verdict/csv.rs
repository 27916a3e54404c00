//! Every claim as CSV.

use crate::{
    report::table::csv_line,
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
            (line[6], line[7], line[8]) = (
                format!("{:.4}", o.difference),
                format!("{:.4}", o.interval[0]),
                format!("{:.4}", o.interval[1]),
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
