//! What the kinds that show claims have in common.

use crate::{
    spec::Spec,
    verdict::{RowVerdict, reading_name},
};

/// The remedy where no table has numbers of the paper.
pub(super) const PAPER: &str = "give a table's rows `paper: {mean: …, max: …, median: …, std: …}`";

/// Returns the tables that have accuracies of the paper.
pub(super) fn tables(spec: &Spec) -> Vec<&str> {
    spec.tables
        .iter()
        .filter(|(_, table)| table.rows.iter().any(|row| row.paper.is_some()))
        .filter(|(_, table)| table.readings.iter().any(|reading| reading.metric.is_accuracy()))
        .map(|(name, _)| name.as_str())
        .collect()
}

/// What the numbers are of.
pub(super) fn reading(row: &RowVerdict) -> String {
    reading_name(row.row.reading).replace('_', " ")
}

/// How many rounds there are.
pub(super) fn count(row: &RowVerdict) -> String {
    match row.rounds {
        1 => "1 round".to_owned(),
        rounds if rounds == row.planned => format!("{rounds} rounds"),
        rounds => format!("{rounds} of {} rounds", row.planned),
    }
}
