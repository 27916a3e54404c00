//! `explain`, `show`, `diff` and `store`: what they say, word for word.

use replikat::{
    digest::Digest,
    plan::RunKey,
    record::{End, Outcome, Provenance, Record},
    store::{Lookup, Put},
    task::digit_pairs::LOSS,
};

use crate::support::place::Place;

const SPEC: &str = "
experiment: tiny
data: {source: glyphs, pairs: {train: 20, test: 10}, scale: unit}
train: {epochs: 2, batch: 10}
architectures: {net: {pair: [{conv: 4}, {max-pool: 2}, relu, flatten, {linear: 2}]}}
grid: {architecture: [net], seed: {count: 3}, lr: [0.1]}
";

fn trained() -> Place {
    let place = Place::with(SPEC);
    place.good(&["run", "tiny.yaml"]);
    place
}

/// Explains the spec after a change of it; keys are replaced by their place in the store.
fn explain(place: &Place, set: &[&str]) -> String {
    let sets: Vec<&str> = set.iter().flat_map(|set| ["--set", set]).collect();
    let mut said = place.good(&[&["explain", "tiny.yaml"], &sets[..]].concat());
    for (i, key) in place.store().list().unwrap().keys.iter().enumerate() {
        said = said.replace(&key.to_string()[..12], &format!("KEY{i}"));
    }
    said
}

/// Replaces the stored runs by what another engine would have stored: the same outcomes, other keys.
fn as_another_engine(place: &Place) {
    let store = place.store();
    for key in store.list().unwrap().keys {
        let Lookup::Hit(record) = store.get(key).unwrap() else { panic!("{key}") };
        let preimage = record.preimage.replace("exact/1", "exact/0");
        let other = RunKey(Digest::of(preimage.as_bytes()));
        store.put(other, &Record::new(other, preimage, record.outcome, record.provenance)).unwrap();
        assert!(store.discard(key).unwrap());
    }
}

#[test]
fn a_miss_names_the_field_that_changed() {
    let place = trained();
    assert_eq!(
        explain(&place, &[]),
        "hit      net seeds 0 to 2\n3 runs: 3 hit, 0 miss, 0 diverged, 0 failed, 0 damaged\n"
    );
    let cases: &[(&str, &str)] = &[
        ("grid.lr=[0.2]", "grid.lr: 0.2; stored: 0.1"),
        ("grid.dropout=[0.5]", "grid.dropout: 0.5; stored: 0"),
        ("train.epochs=3", "train.epochs: 3; stored: 2"),
        ("train.optimizer.sgd.momentum=0.5", "train.optimizer.sgd.momentum: 0.5; stored: 0"),
        ("data.pairs.test=11", "data.pairs.test: 11; stored: 10"),
        ("data.scale=raw", "data.scale: raw; stored: unit"),
        ("data.source=mnist", "data.source: mnist; stored: glyphs"),
        (
            "architectures.net.pair=[{conv: 5}, {max-pool: 2}, relu, flatten, {linear: 2}]",
            "architectures.net.pair[0].conv.channels: 5; stored: 4",
        ),
        (
            "architectures.net.pair=[{conv: 4}, {max-pool: 2}, flatten, {linear: 2}]",
            "architectures.net.pair[2]: nothing; stored: relu",
        ),
        (
            "architectures.net.pair=[{conv: 4}, {max-pool: 2}, {dropout: channels}, flatten, {linear: 2}]",
            "architectures.net.pair[2]: {dropout: {unit: channels}}; stored: relu",
        ),
    ];
    for (set, line) in cases {
        let said = explain(&place, &[set]);
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(lines.len(), 3, "{set}: {said}");
        assert!(lines[0].starts_with("miss     net seeds 0 to 2; nearest to seed 0 is KEY"), "{set}: {said}");
        assert_eq!(lines[1].trim_start(), *line, "{set}");
        assert_eq!(lines[2], "3 runs: 0 hit, 3 miss, 0 diverged, 0 failed, 0 damaged", "{set}");
    }
    as_another_engine(&place);
    let said = explain(&place, &[]);
    assert_eq!(said.lines().nth(1).unwrap(), "           engine: exact/1; stored: exact/0", "{said}");
    assert!(place.good(&["run", "tiny.yaml"]).contains("0 cached, 3 trained"));
}

