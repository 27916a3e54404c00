//! The page's answer for an experiment that claims nothing: ranking and effects as tables.

use super::{
    inputs::ReportInputs,
    table::{Cell, Column, Table, numbers, words},
};
use crate::{
    results::{self, Behind, Effect, Ranked},
    spec::{Metric, Split},
    stats::{Interval, Moments},
    yaml::kind::Scalar,
};

/// Name of the ranking's files.
pub(super) const RANKING: &str = "ranking";
/// Name of the effects' files.
pub(super) const EFFECTS: &str = "effects";

/// What the numbers are and are not.
pub(super) const METHOD: &str = "Of the rounds' last epochs on the test set. Intervals are 95 %, Student's t: of a mean over its rounds, of a \
difference over the seeds that both have. The best is the best of what was tried: its own mean is a little too good, the \
more so the more configs there are, and intervals are not adjusted for their number.";

/// How an axis' values are compared.
pub(super) const OF_AXES: &str = "A value's mean is taken over all configs that have it, for each seed that all of these finished, and then over \
the seeds. Where the grid is full, all else is equal between two values of an axis.";

/// Ranking and effects of a report.
#[derive(Debug)]
pub(super) struct Ranking {
    metric: Metric,
    pub ranked: Vec<Ranked>,
    pub effects: Vec<Effect>,
}

impl Ranking {
    /// Ranks the configs by the task's first metric on the test set, if the spec claims nothing.
    pub(super) fn of(of: &ReportInputs<'_>) -> Option<Self> {
        if !of.spec.claims_nothing() {
            return None;
        }
        let metric = of.plan.task.metrics[0];
        let ranked = results::ranking(of.rounds, Split::Test, metric);
        let effects = results::effects(of.plan, of.rounds, Split::Test, metric);
        Some(Self { metric, ranked, effects })
    }

    /// Says in a sentence which config is best, and whether the next one is told apart from it.
    pub(super) fn answer(&self, of: &ReportInputs<'_>) -> String {
        let Some(best) = self.ranked.first() else { return "No round has finished.".to_owned() };
        let unit = if self.metric.is_accuracy() { " %" } else { "" };
        let range = |interval: Option<Interval>| {
            let shown = self.range(interval);
            shown.map_or("no interval".to_owned(), |range| {
                format!("95 % interval {}", range.replace('-', "−"))
            })
        };
        let n = best.moments.n;
        let rounds = if n == 1 { "1 round".to_owned() } else { format!("{n} rounds") };
        let label = of.plan.label(best.config);
        let mean = self.metric.shown(best.moments.mean);
        let mean = format!(
            "{mean}{unit} {} on the test set ({}, {rounds})",
            self.metric.phrase(),
            range(best.interval)
        );
        let Some(next) = self.ranked.get(1) else { return format!("{label}: {mean}.") };
        let behind = next.behind.difference.map_or("not compared".to_owned(), |difference| {
            format!(
                "{} {} ({} by seed)",
                self.signed(difference),
                self.metric.unit_of_differences(),
                range(next.behind.interval)
            )
        });
        let apart = match next.behind.interval {
            Some([low, high]) if low > 0.0 || high < 0.0 => "",
            _ => ": these rounds do not tell the two apart",
        };
        let (next, count) = (of.plan.label(next.config), self.ranked.len());
        format!("Best of {count} configs: {label} with {mean}. Next is {next}, {behind}{apart}.")
    }

    fn signed(&self, value: f64) -> String {
        let shown = self.metric.shown(value);
        if shown.starts_with('-') { shown.replacen('-', "−", 1) } else { format!("+{shown}") }
    }

    fn range(&self, interval: Option<Interval>) -> Option<String> {
        interval.map(|[low, high]| format!("{} to {}", self.metric.shown(low), self.metric.shown(high)))
    }

