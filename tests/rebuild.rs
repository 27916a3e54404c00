//! Three layers: runs, summaries, outputs. A change rebuilds what depends on it and nothing else.

use crate::support::place::{Place, TINY};

/// Edits the spec, reports again and returns what was rebuilt.
fn rebuilt(place: &Place, from: &str, to: &str) -> String {
    let text = place.read("tiny.yaml");
    assert!(text.contains(from), "{from}");
    place.write("tiny.yaml", &text.replace(from, to));
    said(&place.good(&["run", "tiny.yaml"]))
}

fn said(all: &str) -> String {
    all.lines().find_map(|line| line.strip_prefix("rebuilt: ")).unwrap().to_owned()
}

#[test]
fn only_what_changed_is_built_again() {
    let place = Place::with(TINY);
    let first = said(&place.good(&["run", "tiny.yaml"]));
    assert_eq!(
        first,
        "table t, figure c, figure d, frame runs, frame epochs, frame summary, latex, ranking, page (first time here)"
    );
    assert_eq!(said(&place.good(&["run", "tiny.yaml"])), "nothing");
    assert_eq!(said(&place.good(&["report", "tiny.yaml"])), "nothing");

    // The page shows the spec.
    assert_eq!(rebuilt(&place, "within: [20, 100]", "within: [10, 100]"), "page (spec changed)");
    assert_eq!(rebuilt(&place, "caption: Tiny", "caption: Other"), "table t, latex, page (spec changed)");
    assert_eq!(rebuilt(&place, "title: Tiny", "title: Other"), "figure c, page (spec changed)");
    assert_eq!(rebuilt(&place, "split: test}}\n", "split: train}}\n"), "figure d, page (spec changed)");
    // Figure c shows architecture two only.
    assert_eq!(
        rebuilt(&place, "{conv: 3}, {max-pool: 2}", "{conv: 2}, {max-pool: 2}"),
        "table t, figure d, frame runs, frame epochs, frame summary, latex, ranking, page (runs changed)"
    );
    let more = rebuilt(&place, "{from: 3, count: 2}", "{from: 3, count: 3}");
    assert!(more.matches(", ").count() == 8 && more.ends_with("page (runs changed)"), "{more}");
    assert_eq!(rebuilt(&place, "experiment: tiny", "experiment: other").matches(", ").count(), 8);
}

#[test]
fn a_file_that_was_changed_removed_or_never_finished_is_written_again() {
    let place = Place::with(TINY);
    place.good(&["run", "tiny.yaml"]);
    let good = (place.files("reports/tiny"), place.files("results/tiny"));
    place.write("reports/tiny/t.csv", "changed");
    std::fs::remove_file(place.path("reports/tiny/d.png")).unwrap();
    place.write("results/tiny/epochs.parquet", "");
    assert_eq!(said(&place.good(&["report", "tiny.yaml"])), "table t, figure d, frame epochs (file changed)");
    assert_eq!((place.files("reports/tiny"), place.files("results/tiny")), good);
    for state in ["", "{", "{\"format\":99,\"outputs\":{}}"] {
        place.write("results/tiny/build.json", state);
        let said = said(&place.good(&["report", "tiny.yaml"]));
        assert!(said.matches(", ").count() == 8 && said.ends_with("(first time here)"), "{said}");
        assert_eq!((place.files("reports/tiny"), place.files("results/tiny")), good);
    }
}

#[test]
fn what_the_spec_has_no_more_is_removed_unless_somebody_changed_it() {
    let place = Place::with(TINY);
    place.good(&["run", "tiny.yaml"]);
    place.write("reports/tiny/d.svg", "mine");
    let text = place.read("tiny.yaml");
    place.write("tiny.yaml", &text.replace("  d: {dots: {metric: accuracy, split: test}}\n", ""));
    let said = place.good(&["report", "tiny.yaml"]);
    assert!(said.contains("removed, since nothing makes them any more: d.png\n"), "{said}");
    let left = place.files("reports/tiny");
    assert!(!left.contains_key("d.png") && left.contains_key("d.svg") && left.contains_key("c.png"));
}

#[test]
fn what_earlier_versions_kept_is_removed_and_said() {
    let place = Place::with(TINY);
    place.good(&["run", "tiny.yaml"]);
    let good = (place.files("reports/tiny"), place.files("results/tiny"));
    for name in ["built.json", "judged.json", "page.json"] {
        place.write(&format!("results/tiny/{name}"), "{}");
    }
    let said = place.good(&["report", "tiny.yaml"]);
    assert!(
        said.contains("removed, since nothing makes them any more: built.json, judged.json, page.json\n"),
        "{said}"
    );
    assert_eq!((place.files("reports/tiny"), place.files("results/tiny")), good);
}

#[test]
fn a_research_object_follows_its_report() {
    let place = Place::with(TINY);
    let said_first = place.good(&["run", "tiny.yaml"]);
    assert!(!said_first.contains("research object"), "{said_first}");
    let described = place.good(&["report", "tiny.yaml", "--crate"]);
    assert_eq!(said(&described), "research object (first time here)");
    // Whoever has one gets it anew with every other output.
    let text = place.read("tiny.yaml");
    place.write("tiny.yaml", &text.replace("caption: Tiny", "caption: Other"));
    let again = place.good(&["run", "tiny.yaml"]);
    assert!(said(&again).ends_with("page, research object (spec changed)"), "{again}");
    assert_eq!(
        place.files("reports/tiny")["data/summary.parquet"],
        place.files("results/tiny")["summary.parquet"]
    );
    std::fs::remove_file(place.path("reports/tiny/ro-crate-metadata.json")).unwrap();
    let without = place.good(&["report", "tiny.yaml"]);
    assert!(
        without.contains("removed, since nothing makes them any more: ") && without.contains("spec.yaml"),
        "{without}"
    );
    assert!(!place.files("reports/tiny").contains_key("data/runs.csv"));
}

#[test]
fn collection_keeps_the_runs_of_sweeps() {
    let place = Place::with(TINY);
    std::fs::create_dir(place.path("experiments")).unwrap();
    let sweep = "sweep: s\nbase: tiny.yaml\nvariants: {faster: [\"grid.lr=[0.07]\"]}\n";
    place.write("experiments/tiny.yaml", TINY);
    place.write("experiments/s.yaml", sweep);
    place.good(&["run", "tiny.yaml"]);
    place.good(&["run", "tiny.yaml", "--set", "grid.lr=[0.07]"]);
    place.good(&["run", "tiny.yaml", "--set", "grid.lr=[0.09]"]);
    std::fs::remove_dir_all(place.path("results/tiny")).unwrap();
    let said = place.good(&["store", "gc", "--yes"]);
    assert!(
        said.contains("moved 4 records") && said.contains("8 of 12 records are needed: by 2 specs"),
        "{said}"
    );
    // A sweep is no spec, and says so.
    let (code, said) = place.run(&["run", "experiments/s.yaml"]);
    assert!(
        code == 2 && said.contains("this is a sweep of another spec") && said.contains("replikat sweep"),
        "{said}"
    );
    let (code, said) = place.run(&["sweep", "tiny.yaml"]);
    assert!(code == 2 && said.contains("this is a spec and no sweep"), "{said}");
    let (code, said) = place.run(&["sweep", "experiments/s.yaml"]);
    assert!(code == 2 && said.contains("makes no claims"), "{said}");
    // The examples of this repository can be read.
    let examples = concat!(env!("CARGO_MANIFEST_DIR"), "/experiments");
    place.good(&["store", "gc", "--dry-run", "--experiments", examples]);
}