#[test]
fn all_states_are_told_and_the_nearest_run_is_the_one_with_the_fewest_differences() {
    let place = trained();
    let said = explain(&place, &["grid.seed.count=5"]);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[0], "hit      net seeds 0 to 2");
    assert!(lines[1].starts_with("miss     net seeds 3 to 4; nearest to seed 3 is KEY"), "{said}");
    assert!(lines[1].ends_with("(seed 2)"), "{said}");
    assert_eq!(
        lines[2..],
        [
            "           grid.seed: new; stored: 0 to 2",
            "5 runs: 3 hit, 2 miss, 0 diverged, 0 failed, 0 damaged"
        ]
    );

    place.good(&["run", "tiny.yaml", "--set", "grid.lr=[0.3]", "--set", "train.epochs=4"]);
    // One field from the second, two from the first.
    let said = explain(&place, &["grid.lr=[0.3]", "train.epochs=5"]);
    assert_eq!(said.lines().nth(1).unwrap().trim_start(), "train.epochs: 5; stored: 4", "{said}");

    let store = place.store();
    let key = store.list().unwrap().keys.into_iter().find(|key| {
        let Lookup::Hit(record) = store.get(*key).unwrap() else { panic!("{key}") };
        record.preimage.contains("\"lr\":0.1") && record.preimage.ends_with("\"seed\":\"1\"}")
    });
    std::fs::write(store.path(key.unwrap()), "nothing").unwrap();
    let said = explain(&place, &[]);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(
        lines,
        [
            "hit      net seeds 0, 2",
            "damaged  net seed 1: it is cut off",
            "3 runs: 2 hit, 0 miss, 0 diverged, 0 failed, 1 damaged"
        ]
    );
    let empty = Place::with(SPEC);
    let said = explain(&empty, &[]);
    assert!(said.starts_with("miss     net seeds 0 to 2: nothing is stored to compare with\n"), "{said}");
    assert!(!empty.path("results").exists(), "it changes nothing");
}

/// Puts a failed outcome in the place of the record of a key; returns the good one.
fn fail(place: &Place, key: RunKey) -> Record {
    let store = place.store();
    let Lookup::Hit(good) = store.get(key).unwrap() else { panic!("{key}") };
    let outcome = Outcome { end: End::Failed { reason: "no memory".into() }, epochs: Vec::new() };
    let failed = Record::new(key, good.preimage.clone(), outcome, Provenance::default());
    assert!(store.discard(key).unwrap());
    assert_eq!(store.put(key, &failed).unwrap(), Put::Stored);
    good
}

#[test]
fn a_failed_run_is_a_record_until_it_is_to_be_tried_again() {
    let place = trained();
    let key = place.store().list().unwrap().keys[0];
    let good = fail(&place, key);
    assert!(explain(&place, &[]).contains(": failed, no memory\n"));
    let (code, said) = place.run(&["run", "tiny.yaml"]);
    assert!(
        code == 1
            && said.contains("2 of 3 runs finished, 0 diverged, 1 failed, 0 missing; 3 cached, 0 trained"),
        "{said}"
    );
    assert!(said.contains("`replikat run tiny.yaml --retry-failed` trains them again"), "{said}");
    let said = place.good(&["run", "tiny.yaml", "--retry-failed"]);
    assert!(
        said.contains("3 of 3 runs finished, 0 diverged, 0 failed, 0 missing; 2 cached, 1 trained"),
        "{said}"
    );
    let Lookup::Hit(again) = place.store().get(key).unwrap() else { panic!("{said}") };
    assert_eq!(again.outcome, good.outcome);
    assert_eq!(place.files("results/quarantine").len(), 1, "the failed record is kept");
}

#[test]
fn fail_fast_begins_nothing_more() {
    let place = Place::with(
        &SPEC.replace("lr: [0.1]", "lr: [1e6]").replace("linear: 2}]", "linear: 9}, {linear: 2}]"),
    );
    let count = "grid.seed.count=40";
    let (code, said) = place.run(&["run", "tiny.yaml", "--fail-fast", "--jobs", "1", "--set", count]);
    assert!(code == 1 && said.contains("stopped at the first failure: "), "{said}");
    let stored = place.outcomes();
    assert!(!stored.is_empty() && stored.len() < 40, "{said}");
    assert!(said.contains(&format!("{} of 40 runs are stored", stored.len())), "{said}");
    let (code, said) = place.run(&["run", "tiny.yaml", "--keep-going", "--set", count]);
    assert!(code == 1 && said.contains(&format!("{} cached", stored.len())), "{said}");
    assert!(said.contains("0 of 40 runs finished, 40 diverged, 0 failed, 0 missing"), "{said}");
}

