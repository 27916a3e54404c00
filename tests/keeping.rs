//! Nothing that somebody needs is removed or replaced without a word.

use std::path::Path;

use crate::{
    faults,
    support::place::{Place, TINY},
};

/// A spec of one run.
fn spec(experiment: &str, lr: &str) -> String {
    format!(
        "experiment: {experiment}\ndata: {{source: glyphs, pairs: {{train: 20, test: 20}}}}\n\
         train: {{epochs: 1, batch: 10}}\narchitectures: {{net: {{pair: [flatten, {{linear: 2}}]}}}}\n\
         grid: {{architecture: [net], seed: {{count: 2}}, lr: [{lr}]}}\n"
    )
}

fn folder(place: &Place, name: &str) {
    std::fs::create_dir_all(place.path(name)).unwrap();
}

#[test]
fn what_is_collected_is_moved_and_can_be_put_back() {
    let place = Place::with("");
    folder(&place, "experiments");
    place.write("experiments/a.yaml", &spec("a", "0.1"));
    place.write("b.yaml", &spec("b", "0.2"));
    place.good(&["run", "b.yaml"]);
    std::fs::remove_dir_all(place.path("results/b")).unwrap();
    let before = place.files("results/store/v1");
    let said = place.good(&["store", "gc", "--yes"]);
    assert!(said.contains("moved 2 records") && place.records() == 0, "{said}");
    assert_eq!(place.files("results/trash"), before, "the same files, in the same folders");
    let said = place.good(&["store", "gc", "--empty-trash", "--dry-run"]);
    assert!(said.contains("would remove 2 records"), "{said}");
    for (name, bytes) in &before {
        std::fs::create_dir_all(place.path("results/store/v1").join(name).parent().unwrap()).unwrap();
        std::fs::write(place.path("results/store/v1").join(name), bytes).unwrap();
    }
    assert!(place.good(&["run", "b.yaml"]).contains("2 cached, 0 trained"));
    let (code, said) = place.run(&["store", "gc", "--empty-trash"]);
    assert!(code == 2 && said.contains("nothing was changed"), "{said}");
    assert!(place.good(&["store", "gc", "--empty-trash", "--yes"]).contains("removed 2 records for good"));
    assert!(place.files("results/trash").is_empty());
}

#[test]
fn a_lock_grows_and_names_no_run_twice() {
    let place = Place::with(TINY);
    place.good(&["run", "tiny.yaml", "-q"]);
    place.good(&["lock", "tiny.yaml"]);
    let lock = place.read("results/tiny.lock.json");
    // More runs change nothing that is there.
    place.good(&["run", "tiny.yaml", "--set", "grid.seed.count=3"]);
    let said = place.good(&["lock", "tiny.yaml", "--set", "grid.seed.count=3"]);
    assert!(said.contains("6 runs, written: 2 added, 0 changed, 0 dropped"), "{said}");
    // A merge that left a run twice is no lock.
    let run = lock.lines().skip_while(|l| !l.contains("runs")).skip(1).take(4).collect::<Vec<_>>().join("\n");
    place.write("results/tiny.lock.json", &lock.replacen(&run, &format!("{run}\n{run}"), 1));
    let (code, said) = place.run(&["check", "tiny.yaml"]);
    assert!(code == 2 && said.contains("is there twice"), "{said}");
}

#[test]
fn outputs_of_another_spec_of_the_same_name_stay() {
    let place = Place::with("");
    let tables = "tables: {t: {rows: [{name: a}]}}\n";
    place.write("one.yaml", &(spec("s", "0.1") + tables));
    place.write("two.yaml", &spec("s", "0.2"));
    place.good(&["run", "one.yaml"]);
    let before = place.files("reports/s");
    assert_eq!(place.run(&["run", "two.yaml"]).0, 2);
    // It is said before anything is trained.
    assert_eq!((place.files("reports/s"), place.records()), (before, 2));
    let said = place.good(&["run", "two.yaml", "--force"]);
    assert!(
        said.contains("removed, since nothing makes them any more: ") && said.contains("t.csv"),
        "{said}"
    );
    // Reports that are kept in version control come without `results`.
    place.good(&["report", "one.yaml", "--force"]);
    std::fs::remove_dir_all(place.path("results/s")).unwrap();
    let (code, said) = place.run(&["report", "two.yaml"]);
    assert!(code == 2 && said.contains("belong to another spec of the name `s`: one.yaml"), "{said}");
    place.good(&["report", "one.yaml"]);
    place.good(&["report", "two.yaml", "--force"]);
    // What was renamed or removed has given its outputs up.
    place.write("two.yaml", &spec("other", "0.2"));
    place.good(&["report", "one.yaml"]);
    std::fs::rename(place.path("one.yaml"), place.path("three.yaml")).unwrap();
    place.good(&["report", "three.yaml"]);
    assert!(!Path::new(&place.path("results/s/.build.lock")).exists());
}

