//! Many processes on one grid: they share the work, and none waits for a dead one.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

use replikat::{
    plan::{Plan, RunKey},
    record::{End, Outcome, Provenance, Record},
    spec::Spec,
    store::{Lookup, Put},
};

use crate::{
    faults::{factor, spec, undisturbed},
    support::place::Place,
};

fn start(place: &Place) -> Child {
    let mut command = place.command(&["run", "tiny.yaml", "--jobs", "1"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Waits for a process that ends well; returns how many runs it trained.
fn trained(child: Child) -> usize {
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    let line = said
        .lines()
        .find_map(|line| line.strip_prefix("24 of 24 runs finished, 0 diverged, 0 failed, 0 missing; "))
        .unwrap();
    let number = |words: &str| -> usize {
        let part = line.split([',', ';']).find_map(|part| part.trim().strip_suffix(words));
        part.map_or(0, |number| number.trim().parse().unwrap())
    };
    assert_eq!(number("cached") + number("trained") + number("by other processes"), RUNS, "{said}");
    number("trained")
}

const RUNS: usize = 24;

#[test]
fn processes_share_a_grid_and_nothing_is_trained_twice() {
    let text = spec(RUNS);
    let expected = undisturbed(&text);
    for count in [2, 4, 8] {
        let place = Place::with(&text);
        let children: Vec<Child> = (0..count).map(|_| start(&place)).collect();
        let counts: Vec<usize> = children.into_iter().map(trained).collect();
        assert_eq!(counts.iter().sum::<usize>(), RUNS, "{counts:?}");
        assert_eq!(place.results("tiny"), expected);
        assert!(!place.store().quarantine().exists());
        assert!(place.files("results/store/claims").is_empty());
    }
}

#[cfg(unix)]
#[test]
fn when_one_of_several_is_killed_the_others_finish_its_work() {
    let text = spec(RUNS);
    let expected = undisturbed(&text);
    for count in [2, 4, 8] {
        for round in 0..20 * factor() {
            let place = Place::with(&text);
            let mut children: Vec<Child> = (0..count).map(|_| start(&place)).collect();
            // Some are killed before their first record, some after it.
            while place.records() < round % RUNS && children[0].try_wait().unwrap().is_none() {
                std::thread::yield_now();
            }
            let mut victim = children.remove(0);
            victim.kill().unwrap();
            victim.wait().unwrap();
            let counts: Vec<usize> = children.into_iter().map(trained).collect();
            // If it was the last one to write reports, the lock of that is left.
            let _ = std::fs::remove_file(place.path("results/tiny/.build.lock"));
            assert!(counts.iter().sum::<usize>() <= RUNS, "{counts:?}");
            assert_eq!(place.results("tiny"), expected, "{count} processes, round {round}");
            assert!(!place.store().quarantine().exists());
        }
    }
}

/// A spec of one run that takes a while.
fn long() -> String {
    spec(1).replace("train: 20", "train: 2000").replace("epochs: 2", "epochs: 100000")
}

#[cfg(unix)]
#[test]
fn a_stopped_process_keeps_its_lease_and_a_killed_one_does_not() {
    let place = Place::with(&long());
    let mut first = start(&place);
    while !leased(&place) {
        assert_eq!(first.try_wait().unwrap(), None, "it ended before it began");
    }
    let key = only_run(&place).0;
    // The file is there a moment before it is locked; whoever finds it locked tries again.
    while place.store().lease(key).unwrap().is_some() {}
    // Stopped for however long, it is alive, and its run is its own: no clock decides.
    signal(&first, "-STOP");
    assert!(place.store().lease(key).unwrap().is_none());
    let mut second = start(&place);
    let said = BufReader::new(second.stderr.take().unwrap());
    let waits = |line: &String| line == "waiting for net seed 0, which another process trains";
    assert!(said.lines().map_while(Result::ok).any(|line| waits(&line)), "it says what it waits for");
    signal(&second, "-INT");
    let ended = second.wait().unwrap();
    assert!(ended.code().is_none_or(|code| code == 130), "a process that waits can be interrupted: {ended}");
    assert!(place.store().lease(key).unwrap().is_none());
    first.kill().unwrap();
    first.wait().unwrap();
    assert!(place.store().lease(key).unwrap().is_some());
}

fn signal(child: &Child, signal: &str) {
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
}

fn leased(place: &Place) -> bool {
    std::fs::read_dir(place.path("results/store/claims")).is_ok_and(|mut leases| leases.next().is_some())
}

/// Returns key and preimage of the only run.
fn only_run(place: &Place) -> (RunKey, String) {
    let spec = Spec::parse("tiny.yaml", &place.read("tiny.yaml"), &[]).unwrap();
    let plan = Plan::expand(&spec, spec.data.source.id());
    (plan.runs[0].key, plan.preimage(&plan.runs[0]))
}

#[cfg(target_os = "linux")]
#[test]
fn another_outcome_for_a_key_is_an_alarm_and_both_are_kept() {
    let text = spec(1).replace("train: 20", "train: 2000").replace("epochs: 2", "epochs: 1000");
    for _ in 0..20 {
        let place = Place::with(&text);
        let (key, preimage) = only_run(&place);
        let outcome = Outcome { end: End::Failed { reason: "other".into() }, epochs: Vec::new() };
        let other = Record::new(key, preimage, outcome, Provenance::default());
        let mut child = start(&place);
        while !leased(&place) {
            assert_eq!(child.try_wait().unwrap(), None, "it ended before it began");
        }
        // While it trains, other bits come into the store, as from a machine that computes wrongly.
        signal(&child, "-STOP");
        let status = format!("/proc/{}/status", child.id());
        while !std::fs::read_to_string(&status).unwrap().contains("State:\tT") {
            std::thread::yield_now();
        }
        if place.records() > 0 {
            signal(&child, "-CONT");
            assert!(child.wait_with_output().unwrap().status.success());
            continue; // It was quicker.
        }
        assert_eq!(place.store().put(key, &other).unwrap(), Put::Stored);
        signal(&child, "-CONT");
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        if said.contains("1 by other processes") {
            continue; // It came before the training began, and was taken.
        }
        assert!(said.contains("ALARM: net seed 0 came out with other bits"), "{said}");
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert_eq!(place.store().get(key).unwrap(), Lookup::Hit(other));
        let kept = place.files("results/quarantine");
        let (name, bytes) = kept.first_key_value().unwrap();
        assert!(name.starts_with(&key.to_string()) && Record::from_bytes(bytes, key).is_ok(), "{name}");
        return;
    }
    panic!("other bits never came in time");
}
