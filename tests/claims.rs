//! Claims as the paper's spec has them, and what its numbers say about themselves.

use replikat::{
    data::{glyphs, mnist},
    plan::Plan,
    report::table,
    results::{Curve, Rounds},
    spec::{Basis, Over, Reading, Spec, Split, settings},
    stats::forensic::{possible, smallest},
    task::digit_pairs,
    verdict::{
        self, Verdicts, Word,
        forensic::{Check, inspect},
    },
};

fn paper() -> (Spec, Plan) {
    let text =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/experiments/paper.yaml")).unwrap();
    let spec = Spec::parse("paper.yaml", &text, &[]).unwrap_or_else(|e| panic!("{e}"));
    let plan = Plan::expand(&spec, mnist::SOURCE.id());
    (spec, plan)
}

#[test]
fn every_printed_number_of_the_paper_is_a_claim() {
    let (spec, plan) = paper();
    let rows = verdict::rows(&spec, &plan);
    let printed: Vec<String> = rows.iter().flat_map(|r| &r.cells).map(verdict::Claim::printed).collect();
    let expected =
        "80.52 90.12 82.34 8.66 71.75 76.42 73.43 5.19 81.63 90.34 84.81 13.73 77.67 85.68 80.29 13.59";
    assert_eq!(printed.join(" "), expected);
    let table2 = Reading { metric: digit_pairs::DIGIT_ACCURACY, over: Over::Epochs };
    assert_eq!((rows[2].reading, rows[2].others.len()), (table2, 3));
    assert_eq!(rows[3].name, "table2, Testing");
}

#[test]
fn decimals_are_those_of_the_row_or_of_the_spec() {
    let text =
        "experiment: x\ndata: {source: glyphs, pairs: {train: 10, test: 10}}\ntrain: {epochs: 1, batch: 10}
architectures: {net: {pair: [flatten, {linear: 2}]}}
grid: {architecture: [net], lr: [0.1]}
tables:
  t:
    rows:
      - {name: a, paper: {mean: 70.10, max: 71.25, median: 70, std: 1.5}}
      - {name: b, paper: {mean: 70.10, max: 71.20, median: 70, std: 1.5, decimals: 2}}
      - {name: c, paper: {mean: 70, max: 71, median: 70, std: 1}}
      - {name: d, paper: {mean: 70.00, max: 71.00, median: 70.0, std: 7.20}}";
    let spec = Spec::parse("x.yaml", text, &[]).unwrap_or_else(|e| panic!("{e}"));
    let rows = verdict::rows(&spec, &Plan::expand(&spec, glyphs::SOURCE.id()));
    let shown =
        |row: usize| rows[row].cells.iter().map(verdict::Claim::printed).collect::<Vec<_>>().join(" ");
    assert_eq!(
        [shown(0), shown(1), shown(2), shown(3)],
        ["70.10 71.25 70.00 1.50", "70.10 71.20 70.00 1.50", "70 71 70 1", "70.00 71.00 70.00 7.20"]
    );
    assert!((rows[0].cells[0].half_unit() - 0.005).abs() < 1e-15 && rows[2].cells[0].half_unit() == 0.5);
}

#[test]
fn the_ledger_covers_every_setting_and_counts_what_is_assumed() {
    let (spec, _) = paper();
    let paths: Vec<String> = settings(&spec.grid).into_iter().map(|s| s.path).collect();
    let covered: Vec<String> = spec.ledger.iter().map(|e| e.setting.path.clone()).collect();
    assert_eq!(paths, covered);
    let basis = |path: &str| spec.ledger.iter().find(|e| e.setting.path == path).map(|e| e.basis);
    assert_eq!(basis("train.optimizer.sgd.momentum"), Some(Basis::Code));
    assert_eq!(basis("architectures.net2.share"), Some(Basis::Paper));
    assert_eq!(basis("architectures.net1.pair"), Some(Basis::Assumed));
}

