//! What living processes need stays; what processes left that have ended is named and removed.
#![cfg(unix)]

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Stdio},
};

use replikat::{digest::Digest, plan::RunKey};

use crate::{
    faults::spec,
    support::place::{Place, TINY},
};

fn started(place: &Place, arguments: &[&str]) -> Child {
    place.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn ended(child: Child) -> (i32, String) {
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap_or(-1), String::from_utf8(said).unwrap())
}

/// A place whose `experiments` hold another spec than the one that is run.
fn elsewhere(text: &str) -> Place {
    let place = Place::with(text);
    std::fs::create_dir(place.path("experiments")).unwrap();
    place.write("experiments/other.yaml", &spec(1).replace("lr: [0.1]", "lr: [0.7]"));
    place
}

#[test]
fn what_processes_left_that_have_ended_is_named_and_removed() {
    for command in [&["store", "fsck", "--repair"][..], &["store", "gc", "--yes"]] {
        let place = elsewhere(&spec(1));
        place.good(&["run", "tiny.yaml"]);
        let [dead, living] = [b"dead", b"life"].map(|text| RunKey(Digest::of(text)));
        let lease = place.store().lease(living).unwrap();
        let note = place.store().hold([living].into_iter()).unwrap();
        let held = place.files("results/store/in-use").into_keys().next().unwrap();
        let record = place.store().path(dead);
        std::fs::create_dir_all(record.parent().unwrap()).unwrap();
        let folder = record.parent().unwrap().strip_prefix(place.path("")).unwrap().display().to_string();
        let left = [
            format!("results/store/claims/{dead}"),
            "results/store/in-use/host-1-0".to_owned(),
            format!("{folder}/.{dead}.json.tmp"),
            format!("{folder}/.{dead}.json.host-1-0-abc.tmp"),
        ];
        for name in &left {
            place.write(name, "");
        }
        let before = place.files("results");
        let said = place.good(&["store", "fsck"]) + &place.good(&["store", "gc", "--dry-run"]);
        assert_eq!(place.files("results"), before, "nothing is changed");
        for name in &left {
            assert!(said.contains(name.as_str()), "{name}: {said}");
        }
        assert!(!said.contains(&living.to_string()) && !said.contains(&held), "{said}");
        let counts = "records to results/trash, and remove 2 half-written files and 2 leases and notes of processes that have ended";
        assert!(said.contains(counts), "{said}");
        place.good(command);
        for name in &left {
            assert!(!place.path(name).exists(), "{command:?}: {name}");
        }
        assert!(place.path(&format!("results/store/claims/{living}")).exists());
        assert!(place.path(&format!("results/store/in-use/{held}")).exists());
        drop((lease, note));
        assert!(
            place.files("results/store/in-use").is_empty() && place.files("results/store/claims").is_empty()
        );
    }
}

#[test]
fn parts_of_downloads_that_nobody_needs_are_named_and_removed() {
    let place = Place::with("");
    let folder = "home/.cache/replikat/mnist";
    std::fs::create_dir_all(place.path(folder)).unwrap();
    let names = ["train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"];
    for name in names {
        place.write(&format!("{folder}/{name}-ubyte.gz"), "not MNIST");
    }
    let part = |name: &str| format!("{folder}/{name}-ubyte.gz.part");
    place.write(&part(names[0]), "left");
    place.write(&part(names[1]), "a living process writes it");
    let held = std::fs::File::open(place.path(&part(names[1]))).unwrap();
    held.lock().unwrap();
    let (_, said) = place.run(&["data", "status"]);
    assert!(said.contains("train-images-idx3-ubyte.gz.part: nobody needs it any more"), "{said}");
    assert!(!said.contains("train-labels-idx1-ubyte.gz.part"), "{said}");
    assert!(place.path(&part(names[0])).exists());
    let (_, said) = place.run(&["data", "fetch", "--offline"]);
    assert!(said.contains("train-images-idx3-ubyte.gz.part: removed"), "{said}");
    assert!(!place.path(&part(names[0])).exists() && place.path(&part(names[1])).exists());
}

#[test]
fn collection_leaves_what_a_living_process_needs() {
    let place = elsewhere(&spec(2));
    place.good(&["run", "tiny.yaml"]);
    std::fs::remove_dir_all(place.path("results/tiny")).unwrap();
    let keys = place.store().list().unwrap().keys;
    let note = place.store().hold(keys.iter().copied()).unwrap();
    let said = place.good(&["store", "gc", "--yes"]);
    assert!(said.contains("2 of 2 records are needed") && said.contains("by 1 process at work"), "{said}");
    drop(note);
    assert!(place.good(&["store", "gc", "--yes"]).contains("moved 2 records"));
}

