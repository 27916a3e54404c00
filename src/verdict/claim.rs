//! The numbers that a paper prints, as claims.

use crate::{
    plan::Plan,
    spec::{PaperRow, Reading, Spec, Split, Statistic},
};

/// A number of the paper.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// The statistic of the cell.
    pub statistic: Statistic,
    /// The number as printed, in percent.
    pub value: f64,
    /// Decimals that it is printed with.
    pub decimals: usize,
}

impl Claim {
    /// Returns half of the last printed place: the number was rounded from within this distance.
    #[must_use]
    pub fn half_unit(&self) -> f64 {
        0.5 * libm::pow(10.0, -(self.decimals as f64))
    }

    /// Returns the number as the paper prints it.
    #[must_use]
    pub fn printed(&self) -> String {
        format!("{:.*}", self.decimals, self.value)
    }
}

/// The numbers of a printed row, and what they are of.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimRow {
    /// Table and row for people, such as `table1, Testing`.
    pub name: String,
    /// The table alone.
    pub table: String,
    /// Index of the config in the plan.
    pub config: usize,
    /// Training or test set.
    pub split: Split,
    /// The reading that the numbers are judged in: the table's first one.
    pub reading: Reading,
    /// The table's other readings.
    pub others: Vec<Reading>,
    /// The statistics that the paper prints, at least one.
    pub cells: Vec<Claim>,
}

impl ClaimRow {
    /// Returns the paper's number, in percent; `None` if it prints none.
    #[must_use]
    pub fn printed(&self, statistic: Statistic) -> Option<f64> {
        self.cells.iter().find(|cell| cell.statistic == statistic).map(|cell| cell.value)
    }
}

/// Returns every printed row of the spec's tables; a row of several configs is claimed of each.
#[must_use]
pub fn rows(spec: &Spec, plan: &Plan) -> Vec<ClaimRow> {
    let mut found = Vec::new();
    for (table, t) in spec.tables.iter() {
        // The paper prints accuracies; a loss is not to be compared with them.
        let mut readings = t.readings.iter().copied().filter(|r| r.metric.is_accuracy());
        let Some(reading) = readings.next() else { continue };
        let others: Vec<Reading> = readings.collect();
        for (row, paper) in t.rows.iter().filter_map(|row| Some((row, row.paper.as_ref()?))) {
            let configs: Vec<usize> = plan.chosen(&row.filter).collect();
            for &config in &configs {
                let mut name =
                    format!("{table}, {}", if row.name.is_empty() { row.split.word() } else { &row.name });
                if configs.len() > 1 {
                    name += &format!(", {}", plan.label(config));
                }
                let others = others.clone();
                found.push(ClaimRow {
                    name,
                    table: table.clone(),
                    config,
                    split: row.split,
                    reading,
                    others,
                    cells: cells(paper),
                });
            }
        }
    }
    found
}

fn cells(paper: &PaperRow) -> Vec<Claim> {
    let claim = |(statistic, value): &(Statistic, f64)| Claim {
        statistic: *statistic,
        value: *value,
        decimals: paper.decimals,
    };
    paper.numbers.iter().map(claim).collect()
}

/// Names a reading for people, such as `accuracy over rounds`.
#[must_use]
pub fn reading_name(reading: Reading) -> String {
    let Reading { metric, over } = reading;
    format!("{} over {}", metric.word(), over.word())
}
