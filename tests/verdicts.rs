//! Verdicts on synthetic truths, where the right answer is known.

use std::collections::BTreeMap;

use replikat::{
    random::{Stream, stream},
    spec::{Over, Reading, Split, Statistic, Where, Words, WordsKind},
    stats::{self, Choice, Matrix, Of, Subsets, special},
    task::digit_pairs,
    verdict::{
        Claim, ClaimRow, Envelope, Finding, Needed, NumberVerdict, RowVerdict, Rule, Word, WordsVerdict,
        envelope::largest_p, number, words,
    },
};

/// A paper's model: what a round's accuracy is, in percent.
#[derive(Clone, Copy)]
enum Model {
    /// Normal with mean and standard deviation.
    Normal(f64, f64),
    /// Normal, but a share of the rounds never learns and stays near 54 %.
    Collapsing(f64, f64, f64),
}

impl Model {
    fn draw(self, random: &mut Stream) -> f64 {
        let (mean, std) = match self {
            Self::Collapsing(_, _, share) if random.unit_f64() < share => (54.0, 1.0),
            Self::Normal(mean, std) | Self::Collapsing(mean, std, _) => (mean, std),
        };
        mean + std * special::normal_quantile(random.unit_f64().max(1e-300))
    }

    fn rounds(self, n: usize, shift: f64, random: &mut Stream) -> Vec<f64> {
        (0..n).map(|_| self.draw(random) + shift).collect()
    }
}

/// Net1 and Net2 on the test set, as the paper's tables have them, and rounds as ours: one in ten of Net1's collapses.
const NET1: Model = Model::Normal(71.75, 5.19);
const NET2: Model = Model::Normal(77.67, 13.59);
const COLLAPSING: Model = Model::Collapsing(76.2, 1.5, 0.1);

/// Fewer draws than the program's, so that a thousand simulations take seconds; Student's t decides far out.
const DRAWS: usize = 1_000;

const READING: Reading = Reading { metric: digit_pairs::ACCURACY, over: Over::Rounds };

fn row_of(cells: Vec<Claim>) -> ClaimRow {
    let (name, others) = ("row".to_owned(), Vec::new());
    ClaimRow { name, table: "t".into(), config: 0, split: Split::Test, reading: READING, others, cells }
}

/// Returns rounds of two epochs; every round begins by guessing.
fn matrix(ours: &[f64]) -> Matrix {
    ours.iter().map(|v| vec![0.54, v / 100.0]).collect()
}

fn measured(row: &ClaimRow, ours: &[f64], planned: usize, rule: Rule, intervals: bool) -> RowVerdict {
    let subsets = Subsets::choose(ours.len(), rule.rounds, rule.draws);
    number::measure(row, Some((&matrix(ours), &subsets)), planned, &rule, intervals)
}

/// Prints a paper's row of ten rounds and judges it by `ours`; returns the words of mean, max, median and std.
fn judged(paper: &[f64], ours: &[f64]) -> [Word; 4] {
    let printed = stats::summarize(paper).unwrap();
    let cell =
        |statistic, value: f64| Claim { statistic, value: (value * 100.0).round() / 100.0, decimals: 2 };
    let cells = vec![
        cell(Statistic::Mean, printed.mean),
        cell(Statistic::Max, printed.max),
        cell(Statistic::Median, printed.median),
        cell(Statistic::Std, printed.std),
    ];
    let rule = Rule { rounds: paper.len(), margin: 5.0, draws: DRAWS };
    let mut rows = [measured(&row_of(cells), ours, ours.len(), rule, false)];
    number::decide(&mut rows, &rule);
    let [row] = rows;
    std::array::from_fn(|i| row.cells[i].word)
}

/// Judges 1,000 papers of ten rounds by `n` rounds of ours; the paper's model is ours but for a shift. Returns the
/// share of papers of which a number is refuted, and of those whose mean is.
fn refuted(name: &str, model: Model, n: usize, shift: f64) -> (f64, f64) {
    let (mut any, mut mean) = (0, 0);
    for i in 0..1000 {
        let mut random = stream(i, name);
        let paper = model.rounds(10, 0.0, &mut random);
        let words = judged(&paper, &model.rounds(n, shift, &mut random));
        any += usize::from(words.contains(&Word::NotReplicated));
        mean += usize::from(words[0] == Word::NotReplicated);
    }
    (any as f64 / 1000.0, mean as f64 / 1000.0)
}

