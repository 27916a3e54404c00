//! Mistakes in `--set`, and faults of the spec that it causes.

use super::{GOOD, faults, flaws};

/// What is replaced, and parts of what is said.
const OPTIONS: &[(&str, &[&str])] = &[
    (
        "architectures.net.pair[1].linear=3",
        &["command line:1:40", "architectures.net.pair: the last layer must give 2 scores"],
    ),
    (
        "tables.t.rows[0].split=train",
        &["command line:1:7", "there is no list `tables.t.rows`", "`--set 'tables.t.rows=[{split: train}]'`"],
    ),
    ("train.epochs = 3", &["command line:1:7", "a blank beside the path", "`--set 'train.epochs=3'`"]),
    ("=3", &["command line:1:7", "there is no path before `=3`"]),
    ("train..epochs=3", &["two dots in a row", "write `train.epochs=3`"]),
    ("train.epochs=3 train.batch=4", &["two settings in one", "`--set train.epochs=3 --set train.batch=4`"]),
    ("grid.architecture=net,two", &["no architecture `net,two`", "several are a list: `[net,two]`"]),
    ("grid.seed.count=18446744073709551615", &["command line:1:23", "the limit is 1000000"]),
    ("title=", &["command line:1:13", "title: expected a text, found nothing", "or remove the key"]),
    ("task=", &["task: expected one of several words, found nothing"]),
    ("architectures={}", &["command line:1:21", "architectures: there is no network"]),
];

#[test]
fn a_fault_that_an_option_causes_is_shown_at_the_option() {
    let mut all = String::new();
    for (option, parts) in OPTIONS {
        all += &flaws(&faults(GOOD, &[(*option).to_owned()]), parts);
    }
    assert!(all.is_empty(), "{all}");
}

#[test]
fn of_several_options_the_one_that_causes_a_fault_is_named() {
    let options = ["train.epochs=2", "grid.architecture=two", "title=x"].map(str::to_owned);
    let two = "  two: {pair: [flatten, {linear: 2}]}\ngrid:";
    let spec = GOOD.replacen("grid:", two, 1) + "figures: {c: {where: {architecture: net}, curves: loss}}\n";
    let said = faults(&spec, &options);
    assert!(said.contains("--set grid.architecture=two"), "{said}");
    assert!(said.contains("figures.c.where.architecture: the grid has no `architecture` net"), "{said}");
}

#[test]
fn an_option_that_the_others_need_is_not_blamed() {
    let two = "architectures.b={pair: [flatten, {linear: 2}]}".to_owned();
    let spec = GOOD.to_owned() + "figures: {c: {where: {architecture: net}, curves: loss}}\n";
    for options in
        [[two.clone(), "grid.architecture=[b]".into()], ["grid.architecture=[b]".into(), two.clone()]]
    {
        let said = faults(&spec, &options);
        assert!(
            !said.contains("--set architectures.b=") || said.contains("--set grid.architecture=[b]"),
            "{said}"
        );
        assert!(said.contains("the grid has no `architecture` net"), "{said}");
    }
}

#[test]
fn a_title_may_look_like_a_setting() {
    let spec = replikat::spec::Spec::parse("s.yaml", GOOD, &["title=what if a=b".to_owned()]).unwrap();
    assert_eq!(spec.title, "what if a=b");
}
