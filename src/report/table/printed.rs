//! A table of the spec: for each row the paper's numbers, then ours in each reading.

use super::model::{Cell, Column, Table, numbers, words};
use crate::{
    plan::Plan,
    report::inputs::{StandIn, caveat},
    results::Rounds,
    spec::{Reading, RowSpec, Split, Statistic, TableSpec},
    verdict::pick,
};

/// What the columns hold; statistics are in percent for accuracies.
fn columns(statistics: &[Statistic]) -> Vec<Column> {
    let before = [words("row"), words("source"), numbers("rounds")];
    before.into_iter().chain(statistics.iter().map(|s| numbers(s.word()))).collect()
}

/// Builds a table; runs on other data that stands in are not shown beside the paper's numbers.
#[must_use]
pub fn build(spec: &TableSpec, plan: &Plan, rounds: &[Rounds], stand_in: Option<StandIn>) -> Table {
    let (mut rows, shown) = (Vec::new(), spec.statistics());
    for row in &spec.rows {
        for config in plan.chosen(&row.filter) {
            let name = name(spec, row, plan, config);
            if let (Some(paper), None) = (&row.paper, stand_in) {
                let written = shown.iter().map(|s| Cell::Number(paper.written(*s))).collect();
                rows.push(line(&name, "paper", Cell::text(""), written));
            }
            for reading in &spec.readings {
                let of = &rounds[config];
                // Rounds; over epochs the numbers are epochs, but what was averaged are the rounds.
                let n = match (of.finished(), of.planned) {
                    (finished, planned) if finished == planned => Cell::count(planned),
                    (finished, planned) => Cell::Part(finished, planned),
                };
                rows.push(line(
                    &name,
                    &reading_label(*reading),
                    n,
                    statistics(of, row.split, *reading, &shown),
                ));
            }
        }
    }
    Table { caveat: caveat(plan, stand_in, rounds), ..Table::new(&spec.caption, columns(&shown), rows) }
}

/// Names a row: by its own name, by its config where that is not enough, and by its set where nothing else tells it from
/// another row, or from the test set that is meant where nothing is said.
fn name(spec: &TableSpec, row: &RowSpec, plan: &Plan, config: usize) -> String {
    let plain = |row: &RowSpec| match (row.name.as_str(), plan.chosen(&row.filter).count() > 1) {
        ("", _) => plan.label(config),
        (name, true) => format!("{name}, {}", plan.label(config)),
        (name, false) => name.to_owned(),
    };
    let own = plain(row);
    let alike = |other: &&RowSpec| other.split != row.split && other.filter.matches(&plan.configs[config]);
    let told = row.name.is_empty() && row.split == Split::Train;
    if told || spec.rows.iter().filter(alike).any(|other| plain(other) == own) {
        let set = if row.split == Split::Train { "training set" } else { "test set" };
        return format!("{own}, {set}");
    }
    own
}

fn line(name: &str, source: &str, rounds: Cell, numbers: Vec<Cell>) -> Vec<Cell> {
    [Cell::text(name), Cell::text(source), rounds].into_iter().chain(numbers).collect()
}

/// Returns some statistics as tables print them.
pub(in crate::report) fn statistics(
    rounds: &Rounds,
    split: Split,
    reading: Reading,
    shown: &[Statistic],
) -> Vec<Cell> {
    let found = rounds.statistics(split, reading);
    let (scale, decimals) = (reading.metric.scale(), reading.metric.decimals());
    let show = |s: &Statistic| Cell::number(found.as_ref().map(|of| pick(of, *s) * scale), decimals);
    shown.iter().map(show).collect()
}

/// Names a reading as tables do, such as `comparison over rounds`.
#[must_use]
pub fn reading_label(reading: Reading) -> String {
    format!("{} over {}", reading.metric.label, reading.over.word())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metacharacters_are_inert_in_every_form() {
        let name = Cell::text("a|b_\\&<c>\"$%,");
        let numbers = [Some("2"), Some("3"), Some("4"), None].map(|v| Cell::Number(v.map(str::to_owned)));
        let [mean, max, median, std] = numbers;
        let row = vec![name, Cell::text("x"), Cell::count(1), mean, max, median, std];
        let mut table = Table::new("50 % & <b>", columns(&Statistic::ALL[..4]), vec![row]);
        table.caveat = Some("no*te".into());
        let markdown = table.markdown();
        assert!(markdown.contains("a\\|b\\_\\\\&amp;&lt;c&gt;\"\\$%,"), "{markdown}");
        assert!(markdown.contains("> **no\\*te**"), "{markdown}");
        let latex = table.latex();
        assert!(latex.contains("\\caption{50 \\% \\& \\textless{}b\\textgreater{} (no*te)}"), "{latex}");
        assert!(
            latex.contains("a\\textbar{}b\\_\\textbackslash{}\\&\\textless{}c\\textgreater{}\"\\$\\%,"),
            "{latex}"
        );
        assert!(table.csv().contains("\"a|b_\\&<c>\"\"$%,\",x,1,2,3,4,,no*te\n"), "{}", table.csv());
        assert_eq!(
            table.text().lines().last().map(str::trim_end),
            Some("a|b_\\&<c>\"$%,  x            1     2    3       4    –")
        );
    }
}
