//! What a person is told about a mistake: where it is, what is wrong, and what to write in its place.

mod options;
mod outputs;
mod places;
mod slips;

use replikat::{error::Error, spec::Spec};

use crate::support::place::Place;

const GOOD: &str = "experiment: good
data: {source: glyphs, pairs: {train: 20, test: 20}}
train: {epochs: 1, batch: 10}
architectures:
  net: {pair: [flatten, {linear: 2}]}
grid: {architecture: [net], seed: {count: 1}, lr: [0.1]}
";

/// Words of libraries and systems, which tell a user nothing.
const INTERNAL: &[&str] = &[
    "serde",
    "saphyr",
    "Policy",
    "os error",
    "stream",
    "expected ident",
    "flow mapping",
    "block mapping",
    "indicator",
    "non-zero type",
    "stdin",
    "Utf8",
    "panicked",
    "NonZero",
    "token",
];

/// A change to the good spec, and parts of what is said: place, fault, remedy.
const SPECS: &[Row] = &[
    (
        "architectures:",
        "architecture:",
        &[":4:1", "unknown key `architecture`", "did you mean `architectures`?"],
    ),
    ("epochs: 1", "epoch: 1", &[":3:9", "unknown key `epoch`", "did you mean `epochs`?"]),
    ("batch: 10", "batch_size: 10", &[":3:20", "unknown key `batch_size`", "did you mean `batch`?"]),
    (
        "batch: 10",
        "batch: 10, momentum: 0.9",
        &[":3:31", "unknown key `momentum`", "did you mean `train.optimizer.sgd.momentum`?"],
    ),
    (
        "batch: 10",
        "batch: 10, optimizer: {adam: {lr: 1}}",
        &[":3:43", "unknown optimiser `adam`", "known here: sgd; write `optimizer: {sgd:"],
    ),
    ("batch: 10", "batch: 10, optimizer: adam", &[":3:42", "unknown value `adam`", "known here: sgd"]),
    (
        "batch: 10",
        "batch: [16, 32]",
        &[":3:27", "expected an integer, found a list", "make it an axis: `grid: {train.batch: [16, 32]}`"],
    ),
    (
        "batch: 10",
        "batch: 10, optimizer: {sgd: {momentum: [0, 0.9]}}",
        &[":3:59", "found a list", "`grid: {train.optimizer.sgd.momentum: [0, 0.9]}`"],
    ),
    (
        "source: glyphs",
        "source: [glyphs, mnist]",
        &[":2:16", "found a list", "one value stands here, and no axis"],
    ),
    (
        "batch: 10",
        "batch: \"16\"",
        &[":3:27", "expected an integer, found a text", "write it without quotes: `16`"],
    ),
    ("batch: 10", "batch:", &[":3:25", "found nothing", "write digits only, such as `10`"]),
    (
        "flatten,",
        "{dropout: 0.2}, flatten,",
        &[":5:26", "the rate of dropout does not stand in its layer", "`grid: {dropout: [0.2]}`"],
    ),
    ("flatten,", "ReLU, flatten,", &[":5:16", "unknown layer `ReLU`", "did you mean `relu`?"]),
    (
        "flatten,",
        "{max_pool: 2}, flatten,",
        &[":5:16", "unknown layer `max_pool`", "did you mean `max-pool`?"],
    ),
    ("flatten,", "{conv2d: 2}, flatten,", &[":5:16", "unknown layer `conv2d`", "did you mean `conv`?"]),
    (
        "[flatten, {linear: 2}]",
        "flatten",
        &[":5:15", "expected a list of layers, found a text", "write `[flatten, {linear: 2}]`"],
    ),
    (
        "\n  net: {pair: [flatten, {linear: 2}]}",
        " {}",
        &[
            ":4:16",
            "architectures: there is no network",
            "add one, such as `net: {pair: [flatten, {linear: 2}]}`",
        ],
    ),
    ("glyphs,", "glyphs, scale: 255,", &[":2:31", "unknown value `255`", "known here: raw, unit"]),
    (
        "seed: {count: 1}",
        "seed:",
        &[":6:33", "expected seeds, found nothing", "`{from: 0, count: 10}`, `[1, 2, 3]` or one number"],
    ),
    (
        "pairs: {train: 20, test: 20}",
        "pairs: 1000",
        &[":2:31", "expected a map, found a number", "write `pairs: {train: …, test: …"],
    ),
    ("lr: [0.1]", "lr: [0.1], dropout: [20]", &[":6:68", "20 is not in [0, 1)", "20 % is `0.2`"]),
    (
        "lr: [0.1]",
        "lr: [0.1], dropout: [10%]",
        &[":6:68", "found a text", "write it without `%`: `0.1` is 10 %"],
    ),
    (
        "lr: [0.1]",
        "lr: [0,02]",
        &[":6:52", "0 is not a number above", "numbers have a decimal point: `0.02`"],
    ),
    ("lr: [0.1]", "lr: 0,02", &[":6:53", "`02` is no setting", "numbers have a decimal point"]),
    ("lr: [0.1]", "lr: \"0,02\"", &[":6:51", "found a text", "numbers have a decimal point: `0.02`"]),
    ("lr: [0.1]", "learning_rate: [0.1]", &[":6:47", "`learning_rate` is no setting", "did you mean `lr`?"]),
    (
        "lr: [0.1]",
        "lr: 0.1, batch: [1, 2]",
        &[":6:56", "`batch` is no setting", "did you mean `train.batch`?"],
    ),
    (
        "train: {e",
        "figures: {c: {curves: [acc]}}\ntrain: {e",
        &[":3:24", "unknown value `acc`", "did you mean `accuracy`?"],
    ),
    (
        "train: {e",
        "figures: {c: {curves: [digit_accuracy]}}\ntrain: {e",
        &[":3:24", "none of these networks scores the digits", "choose `accuracy` or `loss`"],
    ),
    (
        "train: {e",
        "tables: {t: {readings: [{metric: digit_loss}], rows: [{}]}}\ntrain: {e",
        &[":3:34", "none of these networks scores the digits", "`digits: {loss_weight: 1.0}`"],
    ),
    (
        "train: {e",
        "figures:\ntrain: {e",
        &[":3:8", "figures: expected a map, found nothing", "or remove the key"],
    ),
    ("train: {epochs", "train:\n\tepochs", &[":4:2", "a tab in the indentation", "indented by spaces"]),
    (
        "epochs: 1",
        "epochs: [1",
        &[":3:17", "this `[` is not closed before the `}` in line 3", "put `]` where the list ends"],
    ),
    ("batch: 10}", "batch: 10", &[":3:8", "this `{` is not closed", "put `}` where the map ends"]),
    ("epochs: 1", "epochs: \"1", &[":3:17", "this quote is not closed", "put `\"` where the text ends"]),
    (
        "epochs: 1",
        "epochs: 1, epochs: 2",
        &[":3:20", "duplicate key `epochs`", "keep one of the two entries"],
    ),
    (
        "epochs: 1",
        "epochs: @1",
        &[":3:17", "a text cannot begin with this character", "put the text in quotes"],
    ),
    ("epochs: 1", "epochs: *e", &[":3:17", "an alias of nothing", "`&name` marks further up"]),
    ("experiment: good", "experiment: good: bad", &[":1:17", "a `:` where no key is", "stands in quotes"]),
    ("experiment: good", "  experiment: good", &[":2:1", "indented less than the first one", "first column"]),
    ("experiment: good", "experiment: Übung", &[":1:13", "`Übung` cannot be a name", "letters a to z"]),
    (
        "experiment: good",
        "common: &c {epochs: 1}\nexperiment: good",
        &[":1:1", "unknown key `common`", "begins with `x-` is for an anchor"],
    ),
    (
        "experiment: good",
        "sweep: good",
        &[":1:1", "this is a sweep of another spec", "`replikat sweep` runs it"],
    ),
    ("experiment: good", "experiment: good\n---\na: 1", &["more than one document", "remove `---`"]),
    ("experiment: good", "[a]: 1\nexperiment: good", &[":1:1", "a key that is no text", "one word"]),
    ("test: 20}}", "test: 20}}}", &[":2:53", "a bracket that closes nothing", "remove it"]),
];

