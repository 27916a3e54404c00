//! What a person finds out from the program alone.

use crate::support::place::{Place, TINY};

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
    assert_eq!(list[0]["spec"], "../../tiny.yaml");
}
