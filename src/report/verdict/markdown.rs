//! Everything that is known about the verdicts, as Markdown.

use super::{NONE, describe_collapse, markdown_lines, range};
use crate::{
    report::form::{markdown_escape, markdown_table},
    spec::Basis,
    stats::TTest,
    verdict::{
        Finding, Forensic, NumberVerdict, Verdicts, Word, WordsVerdict,
        number::{p_is, show_p},
        reading_name,
    },
};

/// Returns everything that is known about the verdicts as Markdown.
#[must_use]
pub fn markdown(verdicts: &Verdicts) -> String {
    let head = format!("## Did the paper's numbers come out?\n\n{}", markdown_lines(verdicts));
    let rules = Word::ALL.map(|word| format!("- **{}**: {}.\n", word.word(), markdown_escape(word.rule())));
    let sections = [
        ("Numbers", verdicts.rows.is_empty(), reasons(verdicts)),
        ("Claims in words", verdicts.words.is_empty(), words(verdicts)),
        ("Rounds that never learned", verdicts.collapses.is_empty(), collapses(verdicts)),
        ("Other readings", verdicts.readings.is_empty(), readings(verdicts)),
        ("What the paper's numbers say about themselves", verdicts.forensics.is_empty(), forensics(verdicts)),
        ("Assumption ledger", verdicts.ledger.is_empty(), ledger(verdicts)),
        ("What the words mean", false, rules.concat()),
    ];
    let shown = sections.into_iter().filter(|(_, empty, _)| !empty);
    shown.fold(head, |out, (title, _, body)| format!("{out}\n### {title}\n\n{body}"))
}

fn words(verdicts: &Verdicts) -> String {
    let row =
        |w: &WordsVerdict| vec![w.claim.name.clone(), w.word.word().to_owned(), w.reason.clone(), tests(w)];
    let rows: Vec<Vec<String>> = verdicts.words.iter().map(row).collect();
    markdown_table(&["claim", "verdict", "why", "tests"], &[false; 4], &rows)
}

fn collapses(verdicts: &Verdicts) -> String {
    let line = |c| format!("- {}\n", markdown_escape(&describe_collapse(c)));
    let note =
        "Collapsed rounds are in every statistic; diverged ones have no last epoch and are in none.\n\n";
    note.to_owned() + &verdicts.collapses.iter().map(line).collect::<Vec<_>>().concat()
}

fn forensics(verdicts: &Verdicts) -> String {
    let row = |f: &Forensic| {
        let holds = if f.holds { "yes" } else { "no" }.to_owned();
        vec![f.subject.clone(), reading_name(f.reading), f.check.word().to_owned(), holds, f.text.clone()]
    };
    let rows: Vec<Vec<String>> = verdicts.forensics.iter().map(row).collect();
    markdown_table(&["subject", "read as", "check", "possible or shown", "reasoning"], &[false; 5], &rows)
}

fn reasons(verdicts: &Verdicts) -> String {
    let header = [
        "number",
        "read as",
        "rounds",
        "95 % interval of ours",
        "from the paper's summary",
        "p",
        "p (Holm)",
        "verdict",
        "why",
    ];
    let mut rows = Vec::new();
    for row in &verdicts.rows {
        let reading = reading_name(row.row.reading);
        for cell in &row.cells {
            let p = |p: Option<f64>| p.map_or(NONE.to_owned(), show_p);
            rows.push(vec![
                format!("{}, {}", row.row.name, cell.claim.statistic.word()),
                reading.clone(),
                row.rounds.to_string(),
                range(cell.interval),
                range(cell.predicted),
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
    format!("{METHOD}\n\n") + &markdown_table(&header, &right, &rows)
}

/// How numbers are judged.
pub(crate) const METHOD: &str = "A number's p says how rare the paper's value would be if its rounds were like ours. It is the larger \
of two: the tail of the envelope, which is the same statistic over sets of as many of our rounds as the paper had, \
and Student's t. The envelope counts one more round among ours, which stays where our worst one began, since few \
rounds may miss that some never learn; and it is widened for our own finite number of rounds. Spreads are compared \
by their logarithm; a largest round also without any distribution. The percentile is the paper's place among sets of our \
rounds alone.";

/// Returns the tests behind a claim in words.
pub(crate) fn tests(words: &WordsVerdict) -> String {
    let Some(Finding::Ordering(o)) = &words.finding else { return NONE.to_owned() };
    let t = |name: &str, test: Option<TTest>| {
        test.map_or(String::new(), |t| format!("{name} t = {:.2}, df = {:.1}, {}; ", t.t, t.df, p_is(t.p)))
    };
    let wilcoxon =
        o.wilcoxon.map_or(String::new(), |w| format!("Wilcoxon W = {}, {}; ", w.positive, p_is(w.p)));
    let [low, high] = o.share_interval;
    let share = format!("P(A > B) = {:.2} [{low:.2}, {high:.2}]", o.greater_share);
    t("Welch", o.welch) + &t("paired", o.paired) + &wilcoxon + &share
}

/// What the cells of [`reading_cells`] hold.
pub(crate) const READINGS_NOTE: &str = "Ours; in brackets the paper's percentile and, over rounds, where the paper's own mean and standard deviation \
     lead one to expect ours in 95 of 100 cases. A table's first reading is the one that is judged above; it was chosen among \
     these, after the numbers were known.";

/// Returns every row in every reading: name, reading, four numbers with the paper's percentile, word, reason.
pub(crate) fn reading_cells(verdicts: &Verdicts) -> Vec<Vec<String>> {
    let rows = verdicts.rows.iter().chain(&verdicts.readings).map(|row| {
        let mut line = vec![row.row.name.clone(), reading_name(row.row.reading)];
        let place = |c: &NumberVerdict| {
            c.envelope.as_ref().map_or(NONE.to_owned(), |e| {
                let ours = c.ours.unwrap_or(e.centre);
                let predicted =
                    c.predicted.map_or(String::new(), |[low, high]| format!(", {low:.1} to {high:.1}"));
                format!("{ours:.2} ({:.1}{predicted})", e.percentile)
            })
        };
        line.extend(row.cells.iter().map(place));
        line.extend([row.word.word().to_owned(), row.reason.clone()]);
        line
    });
    let mut rows: Vec<Vec<String>> = rows.collect();
    rows.sort_by(|a, b| a[0].cmp(&b[0]));
    rows
}

fn readings(verdicts: &Verdicts) -> String {
    let header = ["row", "read as", "mean", "max", "median", "std", "verdict", "why"];
    let rows = reading_cells(verdicts);
    let right = [false, false, true, true, true, true, false, false];
    format!("{READINGS_NOTE}\n\n") + &markdown_table(&header, &right, &rows)
}

/// Says how many settings rest on what.
pub(crate) fn ledger_note(verdicts: &Verdicts) -> String {
    let entries = &verdicts.ledger;
    let count = |basis| entries.iter().filter(|e| e.basis == basis).count();
    format!(
        "Of {} settings the paper gives {}, the authors' code {}; {} are assumed.",
        entries.len(),
        count(Basis::Paper),
        count(Basis::Code),
        count(Basis::Assumed)
    )
}

fn ledger(verdicts: &Verdicts) -> String {
    let rows = verdicts.ledger.iter().map(|e| {
        vec![e.setting.path.clone(), e.setting.value.clone(), e.basis.word().to_owned(), e.text.clone()]
    });
    format!("{}\n\n", ledger_note(verdicts))
        + &markdown_table(
            &["setting", "value", "basis", "where or why"],
            &[false; 4],
            &rows.collect::<Vec<_>>(),
        )
}