/// What is typed, with the good spec as `good.yaml`, and parts of what is said.
const COMMANDS: &[(&[&str], &[&str])] = &[
    (
        &["plan", "good.yaml", "--set", "lr=0.3"],
        &["--set lr=0.3", "command line:1:7", "did you mean `grid.lr`?", "correct the option `--set lr=0.3`"],
    ),
    (
        &["plan", "good.yaml", "--set", "foo.bar=1"],
        &["unknown key `foo`", "command line:1:7", "known here: experiment", "correct the option"],
    ),
    (
        &["plan", "good.yaml", "--set", "grid.lr[3]=1"],
        &["`grid.lr` has no item 3", "command line:1:7", "replaced whole by `grid.lr=[…]`"],
    ),
    (
        &["plan", "good.yaml", "--set", "grid.lr.0=1"],
        &["`grid.lr` is no map, but a list", "its items are `grid.lr[0]`"],
    ),
    (
        &["plan", "good.yaml", "--set", "grid.seed[0]=1"],
        &["`grid.seed` is no list, but a map", "replace it whole"],
    ),
    (
        &["plan", "good.yaml", "--set", "grid.lr="],
        &["expected one value or a list, found nothing", "command line:1:15", "write one value, or several"],
    ),
    (
        &["plan", "good.yaml", "--set", "grid.lr=[0.1, -2]"],
        &["-2 is not a number above", "command line:1:21", "correct the option"],
    ),
    (
        &["plan", "good.yaml", "--set", "grid.lr"],
        &["`grid.lr` has no `=`", "such as `--set grid.seed.count=3`"],
    ),
    (&["plan", "good.yaml", "--set"], &["`--set` needs a value", "such as `--set grid.seed.count=3`"]),
    (&["plan", "good.yaml", "--seeds", "3"], &["there is no option `--seeds`", "`--set grid.seed.count=3`"]),
    (&["plan", "good.yaml", "--lr=0.3"], &["there is no option `--lr`", "`--set grid.lr=0.3`"]),
    (
        &["plan", "good.yaml", "grid.lr=0.3"],
        &["`grid.lr=0.3` is one argument too many", "`--set grid.lr=0.3`"],
    ),
    (&["plan", "good.yaml", "other.yaml"], &["`other.yaml` is one argument too many", "one spec at a time"]),
    (&["run", "good.yaml", "--quite"], &["there is no option `--quite`", "did you mean `--quiet`?"]),
    (&["run", "good.yaml", "-j", "0"], &["`0` is no value of `--jobs`", "write a whole number, 1 or more"]),
    (&["run", "good.yaml", "--isa", "foo"], &["`foo` is no value of `--isa`", "choose one of scalar"]),
    (
        &["run", "good.yaml", "--fail-fast", "--keep-going"],
        &["`--keep-going`", "exclude each other", "leave one of them out"],
    ),
    (&["run"], &["SPEC is missing", "such as `replikat run good.yaml`"]),
    (&["plan", "good.yml"], &["there is no file `good.yml`", "did you mean `good.yaml`?"]),
    (&["plan", "gud.yaml"], &["there is no file `gud.yaml`", "did you mean `good.yaml`?"]),
    (&["plan", "inner"], &["there is no file `inner`", "did you mean `experiments/first.yaml`?"]),
    (
        &["plan", "experiments"],
        &["`experiments` is a folder, not a spec", "there are experiments/first.yaml"],
    ),
    (&["plan", "experiments\\first.yaml"], &["there is no file", "did you mean `experiments/first.yaml`?"]),
    (&["plan", "~/first.yaml"], &["there is no file", "a quoted `~` is not the home folder"]),
    (&["plan", "zzzzzzzz.yaml"], &["there is no file `zzzzzzzz.yaml`", "there are good.yaml"]),
    (&["train"], &["there is no command `train`", "use `replikat run SPEC`"]),
    (&["list"], &["there is no command `list`", "use `replikat store list`"]),
    (&["rnu"], &["there is no command `rnu`", "did you mean `replikat run`?"]),
    (&["good.yaml"], &["there is no command `good.yaml`", "`replikat run good.yaml`"]),
    (&["store", "lst"], &["there is no command `lst`", "did you mean `replikat store list`?"]),
    (
        &["run", "good.yaml", "--results", "good.yaml"],
        &["`good.yaml` is a file, not a folder", "name a folder with `--results DIR`"],
    ),
    (
        &["plan", "good.yaml", "--reports", "good.yaml"],
        &["`good.yaml` is a file, not a folder", "name a folder with `--reports DIR`"],
    ),
    (
        &["store", "list", "--results", "nowhere"],
        &["there is no folder `nowhere`", "`--results DIR` names another one"],
    ),
    (
        &["store", "fsck", "--results", "nowhere"],
        &["there is no folder `nowhere`", "`replikat run SPEC` makes it"],
    ),
    (
        &["run", "mnist.yaml", "--data-dir", "nowhere"],
        &["`nowhere` is no folder", "put the four files into a folder"],
    ),
    (
        &["run", "mnist.yaml", "--data-dir", "good.yaml"],
        &["`good.yaml` is a file, not a folder", "`--data-dir DIR`"],
    ),
    (
        &["sweep", "lost.yaml"],
        &["base: there is no file `god.yaml`", "lost.yaml:2:7", "did you mean `good.yaml`?"],
    ),
    (
        &["sweep", "sweep.yaml"],
        &["unknown key `bach` (in the variant `large`)", "sweep.yaml:4:17", "did you mean `batch`?"],
    ),
    (&["report", "good.yaml"], &["no run of `good.yaml`", "train them with `replikat run good.yaml`"]),
];

