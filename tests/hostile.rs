//! Hostile specs: each gives an error of one screen with the line and the remedy.

use replikat::{error::Error, spec::Spec};

use crate::support::place::{Place, TINY};

const GOOD: &str = "experiment: good
data:
  source: glyphs
  pairs: {train: 20, test: 20}
train:
  epochs: 1
  batch: 10
architectures:
  net:
    pair: [flatten, {linear: 2}]
grid:
  architecture: [net]
  seed: {count: 1}
  lr: [0.1]
tables:
  t:
    rows:
      - {name: a, paper: {mean: 1, max: 2, median: 1, std: 0.5}}
";

/// What is wrong, the change to the good spec, and parts of the error: message, line, remedy.
const CASES: &[(&str, &str, &str, &[&str])] = &[
    (
        "an address that would run a script",
        "train:\n",
        "paper: {title: T, url: \"javascript:alert(1)\"}\ntrain:\n",
        &["no address that a page may lead to", ":5:", "write `https://"],
    ),
    ("unknown key", "epochs: 1", "epoks: 1", &["unknown key `epoks`", ":6:3", "did you mean `epochs`?"]),
    ("missing key", "  batch: 10\n", "", &["`batch` is missing", ":6:3", "add `batch:`"]),
    ("duplicate key", "epochs: 1", "epochs: 1\n  epochs: 2", &["duplicate", ":7:3", "keep one"]),
    (
        "wrong type",
        "epochs: 1",
        "epochs: many",
        &["train.epochs: expected an integer, found a text", ":6:11"],
    ),
    ("not an integer", "epochs: 1", "epochs: 1.5", &["expected an integer", ":6:11"]),
    ("NaN", "lr: [0.1]", "lr: [.nan]", &["grid.lr[0]: NaN is not", ":14:8", "above 1e-30"]),
    ("infinity", "lr: [0.1]", "lr: [.inf]", &["grid.lr[0]: inf is not", ":14:8", "above 1e-30"]),
    ("negative lr", "lr: [0.1]", "lr: [0.1, -1e-3]", &["grid.lr[1]: -1e-3 is not", ":14:13", "above 1e-30"]),
    (
        "dropout of 1",
        "lr: [0.1]",
        "lr: [0.1]\n  dropout: [1.0]",
        &["grid.dropout[0]: 1.0 is not in [0, 1)", ":15:13"],
    ),
    ("empty axis", "lr: [0.1]", "lr: []", &["at least one value", ":14:7", "give one value"]),
    ("value twice", "lr: [0.1]", "lr: [0.1, 1e-1]", &["grid.lr[1]: this value is there twice", ":14:13"]),
    (
        "grid of 10^12",
        "{count: 1}",
        "{count: 1000000000000}",
        &["1000000000000 runs", "the limit is 1000000", "shorten an axis"],
    ),
    (
        "overflowing grid",
        "{count: 1}\n  lr: [0.1]",
        "{count: 18446744073709551615}\n  lr: [0.1, 0.2]",
        &["more than 10^19 runs"],
    ),
    (
        "seed beyond u64",
        "{count: 1}",
        "{from: 18446744073709551616, count: 1}",
        &["18446744073709551616 is not from", ":13:16"],
    ),
    (
        "seeds run over",
        "{count: 1}",
        "{from: 18446744073709551615, count: 2}",
        &["exceed 2^64", "smaller seed"],
    ),
    (
        "path as name",
        "experiment: good",
        "experiment: ../evil",
        &["cannot be a name", ":1:13", "letters a to z and A to Z, digits"],
    ),
    ("absolute name", "  t:\n", "  /etc/passwd:\n", &["cannot be a name", ":16:3"]),
    ("unknown architecture", "[net]", "[nett]", &["no architecture `nett`", ":12:18", "did you mean `net`?"]),
    (
        "unknown layer",
        "flatten,",
        "flaten,",
        &["unknown layer `flaten`", ":10:12", "did you mean `flatten`?"],
    ),
    (
        "conv on 1×1",
        "[flatten, ",
        "[flatten, {conv: 3}, ",
        &["3×3 convolution does not fit its input, 392×1×1", ":10:"],
    ),
    ("linear on a map", "[flatten, ", "[", &["needs a vector", "put `- flatten` before it"]),
    ("wrong scores", "{linear: 2}", "{linear: 3}", &["must give 2 scores", "end with `- linear: 2`"]),
    (
        "nothing to train",
        "[flatten, {linear: 2}]",
        "[{max-pool: 14}, flatten]",
        &["it has no weights to train", ":10:5"],
    ),
    (
        "huge layer",
        "{linear: 2}",
        "{linear: 1000000}, {linear: 2}",
        &["is too large", "at most 16777216 weights"],
    ),
    (
        "no as a boolean",
        "batch: 10",
        "batch: 10\n  shuffle: no",
        &["expected true or false, found a text", ":8:12", "write `true` or `false`"],
    ),
    (
        "missing paper row",
        "std: 0.5}}",
        "std: 0.5}}\n      - {name: b}",
        &["`b` has no `paper:`", ":19:9", "make a second table"],
    ),
    (
        "empty paper row",
        "mean: 1, max: 2, median: 1, std: 0.5",
        "decimals: 2",
        &["the paper's row has no number", ":18:", "such as `{mean: 71.75}`"],
    ),
    (
        "claims without rounds",
        "tables:\n",
        "claims: {margin: 3}\ntables:\n",
        &["`rounds` is missing", ":15:9"],
    ),
    (
        "a margin of nothing",
        "tables:\n",
        "claims: {rounds: 10, margin: 0}\ntables:\n",
        &["claims.margin: 0 is not in percentage points", ":15:30"],
    ),
    (
        "a claim about nothing",
        "tables:\n",
        "claims: {rounds: 10, words: [{name: x, greater: {}}]}\ntables:\n",
        &["orders two configs or sets one a limit", ":15:30", "write `greater:"],
    ),
    (
        "an ordering of several configs",
        "lr: [0.1]\n",
        "lr: [0.1, 0.2]\nclaims: {rounds: 10, words: [{name: x, greater: {lr: 0.1}, less: {}}]}\n",
        &["2 configs of the grid are like this", ":15:66", "name one by"],
    ),
    (
        "a limit as a fraction",
        "tables:\n",
        "claims: {rounds: 10, words: [{name: x, where: {}, below: 0.85}]}\ntables:\n",
        &["0.85 looks like a fraction", "write `below: 85`"],
    ),
    (
        "a setting without a source",
        "tables:\n",
        "ledger: {data: {paper: x}, train: {code: y}, architectures: {assumed: z}}\ntables:\n",
        &["ledger: `grid.lr` has no entry", ":15:9", "add `grid.lr: {paper:"],
    ),
    (
        "a source of no setting",
        "tables:\n",
        "ledger: {data: {paper: x}, train.bach: {code: y}, train: {code: y}, architectures: {assumed: z}, grid: {paper: x}}\ntables:\n",
        &["`train.bach` is no setting", "did you mean `train.batch`?"],
    ),
    (
        "two sources",
        "tables:\n",
        "ledger: {data: {paper: x, code: y}, train: {code: y}, architectures: {assumed: z}, grid: {paper: x}}\ntables:\n",
        &["an entry has one of `paper:`, `code:` and `assumed:`"],
    ),
    (
        "not YAML",
        "pairs: {train",
        "pairs: {{train",
        &["this `{` is not closed", ":4:10", "put `}` where the map ends"],
    ),
    ("empty", "", "", &["begin with `experiment: NAME`"]),
];

