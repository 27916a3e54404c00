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

#[test]
fn a_file_and_variables_give_defaults_and_an_option_is_stronger() {
    let place = Place::with(&spec(1));
    place.write("replikat.config.yaml", "results: from-file\nreports: shown\njobs: 1\noffline: true\n");
    place.good(&["run", "tiny.yaml"]);
    assert!(place.path("from-file/tiny").is_dir() && place.path("shown/tiny/index.html").is_file());
    assert!(place.good(&["run", "--help"]).contains("[default: from-file]"));
    // All commands know it, and a hint can be pasted where the file is not.
    assert!(place.good(&["store", "list"]).contains("1 run\n"));
    let said = place.good(&["report", "tiny.yaml"]);
    assert!(
        said.contains("`replikat lock tiny.yaml --results from-file --reports shown --offline`"),
        "{said}"
    );
    let with = |name: &str, value: &str, arguments: &[&str]| {
        let output = place.command(arguments).env(name, value).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    };
    with("REPLIKAT_RESULTS", "from-variable", &["run", "tiny.yaml"]);
    assert!(place.path("from-variable/tiny").is_dir());
    with("REPLIKAT_RESULTS", "from-variable", &["run", "tiny.yaml", "--results", "from-option"]);
    assert!(place.path("from-option/tiny").is_dir());
    // Another file, none, and the user's.
    place.write("other.yaml", "results: named");
    assert!(with("REPLIKAT_CONFIG", "other.yaml", &["run", "--help"]).contains("[default: named]"));
    assert!(with("REPLIKAT_CONFIG", "", &["run", "--help"]).contains("[default: results]"));
    std::fs::remove_file(place.path("replikat.config.yaml")).unwrap();
    std::fs::create_dir_all(place.path("home/.config/replikat")).unwrap();
    place.write("home/.config/replikat/config.yaml", "results: of-the-user");
    assert!(place.good(&["run", "--help"]).contains("[default: of-the-user]"));
}

#[test]
fn a_file_of_defaults_that_cannot_be_meant_is_refused() {
    let place = Place::with("");
    for (text, part) in [
        ("result: x\n", "did you mean `results`?"),
        ("jobs: 0\n", "jobs: 0 is not "),
        ("device: gpu\n", "there is no device `gpu`"),
        ("results: ''\n", "the name of the folder is empty"),
        ("offline: perhaps\n", "offline: "),
    ] {
        place.write("replikat.config.yaml", text);
        let (code, said) = place.run(&["experiments"]);
        assert!(
            code == 2 && said.contains(part) && said.contains("replikat.config.yaml:1:"),
            "{text}: {said}"
        );
    }
    // Help is there all the same, for whoever has to correct it.
    assert!(place.good(&["run", "--help"]).contains("[default: results]"));
    let output = place.command(&["plan", "tiny.yaml"]).env("REPLIKAT_CONFIG", "nowhere").output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        output.status.code() == Some(2) && said.contains("which the variable REPLIKAT_CONFIG names"),
        "{said}"
    );
}

#[test]
fn the_list_of_runs_says_what_they_are_used_in_and_can_be_narrowed() {
    let place = Place::with(&spec(12));
    place.write("other.yaml", &spec(2).replace("tiny", "other").replace("net", "mine"));
    place.good(&["run", "tiny.yaml"]);
    place.good(&["run", "other.yaml"]);
    let said = place.good(&["store", "list"]);
    assert!(said.contains("other, tiny  mine"), "{said}");
    // Seeds stand in the order of their numbers.
    let seeds = |said: &str| -> Vec<String> {
        let column = |line: &str| Some(line.split_whitespace().rev().nth(5)?.to_owned());
        said.lines().filter(|line| line.contains("glyphs")).filter_map(column).collect()
    };
    let numbers = |all: std::ops::Range<u32>| all.map(|n| n.to_string()).collect::<Vec<_>>();
    assert_eq!(seeds(&said), [numbers(0..2), numbers(2..12)].concat(), "{said}");
    let said = place.good(&["store", "list", "--experiment", "other"]);
    assert!(said.ends_with("2 runs\n") && said.contains("mine"), "{said}");
    assert!(place.good(&["store", "list", "--status", "failed"]).ends_with("0 runs\n"));
    let (code, said) = place.run(&["store", "list", "--experiment", "othr"]);
    assert!(code == 2 && said.contains("did you mean `other`?"), "{said}");
    let list: serde_json::Value =
        serde_json::from_str(&place.good(&["store", "list", "--experiment", "tiny", "--json"])).unwrap();
    assert_eq!((list.as_array().unwrap().len(), &list[0]["network"]), (12, &"net".into()));
}

#[test]
fn what_a_folder_guarantees_is_found_out_and_leaves_nothing() {
    let place = Place::with("");
    std::fs::create_dir(place.path("results")).unwrap();
    let found: serde_json::Value = serde_json::from_str(&place.good(&["store", "doctor", "--json"])).unwrap();
    let all = found["guarantees"].as_array().unwrap();
    // The folder of a test may be in memory, or one that other machines see.
    let needed = |one: &&serde_json::Value| one["needed"] == true;
    assert!(all.len() == 7 && all.iter().filter(needed).all(|one| one["holds"] == true), "{found}");
    assert!(place.good(&["store", "doctor"]).contains("\nthis folder can hold a store, with "));
    assert!(place.files("results").is_empty());
    let (code, said) = place.run(&["store", "doctor", "nowhere"]);
    assert!(code == 2 && said.contains("there is no folder `nowhere`"), "{said}");
    place.write("file", "");
    let (code, said) = place.run(&["store", "doctor", "file"]);
    assert!(code == 2 && said.contains("`file` is a file, not a folder"), "{said}");
}

#[test]
fn hints_are_whole_where_a_default_is_another_one() {
    let place = Place::with(&spec(1));
    place.write("replikat.config.yaml", "# nothing but this\n");
    assert!(place.good(&["run", "tiny.yaml"]).contains("`replikat lock tiny.yaml` makes it"));
    place.write("replikat.config.yaml", "results: 'my results'\n");
    let said = place.good(&["run", "tiny.yaml", "--results", "results"]);
    assert!(said.contains("`replikat lock tiny.yaml --results results` makes it"), "{said}");
    place.good(&["run", "tiny.yaml"]);
    assert!(place.good(&["store", "doctor"]).starts_with("my results is on "));
    for name in ["tiny", "../reports/tiny"] {
        std::fs::remove_dir_all(place.path("my results").join(name)).unwrap();
    }
    std::fs::create_dir(place.path("experiments")).unwrap();
    place.write("experiments/other.yaml", &spec(1).replace("[0.1]", "[0.7]"));
    let said = place.good(&["store", "gc", "--yes"]);
    assert!(said.contains("`replikat store gc --empty-trash --results 'my results'`"), "{said}");
    assert!(said.contains("`cp -rn 'my results/trash/.' 'my results/store/v1/'`"), "{said}");
    for (text, part) in [("results: ~/mine\n", "write the whole path"), ("", "")] {
        place.write("replikat.config.yaml", text);
        let (code, said) = place.run(&["experiments"]);
        assert!(said.contains(part) && (code == 2) == text.contains('~'), "{text}: {said}");
    }
    std::fs::remove_file(place.path("replikat.config.yaml")).unwrap();
    std::fs::create_dir(place.path("replikat.config.yaml")).unwrap();
    let (code, said) = place.run(&["experiments"]);
    assert!(code == 2 && said.contains("is no plain file"), "{said}");
}
