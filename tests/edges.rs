//! Small things that go wrong at their edges: each case stands for a kind.

use crate::support::place::Place;

/// A spec of glyphs whose parts can be replaced.
fn spec(rest: &str) -> String {
    format!(
        "experiment: s\ndata: {{source: glyphs, pairs: {{train: 40, test: 100}}, scale: unit}}\n\
         train: {{epochs: 2, batch: 10}}\n{rest}"
    )
}

const NET: &str = "architectures: {net: {pair: [flatten, {linear: 2}]}}\n";

fn made(rest: &str) -> Place {
    let place = Place::with("");
    place.write("s.yaml", &spec(rest));
    place.run(&["run", "s.yaml", "-q"]);
    place
}

#[test]
fn a_limit_is_kept_below_it_and_not_at_it() {
    // The accuracies of the only round are whole percents: at its own value the limit is not kept.
    let claims = |limit: &str| {
        format!(
            "{NET}grid: {{architecture: [net], seed: {{count: 1}}, lr: [0.1]}}\n\
             claims: {{rounds: 10, words: [{{name: stays, below: {limit}, where: {{architecture: net}}}}]}}\n"
        )
    };
    let place = made(&claims("50"));
    let line = place.read("reports/s/verdict.csv").lines().last().unwrap().to_owned();
    let largest: f64 = line.split(',').nth(6).unwrap().parse().unwrap();
    let kept = |limit: f64| {
        place.write("s.yaml", &spec(&claims(&limit.to_string())));
        place.good(&["report", "s.yaml", "-q"]);
        place.read("reports/s/verdict.csv").contains("1 of 1 rounds keep it")
    };
    assert_eq!([kept(largest), kept(largest + 1.0), kept(largest - 1.0)], [false, true, false], "{line}");
}

#[test]
fn a_band_holds_at_its_ends_and_says_when_there_is_nothing() {
    let band = |low: f64, high: f64| format!("expect=[{{statistic: max, within: [{low}, {high}]}}]");
    let place = made(&format!("{NET}grid: {{architecture: [net], seed: {{count: 1}}, lr: [0.1]}}\n"));
    let text = place.read("results/s/runs.csv");
    let mut lines = text.lines();
    let at = lines.next().unwrap().split(',').position(|name| name == "test_accuracy").unwrap();
    let found: f64 = lines.next().unwrap().split(',').nth(at).unwrap().parse().unwrap();
    let found = (100.0 * found).round();
    for (band, code) in [(band(found, 100.0), 0), (band(0.0, found), 0), (band(found + 1.0, 100.0), 1)] {
        assert_eq!(place.run(&["check", "s.yaml", "--set", &band]).0, code, "{band}");
    }
    let std = ["check", "s.yaml", "--junit", "j.xml", "--set", "expect=[{statistic: std, within: [0, 10]}]"];
    let (code, said) = place.run(&std);
    assert!(
        code == 1 && said.contains("has no value, since no round has it or one round has no spread"),
        "{said}"
    );
    assert!(!place.read("j.xml").contains("NaN") && !said.contains("NaN"));
}

#[test]
fn rows_of_other_sets_are_told_apart_in_every_form() {
    let place = made(&format!(
        "{NET}grid: {{architecture: [net], seed: {{count: 2}}, lr: [0.1]}}\n\
         tables: {{t: {{rows: [{{split: train}}, {{split: test}}, {{name: A}}]}}, u: {{rows: [{{split: train}}]}}}}\n"
    ));
    for file in ["t.csv", "t.md", "t.tex", "index.html"] {
        let text = place.read(&format!("reports/s/{file}"));
        assert!(text.contains("net, training set") && text.contains("net, test set"), "{file}: {text}");
    }
    assert!(place.read("reports/s/u.csv").contains("net, training set"));
    assert!(place.read("reports/s/t.csv").contains("\nA,"), "a name of its own stays");
}

#[test]
fn a_missing_number_is_an_empty_cell_and_words_are_no_formula() {
    let place = made(
        "architectures: {\"=net\": {pair: [flatten, {linear: 2}]}}\n\
         grid: {architecture: [\"=net\"], seed: {count: 1}, lr: [0.1]}\ntables: {t: {rows: [{}]}}\n",
    );
    let csv = place.read("reports/s/t.csv");
    let row = csv.lines().nth(1).unwrap();
    assert!(row.starts_with("'=net,") && row.ends_with(','), "{row}");
    assert!(row.split(',').skip(3).all(|cell| cell.is_empty() || cell.parse::<f64>().is_ok()), "{row}");
    assert!(place.read("reports/s/t.md").contains('–'));
}