fn message(text: &str) -> String {
    match Spec::parse("spec.yaml", text, &[]) {
        Err(Error::Spec(faults)) => faults.render(false),
        other => panic!("expected faults, got {other:?}\n{text}"),
    }
}

#[test]
fn characters_that_turn_a_line_are_refused_wherever_they_stand() {
    let place = Place::with(TINY);
    for (from, to) in [
        ("caption: Tiny", "caption: \"a\u{202e}b\""),
        ("caption: Tiny", "caption: \"a\\u202Eb\""),
        ("experiment: tiny", "experiment: tiny # \u{2066}"),
        ("  one: {pair", "  \"one\\u2067\": {pair"),
    ] {
        place.write("tiny.yaml", &TINY.replacen(from, to, 1));
        let (code, said) = place.run(&["plan", "tiny.yaml"]);
        assert!(code == 2 && said.contains("turns the direction of a line"), "{to}: {said}");
        assert!(!said.chars().any(replikat::text::turns), "{to}: {said}");
    }
    let (code, said) = place.run(&["plan", "tiny.yaml", "--set", "experiment=\u{202e}a"]);
    assert!(code == 2 && !said.chars().any(replikat::text::turns), "{said}");
}

#[test]
fn the_good_spec_is_good() {
    Spec::parse("spec.yaml", GOOD, &[]).unwrap_or_else(|e| panic!("{e}"));
}