#[test]
fn what_came_to_be_needed_while_it_was_asked_is_left() {
    let place = elsewhere(&spec(2));
    place.good(&["run", "tiny.yaml"]);
    std::fs::remove_dir_all(place.path("results/tiny")).unwrap();
    // As long as the gate is held, a collection that has said what it would move waits.
    let gate = place.store().gate().unwrap();
    let mut child = started(&place, &["store", "gc", "--yes"]);
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert!(said.next().unwrap().starts_with("0 of 2 records are needed"));
    place.write("experiments/new.yaml", &spec(1));
    drop(gate);
    let rest: String = said.collect();
    assert!(rest.contains("moved 1 record,"), "{rest}");
    assert_eq!((child.wait().unwrap().code(), place.records()), (Some(0), 1));
}

#[test]
fn a_store_in_which_nothing_may_be_removed_trains_nobody_and_loses_nothing() {
    let place = Place::with(&spec(2));
    place.good(&["run", "tiny.yaml"]);
    place.write("results/store/in-use/dead", "");
    std::fs::write(place.path("results/store/in-use/.gate"), "").unwrap();
    for folder in ["in-use", "claims"] {
        closed_to_writing(&place.path(&format!("results/store/{folder}")), true);
    }
    let (code, said) = place.run(&["run", "tiny.yaml"]);
    for folder in ["in-use", "claims"] {
        closed_to_writing(&place.path(&format!("results/store/{folder}")), false);
    }
    assert!(code == 0 && said.contains("2 cached, 0 trained"), "{said}");
}