/// Returns what is wrong with what is said.
fn flaws(said: &str, parts: &[&str]) -> String {
    let lacks = parts.iter().filter(|part| !said.contains(**part)).map(|part| format!("no `{part}`"));
    let internal = INTERNAL
        .iter()
        .filter(|word| said.contains(**word))
        .map(|word| format!("`{word}` is no word for a user"));
    let all: Vec<String> = lacks.chain(internal).collect();
    if all.is_empty() { String::new() } else { format!("{} in\n{said}\n\n", all.join("; ")) }
}

/// What is changed in a spec, and parts of what is said.
type Row = (&'static str, &'static str, &'static [&'static str]);

/// Returns what is said of a spec with faults.
fn faults(text: &str, options: &[String]) -> String {
    match Spec::parse("s.yaml", text, options) {
        Err(Error::Spec(faults)) => faults.render(false),
        other => format!("no fault of {options:?} in\n{text}\nbut {}", other.is_ok()),
    }
}

/// Checks that every change to a good spec is told with its place and the remedy.
fn told(good: &str, rows: &[Row]) {
    Spec::parse("s.yaml", good, &[]).unwrap();
    let mut all = String::new();
    for (from, to, parts) in rows {
        assert!(good.contains(from), "the good spec has no `{from}`");
        all += &flaws(&faults(&good.replacen(from, to, 1), &[]), parts);
    }
    assert!(all.is_empty(), "{all}");
}