    /// Returns the configs, best first; with `apart`, an end of an interval to a column.
    pub(super) fn table(&self, of: &ReportInputs<'_>, apart: bool) -> Table {
        let front = vec![numbers("rank"), words("config"), numbers("rounds")];
        let columns = [front, Self::columns("minus the best", apart)].concat();
        let row = |(rank, ranked): (usize, &Ranked)| {
            let front = [
                Cell::count(rank + 1),
                Cell::Text(of.plan.label(ranked.config)),
                Cell::count(ranked.moments.n),
            ];
            let Ranked { moments, interval, behind, .. } = *ranked;
            front.into_iter().chain(self.cells(moments, interval, behind, apart)).collect()
        };
        let unit = if self.metric.is_accuracy() { ", percent" } else { "" };
        let caption = format!("Every config by its {} on the test set{unit}", self.metric.phrase());
        let rows = self.ranked.iter().enumerate().map(row).collect();
        Table { caveat: of.caveat(), ..Table::new(&caption, columns, rows) }
    }

    /// Returns what the values of the axes do; with `apart`, an end of an interval to a column.
    pub(super) fn effects(&self, of: &ReportInputs<'_>, apart: bool) -> Table {
        let front = vec![words("axis"), words("value"), numbers("configs"), numbers("seeds")];
        let columns = [front, Self::columns("minus the axis' best", apart)].concat();
        let mut rows = Vec::new();
        for effect in &self.effects {
            let axis = &of.plan.axes[effect.axis];
            for level in &effect.levels {
                let value = match &axis.values[level.value] {
                    Scalar::Text(text) => Cell::text(text),
                    value => Cell::Text(value.to_string()),
                };
                let front =
                    [Cell::text(&axis.name), value, Cell::count(level.configs), Cell::count(level.moments.n)];
                let cells = self.cells(level.moments, level.interval, level.behind, apart);
                rows.push(front.into_iter().chain(cells).collect());
            }
        }
        let caption = format!("What each axis does to the {} on the test set", self.metric.phrase());
        Table { caveat: of.caveat(), ..Table::new(&caption, columns, rows) }
    }

    fn columns(behind: &'static str, apart: bool) -> Vec<Column> {
        let interval = |name: &str| {
            let ends = if apart { &[" low", " high"][..] } else { &[""] };
            ends.iter().map(|end| Column { name: format!("{name}{end}").into(), right: true }).collect()
        };
        let of_mean: Vec<Column> = interval("95 % interval");
        let of_difference: Vec<Column> = interval("95 % interval of that");
        [vec![numbers("mean")], of_mean, vec![numbers("std"), numbers(behind)], of_difference].concat()
    }

    fn cells(&self, moments: Moments, interval: Option<Interval>, behind: Behind, apart: bool) -> Vec<Cell> {
        let number = |v: f64| Some(v).filter(|v| v.is_finite()).map(|v| self.metric.shown(v));
        let ends = |interval: Option<Interval>| {
            if !apart {
                return vec![Cell::Number(self.range(interval))];
            }
            [0, 1].map(|end| Cell::Number(interval.map(|i| self.metric.shown(i[end])))).to_vec()
        };
        let spread = [number(moments.std), behind.difference.and_then(number)].map(Cell::Number);
        [vec![Cell::Number(number(moments.mean))], ends(interval), spread.to_vec(), ends(behind.interval)]
            .concat()
    }

    /// Returns the files: both tables as Markdown, and as CSV with an end of an interval to a column.
    pub(super) fn files(&self, of: &ReportInputs<'_>) -> Vec<(String, Vec<u8>)> {
        let mut files = Vec::new();
        let tables = |apart| [self.table(of, apart), self.effects(of, apart)];
        for (name, (table, apart)) in
            [RANKING, EFFECTS].into_iter().zip(tables(false).into_iter().zip(tables(true)))
        {
            if !table.rows.is_empty() {
                files.push((format!("{name}.md"), table.markdown().into_bytes()));
                files.push((format!("{name}.csv"), apart.csv().into_bytes()));
            }
        }
        files
    }
}