fn closed_to_writing(folder: &Path, closed: bool) {
    use std::os::unix::fs::PermissionsExt;
    let mode = if closed { 0o555 } else { 0o755 };
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_run_ends_well_however_often_others_collect() {
    let place = elsewhere(&spec(40));
    std::fs::create_dir(place.path("results")).unwrap();
    let mut child = started(&place, &["run", "tiny.yaml", "--jobs", "1"]);
    let mut collections = 0;
    while child.try_wait().unwrap().is_none() {
        let (code, said) = ended(started(&place, &["store", "gc", "--yes"]));
        assert_eq!(code, 0, "{said}");
        collections += 1;
    }
    let (code, said) = ended(child);
    assert!(
        code == 0 && said.contains("40 of 40 runs finished") && said.contains("0 cached, 40 trained"),
        "{collections}: {said}"
    );
    assert_eq!(place.records(), 40);
}

#[test]
fn versions_of_a_spec_at_once_leave_the_outputs_of_one() {
    let place = Place::with(&spec(2));
    place.good(&["run", "tiny.yaml"]);
    let version =
        |i: usize| spec(2).replace("tables: {t:", &format!("tables: {{t, t{i}:")).replace("{t, ", "{");
    for round in 0..8 {
        let mut children = Vec::new();
        for i in 0..3 {
            place.write("next.yaml", &version(3 * round + i));
            std::fs::rename(place.path("next.yaml"), place.path("tiny.yaml")).unwrap();
            let child = started(&place, &["run", "tiny.yaml"]);
            children.push(child);
        }
        for child in children {
            let (code, said) = ended(child);
            assert_eq!(code, 0, "{said}");
        }
        let build: serde_json::Value = serde_json::from_str(&place.read("results/tiny/build.json")).unwrap();
        let mut named: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for output in build["outputs"].as_object().unwrap().values() {
            let files = output["files"].as_object().unwrap().keys().cloned();
            named.entry(output["folder"].as_str().unwrap()).or_default().extend(files);
        }
        for (folder, mut names) in named {
            names.extend((folder == "results").then(|| "build.json".to_owned()));
            names.sort();
            let there: Vec<String> = place.files(&format!("{folder}/tiny")).into_keys().collect();
            assert_eq!(there, names, "round {round}: {folder}");
        }
    }
}

#[test]
fn an_experiment_does_not_take_the_folders_of_what_stands_in_for_another() {
    let place = Place::with("");
    let text = spec(1).replace("experiment: tiny", "experiment: x");
    place.write("x.yaml", &text.replace("source: glyphs", "source: mnist, otherwise: glyphs"));
    place.write("y.yaml", &text.replace("experiment: x", "experiment: x-glyphs").replace("{t:", "{u:"));
    place.good(&["run", "x.yaml", "--offline"]);
    let before = place.files("reports/x-glyphs");
    let (code, said) = place.run(&["run", "y.yaml"]);
    assert!(
        code == 2 && said.contains("belong to another spec, the experiment `x`: ") && said.contains("x.yaml"),
        "{said}"
    );
    assert_eq!(place.files("reports/x-glyphs"), before);
    place.good(&["run", "y.yaml", "--force"]);
    let (code, said) = place.run(&["report", "x.yaml"]);
    assert!(code == 2 && said.contains("belong to another spec, the experiment `x-glyphs`: "), "{said}");
}

#[test]
fn runs_of_a_sweep_are_needed_whatever_was_replaced() {
    let place = Place::with("");
    std::fs::create_dir(place.path("experiments")).unwrap();
    let claims = "claims: {rounds: 2, words: [{name: low, where: {architecture: net}, below: 101}]}\n";
    place.write("experiments/tiny.yaml", &(spec(2) + claims));
    place.write("experiments/s.yaml", "sweep: s\nbase: tiny.yaml\nvariants: {faster: [\"grid.lr=[0.3]\"]}\n");
    place.good(&["sweep", "experiments/s.yaml", "--set", "grid.seed.count=3", "--set", "train.epochs=3"]);
    assert_eq!(place.records(), 6);
    let said = place.good(&["store", "gc", "--yes"]);
    assert!(said.contains("6 of 6 records are needed") && said.contains("nothing to move"), "{said}");
    let list = place.read("results/s/runs.csv");
    assert!(list.lines().count() == 7 && list.contains("faster,net seed 2,"), "{list}");
    // An experiment of that name keeps its folders.
    place.write("experiments/other.yaml", &spec(1).replace("experiment: tiny", "experiment: s"));
    let (code, said) = place.run(&["run", "experiments/other.yaml"]);
    assert_eq!(code, 0, "{said}");
    let (code, said) = place.run(&["sweep", "experiments/s.yaml"]);
    assert!(code == 2 && said.contains("is the report of an experiment"), "{said}");
}

/// Replaces a file of the outputs and renews its digest.
fn forge(place: &Place, path: &str, to: &dyn Fn(&str) -> String) {
    let (old, graph) = (place.read(path), place.read("results/tiny/build.json"));
    let new = to(&old);
    assert_ne!(old, new, "{path}");
    let digest = |text: &str| Digest::of(text.as_bytes()).to_string();
    assert!(graph.contains(&digest(&old)), "{path}");
    place.write(path, &new);
    place.write("results/tiny/build.json", &graph.replace(&digest(&old), &digest(&new)));
}

#[test]
fn nothing_kept_decides_a_verdict_or_comes_onto_the_page() {
    let claims = "claims: {rounds: 2, words: [{name: low, where: {architecture: one}, below: 2}]}\n";
    let place = Place::with(&(TINY.to_owned() + claims));
    let said = place.good(&["run", "tiny.yaml"]);
    let line = |said: &str| said.lines().find(|line| line.contains("low")).unwrap_or_default().to_owned();
    let truth = line(&said);
    assert!(
        truth.contains("NOT REPLICATED") || truth.contains("CONTRADICTED") || !truth.is_empty(),
        "{said}"
    );
    let good = place.files("reports/tiny");
    let verdict_files: Vec<String> =
        good.keys().filter(|name| name.starts_with("verdict.")).cloned().collect();
    assert!(!verdict_files.is_empty());
    for file in verdict_files {
        forge(&place, &format!("reports/tiny/{file}"), &|text| text.replace("low", "low: REPLICATED"));
    }
    assert_eq!(line(&place.good(&["report", "tiny.yaml"])), truth);
    assert_eq!(place.files("reports/tiny"), good);
    // A figure with markup of somebody else's, of which the page has to be made again.
    let evil = "<a href=\"https://example.org\">here</a></svg>";
    forge(&place, "reports/tiny/c.svg", &|text| text.replace("</svg>", evil));
    let text = place.read("tiny.yaml");
    place.write("tiny.yaml", &text.replace("within: [20, 100]", "within: [10, 100]"));
    place.good(&["report", "tiny.yaml"]);
    assert!(!place.read("reports/tiny/index.html").contains("example.org"));
    // The page itself.
    let page = place.read("reports/tiny/index.html");
    forge(&place, "reports/tiny/index.html", &|text| text.replace("</body>", &format!("{evil}</body>")));
    assert!(place.good(&["run", "tiny.yaml"]).contains("rebuilt: page (file changed)"));
    assert_eq!(place.read("reports/tiny/index.html"), page);
}
