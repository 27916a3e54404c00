//! Verdicts about claims in words: orderings and limits.

use super::{
    number::p_is,
    word::{DOUBTFUL_BELOW, LEAST_ROUNDS, REFUTED_BELOW, Word},
};
use crate::{
    random::stream,
    results::Rounds,
    spec::Words,
    stats::{self, Interval, Moments, TTest, Wilcoxon},
};

/// A verdict about a claim in words.
#[derive(Debug, Clone, PartialEq)]
pub struct WordsVerdict {
    /// The claim.
    pub claim: Words,
    /// What was found; `None` if a config has no round with the metric.
    pub finding: Option<Finding>,
    /// Planned rounds of its configs that did not finish.
    pub missing: usize,
    /// The word.
    pub word: Word,
    /// Why this word.
    pub reason: String,
}

/// What was found about a claim in words.
#[derive(Debug, Clone, PartialEq)]
pub enum Finding {
    /// About two configs.
    Ordering(Ordering),
    /// About a limit.
    Limit(Limit),
}

/// Two configs' last epochs, compared as groups and seed by seed; in percent for accuracies.
#[derive(Debug, Clone, PartialEq)]
pub struct Ordering {
    /// Moments of the config with the larger values, as claimed.
    pub greater: Moments,
    /// Moments of the other one.
    pub less: Moments,
    /// Seeds that both have.
    pub pairs: usize,
    /// Mean of the paired differences.
    pub difference: f64,
    /// Its 95 % BCa interval over pairs; one pair has none.
    pub interval: Option<Interval>,
    /// `P(A > B)` over pairs; a tie counts half.
    pub greater_share: f64,
    /// Its 95 % interval by Wilson.
    pub share_interval: Interval,
    /// Welch's test of the two groups.
    pub welch: Option<TTest>,
    /// Student's test of the paired differences.
    pub paired: Option<TTest>,
    /// Wilcoxon's test of the paired differences.
    pub wilcoxon: Option<Wilcoxon>,
    /// The larger p-value of Welch and Wilcoxon, adjusted by Holm over all orderings of the spec.
    pub p_holm: f64,
}

impl Ordering {
    /// Returns the larger p-value of Welch and Wilcoxon; 1 where there is no test.
    fn p(&self) -> f64 {
        match (&self.welch, &self.wilcoxon) {
            (Some(welch), Some(wilcoxon)) => welch.p.max(wilcoxon.p),
            _ => 1.0,
        }
    }
}

/// How many rounds keep a limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limit {
    /// Rounds that were looked at.
    pub rounds: usize,
    /// Rounds at or above the limit.
    pub breaking: usize,
    /// 95 % interval of the share that breaks it, by Clopper and Pearson.
    pub share: Interval,
    /// The largest value, in percent for accuracies.
    pub largest: f64,
}

/// Resamples for an interval.
const RESAMPLES: usize = 10_000;

/// Seeds with their values.
type Values = Vec<(u64, f64)>;

/// Returns the rounds' last epochs for a claim, scaled for people.
fn values(claim: &Words, rounds: &Rounds) -> Option<Values> {
    let last = rounds.last(claim.split, claim.metric).into_iter().map(|v| v * claim.metric.scale());
    let values: Values = rounds.seeds.iter().copied().zip(last).collect();
    (!values.is_empty()).then_some(values)
}

/// Compares two configs; the word comes with [`decide`].
#[must_use]
pub fn ordering(claim: &Words, greater: &Rounds, less: &Rounds) -> WordsVerdict {
    let finding =
        values(claim, greater).zip(values(claim, less)).and_then(|(a, b)| compare(&a, &b, RESAMPLES));
    undecided(claim, finding.map(Finding::Ordering), greater.unfinished() + less.unfinished())
}

/// Compares two groups of rounds, seed by seed and as a whole, with intervals from so many resamples; `None` without a
/// common seed.
#[must_use]
pub fn compare(a: &[(u64, f64)], b: &[(u64, f64)], resamples: usize) -> Option<Ordering> {
    let other = |seed: &u64| b.iter().find(|(s, _)| s == seed).map(|(_, v)| *v);
    let differences: Vec<f64> =
        a.iter().filter_map(|(seed, v)| Some(stats::difference(*v, other(seed)?))).collect();
    if differences.is_empty() {
        return None;
    }
    let group = |of: &[(u64, f64)]| Moments::of(&of.iter().map(|(_, v)| *v).collect::<Vec<_>>());
    let share = |d: &[f64]| {
        let wins = d.iter().map(|d| {
            if *d > 0.0 {
                1.0
            } else if *d == 0.0 {
                0.5
            } else {
                0.0
            }
        });
        wins.fold(0.0, |sum, v| sum + v) / d.len() as f64
    };
    let n = differences.len();
    let mut random = stream(0, "verdict/pairs");
    let means = stats::resampled_means(&differences, resamples, &mut random);
    let difference = stats::mean(&differences);
    let without = |skip: usize| (stats::sum(&differences) - differences[skip]) / (n - 1).max(1) as f64;
    let left_out: Vec<f64> = (0..n).map(without).collect();
    let (greater, less) = (group(a), group(b));
    Some(Ordering {
        greater,
        less,
        pairs: n,
        difference,
        interval: (n > 1).then(|| stats::bca_interval(&means, difference, &left_out, 0.95)),
        greater_share: share(&differences),
        share_interval: stats::wilson(share(&differences), n, 0.95),
        welch: stats::welch(greater, less),
        paired: stats::paired_t(&differences),
        wilcoxon: stats::wilcoxon(&differences),
        p_holm: 1.0,
    })
}

