//! Verdicts about printed numbers.

use super::{
    bands::pick,
    claim::{Claim, ClaimRow},
    envelope::{Envelope, largest_p},
    word::{DOUBTFUL_BELOW, LEAST_ROUNDS, REFUTED_BELOW, Word},
};
use crate::{
    random::stream,
    results::of,
    spec::{Over, Reading, Statistic},
    stats::{self, Interval, Matrix, Moments, Subset, Subsets, special},
};

/// How numbers are judged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule {
    /// Rounds behind the paper's numbers.
    pub rounds: usize,
    /// How far apart two numbers may be to count as equal, in percentage points.
    pub margin: f64,
    /// Draws for an envelope.
    pub draws: usize,
}

impl Rule {
    /// Returns the margin of a number; a spread may not differ by more than half of itself.
    #[must_use]
    pub fn margin_of(&self, claim: &Claim) -> f64 {
        // Of a spread, half of it; never finer than it is printed.
        if claim.statistic == Statistic::Std {
            self.margin.min((claim.value / 2.0).max(claim.half_unit()))
        } else {
            self.margin
        }
    }
}

/// How many of our rounds would show equality within the margin, if the numbers are equal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Needed {
    /// So many rounds in all.
    Rounds(usize),
    /// No number of rounds: the paper's own rounds leave so many points to either side.
    Never(f64),
}

/// A verdict about one printed number.
#[derive(Debug, Clone, PartialEq)]
pub struct NumberVerdict {
    /// The paper's number.
    pub claim: Claim,
    /// Our statistic over all finished rounds, in percent.
    pub ours: Option<f64>,
    /// 95 % interval of ours: Student's t for a mean over rounds, else BCa; none for a maximum.
    pub interval: Option<Interval>,
    /// Where the statistic of as many rounds as the paper had falls.
    pub envelope: Option<Envelope>,
    /// 95 % interval for ours from the paper's own count, mean and standard deviation, if they are of rounds.
    pub predicted: Option<Interval>,
    /// The envelope's p-value, adjusted by Holm over all printed numbers of the spec.
    pub p_holm: Option<f64>,
    /// Rounds that would show equality within the margin.
    pub needed: Option<Needed>,
    /// The word.
    pub word: Word,
    /// Why this word.
    pub reason: String,
}

/// A verdict about a printed row.
#[derive(Debug, Clone, PartialEq)]
pub struct RowVerdict {
    /// The row.
    pub row: ClaimRow,
    /// Finished rounds behind our numbers.
    pub rounds: usize,
    /// Rounds that were planned.
    pub planned: usize,
    /// Its numbers.
    pub cells: Vec<NumberVerdict>,
    /// The word.
    pub word: Word,
    /// Why this word.
    pub reason: String,
}

impl RowVerdict {
    /// Returns what is said about a statistic; `None` if the paper does not print it.
    #[must_use]
    pub fn cell(&self, statistic: Statistic) -> Option<&NumberVerdict> {
        self.cells.iter().find(|cell| cell.claim.statistic == statistic)
    }
}

/// Returns the statistics that some of the rows print, in the order of [`Statistic::ALL`].
#[must_use]
pub fn printed<'a>(rows: impl IntoIterator<Item = &'a RowVerdict>) -> Vec<Statistic> {
    let rows: Vec<&RowVerdict> = rows.into_iter().collect();
    Statistic::ALL.iter().copied().filter(|s| rows.iter().any(|row| row.cell(*s).is_some())).collect()
}

/// Resamples for an interval of ours.
const RESAMPLES: usize = 10_000;

/// Measures every number of a row by our rounds and sets of them; the words come with [`decide`], when all p-values
/// are known.
#[must_use]
pub fn measure(
    row: &ClaimRow,
    ours: Option<(&Matrix, &Subsets)>,
    planned: usize,
    rule: &Rule,
    intervals: bool,
) -> RowVerdict {
    let rounds = ours.map_or(0, |(matrix, _)| matrix.len());
    let found = ours.map(|(matrix, subsets)| {
        let resampled = if intervals { Resampled::of(matrix, row.reading) } else { None };
        (
            matrix,
            subsets,
            subsets.statistics(matrix, of(row.reading.over), row.reading.metric.scale()),
            resampled,
        )
    });
    let cell = |claim: &Claim| {
        let mut verdict = empty(claim);
        verdict.predicted = predicted(row, claim, rounds, rule).map(percentages);
        let Some((matrix, subsets, statistics, resampled)) = &found else { return verdict };
        let all: Vec<usize> = (0..rounds).collect();
        let ours = |chosen: &[usize]| {
            let summary = subset(matrix, row.reading).statistics(chosen);
            summary.map_or(f64::NAN, |s| pick(&s, claim.statistic))
        };
        verdict.ours = Some(ours(&all)).filter(|v| v.is_finite());
        verdict.interval = resampled.as_ref().and_then(|r| r.interval(claim.statistic)).map(percentages);
        verdict.envelope = Envelope::of(subsets, statistics, claim.statistic, claim.value, claim.half_unit());
        if let Some(envelope) = &mut verdict.envelope {
            envelope.interval = percentages(envelope.interval);
        }
        if let (Some(envelope), Statistic::Max | Statistic::Min, Over::Rounds) =
            (&mut verdict.envelope, claim.statistic, row.reading.over)
        {
            // A tail is not known from few rounds.
            let side = if claim.statistic == Statistic::Max { 1.0 } else { -1.0 };
            let beyond =
                |limit: f64| all.iter().filter(|round| side * ours(&[**round]) > side * limit).count();
            let reach = side * claim.half_unit();
            let (most, least) = (beyond(claim.value - reach), beyond(claim.value + reach));
            envelope.p = envelope.p.max(largest_p(rule.rounds, rounds, least, most));
        }
        verdict.needed = verdict.envelope.as_ref().map(|e| needed(e, rounds, rule, rule.margin_of(claim)));
        verdict
    };
    let cells = row.cells.iter().map(cell).collect();
    RowVerdict { row: row.clone(), rounds, planned, cells, word: Word::Undecidable, reason: String::new() }
}

