//! What is said about the claims, as tables: once for Markdown and for the page.

use crate::{
    report::table::{Cell, NONE, Table, numbers, words},
    stats::TTest,
    verdict::{
        Finding, Forensic, NumberVerdict, RowVerdict, Verdicts, WordsVerdict,
        number::{p_is, show_p},
        printed, reading_name,
    },
};

/// Every claim in one line: the compact table.
pub(in crate::report) fn compact(verdicts: &Verdicts) -> Table {
    let columns = vec![
        words("claim"),
        numbers("paper"),
        numbers("ours"),
        numbers("expected"),
        numbers("percentile"),
        words("verdict"),
    ];
    let mut rows = Vec::new();
    for row in &verdicts.rows {
        let mut line = vec![Cell::text(&row.row.name)];
        line.extend([const { Cell::Text(String::new()) }; 4]);
        line.push(Cell::Verdict(row.word));
        rows.push(line);
        rows.extend(row.cells.iter().map(|cell| number(row, cell)));
    }
    rows.extend(verdicts.words.iter().map(claim_in_words));
    Table::new("Verdicts", columns, rows)
}

fn number(row: &RowVerdict, cell: &NumberVerdict) -> Vec<Cell> {
    let envelope = cell.envelope.as_ref();
    vec![
        Cell::Text(format!("{}, {}", row.row.name, cell.claim.statistic.word())),
        Cell::Number(Some(cell.claim.printed())),
        Cell::number(cell.ours, 2),
        Cell::range(envelope.map(|e| e.interval)),
        Cell::number(envelope.map(|e| e.percentile), 1),
        Cell::Verdict(cell.word),
    ]
}

/// What was found about a claim in words: the mean difference or the largest round, and its interval.
pub(in crate::report) fn found(finding: Option<&Finding>) -> [Cell; 2] {
    match finding {
        None => [Cell::Number(None), Cell::Number(None)],
        Some(Finding::Ordering(o)) => [Cell::signed(o.difference), Cell::range(o.interval)],
        Some(Finding::Limit(l)) => [Cell::number(Some(l.largest), 2), Cell::Number(None)],
    }
}

fn claim_in_words(words: &WordsVerdict) -> Vec<Cell> {
    let [ours, expected] = found(words.finding.as_ref());
    let paper = Cell::Number(Some("in words".to_owned()));
    vec![Cell::text(&words.claim.name), paper, ours, expected, Cell::Number(None), Cell::Verdict(words.word)]
}

/// The claims in words.
pub(in crate::report) fn in_words(verdicts: &Verdicts) -> Table {
    let columns = vec![words("claim"), words("verdict"), numbers("ours"), words("why"), words("tests")];
    let row = |w: &WordsVerdict| {
        let [ours, _] = found(w.finding.as_ref());
        let (name, why) = (Cell::text(&w.claim.name), Cell::text(&w.reason));
        vec![name, Cell::Verdict(w.word), ours, why, Cell::Text(tests(w))]
    };
    let caption = "What the paper claims in words";
    Table::new(caption, columns, verdicts.words.iter().map(row).collect())
}

/// Every printed number with what it is judged by.
pub(super) fn reasons(verdicts: &Verdicts) -> Table {
    let columns = vec![
        words("number"),
        words("read as"),
        numbers("rounds"),
        numbers("95 % interval of ours"),
        numbers("from the paper's summary"),
        numbers("p"),
        numbers("p (Holm)"),
        words("verdict"),
        words("why"),
    ];
    let mut rows = Vec::new();
    for row in &verdicts.rows {
        let reading = reading_name(row.row.reading);
        for cell in &row.cells {
            rows.push(vec![
                Cell::Text(format!("{}, {}", row.row.name, cell.claim.statistic.word())),
                Cell::text(&reading),
                Cell::count(row.rounds),
                Cell::range(cell.interval),
                Cell::range(cell.predicted),
                Cell::Number(cell.envelope.as_ref().map(|e| show_p(e.p))),
                Cell::Number(cell.p_holm.map(show_p)),
                Cell::Verdict(cell.word),
                Cell::text(&cell.reason),
            ]);
        }
        let mut line = vec![Cell::text(&row.row.name)];
        line.extend([const { Cell::Text(String::new()) }; 6]);
        line.extend([Cell::Verdict(row.word), Cell::text(&row.reason)]);
        rows.push(line);
    }
    Table::new("Numbers", columns, rows)
}