#[test]
fn what_is_true_is_refuted_in_at_most_two_of_a_hundred_papers() {
    for (name, model) in [("net1", NET1), ("net2", NET2), ("collapsing", COLLAPSING)] {
        for n in [10, 100] {
            let (any, _) = refuted(name, model, n, 0.0);
            assert!(any <= 0.02, "{name}, {n} rounds of ours: {any} of the true papers are refuted");
        }
    }
}

/// Net1's spread of 5.19 suffices with 100 rounds of ours; with 10 it does not. Net2's spread of 13.59 does not suffice with
/// any number: ten rounds of the paper leave a standard error of 4.3, so a shift of 10 is seldom beyond doubt.
#[test]
fn a_shift_of_ten_points_is_found_where_the_spread_allows_it() {
    for (name, model, n, shift, least, most) in [
        ("net1", NET1, 100, 10.0, 0.95, 1.0),
        ("net1", NET1, 100, -10.0, 0.95, 1.0),
        ("net1", NET1, 10, -10.0, 0.3, 0.9),
        ("net2", NET2, 100, 10.0, 0.05, 0.5),
    ] {
        let (_, mean) = refuted(name, model, n, shift);
        assert!((least..=most).contains(&mean), "{name}, {n} rounds of ours, shift {shift}: {mean} found");
    }
}

/// Returns what is said about the mean of a paper that prints these values' mean, and how many rounds would decide.
fn mean_verdict(paper: &[f64], ours: &[f64], planned: usize) -> NumberVerdict {
    let cell = Claim { statistic: Statistic::Mean, value: stats::mean(paper), decimals: 2 };
    let row = row_of(vec![cell]);
    let rule = Rule { rounds: paper.len(), margin: 5.0, draws: DRAWS };
    let mut rows = [measured(&row, ours, planned, rule, true)];
    number::decide(&mut rows, &rule);
    rows[0].cells[0].clone()
}

#[test]
fn few_rounds_say_how_many_would_decide_and_great_spread_that_none_would() {
    let mut random = stream(0, "needed");
    let (paper, ours) = (NET1.rounds(10, 0.0, &mut random), NET1.rounds(10, 0.0, &mut random));
    let few = mean_verdict(&paper, &ours, 10);
    let Some(Needed::Rounds(n)) = few.needed else { panic!("{few:?}") };
    assert!((11..60).contains(&n) && few.word == Word::Consistent, "{few:?}");
    assert!(
        few.reason.contains(&format!("by these rounds, {n} of ours would decide if they are equal")),
        "{}",
        few.reason
    );
    let (paper, ours) = (NET2.rounds(10, 0.0, &mut random), NET2.rounds(100, 0.0, &mut random));
    let wide = mean_verdict(&paper, &ours, 100);
    // 1.645 · 13.59 / √10 = 7.1.
    assert!(matches!(wide.needed, Some(Needed::Never(best)) if (5.0..9.0).contains(&best)), "{wide:?}");
    assert!(wide.reason.contains("no number of rounds of ours can decide"), "{}", wide.reason);
}

#[test]
fn missing_rounds_and_too_few_rounds_cap_the_word() {
    let mut random = stream(1, "missing");
    let (paper, ours) = (NET1.rounds(10, 0.0, &mut random), NET1.rounds(400, 0.0, &mut random));
    assert_eq!(mean_verdict(&paper, &ours, 400).word, Word::Replicated);
    let missing = mean_verdict(&paper, &ours, 401);
    assert_eq!(missing.word, Word::Consistent);
    assert!(missing.reason.contains("1 of 401 rounds are missing"), "{}", missing.reason);
    let few = mean_verdict(&paper, &ours[..4], 4);
    assert_eq!(few.word, Word::Undecidable);
    assert!(few.reason.contains("4 rounds; 5 are the least"), "{}", few.reason);
}

#[test]
fn a_row_is_what_its_numbers_are() {
    let mut random = stream(2, "row");
    let ours = NET1.rounds(100, 0.0, &mut random);
    let row = |std: f64, mean: f64| {
        let cell = |statistic, value| Claim { statistic, value, decimals: 2 };
        let cells = vec![cell(Statistic::Mean, mean), cell(Statistic::Std, std)];
        let rule = Rule { rounds: 10, margin: 5.0, draws: DRAWS };
        let mut rows = [measured(&row_of(cells), &ours, 100, rule, false)];
        number::decide(&mut rows, &rule);
        (rows[0].word, rows[0].reason.clone())
    };
    assert_eq!(row(5.19, 71.75).0, Word::Replicated);
    assert_eq!(row(30.0, 71.75), (Word::Partly, "refuted: std".to_owned()));
    assert_eq!(row(30.0, 40.0).0, Word::NotReplicated);
}

