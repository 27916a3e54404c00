//! `tables.tex`, all tables in a document that compiles by itself, and `numbers.tex`, every number of the tables as a macro.
//!
//! A macro's name is made of letters: the config, the set, and the statistic, as in `\NetTwoTestMean`. That is the first
//! reading of the first table that has the config and the set; every reading has a longer name beside, such as
//! `\NetTwoTestDigitsOverEpochsMean`. What the paper prints ends in `Paper`. Digits are spelled out, other characters are
//! left out; if two configs would then be called the same, all are numbered: `\ConfigOneTestMean`.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    inputs::{StandIn, caveat},
    table::{self, Cell, Table, latex_escape, reading_label},
};
use crate::{
    plan::Plan,
    results::Rounds,
    spec::{Over, Reading, Spec, Split, Statistic},
};

/// Returns all tables of a spec as one LaTeX document.
#[must_use]
pub fn document(spec: &Spec, plan: &Plan, rounds: &[Rounds], stand_in: Option<StandIn>) -> String {
    let tables: Vec<_> =
        spec.tables.values().map(|table| table::build(table, plan, rounds, stand_in)).collect();
    let long = if tables.iter().any(Table::is_long) { "\\usepackage{longtable}\n" } else { "" };
    let mut out = format!(
        "% Every table of this report. This file compiles by itself; a table alone needs \\usepackage{{booktabs}}.\n\
         \\documentclass{{article}}\n\\usepackage[T1]{{fontenc}}\n\\usepackage{{booktabs}}\n{long}\\begin{{document}}\n"
    );
    for table in tables {
        out += &(table.latex() + "\\clearpage\n");
    }
    out + "\\end{document}\n"
}

/// A number with its macro.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Macro {
    /// Its name, without the backslash; letters only.
    pub name: String,
    /// What it stands for, as LaTeX.
    pub value: String,
    /// What it is, for people.
    pub about: String,
}

/// Returns every number of the tables as a macro; no two have the same name.
#[must_use]
pub fn macros(spec: &Spec, plan: &Plan, rounds: &[Rounds], stand_in: Option<StandIn>) -> Vec<Macro> {
    let names = config_names(plan);
    let mut found: BTreeMap<String, Macro> = BTreeMap::new();
    let mut order = Vec::new();
    let mut put = |name: String, value: &str, about: String| {
        if !found.contains_key(&name) {
            order.push(name.clone());
            found.insert(name.clone(), Macro { name, value: latex_escape(value), about });
        }
    };
    for table in spec.tables.values() {
        let statistics = table.statistics();
        for row in &table.rows {
            for config in plan.chosen(&row.filter) {
                let begin = format!("{}{}", names[config], set(row.split));
                let about = |what: &str| format!("{}: {what}, {} set", plan.label(config), row.split.word());
                for (nth, reading) in table.readings.iter().enumerate() {
                    let values = table::statistics(&rounds[config], row.split, *reading, &statistics);
                    let read = reading_label(*reading);
                    for (statistic, value) in statistics.iter().zip(values.iter().map(Cell::shown)) {
                        let about = about(&format!("{} of {read}", statistic.word()));
                        if nth == 0 {
                            put(format!("{begin}{}", letters(statistic.word())), &value, about.clone());
                        }
                        put(
                            format!("{begin}{}{}", reading_name(*reading), letters(statistic.word())),
                            &value,
                            about,
                        );
                    }
                }
                if let (Some(paper), None) = (&row.paper, stand_in) {
                    let written = |s: &Statistic| Some((*s, paper.written(*s)?));
                    for (statistic, value) in statistics.iter().filter_map(written) {
                        let about = about(&format!("{}, as the paper prints it", statistic.word()));
                        put(format!("{begin}{}Paper", letters(statistic.word())), &value, about);
                    }
                }
            }
        }
    }
    order.into_iter().filter_map(|name| found.remove(&name)).collect()
}

/// Returns the macros as a LaTeX file to `\input`.
#[must_use]
pub fn numbers(macros: &[Macro], caveat: Option<&str>) -> String {
    let mut out = "% Every number of the tables, accuracies in percent. \\input this file and write, for example, \\NetTwoTestMean.\n\
                   % Names: config, set, statistic; the longer names say the reading, and Paper is what the paper prints.\n"
        .to_owned();
    out += &caveat.map_or(String::new(), |caveat| format!("% {}\n", line(caveat)));
    for Macro { name, value, about } in macros {
        out += &format!("\\newcommand{{\\{name}}}{{{value}}} % {}\n", line(about));
    }
    out
}

/// Makes text fit for a comment, which a line's end would end.
fn line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c })
        .collect()
}

fn set(split: Split) -> &'static str {
    match split {
        Split::Train => "Train",
        Split::Test => "Test",
    }
}

fn reading_name(reading: Reading) -> String {
    let over = match reading.over {
        Over::Epochs => "OverEpochs",
        Over::Rounds => "OverRounds",
    };
    letters(reading.metric.label) + over
}

/// Names each config by letters; no two have the same name.
fn config_names(plan: &Plan) -> Vec<String> {
    let names: Vec<String> = (0..plan.configs.len()).map(|config| letters(&plan.label(config))).collect();
    let distinct: BTreeSet<&String> = names.iter().filter(|name| !name.is_empty()).collect();
    if distinct.len() == names.len() {
        return names;
    }
    (1..=names.len()).map(|number| format!("Config{}", letters(&number.to_string()))).collect()
}

/// Writes a name by letters alone: words begin with capitals, digits are spelled.
fn letters(text: &str) -> String {
    const DIGITS: [&str; 10] =
        ["Zero", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine"];
    let (mut out, mut begins) = (String::new(), true);
    for c in text.chars() {
        match c {
            '0'..='9' => out += DIGITS[c as usize - '0' as usize],
            '.' => out += "Point",
            c if c.is_ascii_alphabetic() && begins => out.push(c.to_ascii_uppercase()),
            c if c.is_ascii_alphabetic() => out.push(c),
            _ => {}
        }
        begins = !c.is_ascii_alphabetic();
    }
    out
}

/// Returns `tables.tex` and `numbers.tex`: names and contents.
#[must_use]
pub fn files(
    spec: &Spec,
    plan: &Plan,
    rounds: &[Rounds],
    stand_in: Option<StandIn>,
) -> Vec<(String, Vec<u8>)> {
    let numbers = numbers(&macros(spec, plan, rounds, stand_in), caveat(plan, stand_in, rounds).as_deref());
    let forms = [("tables.tex", document(spec, plan, rounds, stand_in)), ("numbers.tex", numbers)];
    forms.map(|(name, text)| (name.to_owned(), text.into_bytes())).to_vec()
}