/// Begins with the statistics of sets of rounds in a reading, in percent for accuracies.
fn subset(matrix: &Matrix, reading: Reading) -> Subset<'_> {
    Subset::new(matrix, of(reading.over), reading.metric.scale())
}

/// Cuts off what cannot be: accuracies lie between 0 and 100 %, and so do their spreads.
fn percentages(interval: Interval) -> Interval {
    interval.map(|end| end.clamp(0.0, 100.0))
}

fn empty(claim: &Claim) -> NumberVerdict {
    NumberVerdict {
        claim: claim.clone(),
        ours: None,
        interval: None,
        envelope: None,
        predicted: None,
        p_holm: None,
        needed: None,
        word: Word::Undecidable,
        reason: String::new(),
    }
}

/// Statistics of our rounds: of all, of resamples, and with each round left out.
struct Resampled {
    over: Over,
    all: stats::Summary,
    /// Last epochs of the rounds, as a summary of one each.
    each: Vec<stats::Summary>,
    resamples: Vec<stats::Summary>,
    left_out: Vec<stats::Summary>,
}

impl Resampled {
    /// Returns `None` below three rounds, or if one is not a number.
    fn of(matrix: &Matrix, reading: Reading) -> Option<Self> {
        let rounds = matrix.len();
        if rounds < 3 {
            return None;
        }
        let all: Vec<usize> = (0..rounds).collect();
        let mut subset = subset(matrix, reading);
        let mut random = stream(0, "verdict/bootstrap");
        let without = |skip: &usize| all.iter().copied().filter(|r| r != skip).collect::<Vec<_>>();
        Some(Self {
            over: reading.over,
            all: subset.statistics(&all)?,
            each: all.iter().map(|round| subset.statistics(&[*round])).collect::<Option<_>>()?,
            resamples: subset.resampled(RESAMPLES, &mut random)?,
            left_out: all.iter().map(|round| subset.statistics(&without(round))).collect::<Option<_>>()?,
        })
    }

    /// Returns the 95 % interval of one of the statistics.
    fn interval(&self, statistic: Statistic) -> Option<Interval> {
        let picked = |of: &[stats::Summary]| of.iter().map(|s| pick(s, statistic)).collect::<Vec<_>>();
        match (statistic, self.over) {
            // No resample exceeds the largest round.
            (Statistic::Max | Statistic::Min, Over::Rounds) => None,
            (Statistic::Mean, Over::Rounds) => stats::t_interval(Moments::of(&picked(&self.each)), 0.95),
            _ => {
                let (resamples, left_out) = (picked(&self.resamples), picked(&self.left_out));
                Some(stats::bca_interval(&resamples, pick(&self.all, statistic), &left_out, 0.95))
            }
        }
    }
}

/// Predicts ours from the paper's own summary, which is one of rounds only in the reading over rounds.
fn predicted(row: &ClaimRow, claim: &Claim, rounds: usize, rule: &Rule) -> Option<Interval> {
    if row.reading.over != Over::Rounds {
        return None;
    }
    let (mean, std) = (row.printed(Statistic::Mean)?, row.printed(Statistic::Std)?);
    let paper = Moments { n: rule.rounds, mean, std };
    match claim.statistic {
        Statistic::Mean => stats::predict_mean(paper, rounds, 0.95),
        Statistic::Std => stats::predict_std(paper, rounds, 0.95),
        Statistic::Max | Statistic::Median | Statistic::Min => None,
    }
}

/// Returns how many rounds of ours would show equality: so many that the distance due to the round that we may have
/// missed, and half of the 90 % interval of the difference, fit into the margin.
fn needed(envelope: &Envelope, rounds: usize, rule: &Rule, margin: f64) -> Needed {
    const MOST: usize = 1 << 20;
    let paper = 1.0 / rule.rounds as f64;
    // Per round: our own variance, and what the missed round adds at its share of 1/(N + 1).
    let per_round = |error: f64| error * error / (paper + 1.0 / rounds as f64);
    let own = per_round(envelope.own_error);
    let missed = (per_round(envelope.error) - own).max(0.0);
    let shift = (envelope.mean - envelope.centre).abs();
    let reach = |n: usize| {
        let share = (rounds + 1) as f64 / (n + 1) as f64;
        let error = ((own + missed * share) * (paper + 1.0 / n as f64)).sqrt();
        shift * share + special::t_quantile(0.95, (n - 1) as f64) * error
    };
    if reach(MOST) > margin {
        return Needed::Never(reach(MOST));
    }
    // The reach falls with the rounds: the first that is short enough, by bisection.
    let (mut low, mut high) = (LEAST_ROUNDS - 1, MOST);
    while high - low > 1 {
        let middle = usize::midpoint(low, high);
        if reach(middle) > margin {
            low = middle;
        } else {
            high = middle;
        }
    }
    Needed::Rounds(high)
}