/// Looks how many rounds of a config stay below `limit`.
#[must_use]
pub fn below(claim: &Words, rounds: &Rounds, limit: f64) -> WordsVerdict {
    let finding = values(claim, rounds).map(|values| {
        let breaking = values.iter().filter(|(_, v)| stats::at_least(*v, limit)).count();
        Limit {
            rounds: values.len(),
            breaking,
            share: stats::clopper_pearson(breaking, values.len(), 0.95),
            largest: values.iter().map(|(_, v)| *v).fold(f64::NEG_INFINITY, f64::max),
        }
    });
    undecided(claim, finding.map(Finding::Limit), rounds.unfinished())
}

fn undecided(claim: &Words, finding: Option<Finding>, missing: usize) -> WordsVerdict {
    let reason = "no finished round has the metric".to_owned();
    WordsVerdict { claim: claim.clone(), finding, missing, word: Word::Undecidable, reason }
}

/// Gives every claim its word, with p-values adjusted by Holm over all orderings; `paper_rounds` stand behind the
/// paper's claims.
pub fn decide(verdicts: &mut [WordsVerdict], paper_rounds: usize) {
    let orderings = |v: &WordsVerdict| match &v.finding {
        Some(Finding::Ordering(o)) => Some(o.p()),
        _ => None,
    };
    let mut adjusted = stats::holm(&verdicts.iter().filter_map(orderings).collect::<Vec<_>>()).into_iter();
    for verdict in verdicts {
        let judged = match &mut verdict.finding {
            Some(Finding::Ordering(ordering)) => {
                ordering.p_holm = adjusted.next().unwrap_or(1.0);
                judge_ordering(ordering)
            }
            Some(Finding::Limit(limit)) => judge_limit(limit, paper_rounds),
            None => continue,
        };
        (verdict.word, verdict.reason) = judged;
        if verdict.missing > 0 {
            // Those that are missing may be those that speak against it.
            verdict.reason += &format!("; {} planned rounds are missing", verdict.missing);
            if verdict.word == Word::Replicated {
                verdict.word = Word::Consistent;
            }
        }
    }
}

fn judge_ordering(o: &Ordering) -> (Word, String) {
    let interval = o.interval.map_or(String::new(), |[low, high]| format!(" [{low:+.2}, {high:+.2}]"));
    let pairs =
        if o.pairs == 1 { "1 pair, which has no interval".to_owned() } else { format!("{} pairs", o.pairs) };
    let found = format!(
        "{:+.2}{interval} over {pairs}, P(A > B) = {:.2}, {} after Holm",
        o.difference,
        o.greater_share,
        p_is(o.p_holm)
    );
    let word = match (o.difference > 0.0, o.p_holm) {
        _ if o.pairs < LEAST_ROUNDS => Word::Undecidable,
        (true, p) if p < DOUBTFUL_BELOW => Word::Replicated,
        (true, _) => Word::Consistent,
        (false, p) if p < REFUTED_BELOW => Word::NotReplicated,
        (false, _) => Word::Undecidable,
    };
    (word, found)
}

fn judge_limit(l: &Limit, paper_rounds: usize) -> (Word, String) {
    let [low, high] = l.share;
    let found = format!(
        "{} of {} rounds keep it, the largest is {:.2}; at most {:.1} % break it (95 %)",
        l.rounds - l.breaking,
        l.rounds,
        l.largest,
        100.0 * high
    );
    // As many rounds without a break as bring the bound to where the paper's would more likely than not all keep it:
    // `(1 − share)ⁿ = 0.025` at the bound.
    let enough = (paper_rounds as f64 * libm::log(0.025) / libm::log(0.5)).ceil();
    let found = match l.breaking {
        0 if enough > l.rounds as f64 => format!("{found}; {enough} rounds that all keep it would decide"),
        _ => found,
    };
    let all_keep = |share: f64| libm::pow(1.0 - share, paper_rounds as f64);
    let word = match l.breaking {
        _ if l.rounds < LEAST_ROUNDS => Word::Undecidable,
        0 if all_keep(high) >= 0.5 => Word::Replicated,
        0 => Word::Consistent,
        _ if all_keep(low) < REFUTED_BELOW => Word::NotReplicated,
        _ => Word::Partly,
    };
    (word, found)
}