#[test]
fn each_fault_has_its_line_and_remedy_on_one_screen() {
    for (what, from, to, parts) in CASES {
        assert!(GOOD.contains(from), "{what}: the good spec has no `{from}`");
        let text = if from.is_empty() { String::new() } else { GOOD.replace(from, to) };
        let message = message(&text);
        for part in *parts {
            assert!(message.contains(part), "{what}: no `{part}` in\n{message}");
        }
        assert!(message.lines().count() <= 24, "{what}: {} lines\n{message}", message.lines().count());
    }
}

#[test]
fn bombs_are_refused() {
    let mut aliases = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for i in 1..12 {
        let item = format!("*a{}", i - 1);
        aliases += &format!("a{i}: &a{i} [{}]\n", vec![item; 10].join(", "));
    }
    let deep = format!("experiment: {}x{}", "[".repeat(100_000), "]".repeat(100_000));
    let wide = format!("experiment: {}", "x".repeat(2 << 20));
    for (what, text) in [("aliases", aliases), ("depth", deep), ("size", wide)] {
        let message = message(&text);
        assert!(message.lines().count() <= 24 && message.len() < 4000, "{what}: {message}");
        let remedy = if what == "size" { "is this the right file?" } else { "a spec is small" };
        assert!(message.contains(remedy), "{what}: no remedy in\n{message}");
    }
}

#[test]
fn all_faults_are_reported_at_once() {
    let text = GOOD.replace("epochs: 1", "epochs: 0").replace("[0.1]", "[-1]").replace("glyphs", "mnst");
    let message = message(&text);
    for part in ["train.epochs: 0 is not from", "grid.lr[0]: -1 is not", "unknown value `mnst`"] {
        assert!(message.contains(part), "no `{part}` in\n{message}");
    }
}

#[test]
fn a_bad_override_is_shown_as_it_was_typed() {
    let overrides = ["grid.lr=[0.5, -2]".to_owned()];
    let error = Spec::parse("spec.yaml", GOOD, &overrides).unwrap_err().to_string();
    assert!(error.contains("command line:1:21") && error.contains("--set grid.lr=[0.5, -2]"), "{error}");
    for (text, part) in [
        ("grid.lr", "has no `=`"),
        ("experiment.x=1", "`experiment` is no map, but a text"),
        ("x=[", "this `[` is not closed"),
        (&format!("a{}=1", ".a".repeat(100)), "more than 64 parts"),
    ] {
        let error = Spec::parse("spec.yaml", GOOD, &[text.to_owned()]).unwrap_err().to_string();
        assert!(error.contains(part) && error.contains("--set"), "{error}");
    }
}