/// Gives every number and every row its word, with p-values adjusted by Holm over all numbers.
pub fn decide(rows: &mut [RowVerdict], rule: &Rule) {
    let p: Vec<f64> =
        rows.iter().flat_map(|r| &r.cells).filter_map(|c| Some(c.envelope.as_ref()?.p)).collect();
    let mut adjusted = stats::holm(&p).into_iter();
    for row in rows {
        let (rounds, planned) = (row.rounds, row.planned);
        for cell in &mut row.cells {
            cell.p_holm = cell.envelope.as_ref().and_then(|_| adjusted.next());
            (cell.word, cell.reason) = judge(cell, rounds, planned, rule);
        }
        (row.word, row.reason) = judge_row(row);
    }
}

fn judge(cell: &NumberVerdict, rounds: usize, planned: usize, rule: &Rule) -> (Word, String) {
    let (Some(envelope), Some(p)) = (&cell.envelope, cell.p_holm) else {
        let reason = match (rounds, cell.ours) {
            (1, Some(_)) => "one round says nothing of how rounds spread".to_owned(),
            (1, None) => "one finished round has no such statistic".to_owned(),
            _ => format!("{rounds} finished rounds have no such statistic"),
        };
        return (Word::Undecidable, reason);
    };
    if rounds < LEAST_ROUNDS {
        return (Word::Undecidable, format!("{rounds} rounds; {LEAST_ROUNDS} are the least that decide"));
    }
    let [low, high] = envelope.interval;
    let place = format!("{} rounds like ours give {low:.2} to {high:.2}", rule.rounds);
    if p < DOUBTFUL_BELOW {
        let word = if p < REFUTED_BELOW { Word::NotReplicated } else { Word::Undecidable };
        return (word, format!("{place}; {} after Holm", p_is(p)));
    }
    let half = special::t_quantile(0.95, (rounds - 1) as f64) * envelope.error;
    let apart = (cell.claim.value - envelope.centre).abs();
    let margin = rule.margin_of(&cell.claim);
    let place = format!(
        "{place}, around {:.2}; {apart:.2} ± {half:.2} from there (90 %), margin {margin:.2}",
        envelope.centre
    );
    if rounds < planned {
        return (Word::Consistent, format!("{place}; {} of {planned} rounds are missing", planned - rounds));
    }
    if apart + half <= margin {
        return (Word::Replicated, place);
    }
    let more = match cell.needed {
        Some(Needed::Rounds(n)) if n > rounds => {
            format!("; by these rounds, {n} of ours would decide if they are equal")
        }
        Some(Needed::Never(best)) => {
            format!("; no number of rounds of ours can decide: the paper's own leave ± {best:.2}")
        }
        _ => String::new(),
    };
    (Word::Consistent, place + &more)
}

fn judge_row(row: &RowVerdict) -> (Word, String) {
    let names = |word: Word| {
        let of: Vec<&str> =
            row.cells.iter().filter(|c| c.word == word).map(|c| c.claim.statistic.word()).collect();
        of.join(", ")
    };
    let count = |word: Word| row.cells.iter().filter(|c| c.word == word).count();
    let (refuted, open) = (count(Word::NotReplicated), count(Word::Undecidable));
    if refuted == row.cells.len() {
        (Word::NotReplicated, "all numbers are refuted".to_owned())
    } else if refuted > 0 {
        let open = if open > 0 { format!("; open: {}", names(Word::Undecidable)) } else { String::new() };
        (Word::Partly, format!("refuted: {}{open}", names(Word::NotReplicated)))
    } else if open > 0 {
        (Word::Undecidable, format!("open: {}", names(Word::Undecidable)))
    } else if count(Word::Replicated) == row.cells.len() {
        (Word::Replicated, "all numbers came out".to_owned())
    } else {
        (Word::Consistent, format!("nothing is refuted; weak evidence: {}", names(Word::Consistent)))
    }
}

/// Shows a p-value with its relation, such as `p = 0.03`.
#[must_use]
pub fn p_is(p: f64) -> String {
    if p < 1e-4 { format!("p {}", show_p(p)) } else { format!("p = {}", show_p(p)) }
}

/// Shows a p-value with two digits; tiny ones as a bound.
#[must_use]
pub fn show_p(p: f64) -> String {
    if p < 1e-4 {
        "< 0.0001".to_owned()
    } else if p < 0.1 {
        format!("{p:.4}")
    } else {
        format!("{p:.2}")
    }
}
