//! What is told of folders, records, locks and sweeps that are not what they should be.

use super::{GOOD, whole};
use crate::support::place::Place;

/// The good spec with one claim, for sweeps.
fn judged() -> String {
    GOOD.to_owned() + "claims: {rounds: 10}\n"
}

#[test]
fn a_file_where_a_folder_should_be_is_named() {
    let place = Place::with(GOOD);
    std::fs::create_dir(place.path("results")).unwrap();
    place.write("results/store", "hi");
    for command in [&["run", "tiny.yaml"][..], &["store", "list"]] {
        let (code, said) = place.run(command);
        assert_eq!(code, 2, "{said}");
        whole(
            &said,
            &["error: `results/store` is a file, not a folder", "the store is a folder: move this away"],
        );
        assert!(!said.contains("damaged"), "{said}");
    }
    let (code, said) = place.run(&["run", "tiny.yaml", "--results", "tiny.yaml/x"]);
    assert_eq!(code, 2, "{said}");
    whole(&said, &["`tiny.yaml` is a file, not a folder", "`--results DIR`"]);
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_nowhere_is_named() {
    let place = Place::with(GOOD);
    std::os::unix::fs::symlink("nowhere", place.path("results")).unwrap();
    let (code, said) = place.run(&["run", "tiny.yaml"]);
    assert_eq!(code, 2, "{said}");
    whole(&said, &["`results` is a link to `nowhere`, which does not exist", "`--results DIR`"]);
}

#[test]
fn a_name_is_given_without_its_ending() {
    let place = Place::with(GOOD);
    let (code, said) = place.run(&["init", "mine.yaml"]);
    assert_eq!(code, 2, "{said}");
    whole(&said, &["`mine.yaml` is the name of a file", "`replikat init mine`"]);
    let (code, said) = place.run(&["init", "--experiments", "tiny.yaml"]);
    assert_eq!(code, 2, "{said}");
    whole(&said, &["`tiny.yaml` is a file, not a folder", "`--experiments DIR`"]);
}

#[test]
fn a_record_that_is_not_there_is_not_damaged() {
    let place = Place::with(GOOD);
    let absent = format!("results/{}.json", "0".repeat(64));
    for path in [absent.as_str(), "nope.json"] {
        let (code, said) = place.run(&["show", path]);
        assert_eq!(code, 2, "{said}");
        whole(&said, &[&format!("there is no file `{path}`"), "`replikat store list`"]);
    }
}

#[test]
fn what_is_no_lock_is_told_in_plain_words() {
    let place = Place::with(&judged());
    place.good(&["run", "tiny.yaml"]);
    for (lock, reason) in
        [("[]", "it is a list, not a lock"), ("{", "it is cut off"), ("{}", "it has no `format`")]
    {
        place.write("results/good.lock.json", lock);
        let (code, said) = place.run(&["check", "tiny.yaml"]);
        assert_eq!(code, 2, "{said}");
        whole(&said, &[reason, "restore it from version control"]);
    }
}

#[test]
fn plan_and_fsck_tell_of_what_is_no_good_record() {
    let place = Place::with(GOOD);
    place.good(&["run", "tiny.yaml"]);
    let record = place.files("results/store/v1").into_keys().find(|name| name.contains(".json")).unwrap();
    let record = place.path("results/store/v1").join(record);
    std::fs::write(&record, "x").unwrap();
    std::fs::write(record.with_file_name("zz.json"), "x").unwrap();
    let said = place.good(&["plan", "tiny.yaml"]);
    whole(&said, &["of these, 1 record damaged; `replikat explain tiny.yaml` says which"]);
    let (_, said) = place.run(&["store", "fsck"]);
    whole(&said, &["no record: ", "move other files away yourself"]);
}

#[test]
fn a_network_that_an_option_made_for_no_run_is_told() {
    let place = Place::with(GOOD);
    let (code, said) =
        place.run(&["plan", "tiny.yaml", "--set", "architectures.nett.pair=[flatten, {linear: 2}]"]);
    assert_eq!(code, 0, "{said}");
    whole(&said, &["the architecture `nett`", "is in no grid", "did you mean `architectures.net.pair`?"]);
}

#[test]
fn numbers_of_a_paper_that_nothing_judges_are_told() {
    let place = Place::with(&(GOOD.to_owned() + "tables: {t: {rows: [{paper: {mean: 72}}]}}\n"));
    let (code, said) = place.run(&["run", "tiny.yaml"]);
    assert_eq!(code, 0, "{said}");
    whole(&said, &["note: the paper's numbers are not judged", "add `claims: {rounds: N}`"]);
}

#[test]
fn mistakes_of_sweeps_are_told() {
    let place = Place::with(&judged());
    for (sweep, parts) in [
        (
            "base: sweep.yaml\nvariants: {x: [train.batch=5]}",
            &[":2:7", "`sweep.yaml` is a sweep", "name a spec"][..],
        ),
        ("base: tiny.yaml\nvariants: {}", &["variants: there are none", "add one: `NAME: [train.batch=64]`"]),
        (
            "base: tiny.yaml\nvariants: [x, y]",
            &["expected a map", "write `variants: {NAME: [train.batch=64]}`"],
        ),
        ("base: tiny.yaml\nvariants: {x: []}", &["the list is empty", "write `x: [train.batch=64]`"]),
        ("base: tiny.yaml\nvariants: {x: {train.batch: 5}}", &["found a map", "write `x: [train.batch=5]`"]),
        ("base: tiny.yaml\nvariants: {x: [train.batch]}", &["has no `=`", "such as `train.batch=64`"]),
    ] {
        place.write("sweep.yaml", &format!("sweep: s\n{sweep}\n"));
        let (code, said) = place.run(&["sweep", "sweep.yaml", "--dry-run"]);
        assert_eq!(code, 2, "{said}");
        whole(&said, parts);
    }
    let variants = "{x: [train.batch=10], y: [train.batch=5], z: [train.batch=5]}";
    place.write("sweep.yaml", &format!("sweep: s\nbase: tiny.yaml\nvariants: {variants}\n"));
    let (code, said) = place.run(&["sweep", "sweep.yaml", "--dry-run"]);
    assert_eq!(code, 0, "{said}");
    whole(
        &said,
        &["`x` changes nothing: train.batch=10 is in the spec already", "`z` is the same as the variant `y`"],
    );
}

/// Command lines of those who know other programs, and parts of what is said.
const ELSEWHERE: &[(&[&str], &[&str])] = &[
    (&["run", "tiny.yaml", "--gpu"], &["there is no option `--gpu`", "`--device cuda` trains on a GPU"]),
    (
        &["run", "tiny.yaml", "--resume"],
        &["there is no option `--resume`", "`replikat run` goes on by itself"],
    ),
    (&["resume", "tiny.yaml"], &["there is no command `resume`", "use `replikat run SPEC`"]),
    (&["run", "tiny.yaml", "--dry-run"], &["there is no option `--dry-run`", "`replikat plan SPEC`"]),
    (&["run", "tiny.yaml", "--seed", "3"], &["there is no option `--seed`", "`--set grid.seed=3`"]),
    (&["report", "tiny.yaml", "--format", "pdf"], &["there is no option `--format`", "figures svg and png"]),
    (
        &["check", "tiny.yaml", "--fail-on", "replicated"],
        &["`replicated` is no value of `--fail-on`", "choose one of not-replicated, partly"],
    ),
    (&["completions", "tcsh"], &["`tcsh` is no value of `SHELL`", "choose one of bash, elvish, fish"]),
    (&["schema", "tiny.yaml"], &["`tiny.yaml` is one argument too many", "`replikat schema` takes no file"]),
    (
        &["init", "s/x"],
        &["`s/x` is a path, not the name of an experiment", "`replikat init NAME --experiments DIR`"],
    ),
    (
        &["check", "tiny.yaml", "--summary", "."],
        &["cannot append to `.`", "something of another kind has this name"],
    ),
    (&["store", "gc", "--experiments", "nope"], &["there is no folder `nope`", "`--experiments DIR`"]),
    (
        &["store", "gc", "--experiments", "tiny.yaml"],
        &["`tiny.yaml` is a file, not a folder", "`--experiments DIR`"],
    ),
];

#[test]
fn what_others_call_it_is_understood() {
    let place = Place::with(GOOD);
    place.good(&["run", "tiny.yaml"]);
    place.good(&["lock", "tiny.yaml"]);
    for (arguments, parts) in ELSEWHERE {
        let (code, said) = place.run(arguments);
        assert_eq!(code, 2, "{arguments:?}: {said}");
        whole(&said, parts);
    }
}

#[test]
fn what_stands_where_outputs_go_is_named_with_a_remedy() {
    let place = Place::with(GOOD);
    place.good(&["run", "tiny.yaml"]);
    let folder = std::fs::read_dir(place.path("reports")).unwrap().next().unwrap().unwrap().path();
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::write(&folder, "hi").unwrap();
    let (code, said) = place.run(&["report", "tiny.yaml"]);
    assert_eq!(code, 2, "{said}");
    whole(&said, &["`reports/", "something of another kind has this name: move it away"]);
}
