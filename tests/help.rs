//! What a person finds out from the program alone.

use crate::{
    faults::spec,
    support::place::{Place, TINY},
};

#[test]
fn alone_it_says_how_to_begin() {
    let place = Place::with("");
    let said = place.good(&[]);
    assert!(said.contains("replikat init mine") && said.contains("replikat schema --markdown"), "{said}");
    assert!(place.good(&["run", "--help"]).contains("Examples:\n  replikat run experiments/mine.yaml\n"));
    // A command that is not whole is a mistake.
    assert_eq!(place.run(&["store"]).0, 2);
}

#[test]
fn each_shell_gets_its_completions_and_each_command_its_manual() {
    let place = Place::with("");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let said = place.good(&["completions", shell]);
        assert!(said.contains("retry-failed") && said.contains("fsck"), "{shell}");
        // A script has the lines that it has, however narrow the terminal is.
        let narrow = place.command(&["completions", shell]).env("COLUMNS", "40").output().unwrap();
        assert_eq!(String::from_utf8(narrow.stdout).unwrap(), said, "{shell}");
    }
    let said = place.good(&["man"]);
    assert!(said.contains(".SH NAME") && said.contains("replikat\\-store(1)"), "{said}");
    assert!(place.good(&["man", "run"]).contains(".TH replikat-run 1"));
    let (code, said) = place.run(&["man", "rnu"]);
    assert!(code == 2 && said.contains("did you mean `run`?"), "{said}");
}

#[test]
fn experiments_are_listed_with_their_runs() {
    let place = Place::with(TINY);
    place.good(&["run", "tiny.yaml", "--set", "train.epochs=1"]);
    let said = place.good(&["experiments"]);
    assert!(said.contains("tiny") && said.contains("4 of 4") && said.contains("1 experiment"), "{said}");
    let list: serde_json::Value = serde_json::from_str(&place.good(&["experiments", "--json"])).unwrap();
    assert_eq!((&list[0]["name"], &list[0]["finished"]), (&"tiny".into(), &4.into()));
    assert_eq!(list[0]["spec"], "tiny.yaml");
    assert!(list[0]["made"].as_str().unwrap().ends_with('Z'), "{list}");
    // One that cannot be read hides no other one, here and where a run is shown.
    std::fs::create_dir_all(place.path("results/aaa/runs.csv")).unwrap();
    place.write("results/aaa/build.json", "no JSON");
    let said = place.good(&["experiments"]);
    assert!(said.contains("4 of 4") && said.contains("2 experiments"), "{said}");
    let key = place.store().list().unwrap().keys[0].to_string();
    assert!(place.good(&["show", &key]).contains("used in  tiny\n"));
}

#[test]
fn the_time_that_runs_take_counts_the_cores_that_have_one() {
    let place = Place::with(&spec(3));
    assert!(place.good(&["plan", "tiny.yaml"]).contains("is known when one of them was trained"));
    place.good(&["run", "tiny.yaml", "--set", "grid.seed.count=2"]);
    let said = place.good(&["plan", "tiny.yaml"]);
    assert!(said.contains("1 to train\n") && said.contains(" on 1 core, if "), "{said}");
}