/// Returns the word about one ordering.
fn ordering(a: &[(u64, f64)], b: &[(u64, f64)]) -> Word {
    let claim = Words {
        name: "A > B".into(),
        split: Split::Test,
        metric: digit_pairs::ACCURACY,
        kind: WordsKind::Ordering { greater: Where::default(), less: Where::default() },
    };
    let finding = words::compare(a, b, 100).map(Finding::Ordering);
    let reason = String::new();
    let mut verdict = [WordsVerdict { claim, finding, missing: 0, word: Word::Undecidable, reason }];
    words::decide(&mut verdict, 10);
    verdict[0].word
}

#[test]
fn an_ordering_of_constants_is_decided() {
    let constant = |n: u64, v: f64| (0..n).map(|seed| (seed, v)).collect::<Vec<_>>();
    // Five pairs can have no p-value below 1/16, six can.
    for (n, a, b, word) in [
        (5, 80.0, 70.0, Word::Consistent),
        (6, 80.0, 70.0, Word::Replicated),
        (8, 70.0, 80.0, Word::NotReplicated),
        (10, 80.1, 80.1, Word::Undecidable),
    ] {
        assert_eq!(ordering(&constant(n, a), &constant(n, b)), word, "{n} pairs of {a} and {b}");
    }
}

/// Returns what is said about 1,000 orderings of `n` pairs whose true difference is `shift`.
fn ordered(n: u64, shift: f64) -> BTreeMap<Word, usize> {
    let mut counts = BTreeMap::new();
    for i in 0..1000 {
        let mut random = stream(i, "ordering");
        let rounds = |shift: f64, random: &mut Stream| -> Vec<(u64, f64)> {
            (0..n).map(|seed| (seed, NET1.draw(random) + shift)).collect()
        };
        let (a, b) = (rounds(shift, &mut random), rounds(0.0, &mut random));
        *counts.entry(ordering(&a, &b)).or_insert(0) += 1;
    }
    counts
}

#[test]
fn orderings_are_found_and_not_invented() {
    let count = |counts: &BTreeMap<Word, usize>, word| counts.get(&word).copied().unwrap_or(0);
    let none = ordered(10, 0.0);
    assert!(count(&none, Word::NotReplicated) <= 20, "{none:?}");
    assert!(count(&none, Word::Replicated) <= 50, "{none:?}");
    let larger = ordered(10, 10.0);
    assert!(
        count(&larger, Word::Replicated) >= 900 && count(&larger, Word::NotReplicated) == 0,
        "{larger:?}"
    );
    let smaller = ordered(20, -10.0);
    assert!(
        count(&smaller, Word::NotReplicated) >= 950 && count(&smaller, Word::Replicated) == 0,
        "{smaller:?}"
    );
}

#[test]
fn all_subsets_are_taken_if_they_are_few() {
    let accuracies = [0.5, 0.6, 0.7, 0.8];
    let matrix: Matrix = accuracies.iter().map(|v| vec![0.5, *v]).collect();
    let subsets = Subsets::choose(4, 2, 100);
    assert_eq!(subsets.choice, Choice::All);
    let found = subsets.statistics(&matrix, Of::LastEpochs, 100.0);
    // Six pairs of ours; four with the round that never learns.
    let means = |of: &[stats::Summary]| of.iter().map(|s| (s.mean * 10.0).round() as i32).collect::<Vec<_>>();
    assert_eq!((means(&found.ours), found.others.len()), (vec![550, 600, 650, 650, 700, 750], 4));
    let envelope = Envelope::of(&subsets, &found, Statistic::Mean, 65.0, 0.005).unwrap();
    assert_eq!((envelope.percentile, envelope.draws, envelope.p > 0.5), (50.0, 6, true));
    assert_eq!(Subsets::choose(3, 2, 100).choice, Choice::Replacement);
    assert_eq!(Subsets::choose(100, 10, 100).choice, Choice::Subsets);
}

#[test]
fn the_largest_of_others_is_judged_without_a_distribution() {
    // All ten above: 2 · 10!·10!/20!; none above is as likely as not.
    assert!((largest_p(10, 10, 10, 10) - 2.0 / 184_756.0).abs() < 1e-15);
    assert_eq!(largest_p(10, 10, 0, 0), 1.0);
    assert!((largest_p(10, 100, 0, 0) - 2.0 * 10.0 / 110.0).abs() < 1e-12);
}
