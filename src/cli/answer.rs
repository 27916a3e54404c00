//! The answer: the last lines of `run`, `report` and `check`, or with `--quiet` the only one.

use std::path::Path;

use super::{
    context::Context,
    judge::Judged,
    options::Status,
    talk::{show_all, show_one},
};
use crate::{
    lines::{Line, Tone},
    plan::Plan,
    report::{self, table::tone},
    results::{self, Ends, Rounds},
    spec::Split,
    stats,
    verdict::{Verdicts, Word},
};

/// What was found out.
pub(super) struct Answer {
    experiment: String,
    sentence: Line,
    judged: Vec<Judged>,
    places: Vec<String>,
}

impl Answer {
    /// Returns the answer of a plan's rounds.
    pub(super) fn of(
        context: &Context<'_>,
        plan: &Plan,
        rounds: &[Rounds],
        verdicts: Option<&Verdicts>,
    ) -> Self {
        Self {
            experiment: context.spec.experiment.clone(),
            sentence: sentence(context, plan, rounds, verdicts),
            judged: Vec::new(),
            places: Vec::new(),
        }
    }

    /// Adds what else was judged.
    pub(super) fn judged(mut self, all: impl IntoIterator<Item = Judged>) -> Self {
        self.judged.extend(all);
        self
    }

    /// Adds how many verdicts fail a check.
    pub(super) fn refuted(mut self, count: usize) -> Self {
        let text = format!("{count} verdict{} the check", if count == 1 { " fails" } else { "s fail" });
        self.judged.push(Judged {
            status: Status::Bad,
            line: Some(Line::of(Tone::Bad, text)),
            more: Vec::new(),
        });
        self
    }

    /// Adds where something is to be seen.
    pub(super) fn place(mut self, what: &str, path: &Path) -> Self {
        self.places.push(format!("{what}: {}", path.display()));
        self
    }

    /// Says whether something that was judged is bad.
    pub(super) fn status(&self) -> Status {
        let bad = self.judged.iter().any(|judged| judged.status == Status::Bad);
        if bad { Status::Bad } else { Status::Good }
    }

    /// Prints it.
    pub(super) fn show(self, quiet: bool) {
        let Self { experiment, sentence, judged, places } = self;
        if !quiet {
            show_all([Line::default(), sentence.and(Tone::Plain, ".")]);
            for Judged { line, more, .. } in judged {
                show_all(line.into_iter().chain(more));
            }
            show_all(places.into_iter().map(Line::plain));
            return;
        }
        let mut line = Line::plain(format!("{experiment}: "));
        line.0.extend(sentence.0);
        if let Some(piece) = line.0.get_mut(1)
            && let Some(first) = piece.text.get(..1).map(str::to_lowercase)
        {
            piece.text.replace_range(..1, &first);
        }
        let parts = judged.into_iter().filter_map(|judged| judged.line);
        for part in parts.chain(places.into_iter().map(Line::plain)) {
            line = line.and(Tone::Plain, "; ");
            line.0.extend(part.0);
        }
        show_one(line);
    }
}

/// Returns the counts of words, each with its tone, such as `1 REPLICATED, 5 CONSISTENT`.
fn counts(mut line: Line, words: &[(Word, usize)]) -> Line {
    let mut between = "";
    for (word, count) in words {
        line = line.and(Tone::Plain, format!("{between}{count} ")).and(tone(*word), word.word());
        between = ", ";
    }
    line
}

/// Answers in one sentence, without its full stop.
fn sentence(context: &Context<'_>, plan: &Plan, rounds: &[Rounds], verdicts: Option<&Verdicts>) -> Line {
    let stand_in = report::stand_in(&context.spec, plan);
    let mut line = match (verdicts, stand_in) {
        // As the page has it.
        _ if context.spec.claims_nothing() => best(plan, rounds),
        (Some(verdicts), _) => {
            let counted = verdicts.tally();
            match counted.iter().map(|(_, count)| count).sum() {
                0 => Line::plain("There is no claim to judge"),
                1 => counts(Line::plain("Of 1 claim "), &counted),
                count => counts(Line::plain(format!("Of {count} claims ")), &counted),
            }
        }
        (None, Some(stand_in)) => {
            Line::of(Tone::Caveat, "Nothing is judged").and(Tone::Plain, format!(": {}", stand_in.reason()))
        }
        (None, None) => Line::plain("There is no claim to judge"),
    };
    let ends = Ends::of(rounds);
    let lost = [
        (ends.missing(), Tone::Open, "missing"),
        (ends.diverged, Tone::Mixed, "diverged"),
        (ends.failed, Tone::Bad, "failed"),
    ];
    let mut between = format!("; of {} runs ", plan.runs.len());
    for (count, tone, word) in lost.into_iter().filter(|(count, ..)| *count > 0) {
        line = line.and(Tone::Plain, format!("{between}{count} ")).and(tone, word);
        ", ".clone_into(&mut between);
    }
    line
}

/// Says which config is the best one, where nothing is claimed.
fn best(plan: &Plan, rounds: &[Rounds]) -> Line {
    let metric = plan.task.metrics[0];
    let ranking = results::ranking(rounds, Split::Test, metric);
    let Some(best) = ranking.first() else { return Line::plain("No run has finished") };
    let value = format!("{} %", metric.shown(best.moments.mean));
    let rounds = match best.moments.n {
        1 => "1 round".to_owned(),
        count => format!("mean of {count} rounds"),
    };
    let (label, word) = (plan.label(best.config), metric.word());
    // Such as one network under two names.
    let equal = ranking.iter().filter(|other| stats::same(other.moments.mean, best.moments.mean)).count() - 1;
    let head = if plan.configs.len() > 1 {
        let has = if equal > 0 { format!(" and {equal} more have") } else { " has".to_owned() };
        format!("Of {} configs `{label}`{has} the highest test {word}: ", plan.configs.len())
    } else {
        format!("`{label}` has a test {word} of ")
    };
    Line::plain(head).and(Tone::Strong, value).and(Tone::Plain, format!(" ({rounds})"))
}