#[test]
fn no_thousand_pairs_give_76_42() {
    assert!(!possible(76.42, 0.005, 1000.0));
    assert!(!possible(85.68, 0.005, 2000.0));
    assert!(possible(76.42, 0.005, 10_000.0));
    assert!(possible(76.4, 0.05, 1000.0));
    // A half is rounded either way: 1/8 is 12.5 % is 12 or 13.
    assert!(possible(12.0, 0.5, 8.0) && possible(13.0, 0.5, 8.0));
}

#[test]
fn a_mean_a_maximum_a_median_and_a_spread_imply_the_smallest_value() {
    // Net2, testing, read over rounds: near 40 %. Net1's spread asks for no such round.
    let [low, high] = smallest(10, [77.67, 85.68, 80.29, 13.59], 0.005).unwrap();
    assert!((39.0..40.0).contains(&low) && (40.5..41.5).contains(&high), "{low} {high}");
    let [low, high] = smallest(10, [71.75, 76.42, 73.43, 5.19], 0.005).unwrap();
    assert!((57.0..58.0).contains(&low) && (65.0..65.6).contains(&high), "{low} {high}");
    // The range holds the true smallest value of known numbers, even and odd.
    for values in [vec![50.0, 60.0, 62.0, 64.0, 65.0, 70.0], vec![40.0, 41.0, 42.0, 43.0, 44.0, 60.0, 61.0]] {
        let s = replikat::stats::summarize(&values).unwrap();
        let [low, high] = smallest(s.n, [s.mean, s.max, s.median, s.std], 0.005).unwrap();
        assert!(low - 0.1 <= s.min && s.min <= high + 0.1, "{values:?}: {low} to {high}");
    }
    // Printed without decimals, the four numbers are those of 52.5, 58.0, 60.4, 70.4 too.
    let [low, high] = smallest(4, [60.0, 70.0, 59.0, 7.0], 0.5).unwrap();
    assert!(low <= 52.0 && 52.5 <= high, "{low} to {high}");
    // Nine of ten values at the maximum do not have this mean and spread.
    assert_eq!(smallest(10, [80.0, 81.0, 80.9, 20.0], 0.005), None);
}

#[test]
fn the_papers_numbers_are_inspected_in_every_reading() {
    let (spec, plan) = paper();
    let found = inspect(&plan, &verdict::rows(&spec, &plan), spec.claims.as_ref().unwrap());
    let granular = |over| {
        let mut of = found.iter().filter(|f| f.check == Check::Granularity && f.reading.over == over);
        (of.clone().count(), of.all(|f| f.holds))
    };
    // Six readings of two rows each: none over rounds is possible, all over epochs are.
    assert_eq!(granular(Over::Epochs), (6, true));
    assert_eq!(granular(Over::Rounds).0, 6);
    assert!(found.iter().all(|f| f.holds || f.check != Check::Smallest));
    assert!(
        found
            .iter()
            .filter(|f| f.check == Check::Granularity && f.reading.over == Over::Rounds)
            .all(|f| !f.holds)
    );
    let ordering = found.iter().find(|f| f.check == Check::Ordering).unwrap();
    assert!(
        !ordering.holds && ordering.text.contains("+5.92") && ordering.text.contains("p = 0.22"),
        "{}",
        ordering.text
    );
    let net1 = found.iter().find(|f| f.subject == "table1, Testing" && !f.holds).unwrap();
    assert!(net1.text.contains("max 76.42 is no multiple of 0.1 %"), "{}", net1.text);
}

