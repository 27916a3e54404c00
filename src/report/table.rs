//! A table of the spec as rows of text, and its forms: terminal, Markdown, CSV, LaTeX.

use super::form::{aligned, csv_line, latex_escape, markdown_escape};
use crate::{
    aggregate::ConfigSummary,
    plan::Plan,
    spec::{PaperRow, Reading, Split, TableSpec},
    stats::Summary,
};

/// A finished table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Shown above the table.
    pub caption: String,
    /// A warning that belongs to every form of the table.
    pub stamp: Option<String>,
    /// The rows, each as long as [`HEADER`].
    pub rows: Vec<[String; 7]>,
}

/// What the columns hold; statistics are in percent for accuracies.
pub const HEADER: [&str; 7] = ["row", "source", "rounds", "mean", "max", "median", "std"];

/// Builds a table: for each row the paper's numbers, then ours in each reading.
#[must_use]
pub fn build(spec: &TableSpec, plan: &Plan, summaries: &[ConfigSummary], stamp: Option<&str>) -> Table {
    let mut rows = Vec::new();
    for row in &spec.rows {
        for config in plan.chosen(&row.filter) {
            let summary = &summaries[config];
            let several = plan.chosen(&row.filter).count() > 1;
            let name = match (row.name.as_str(), several) {
                ("", _) => plan.label(config),
                (name, true) => format!("{name}, {}", plan.label(config)),
                (name, false) => name.to_owned(),
            };
            // What is not comparable is not shown side by side.
            if let (Some(paper), None) = (&row.paper, stamp) {
                rows.push(paper_row(&name, paper));
            }
            for reading in &spec.readings {
                rows.push(our_row(&name, summary, row.split, *reading));
            }
        }
    }
    Table { caption: spec.caption.clone(), stamp: super::note(plan, stamp), rows }
}

fn paper_row(name: &str, paper: &PaperRow) -> [String; 7] {
    let [mean, max, median, std] = printed(paper);
    [name.into(), "paper".into(), String::new(), mean, max, median, std]
}

/// Returns the paper's mean, maximum, median and standard deviation as it prints them.
pub(super) fn printed(paper: &PaperRow) -> [String; 4] {
    let PaperRow { mean, max, median, std, decimals } = *paper;
    [mean, max, median, std].map(|v| format!("{v:.decimals$}"))
}

fn our_row(name: &str, summary: &ConfigSummary, split: Split, reading: Reading) -> [String; 7] {
    let source = format!("{} over {}", reading.metric.label, reading.over.word());
    let [mean, max, median, std] = statistics(summary, split, reading);
    // Rounds; over epochs the numbers are epochs, but what was averaged are the rounds.
    let n = if summary.finished == summary.planned {
        summary.finished.to_string()
    } else {
        format!("{} of {}", summary.finished, summary.planned)
    };
    [name.into(), source, n, mean, max, median, std]
}

/// Returns mean, maximum, median and standard deviation as tables print them.
pub(super) fn statistics(summary: &ConfigSummary, split: Split, reading: Reading) -> [String; 4] {
    let statistics = summary.statistics(split, reading);
    let (scale, digits) = if reading.metric.is_accuracy() { (100.0, 2) } else { (1.0, 4) };
    let show = |pick: fn(&Summary) -> f64| match statistics.as_ref().map(pick) {
        Some(v) if v.is_finite() => format!("{:.digits$}", v * scale),
        _ => "–".to_owned(),
    };
    [show(|s| s.mean), show(|s| s.max), show(|s| s.median), show(|s| s.std)]
}

/// Numbers stand right, words left.
const RIGHT: [bool; 7] = [false, false, true, true, true, true, true];

impl Table {
    /// Returns whether row `index` repeats the name of the row above it.
    fn repeats(&self, index: usize) -> bool {
        index > 0 && self.rows[index][0] == self.rows[index - 1][0]
    }

    /// Returns the table for a terminal.
    #[must_use]
    pub fn text(&self) -> String {
        let mut rows = self.rows.clone();
        for i in (0..rows.len()).filter(|i| self.repeats(*i)) {
            rows[i][0].clear();
        }
        let stamp = self.stamp.as_ref().map_or(String::new(), |stamp| format!("! {stamp}\n"));
        format!("{}\n{stamp}{}", self.caption, aligned(&HEADER, RIGHT, &rows))
    }

    /// Returns the table as Markdown.
    #[must_use]
    pub fn markdown(&self) -> String {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let mut out = format!("**{}**\n\n", markdown_escape(&self.caption));
        if let Some(stamp) = &self.stamp {
            out += &format!("> **{}**\n\n", markdown_escape(stamp));
        }
        out += &line(&HEADER.map(String::from));
        out += &line(&RIGHT.map(|right| if right { "---:" } else { "---" }.to_owned()));
        for (i, row) in self.rows.iter().enumerate() {
            let mut cells = row.each_ref().map(|cell| markdown_escape(cell));
            if self.repeats(i) {
                cells[0].clear();
            }
            out += &line(&cells);
        }
        out
    }

    /// Returns the table as CSV (RFC 4180), with the stamp as a column of its own.
    #[must_use]
    pub fn csv(&self) -> String {
        let line = |cells: &[&str]| {
            csv_line(&cells.iter().copied().chain(self.stamp.as_deref()).collect::<Vec<_>>())
        };
        let mut out = line(&HEADER);
        if self.stamp.is_some() {
            out = HEADER.join(",") + ",note\n";
        }
        for row in &self.rows {
            out += &line(&row.each_ref().map(String::as_str));
        }
        out
    }

    /// Returns the table as LaTeX for the `booktabs` package.
    #[must_use]
    pub fn latex(&self) -> String {
        let line = |cells: &[String]| format!("    {} \\\\\n", cells.join(" & "));
        let caption = match &self.stamp {
            Some(stamp) => format!("{} ({stamp})", self.caption),
            None => self.caption.clone(),
        };
        let columns: String = RIGHT.iter().map(|right| if *right { 'r' } else { 'l' }).collect();
        let mut out = format!(
            "\\begin{{table}}\n  \\centering\n  \\caption{{{}}}\n  \\begin{{tabular}}{{{columns}}}\n    \\toprule\n",
            latex_escape(&caption)
        );
        out += &line(&HEADER.map(latex_escape));
        for (i, row) in self.rows.iter().enumerate() {
            let mut cells = row.each_ref().map(|cell| latex_escape(cell));
            if self.repeats(i) {
                cells[0].clear();
            } else {
                out += "    \\midrule\n";
            }
            out += &line(&cells);
        }
        out + "    \\bottomrule\n  \\end{tabular}\n\\end{table}\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metacharacters_are_inert_in_every_form() {
        let name = "a|b_\\&<c>\"$%,".to_owned();
        let row = [name, "x".into(), "1".into(), "2".into(), "3".into(), "4".into(), "–".into()];
        let table = Table { caption: "50 % & <b>".into(), stamp: Some("no*te".into()), rows: vec![row] };
        let markdown = table.markdown();
        assert!(markdown.contains("a\\|b\\_\\\\&amp;&lt;c&gt;\"\\$%,"), "{markdown}");
        assert!(markdown.contains("> **no\\*te**"), "{markdown}");
        let latex = table.latex();
        assert!(latex.contains("\\caption{50 \\% \\& <b> (no*te)}"), "{latex}");
        assert!(latex.contains("a|b\\_\\textbackslash{}\\&<c>\"\\$\\%,"), "{latex}");
        assert!(table.csv().contains("\"a|b_\\&<c>\"\"$%,\",x,1,2,3,4,–,no*te\n"), "{}", table.csv());
    }
}