/// Every row in every reading: the printed numbers with the paper's percentile, by the name of the row.
pub(in crate::report) fn readings(verdicts: &Verdicts) -> Table {
    let statistics = printed(&verdicts.rows);
    let mut columns = vec![words("row"), words("read as")];
    columns.extend(statistics.iter().map(|s| numbers(s.word())));
    columns.extend([words("verdict"), words("why")]);
    let place = |cell: Option<&NumberVerdict>| {
        let shown = cell.and_then(|c| {
            let e = c.envelope.as_ref()?;
            let ours = c.ours.unwrap_or(e.centre);
            let predicted =
                c.predicted.map_or(String::new(), |[low, high]| format!(", {low:.1} to {high:.1}"));
            Some(format!("{ours:.2} ({:.1}{predicted})", e.percentile))
        });
        Cell::Number(shown)
    };
    let line = |row: &RowVerdict| {
        let mut line = vec![Cell::text(&row.row.name), Cell::Text(reading_name(row.row.reading))];
        line.extend(statistics.iter().map(|s| place(row.cell(*s))));
        line.extend([Cell::Verdict(row.word), Cell::text(&row.reason)]);
        line
    };
    let mut rows: Vec<Vec<Cell>> = verdicts.rows.iter().chain(&verdicts.readings).map(line).collect();
    rows.sort_by(|a, b| a[0].shown().cmp(&b[0].shown()));
    Table::new("The same numbers in every reading of the tables", columns, rows)
}

/// What the paper's numbers say about themselves.
pub(in crate::report) fn forensics<'a>(found: impl Iterator<Item = &'a Forensic>) -> Table {
    let columns = ["subject", "read as", "check", "possible or shown", "reasoning"].map(words).to_vec();
    let rows = found.map(|f| {
        let reading = Cell::Text(reading_name(f.reading));
        vec![
            Cell::text(&f.subject),
            reading,
            Cell::text(f.check.word()),
            Cell::Holds(f.holds),
            Cell::text(&f.text),
        ]
    });
    Table::new("What the paper's numbers say about themselves", columns, rows.collect())
}

/// Where each setting comes from.
pub(in crate::report) fn ledger(verdicts: &Verdicts) -> Table {
    let columns = ["setting", "value", "basis", "where or why"].map(words).to_vec();
    let rows = verdicts.ledger.iter().map(|e| {
        let path = Cell::Code(e.setting.path.clone());
        vec![path, Cell::text(&e.setting.value), Cell::Basis(e.basis), Cell::text(&e.text)]
    });
    Table::new("Where each setting comes from", columns, rows.collect())
}

/// Returns the tests behind a claim in words.
fn tests(words: &WordsVerdict) -> String {
    let Some(Finding::Ordering(o)) = &words.finding else { return NONE.to_owned() };
    let t = |name: &str, test: Option<TTest>| {
        test.map_or(String::new(), |t| {
            let size = if t.t().is_finite() { format!("{:.2}", t.t()) } else { "∞ (no spread)".to_owned() };
            format!("{name} t = {size}, df = {:.1}, {}; ", t.df, p_is(t.p))
        })
    };
    let wilcoxon =
        o.wilcoxon.map_or(String::new(), |w| format!("Wilcoxon W = {}, {}; ", w.positive, p_is(w.p)));
    let [low, high] = o.share_interval;
    let share = format!("P(A > B) = {:.2} [{low:.2}, {high:.2}]", o.greater_share);
    t("Welch", o.welch) + &t("paired", o.paired) + &wilcoxon + &share
}