#[test]
fn show_and_diff_name_runs_by_the_beginning_of_their_key() {
    let place = trained();
    let keys: Vec<String> = place.store().list().unwrap().keys.iter().map(ToString::to_string).collect();
    let said = place.good(&["show", &keys[0][..8]]);
    for part in [
        keys[0].as_str(),
        "grid.lr: 0.1\n",
        "data.source: glyphs\n",
        "architectures.net.pair: [{conv: {channels: 4, kernel: 3, padding: 0}}, {max-pool: {size: 2}}, relu,",
        "outcome  finished\ndigest   ",
        "used in  tiny\n",
        "epoch  train accuracy  train loss  test accuracy  test loss\n",
        "made     in ",
    ] {
        assert!(said.contains(part), "no `{part}` in {said}");
    }
    let json: serde_json::Value = serde_json::from_str(&place.good(&["show", &keys[0], "--json"])).unwrap();
    assert_eq!(json["key"], keys[0].as_str());

    assert!(
        place.good(&["diff", &keys[0], &keys[0]]).ends_with("config   the same\noutcome  the same bits\n")
    );
    let said = place.good(&["diff", &keys[0][..10], &keys[1][..10]]);
    assert!(said.contains("config   grid.seed: "), "{said}");
    assert!(said.contains("outcome  first differs at epoch 1, running "), "{said}");

    for (key, part) in
        [("ab", "it takes four or more"), ("ffffffffff", "no stored run has a key that begins with")]
    {
        let (code, said) = place.run(&["show", key]);
        assert!(code == 2 && said.contains(part) && said.contains("`replikat store list`"), "{said}");
    }
}

#[test]
fn two_outcomes_of_one_key_are_told_apart_and_the_exit_code_says_so() {
    let place = trained();
    let key = place.store().list().unwrap().keys[0];
    let Lookup::Hit(mut record) = place.store().get(key).unwrap() else { panic!("{key}") };
    let loss = record.outcome.epochs[1].test.get(LOSS).unwrap();
    record.outcome.epochs[1].test.set(LOSS, Some(loss + 1.0));
    let other = Record::new(key, record.preimage, record.outcome, Provenance::default());
    let Put::Alarm { kept_at } = place.store().put(key, &other).unwrap() else { panic!("no alarm") };
    let (code, said) = place.run(&["diff", &key.to_string(), kept_at.to_str().unwrap()]);
    assert!(
        code == 1 && said.contains("config   the same\noutcome  first differs at epoch 2, test loss: "),
        "{said}"
    );
}

#[test]
fn the_store_is_listed_checked_and_cleared_of_what_no_spec_needs() {
    let place = trained();
    assert!(place.good(&["store", "list"]).ends_with("3 runs\n"));
    let fsck = "3 records: 3 good, 0 damaged, 0 of another format; 0 other files, 0 in quarantine\n";
    assert_eq!(place.good(&["store", "fsck"]), fsck);

    let key = place.store().list().unwrap().keys[1];
    let path = place.store().path(key);
    std::fs::write(&path, "").unwrap();
    let (code, said) = place.run(&["store", "fsck"]);
    assert!(code == 1 && said.contains(&format!("{key}.json: it is cut off\n")), "{said}");
    assert!(said.contains("3 records: 2 good, 1 damaged"), "{said}");
    assert!(place.good(&["store", "fsck", "--repair"]).contains("moved to results/quarantine/"));
    assert!(
        place
            .good(&["store", "fsck"])
            .contains("2 records: 2 good, 0 damaged, 0 of another format; 0 other files, 1 in")
    );

    let (code, said) = place.run(&["store", "gc"]);
    assert!(code == 2 && said.contains("there is no folder `experiments`"), "{said}");
    std::fs::create_dir(place.path("experiments")).unwrap();
    place.write("experiments/kept.yaml", &SPEC.replace("count: 3", "count: 1"));
    let half = path.with_file_name(format!(".{key}.json.tmp"));
    std::fs::write(&half, "half").unwrap();
    place.good(&["run", "tiny.yaml"]);
    std::fs::write(&half, "half").unwrap();
    let before = place.files("results/store/v1");
    let said = place.good(&["store", "gc", "--dry-run"]);
    assert!(said.contains("3 of 3 records are needed"), "what has outputs is needed: {said}");
    std::fs::remove_dir_all(place.path("results/tiny")).unwrap();
    std::fs::remove_dir_all(place.path("reports/tiny")).unwrap();
    let said = place.good(&["store", "gc", "--dry-run"]);
    assert!(
        said.starts_with("1 of 3 records are needed: by 1 spec in experiments")
            && said.contains("would move 2 records to results/trash, and remove 1 half-written file of processes that have ended"),
        "{said}"
    );
    assert_eq!(place.files("results/store/v1"), before);
    assert!(place.good(&["store", "gc", "--yes"]).contains("moved 2 records, "));
    assert_eq!(place.files("results/store/v1").len(), 1);
    assert!(place.good(&["run", "experiments/kept.yaml"]).contains("1 cached, 0 trained"));
    place.write("experiments/bad.yaml", "experiment: [");
    assert_eq!(place.run(&["store", "gc"]).0, 2, "a spec that cannot be read may need anything");
    assert_eq!(place.files("results/store/v1").len(), 1);
}