#[test]
fn what_is_made_of_some_runs_says_so_everywhere() {
    let place = Place::with("");
    let rest = |count: usize| {
        format!(
            "{NET}grid: {{architecture: [net], seed: {{count: {count}}}, lr: [0.1]}}\ntables: {{t: {{rows: [{{}}]}}}}\n\
             figures: {{f: {{curves: [accuracy]}}}}\n"
        )
    };
    place.write("s.yaml", &spec(&rest(2)));
    place.good(&["run", "s.yaml", "-q"]);
    place.write("s.yaml", &spec(&rest(5)));
    place.good(&["report", "s.yaml", "-q"]);
    for file in ["t.md", "t.csv", "t.tex", "tables.tex", "numbers.tex", "f.svg", "index.html"] {
        let text = place.read(&format!("reports/s/{file}"));
        assert!(text.contains("incomplete: 2 of 5 runs"), "{file}: {text}");
    }
    assert!(place.read("reports/s/f.svg").contains("mean ± std of 2 of 5 rounds"));
    let csv = place.read("reports/s/t.csv");
    assert!(csv.starts_with("row,source,rounds,mean,max,median,std,planned,note\n"), "{csv}");
    assert!(csv.contains(",2,") && csv.contains(",5,incomplete"), "{csv}");
}

#[test]
fn one_pair_has_no_interval() {
    let place = made(
        "architectures: {a: {pair: [flatten, {linear: 2}]}, b: {pair: [flatten, {linear: 3}, {linear: 2}]}}\n\
         grid: {architecture: [a, b], seed: {count: 1}, lr: [0.1]}\n\
         claims: {rounds: 10, words: [{name: o, greater: {architecture: b}, less: {architecture: a}}]}\n",
    );
    let line = place.read("reports/s/verdict.csv").lines().last().unwrap().to_owned();
    let cells: Vec<&str> = line.split(',').collect();
    assert!(
        cells[7].is_empty() && cells[8].is_empty() && line.contains("1 pair, which has no interval"),
        "{line}"
    );
}

#[test]
fn series_beyond_the_styles_are_left_out_with_a_word_and_none_look_alike() {
    let lrs: Vec<String> = (1..=30).map(|i| format!("0.{i:02}")).collect();
    let place = made(&format!(
        "{NET}grid: {{architecture: [net], seed: {{count: 1}}, lr: [{}]}}\nfigures: {{f: {{curves: [accuracy]}}}}\n",
        lrs.join(", ")
    ));
    let svg = place.read("reports/s/f.svg");
    assert!(svg.contains("6 of 30 configs are left out; choose some with `where:`"), "{svg}");
}

#[test]
fn names_with_dots_are_addressed_in_quotes() {
    let place = Place::with("");
    let net = "architectures: {net.v1: {pair: [flatten, {linear: 2}]}}\n\
               grid: {architecture: [net.v1], seed: {count: 1}, lr: [0.1]}\n";
    place.write("s.yaml", &spec(net));
    let set = |path: &str| {
        place.run(&["plan", "s.yaml", "--set", &format!("{path}=[flatten, {{linear: 4}}, {{linear: 2}}]")])
    };
    let (code, said) = set("architectures.\"net.v1\".pair");
    assert!(code == 0 && said.contains("1582"), "{said}");
    assert!(set("architectures.net.v1.pair").1.contains("1582"), "a name that is there needs no quotes");
    let (code, said) = set("architectures.net.v2.pair");
    assert!(code == 2 && said.contains("a name with a dot stands in quotes"), "{said}");
    let deep = format!("a{}", ".a".repeat(100));
    let (code, said) = place.run(&["plan", "s.yaml", "--set", &format!("{deep}=1")]);
    assert!(code == 2 && said.contains("more than 64 parts"), "{said}");
}

#[test]
fn wide_letters_keep_columns_under_each_other() {
    let place = made(
        "architectures: {网络: {pair: [flatten, {linear: 2}]}, ab: {pair: [flatten, {linear: 3}, {linear: 2}]}}\n\
         grid: {architecture: [网络, ab], seed: {count: 1}, lr: [0.1]}\ntables: {t: {rows: [{}]}}\nfigures: {f: {dots: {metric: accuracy, split: test}}}\n",
    );
    let said = place.good(&["report", "s.yaml"]);
    assert!(
        said.contains("\n网络  comparison over rounds") && said.contains("\nab    comparison over rounds"),
        "{said}"
    );
    assert!(said.contains("the figures' font lacks 络 (U+7EDC), 网 (U+7F51)"), "{said}");
}
