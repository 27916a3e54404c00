//! What is said about every claim of the paper.

use super::{
    Page,
    markup::{Cell, cell, framed, joined, made_by, note, numbers, table, text, words},
    strip::{key, strip},
};
use crate::{
    report::verdict::{METHOD, NONE, describe_collapse, range, show, tests},
    spec::Reading,
    verdict::{Finding, NumberVerdict, RowVerdict, Verdicts, Word, WordsVerdict, number::show_p},
};

/// Returns a word as a badge that leads to its rule.
fn badge(word: Word) -> String {
    format!("<a class=\"badge {0}\" href=\"#word-{0}\">{1}</a>", anchor(word), word.word())
}

/// Returns a word as a name within the page.
fn anchor(word: Word) -> String {
    word.word().to_lowercase().replace(' ', "-")
}

/// Names a reading as tables do.
fn reading(reading: Reading) -> String {
    format!("{} over {}", reading.metric.label, reading.over.word())
}

/// Says in one line how many claims got which word, and how the bits agree.
pub(super) fn lead(page: &Page<'_>) -> String {
    let mut items = Vec::new();
    if let Some(verdicts) = page.verdicts {
        let list = verdicts.list();
        for word in Word::ALL {
            let count = list.iter().filter(|(_, w, _)| *w == word).count();
            if count > 0 {
                items.push(format!(
                    "<li><strong>{count}</strong> of {} claims {}</li>\n",
                    list.len(),
                    badge(word)
                ));
            }
        }
    }
    if let Some((word, reason)) = page.lock {
        items.push(format!(
            "<li>our own bits {} <span class=\"quiet\">{}</span></li>\n",
            badge(*word),
            text(reason)
        ));
    }
    if items.is_empty() { String::new() } else { format!("<ul class=\"lead\">\n{}</ul>\n", items.concat()) }
}

/// Returns the whole section.
pub(super) fn section(page: &Page<'_>) -> String {
    let Some(verdicts) = page.verdicts else {
        let why = match (page.stamp, &page.spec.claims) {
            (Some(stamp), Some(_)) => format!("The claims are not judged: {stamp}."),
            _ => "The spec makes no claims that could be judged.".to_owned(),
        };
        let rules = if page.stamp.is_some() { String::new() } else { words_and_rules() };
        return note(&why) + &rules;
    };
    let files = ["verdict.md", "verdict.csv"].map(String::from);
    let mut out = String::new();
    if !verdicts.rows.is_empty() {
        out += &format!("<div class=\"card\">\n{}{}</div>\n", printed(verdicts), key());
    }
    if !verdicts.words.is_empty() {
        out += &format!("<div class=\"card\">\n{}</div>\n", in_words(verdicts));
    }
    if !verdicts.collapses.is_empty() {
        let items = joined(&verdicts.collapses, |c| format!("<li>{}</li>\n", text(&describe_collapse(c))));
        out += &format!(
            "<h3>Rounds that never learned</h3>\n<ul>\n{items}</ul>\n{}",
            note(
                "Collapsed rounds are in every statistic; diverged ones have no last epoch and are in none."
            )
        );
    }
    out + &words_and_rules() + &made_by(&files, &page.source.command("report"))
}

fn printed(verdicts: &Verdicts) -> String {
    let columns = [
        words("number"),
        words("verdict"),
        numbers("paper"),
        numbers("ours"),
        numbers("95 % interval of ours"),
        numbers("expected of the paper"),
        words("0 to 100 %"),
        numbers("percentile"),
        numbers("p (Holm)"),
        words("why"),
    ];
    let bodies: String = verdicts.rows.iter().map(|row| body(row, columns.len())).collect();
    framed("claims", "The paper's numbers and ours, in percent", &columns, &bodies)
}

/// Returns a row of the paper: its name and word, then its numbers.
fn body(row: &RowVerdict, columns: usize) -> String {
    let rounds = format!("{}, {} of {} rounds", reading(row.row.reading), row.rounds, row.planned);
    let head = format!(
        "<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"{columns}\"><span>{} {} <span class=\"quiet\">{} · {}</span></span></th></tr>\n",
        text(&row.row.name),
        badge(row.word),
        text(&rounds),
        text(&row.reason)
    );
    let cells: String = row.cells.iter().map(number).collect();
    format!("<tbody>\n{head}{cells}</tbody>\n")
}

fn number(verdict: &NumberVerdict) -> String {
    let envelope = verdict.envelope.as_ref();
    let cells = [
        Cell::Text(verdict.claim.statistic.word().to_owned()),
        Cell::Markup(badge(verdict.word)),
        Cell::Number(verdict.claim.printed()),
        Cell::Number(show(verdict.ours)),
        Cell::Number(range(verdict.interval)),
        Cell::Number(range(envelope.map(|e| e.interval))),
        Cell::Markup(strip(verdict)),
        Cell::Number(envelope.map_or(NONE.to_owned(), |e| format!("{:.1}", e.percentile))),
        Cell::Number(verdict.p_holm.map_or(NONE.to_owned(), show_p)),
    ];
    let cells: String = cells.iter().enumerate().map(|(i, c)| cell(c, i == 0)).collect();
    format!("<tr>{cells}<td class=\"why\">{}</td></tr>\n", text(&verdict.reason))
}

fn in_words(verdicts: &Verdicts) -> String {
    let columns = [words("claim"), words("verdict"), numbers("ours"), words("why"), words("tests")];
    let row = |w: &WordsVerdict| {
        let ours = match &w.finding {
            Some(Finding::Ordering(o)) => format!("{:+.2}", o.difference),
            Some(Finding::Limit(l)) => format!("{:.2}", l.largest),
            None => NONE.to_owned(),
        };
        vec![
            Cell::Text(w.claim.name.clone()),
            Cell::Markup(badge(w.word)),
            Cell::Number(ours),
            Cell::Text(w.reason.clone()),
            Cell::Text(tests(w)),
        ]
    };
    let rows: Vec<Vec<Cell>> = verdicts.words.iter().map(row).collect();
    let about = "ours: for an ordering the mean difference by seed, for a limit the largest round; of the last epochs";
    table("words", "What the paper claims in words", &columns, &rows) + &note(about)
}

/// Returns how numbers are judged and what each word means.
fn words_and_rules() -> String {
    let rule = |word: Word| {
        format!(
            "<div id=\"word-{}\"><dt>{}</dt><dd>{}</dd></div>\n",
            anchor(word),
            badge(word),
            text(word.rule())
        )
    };
    let rules = joined(Word::ALL, rule);
    format!(
        "<details open>\n<summary>What the words mean</summary>\n<dl class=\"rules\">\n{rules}</dl>\n{}</details>\n",
        note(METHOD)
    )
}
