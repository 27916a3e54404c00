//! Figures of single rounds: dots and pairs.

use super::{Shown, set_name};
use crate::{
    aggregate::ConfigSummary,
    report::{
        figure::kind::paired::{Paired, Seed},
        figure::kind::strip::{Dots, Group},
    },
    spec::{CollapseRule, FigureSpec, Metric, Over, Split},
    stats,
};

/// Collapsed rounds that are named by their seeds; more of them are counted.
const NAMED: usize = 3;

/// Every round's last epoch, one row per config.
pub(super) fn dots(figure: &FigureSpec, (metric, split): (Metric, Split), shown: &Shown<'_>) -> Dots {
    let rule = shown.collapse_rule();
    let groups = shown.plan.chosen(&figure.filter).map(|config| {
        let summary = &shown.summaries[config];
        let values = last_epoch(summary, metric, split);
        let collapsed = collapsed(summary, rule);
        let (mean, std) = (stats::mean(&values), stats::std(&values));
        let note = if values.is_empty() && summary.finished > 0 {
            "not measured".to_owned()
        } else {
            note(summary, &collapsed)
        };
        Group { name: shown.plan.label(config), note, values, collapsed, mean, std }
    });
    Dots {
        title: figure.title.clone(),
        stamp: shown.stamp.map(str::to_owned),
        x_label: format!("{}, {}, last epoch", metric.axis(), set_name(split)),
        percent: metric.is_accuracy(),
        rule: rule_words(rule, metric, split),
        groups: groups.collect(),
    }
}

/// Every round's last epoch, with the rounds of a seed in a row.
pub(super) fn paired(figure: &FigureSpec, (metric, split): (Metric, Split), shown: &Shown<'_>) -> Paired {
    let rule = shown.collapse_rule();
    let configs: Vec<usize> = shown.plan.chosen(&figure.filter).collect();
    // Value and collapse of each config's round of a seed, if all have one.
    let seed = |seed: u64| -> Option<Seed> {
        let mut found = Seed::default();
        for config in &configs {
            let summary = &shown.summaries[*config];
            let round = summary.seeds.iter().position(|s| *s == seed)?;
            found.values.push(*last_epoch(summary, metric, split).get(round)?);
            found.collapsed.push(collapsed(summary, rule).contains(&round));
        }
        Some(found)
    };
    let first = configs.first().map(|config| shown.summaries[*config].seeds.clone()).unwrap_or_default();
    let seeds: Vec<Seed> = first.into_iter().filter_map(seed).collect();
    let planned = configs.iter().map(|config| shown.summaries[*config].planned).max().unwrap_or(0);
    let missing = match planned - seeds.len().min(planned) {
        0 => String::new(),
        count => format!("left out: {count} of {planned} seeds that some config lacks"),
    };
    Paired {
        title: figure.title.clone(),
        stamp: shown.stamp.map(str::to_owned),
        y_label: format!("{}, {}, last epoch", metric.axis(), set_name(split)),
        percent: metric.is_accuracy(),
        rule: rule_words(rule, metric, split),
        names: configs.iter().map(|config| shown.plan.label(*config)).collect(),
        seeds,
        missing,
    }
}

/// The last epoch of every finished round, scaled for people; nothing if the config does not have the metric.
pub(super) fn last_epoch(summary: &ConfigSummary, metric: Metric, split: Split) -> Vec<f64> {
    let curve = summary.curves.get(&(split, metric));
    let values = curve.map(|curve| curve.reading(Over::Rounds)).unwrap_or_default();
    values.into_iter().map(|value| value * metric.scale()).collect()
}

/// Indices of the collapsed rounds among the finished ones.
pub(super) fn collapsed(summary: &ConfigSummary, rule: Option<CollapseRule>) -> Vec<usize> {
    let Some(rule) = rule else { return Vec::new() };
    let curve = summary.curves.get(&(rule.split, rule.metric));
    let values = curve.map(|curve| curve.reading(Over::Rounds)).unwrap_or_default();
    values.iter().enumerate().filter(|(_, value)| rule.holds(**value)).map(|(round, _)| round).collect()
}

/// How many rounds there are, and which of them collapsed.
pub(super) fn note(summary: &ConfigSummary, collapsed: &[usize]) -> String {
    let ConfigSummary { planned, finished, diverged, seeds, .. } = summary;
    let mut note = match (finished, planned) {
        (1, 1) => "1 round".to_owned(),
        _ if finished == planned => format!("{finished} rounds"),
        _ => format!("{finished} of {planned} rounds"),
    };
    if *diverged > 0 {
        note += &format!(", {diverged} diverged");
    }
    if collapsed.len() > NAMED {
        note += &format!(", {} collapsed", collapsed.len());
    } else if !collapsed.is_empty() {
        let names: Vec<String> =
            collapsed.iter().filter_map(|round| seeds.get(*round)).map(u64::to_string).collect();
        let seeds = if names.len() == 1 { "seed" } else { "seeds" };
        note += &format!(", {seeds} {} collapsed", names.join(", "));
    }
    note
}

/// What makes a round collapsed, as it stands in a legend; what the figure shows anyway is left out.
pub(super) fn rule_words(rule: Option<CollapseRule>, metric: Metric, split: Split) -> String {
    match rule {
        Some(rule) if (rule.metric, rule.split) == (metric, split) => format!(" (below {} %)", rule.below),
        Some(CollapseRule { split, metric, below }) => {
            format!(" ({} {} below {below} %)", split.word(), metric.phrase())
        }
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::digit_pairs;

    #[test]
    fn notes_name_few_collapsed_rounds_and_count_many() {
        let seeds = (10..20).collect();
        let mut summary = ConfigSummary { planned: 10, finished: 10, seeds, ..ConfigSummary::default() };
        assert_eq!(note(&summary, &[]), "10 rounds");
        assert_eq!(note(&summary, &[4, 7]), "10 rounds, seeds 14, 17 collapsed");
        assert_eq!(note(&summary, &[0, 1, 2, 3]), "10 rounds, 4 collapsed");
        summary = ConfigSummary { planned: 12, finished: 10, diverged: 1, ..summary };
        assert_eq!(note(&summary, &[]), "10 of 12 rounds, 1 diverged");
    }

    #[test]
    fn a_rule_about_another_metric_says_which() {
        let rule = Some(CollapseRule { split: Split::Test, metric: digit_pairs::ACCURACY, below: 60.0 });
        assert_eq!(rule_words(rule, digit_pairs::ACCURACY, Split::Test), " (below 60 %)");
        assert_eq!(rule_words(rule, digit_pairs::DIGIT_LOSS, Split::Test), " (test accuracy below 60 %)");
        assert_eq!(rule_words(None, digit_pairs::LOSS, Split::Test), "");
    }
}