/// Judges a spec with two rows of the paper by eight rounds that lie around 70 %.
fn judged(papers: [&str; 2]) -> (Spec, Plan, Vec<Rounds>, Verdicts) {
    let [a, b] = papers;
    let text = format!(
        "experiment: x\ndata: {{source: mnist, pairs: {{train: 1000, test: 1000}}}}\ntrain: {{epochs: 3, batch: 10}}
architectures: {{net: {{pair: [flatten, {{linear: 2}}]}}}}
grid: {{architecture: [net], lr: [0.1], seed: {{count: 8}}}}
claims: {{rounds: 5}}
tables:
  t:
    readings: [{{over: rounds}}, {{over: epochs}}]
    rows: [{{name: a, paper: {a}}}, {{name: b, split: train, paper: {b}}}]"
    );
    let spec = Spec::parse("x.yaml", &text, &[]).unwrap_or_else(|e| panic!("{e}"));
    let plan = Plan::expand(&spec, mnist::SOURCE.id());
    let of = |shift: f64| Curve {
        epochs: vec![1, 2, 3],
        rounds: (0..8).map(|i| vec![0.5, 0.6, 0.70 + shift + f64::from(i) / 1000.0]).collect(),
    };
    let curves = [(Split::Test, of(0.0)), (Split::Train, of(0.1))];
    let curves = curves.map(|(split, curve)| ((split, digit_pairs::ACCURACY), curve)).into();
    let rounds = vec![Rounds { planned: 8, seeds: (0..8).collect(), curves, ..Rounds::default() }];
    let verdicts = verdict::judge(&spec, &plan, &rounds).unwrap();
    (spec, plan, rounds, verdicts)
}

#[test]
fn a_paper_may_print_any_of_its_numbers() {
    let (spec, plan, rounds, verdicts) = judged(["{mean: 70.5}", "{min: 80, std: 0.3}"]);
    let words = |verdicts: &Verdicts| {
        let cells = verdicts.rows.iter().flat_map(|row| &row.cells);
        cells.map(|c| (c.claim.statistic.word(), c.claim.printed(), c.word)).collect::<Vec<_>>()
    };
    let word = |found: &[(&str, String, Word)], i: usize| (found[i].0.to_owned(), found[i].1.clone());
    let found = words(&verdicts);
    assert_eq!(found.len(), 3, "what is not printed is not judged: {found:?}");
    assert_eq!(word(&found, 0), ("mean".into(), "70.5".into()));
    assert_eq!(word(&found, 1), ("std".into(), "0.3".into()));
    assert_eq!(word(&found, 2), ("min".into(), "80.0".into()));
    assert!(found.iter().all(|(.., word)| *word != Word::NotReplicated), "{found:?}");
    assert!((verdicts.rows[0].cells[0].ours.unwrap() - 70.35).abs() < 1e-9);
    assert!((verdicts.rows[1].cells[1].ours.unwrap() - 80.0).abs() < 1e-9);
    // One number alone is judged as it is among others; a tail is not known from eight rounds.
    for (paper, expected) in [
        ("{mean: 90.5}", Word::NotReplicated),
        ("{median: 30.2}", Word::NotReplicated),
        ("{max: 99}", Word::Consistent),
        ("{min: 10}", Word::Consistent),
    ] {
        let (.., verdicts) = judged([paper, "{mean: 80.4}"]);
        assert_eq!(words(&verdicts)[0].2, expected, "{paper}");
        assert_eq!(verdicts.rows[0].word, expected, "{paper}");
    }
    // The table shows the four statistics, and the minimum since a row prints it.
    let csv = table::build(&spec.tables["t"], &plan, &rounds, None).csv();
    let mut lines = csv.lines();
    assert_eq!(lines.next(), Some("row,source,rounds,mean,max,median,std,min"));
    assert_eq!(lines.next(), Some("a,paper,,70.5,,,,"));
    assert!(csv.contains("\nb,paper,,,,,0.3,80.0\n"), "{csv}");
    // Too little is printed for the smallest value; what is printed is looked at.
    let checks: Vec<Check> = verdicts.forensics.iter().map(|f| f.check).collect();
    assert!(checks.contains(&Check::Granularity) && !checks.contains(&Check::Smallest), "{checks:?}");
}
