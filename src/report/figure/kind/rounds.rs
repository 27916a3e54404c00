//! What several kinds ask of the rounds, and how they name it.

use crate::{
    plan::Plan,
    report::figure::content::Figure,
    results::Rounds,
    spec::{CollapseRule, FigureSpec, Metric, Spec, Split},
    verdict::Verdicts,
};

/// Single rounds that are drawn of each config; more of them would only make one stain, and a figure of gigabytes.
pub(super) const DRAWN: usize = 200;
/// Configs that have a row of their own; more of them would make a figure longer than a page.
pub(super) const ROWS: usize = 24;
/// Collapsed rounds that are named by their seeds; more of them are counted.
const NAMED: usize = 3;

/// What figures are made of.
#[derive(Clone, Copy)]
pub(crate) struct Shown<'a> {
    pub spec: &'a Spec,
    pub plan: &'a Plan,
    pub rounds: &'a [Rounds],
    pub verdicts: Option<&'a Verdicts>,
    pub caveat: Option<&'a str>,
}

impl Shown<'_> {
    /// When a round counts as collapsed, if the spec says so.
    pub(super) fn collapse_rule(&self) -> Option<CollapseRule> {
        self.spec.claims.as_ref()?.collapsed
    }

    /// The configs that a figure shows, at most so many, and what is said of those that are left out.
    pub(super) fn chosen(&self, spec: &FigureSpec, most: usize) -> (Vec<usize>, Option<String>) {
        let mut configs: Vec<usize> = self.plan.chosen(&spec.filter).collect();
        let left_out = left_out(configs.len(), most, "configs");
        configs.truncate(most);
        (configs, left_out)
    }

    /// Indices of a config's collapsed rounds among the finished ones.
    pub(super) fn collapsed(&self, config: usize) -> Vec<usize> {
        self.collapse_rule().map(|rule| self.rounds[config].collapsed(rule)).unwrap_or_default()
    }

    /// A figure with its title and caveat.
    pub(super) fn figure<B>(&self, spec: &FigureSpec, body: B) -> Figure<B> {
        let (title, caveat) = (spec.title.clone(), self.caveat.map(str::to_owned));
        Figure { title, caveat, label: String::new(), percent: false, rule: String::new(), body }
    }

    /// A figure of every round's last epoch.
    pub(super) fn last_epochs<B>(&self, spec: &FigureSpec, (metric, split): Of, body: B) -> Figure<B> {
        Figure {
            label: format!("{}, {}, last epoch", metric.axis(), set_name(split)),
            percent: metric.is_accuracy(),
            rule: rule_words(self.collapse_rule(), metric, split),
            ..self.figure(spec, body)
        }
    }
}

/// A quantity, and the set of pairs that it is of.
pub(super) type Of = (Metric, Split);

/// Says how many of all are left out where only so many are shown.
pub(super) fn left_out(all: usize, most: usize, what: &str) -> Option<String> {
    (all > most).then(|| format!("{} of {all} {what} are left out; choose some with `where:`", all - most))
}

/// Returns the rounds that are drawn of `count`: all, or evenly chosen ones.
pub(super) fn drawn(count: usize) -> impl Iterator<Item = usize> {
    let shown = count.min(DRAWN);
    (0..shown).map(move |i| i * count / shown)
}

/// Names a set of pairs.
pub(super) fn set_name(split: Split) -> &'static str {
    match split {
        Split::Train => "training set",
        Split::Test => "test set",
    }
}

/// The last epoch of every finished round, scaled for people; nothing if the config does not have the metric.
pub(super) fn last_epoch(rounds: &Rounds, (metric, split): Of) -> Vec<f64> {
    rounds.last(split, metric).into_iter().map(|value| value * metric.scale()).collect()
}

/// How many rounds there are, and which of them collapsed.
pub(super) fn note(rounds: &Rounds, collapsed: &[usize]) -> String {
    let Rounds { planned, diverged, seeds, .. } = rounds;
    let (finished, diverged) = (rounds.finished(), diverged.len());
    let mut note = match (finished, *planned) {
        (1, 1) => "1 round".to_owned(),
        _ if finished == *planned => format!("{finished} rounds"),
        _ => format!("{finished} of {planned} rounds"),
    };
    if diverged > 0 {
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
    fn of_many_rounds_some_are_drawn_from_the_first_on() {
        assert_eq!(drawn(0).count(), 0);
        assert!(drawn(DRAWN).eq(0..DRAWN));
        let some: Vec<usize> = drawn(10 * DRAWN + 3).collect();
        assert_eq!((some.len(), some[0], some[1]), (DRAWN, 0, 10));
        assert!(some.windows(2).all(|pair| pair[0] < pair[1]) && some[DRAWN - 1] < 10 * DRAWN + 3);
    }

    #[test]
    fn notes_name_few_collapsed_rounds_and_count_many() {
        let seeds = (10..20).collect();
        let mut summary = Rounds { planned: 10, seeds, ..Rounds::default() };
        assert_eq!(note(&summary, &[]), "10 rounds");
        assert_eq!(note(&summary, &[4, 7]), "10 rounds, seeds 14, 17 collapsed");
        assert_eq!(note(&summary, &[0, 1, 2, 3]), "10 rounds, 4 collapsed");
        summary = Rounds { planned: 12, diverged: vec![20], ..summary };
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