#[test]
fn what_comes_into_the_trash_twice_is_there_twice_and_nothing_else_is_removed() {
    let place = Place::with("");
    folder(&place, "experiments");
    place.write("experiments/a.yaml", &spec("a", "0.1"));
    place.write("b.yaml", &spec("b", "0.2"));
    for _ in 0..2 {
        place.good(&["run", "b.yaml"]);
        std::fs::remove_dir_all(place.path("results/b")).unwrap();
        place.good(&["store", "gc", "--yes"]);
    }
    assert_eq!(place.files("results/trash").len(), 4);
    place.write("results/trash/note.txt", "mine");
    std::fs::create_dir(place.path("mine")).unwrap();
    place.write("mine/letter", "dear");
    #[cfg(unix)]
    std::os::unix::fs::symlink(place.path("mine"), place.path("results/trash/ab")).unwrap();
    assert!(place.good(&["store", "gc", "--empty-trash", "--yes"]).contains("removed 4 records"));
    assert_eq!(
        (place.read("results/trash/note.txt"), place.read("mine/letter")),
        ("mine".into(), "dear".into())
    );
}

#[test]
fn outputs_without_their_runs_stop_a_collection() {
    let place = Place::with("");
    folder(&place, "experiments");
    place.write("experiments/a.yaml", &spec("a", "0.1"));
    place.good(&["run", "experiments/a.yaml", "--set", "grid.seed.count=3"]);
    std::fs::remove_file(place.path("results/a/runs.csv")).unwrap();
    let (code, said) = place.run(&["store", "gc", "--yes"]);
    assert!(code == 2 && said.contains("which runs these outputs are of") && place.records() == 3, "{said}");
}

#[test]
fn an_axis_has_one_way_to_write_its_path() {
    let place = Place::with("");
    for axis in ["'data.\"source\"': [glyphs]", "train.batch: [8], 'train.\"batch\"': [10]"] {
        place.write("s.yaml", &spec("s", "0.1").replace("lr: [0.1]", &format!("lr: [0.1], {axis}")));
        let (code, said) = place.run(&["plan", "s.yaml"]);
        assert!(code == 2 && said.contains("has quotes in its path"), "{said}");
    }
}

#[test]
fn a_beginning_runs_and_replaces_nothing() {
    let place = Place::with("");
    let said = place.good(&["init", "mine"]);
    assert!(
        said.contains("experiments/mine.yaml: a spec to change")
            && said.contains("replikat run experiments/mine.yaml"),
        "{said}"
    );
    assert!(place.good(&["plan", "experiments/mine.yaml"]).contains("20 runs, 0 stored, 20 to train"));
    let said = place.good(&["run", "experiments/mine.yaml"]);
    assert!(said.contains("20 of 20 runs finished") && said.contains("reports/mine/index.html"), "{said}");
    let (code, said) = place.run(&["init", "mine"]);
    assert!(code == 2 && said.contains("was left as it is"), "{said}");
    let (code, said) = place.run(&["init", "a/b"]);
    assert!(code == 2 && said.contains("is a path, not the name of an experiment"), "{said}");
    serde_json::from_str::<serde_json::Value>(&place.read("experiments/spec.schema.json")).unwrap();
}

#[test]
fn outputs_whose_list_of_runs_is_another_one_stop_a_collection() {
    let place = Place::with(&faults::spec(3));
    folder(&place, "experiments");
    place.write("experiments/other.yaml", &faults::spec(1).replace("[0.1]", "[0.7]"));
    place.good(&["run", "tiny.yaml"]);
    let list = place.read("results/tiny/runs.csv");
    let first: String = list.lines().take(2).fold(String::new(), |all, line| all + line + "\n");
    for text in ["", &first, &list.replace("0,net", "1,net")] {
        place.write("results/tiny/runs.csv", text);
        let (code, said) = place.run(&["store", "gc", "--yes"]);
        assert!(code == 2 && said.contains("nobody knows which runs these outputs are of"), "{text}: {said}");
        assert_eq!(place.records(), 3);
    }
    place.write("results/tiny/runs.csv", &list);
    place.write("results/.gitignore", "*");
    assert!(place.good(&["store", "gc", "--yes"]).contains("3 of 3 records are needed"));
    #[cfg(unix)]
    {
        // A trash that leads elsewhere gets nothing, and a pipe is no spec.
        std::fs::remove_dir_all(place.path("results/tiny")).unwrap();
        folder(&place, "elsewhere");
        std::os::unix::fs::symlink(place.path("elsewhere"), place.path("results/trash")).unwrap();
        let (code, said) = place.run(&["store", "gc", "--yes"]);
        assert!(code == 2 && said.contains("`results/trash` is a link, which is not followed"), "{said}");
        assert_eq!(place.records(), 3);
        let pipe = place.path("experiments/pipe.yaml");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let (code, said) = place.run(&["store", "gc", "--dry-run"]);
        assert!(
            code == 2 && said.contains("is no plain file, so nobody knows which runs it needs"),
            "{said}"
        );
    }
}