fn whole(said: &str, parts: &[&str]) {
    let flaws = flaws(said, parts);
    assert!(flaws.is_empty(), "{flaws}");
}

#[test]
fn a_mistake_in_a_spec_is_told_with_its_place_and_remedy() {
    told(GOOD, SPECS);
}

#[test]
fn a_mistake_on_the_command_line_is_told_with_the_right_command() {
    let place = Place::with("");
    std::fs::create_dir(place.path("experiments")).unwrap();
    place.write("good.yaml", GOOD);
    place.write("mnist.yaml", &GOOD.replace("glyphs", "mnist"));
    place.write("experiments/first.yaml", &GOOD.replace(": good", ": inner"));
    place.write("judged.yaml", &(GOOD.to_owned() + "claims: {rounds: 10}\n"));
    place.write("lost.yaml", "sweep: lost\nbase: god.yaml\nvariants: {large: [train.batch=64]}\n");
    place.write("sweep.yaml", "sweep: s\nbase: judged.yaml\nvariants:\n  large: [train.bach=64]\n");
    let mut all = String::new();
    for (arguments, parts) in COMMANDS {
        let (code, said) = place.run(arguments);
        assert_eq!(code, 2, "{arguments:?}: {said}");
        all += &flaws(&said, parts);
    }
    assert!(all.is_empty(), "{all}");
    assert!(!place.path("results").exists(), "a mistake makes no folder");
}

#[test]
fn a_variable_with_a_wrong_value_is_named() {
    let place = Place::with(GOOD);
    let output = place.command(&["run", "tiny.yaml"]).env("REPLIKAT_ISA", "foo").output().unwrap();
    whole(
        &String::from_utf8(output.stderr).unwrap(),
        &["`foo` is no value of the variable `REPLIKAT_ISA`", "choose one of"],
    );
}

#[test]
fn all_faults_are_shown_where_that_is_wanted() {
    let place = Place::with(&GOOD.replace("epochs: 1, batch: 10", "a: 1, b: 2, c: 3, d: 4, e: 5"));
    let (_, said) = place.run(&["plan", "tiny.yaml"]);
    assert_eq!(said.matches("error: ").count(), 4, "{said}");
    assert!(said.contains("… and 3 more; `--all-faults` shows them"), "{said}");
    let (_, said) = place.run(&["plan", "tiny.yaml", "--all-faults"]);
    assert_eq!(said.matches("error: ").count(), 7, "{said}");
}

#[test]
fn anchors_have_a_place_of_their_own() {
    let spec = GOOD.replace(
        "train: {epochs: 1, batch: 10}",
        "x-base: &base {epochs: 1, batch: 10}\ntrain: {<<: *base, batch: 5}",
    );
    let spec = Spec::parse("s.yaml", &spec, &[]).unwrap();
    let config = &spec.grid.configs()[0];
    assert_eq!((config.train.epochs, config.train.batch), (1, 5));
}
