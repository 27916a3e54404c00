//! Two experiments, config by config.

use serde_json::Value;

use crate::{faults::spec, support::place::Place};

fn compared(place: &Place, arguments: &[&str]) -> Value {
    serde_json::from_str(&place.good(&[&["compare"], arguments, &["--json"]].concat())).unwrap()
}

/// Returns the mean of the test accuracy over rounds, as the summary of an experiment has it.
fn mean_of(place: &Place, experiment: &str, config: &str) -> f64 {
    let text = place.read(&format!("results/{experiment}/summary.csv"));
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let head = lines.next().unwrap();
    let at = |name: &str| head.iter().position(|column| *column == name).unwrap();
    let row = lines.find(|row| {
        row[at("architecture")] == config
            && row[at("split")] == "test"
            && row[at("metric")] == "accuracy"
            && row[at("over")] == "rounds"
    });
    row.unwrap()[at("mean")].parse().unwrap()
}

#[test]
fn configs_are_compared_by_seed_where_they_have_the_same_seeds() {
    let place = Place::with(&spec(6));
    let other = spec(6).replace("experiment: tiny", "experiment: other").replace("lr: [0.1]", "lr: [0.7]");
    place.write("other.yaml", &other);
    place.good(&["run", "tiny.yaml"]);
    place.good(&["run", "other.yaml"]);
    let all = compared(&place, &["tiny.yaml", "other.yaml"]);
    let one = &all["configs"][0];
    assert_eq!((all["configs"].as_array().unwrap().len(), &one["method"]), (1, &"by seed".into()), "{all}");
    let means = [mean_of(&place, "tiny", "net"), mean_of(&place, "other", "net")];
    for (side, mean) in ["a", "b"].iter().zip(means) {
        assert!((one[side]["mean"].as_f64().unwrap() - mean).abs() < 1e-12, "{one}");
    }
    let difference = one["difference"].as_f64().unwrap();
    assert!((difference - (means[1] - means[0])).abs() < 1e-12, "{one}");
    let [low, high] = [0, 1].map(|i| one["interval"][i].as_f64().unwrap());
    assert!(low < difference && difference < high, "{one}");
    assert!((f64::midpoint(low, high) - difference).abs() < 1e-12, "{one}");
    // Turned around, the signs turn.
    let turned = compared(&place, &["other.yaml", "tiny.yaml"]);
    let turned = &turned["configs"][0];
    assert!((turned["difference"].as_f64().unwrap() + difference).abs() < 1e-12, "{turned}");
    assert_eq!(turned["p"], one["p"]);
    // Of fewer seeds these are compared; others are no pairs.
    let few = compared(&place, &["tiny.yaml", "other.yaml", "--set", "grid.seed.count=4"]);
    let few = &few["configs"][0];
    assert_eq!((&few["method"], &few["a"]["rounds"]), (&"by seed".into(), &4.into()), "{few}");
    let seeds = "grid.seed={from: 4, count: 4}";
    place.good(&["run", "other.yaml", "--set", seeds, "--set", "experiment=four"]);
    let others = compared(&place, &["tiny.yaml", "other.yaml", "--set", seeds]);
    let others = &others["configs"][0];
    assert_eq!((&others["method"], &others["a"]["rounds"]), (&"Welch".into(), &6.into()), "{others}");
}

#[test]
fn what_has_no_spread_is_not_tested_and_what_is_not_there_is_said() {
    let place = Place::with(&spec(2));
    place.good(&["run", "tiny.yaml"]);
    let said = place.good(&["compare", "tiny.yaml", "tiny.yaml"]);
    assert!(
        said.contains("none is told apart by its accuracy on the test set; 1 have equal rounds"),
        "{said}"
    );
    let said = place.good(&["compare", "tiny.yaml", "tiny.yaml", "--set", "grid.seed.count=3"]);
    assert!(said.contains("of 3 runs of B: 1 missing"), "{said}");
    let all = compared(&place, &["tiny.yaml", "tiny.yaml"]);
    assert!(all["configs"][0]["p"].is_null() && all["configs"][0]["interval"].is_null(), "{all}");
}

#[test]
fn what_differs_is_said_and_what_does_not_is_not() {
    let place = Place::with(&spec(3).replace("lr: [0.1]", "lr: [0.1, 0.2]"));
    place.good(&["run", "tiny.yaml"]);
    place.good(&["run", "tiny.yaml", "--set", "train.batch=5", "--set", "experiment=five"]);
    let said = place.good(&["compare", "tiny.yaml", "tiny.yaml"]);
    assert!(said.contains("of 2 pairs of configs none is told apart"), "{said}");
    assert!(!said.contains(" in A, "), "{said}");
    let said = place.good(&["compare", "tiny.yaml", "tiny.yaml", "--set", "train.batch=5"]);
    assert!(said.contains("train.batch: 10 in A, 5 in B"), "{said}");
    assert!(said.contains("net, lr 0.1") && said.contains("net, lr 0.2"), "{said}");
    let wide = "architectures.net.pair=[flatten, {linear: 3}, {linear: 2}]";
    place.good(&["run", "tiny.yaml", "--set", wide, "--set", "grid.lr=[0.1]", "--set", "experiment=wide"]);
    let said = place.good(&["compare", "tiny.yaml", "tiny.yaml", "--set", wide, "--set", "grid.lr=[0.1]"]);
    assert!(said.contains("architectures.net: one network in A, another in B"), "{said}");
    assert!(said.contains("lr: 0.1, 0.2 in A, 0.1 in B") && !said.contains("  the same  "), "{said}");
    // A value of an axis that one of them alone has belongs to nothing.
    let said = place.good(&["compare", "tiny.yaml", "tiny.yaml", "--set", "grid.lr=[0.2]"]);
    assert!(
        said.contains("configs of A without one of B that has the same values on the axes of both: 1")
            && said.contains("of 1 pair of configs"),
        "{said}"
    );
    let (code, said) = place.run(&["compare", "tiny.yaml", "tiny.yaml", "--set", "train.batch=3"]);
    assert!(code == 2 && said.contains("no run of") && said.contains("--set train.batch=3"), "{said}");
    let (code, said) = place.run(&["compare", "tiny.yaml", "tiny.yaml", "--metric", "acuracy"]);
    assert!(code == 2 && said.contains("did you mean `accuracy`?"), "{said}");
}
