//! Slips of YAML, of types, of axes and of networks.

use super::{GOOD, Row, told};

const YAML: &[Row] = &[
    ("epochs: 1", "epochs:1", &[":3:9", "unknown key `epochs:1`", "a blank follows the colon: `epochs: 1`"]),
    ("train: {e", "train = {e", &[":3:7", "`train` has `=` in place of `:`", "write `train: {…}`"]),
    ("grid: {a", "grid {a", &[":6:1", "`grid` has no `:`", "write `grid: {…}`"]),
    (
        "train: {e",
        "title: \"a \\q b\"\ntrain: {e",
        &[":3:11", "`\\q` is no escape", "`\\\\` for a backslash"],
    ),
    ("epochs: 1,", "epochs: 1,,", &[":3:19", "two commas in a row", "remove one of them"]),
    ("good\n", "good\u{0}\n", &[":1:17", "a control character (U+0000)", "remove it"]),
    (
        "lr: [0.1]",
        "lr: [0.1], architectures.net.pair[1].linear: [2, 3]",
        &[":6:58", "a path with `[ ]` stands in quotes", "write `\"architectures.net.pair[1].linear\": …`"],
    ),
];

const TYPES: &[Row] = &[
    ("epochs: 1", "epochs: 1e23", &[":3:17", "1e23 is not from 1 to 100000", "from 1 to 100000"]),
    ("lr: [0.1]", "lr: [1e-45]", &[":6:52", "1e-45 is not a number above 1e-30"]),
    ("count: 1}", "count: 0}", &[":6:43", "0 is not from 1 to 1000000"]),
    ("train: {e", "seed: 3\ntrain: {e", &[":3:1", "unknown key `seed`", "did you mean `grid.seed`?"]),
    ("train: {e", "device: cuda\ntrain: {e", &[":3:1", "unknown key `device`", "command line: `--device`"]),
    ("batch: 10", "batch: 10, optimizer: {sgd: {lr: 0.1}}", &[":3:49", "unknown key `lr`", "`grid.lr`"]),
    ("test: 20}", "test: 20%}", &[":2:49", "expected an integer", "such as `20`"]),
    ("epochs: 1", "epochs: ", &[":3:15", "found nothing"]),
    (
        "train: {e",
        "title:\ntrain: {e",
        &[":3:6", "title: expected a text, found nothing", "or remove the key"],
    ),
    ("glyphs,", "mnist, otherwise: none,", &["unknown value `none`", "for none, leave the key out"]),
];

const AXES: &[Row] = &[
    (
        "lr: [0.1]",
        "lr: {from: 0.1, to: 1}",
        &[":6:51", "grid.lr: expected one value or a list, found a map", "write `lr: [0.1, 1]`"],
    ),
    ("lr: [0.1]", "lr: (0.1, 0.2)", &[":6:51", "grid.lr: `(0.1` is no number", "a list has square brackets"]),
    (
        "lr: [0.1]",
        "lr: logspace(-3, -1, 3)",
        &[":6:51", "`logspace(-3` is no number", "there are no functions"],
    ),
    (
        "lr: [0.1]",
        "lr: [0.1], architectures.foo.share: [true]",
        &[":6:58", "there is no architecture `foo`", "known here: net"],
    ),
    (
        "lr: [0.1]",
        "lr: [0.1], train: [1]",
        &[":6:58", "`train` is a section", "name one setting of it: train.epochs"],
    ),
    ("lr: [0.1]", "lr: [0.1], data: [1]", &["`data` is a section", "data.pairs.train"]),
    ("seed: {count: 1}", "seed: 1..10", &[":6:35", "expected seeds", "write `{from: 1, count: 10}`"]),
    (
        "{architecture: [net], seed: {count: 1}, lr: [0.1]}",
        "[net]",
        &["grid: expected a map, found a list", "write `grid: {architecture: net, lr: 0.1}`"],
    ),
    (
        "lr: [0.1]",
        "lr: [0.1], vary: [pairs]",
        &[":6:64", "grid.vary: the pairs do not follow", "`draw: per-round`"],
    ),
    (
        "lr: [0.1]",
        "lr: [0.1], \"architectures.net.pair[1].linear\": [2, 3]",
        &[":6:98", "the last layer must give 2 scores", "or remove this value from the axis"],
    ),
    ("lr: [0.1]", "lr: [0.1], sed.count: 2", &["`sed.count` is no setting", "did you mean `seed.count`?"]),
];

const NETWORKS: &[Row] = &[
    (
        "[flatten, {linear: 2}]",
        "[]",
        &[":5:15", "the list of layers is empty", "write `[flatten, {linear: 2}]`"],
    ),
    (
        "  net: {pair: [flatten, {linear: 2}]}",
        "  net:\n    pair:\n      - conv:\n        channels: 3\n      - flatten\n      - linear: 2",
        &[":8:9", "`conv` and `channels` stand side by side", "write `- conv: {channels: 3, …}`"],
    ),
    ("pair:", "layers:", &[":5:9", "unknown key `layers`", "did you mean `pair`?"]),
    (
        "flatten,",
        "flatten, {conv: 3},",
        &[":5:25", "does not fit its input, 392×1×1", "put `flatten` after it"],
    ),
    ("linear: 2", "linear: 3", &[":5:25", "the last layer must give 2 scores", "end with `- linear: 2`"]),
    (
        "flatten,",
        "{max-pool: [2, 2]}, flatten,",
        &[
            ":5:27",
            "found a list",
            "`max-pool: 2`",
            "`grid: {\"architectures.net.pair[0].max-pool\": [2, 2]}`",
        ],
    ),
];

#[test]
fn slips_of_yaml_are_told() {
    told(GOOD, YAML);
}

#[test]
fn values_of_a_wrong_type_are_told() {
    told(GOOD, TYPES);
}

#[test]
fn faults_of_axes_are_told() {
    told(GOOD, AXES);
}

#[test]
fn faults_of_networks_are_told() {
    told(GOOD, NETWORKS);
}

#[test]
fn one_mistake_is_one_fault() {
    for (from, to) in [("pair:", "layers:"), ("net: {", "\"\": {"), ("lr: [0.1]", "lr: {from: 0.1, to: 1}")] {
        let said = super::faults(&GOOD.replacen(from, to, 1), &[]);
        assert_eq!(said.matches("error: ").count(), 1, "{to}: {said}");
    }
}
