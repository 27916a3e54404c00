//! Folders that somebody else has prepared: nothing outside is touched, nothing of theirs is executed or believed.
#![cfg(unix)]

use std::{
    os::unix::fs::{FileTypeExt, symlink},
    process::{Command, Stdio},
};

use replikat::{
    digest::Digest,
    record::{End, Record},
    store::Lookup,
    task::Metric,
};

use crate::support::place::{Place, TINY};

pub(crate) fn git(place: &Place, arguments: &[&str]) {
    let output = Command::new("git")
        .current_dir(place.path("."))
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("HOME", place.path("home"))
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .args(["-c", "user.name=n", "-c", "user.email=e@e", "-c", "init.defaultBranch=main"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Returns the commit that the first record of a place names.
pub(crate) fn commit(place: &Place) -> String {
    let key = place.store().list().unwrap().keys[0];
    let Lookup::Hit(record) = place.store().get(key).unwrap() else { panic!() };
    record.provenance.commit
}

pub(crate) fn with_git(arguments: &[&str], place: &Place) -> (i32, String) {
    let mut command = place.command(arguments);
    let output = command.env("PATH", std::env::var_os("PATH").unwrap()).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8_lossy(&output.stderr).into_owned())
}

const ONE: [&str; 4] = ["run", "tiny.yaml", "--set", "grid.seed.count=1"];

#[test]
fn a_repository_executes_nothing() {
    for attack in ["fsmonitor", "filter", "bare"] {
        let place = Place::with(TINY);
        let touched = place.path("pwned");
        let command = format!("touch {}; false", touched.display());
        git(&place, &["init", "-q"]);
        match attack {
            "fsmonitor" => git(&place, &["config", "core.fsmonitor", &command]),
            "filter" => {
                place.write(".gitattributes", "*.yaml filter=x\n");
                git(&place, &["config", "filter.x.smudge", "cat"]);
            }
            _ => {}
        }
        git(&place, &["add", "tiny.yaml"]);
        git(&place, &["commit", "-qm", "x"]);
        if attack == "filter" {
            git(&place, &["config", "filter.x.clean", &command]);
            git(&place, &["config", "filter.x.process", &command]);
        }
        if attack == "bare" {
            // A folder of a repository that looks like one without a work tree.
            std::fs::create_dir(place.path("sub")).unwrap();
            for part in ["HEAD", "config", "objects", "refs", "index"] {
                std::fs::rename(place.path(&format!(".git/{part}")), place.path(&format!("sub/{part}")))
                    .unwrap();
            }
            std::fs::remove_dir_all(place.path(".git")).unwrap();
            std::fs::rename(place.path("tiny.yaml"), place.path("sub/tiny.yaml")).unwrap();
            let config = place.read("sub/config")
                + &format!("\tfsmonitor = {command}\n\tbare = false\n\tworktree = .\n");
            place.write("sub/config", &config);
            let (code, said) = with_git(&["run", "sub/tiny.yaml", "--set", "grid.seed.count=1"], &place);
            assert_eq!(code, 0, "{said}");
        } else {
            let _ = std::fs::remove_file(&touched);
            let (code, said) = with_git(&ONE, &place);
            assert_eq!(code, 0, "{said}");
            let commit = commit(&place);
            assert!(commit.len() == 40 || commit.len() == 41 && attack == "filter", "{attack}: {commit}");
        }
        assert!(!touched.exists(), "{attack} was executed");
    }
}

#[test]
fn files_that_name_paths_delete_nothing_outside() {
    let place = Place::with(TINY);
    place.good(&["run", "tiny.yaml"]);
    std::fs::create_dir(place.path("victim")).unwrap();
    place.write("victim/config", "Host *");
    symlink(place.path("victim"), place.path("reports/tiny/sub")).unwrap();
    let digest = Digest::of(b"Host *").to_string();
    let absolute = place.path("victim/config").display().to_string();
    for name in [absolute.as_str(), "../../victim/config", "sub/config", "./../../victim/config"] {
        let mut build: serde_json::Value =
            serde_json::from_str(&place.read("results/tiny/build.json")).unwrap();
        build["outputs"]["figure old"] =
            serde_json::json!({"files": {name: digest}, "folder": "reports", "inputs": []});
        place.write("results/tiny/build.json", &build.to_string());
        place.good(&["report", "tiny.yaml"]);
        assert_eq!(place.read("victim/config"), "Host *", "{name}");
    }
}

#[test]
fn links_and_pipes_at_our_names_end_in_a_word() {
    let place = Place::with(TINY);
    place.good(&["run", "tiny.yaml"]);
    std::fs::remove_file(place.path("reports/tiny/t.md")).unwrap();
    symlink(place.path("outside"), place.path("reports/tiny/.t.md.tmp")).unwrap();
    place.good(&["report", "tiny.yaml"]);
    assert!(place.path("reports/tiny/t.md").is_file() && place.path("reports/tiny/.t.md.tmp").is_symlink());
    let key = place.store().list().unwrap().keys[0];
    let pipe = |name: &str| {
        let made = Command::new("mkfifo").arg(place.path(name)).status().unwrap();
        assert!(made.success());
    };
    std::fs::remove_file(place.store().path(key)).unwrap();
    symlink(place.path("outside"), place.path(&format!("results/store/claims/{key}"))).unwrap();
    let (code, said) = place.run(&["run", "tiny.yaml"]);
    assert!(code == 2 && said.contains("it is no plain file"), "{said}");
    std::fs::remove_file(place.path(&format!("results/store/claims/{key}"))).unwrap();
    pipe(&format!("results/store/claims/{key}"));
    let (code, said) = place.run(&["run", "tiny.yaml"]);
    assert!(code == 2 && said.contains("it is no plain file"), "{said}");
    std::fs::remove_file(place.path(&format!("results/store/claims/{key}"))).unwrap();
    assert!(!place.path("outside").exists());
    pipe("results/tiny.lock.json");
    let (code, said) = place.run(&["check", "tiny.yaml"]);
    assert!(code == 2 && said.contains("it is no plain file"), "{said}");
}

#[test]
fn judgements_go_into_what_is_no_plain_file() {
    let place = Place::with(TINY);
    place.good(&["run", "tiny.yaml"]);
    let made = Command::new("mkfifo").arg(place.path("pipe")).status().unwrap();
    assert!(made.success());
    let reader = Command::new("cat").arg(place.path("pipe")).stdout(Stdio::piped()).spawn().unwrap();
    place.good(&["check", "tiny.yaml", "--junit", "pipe"]);
    let read = reader.wait_with_output().unwrap();
    assert!(String::from_utf8_lossy(&read.stdout).contains("<testsuites"));
    assert!(place.path("pipe").symlink_metadata().unwrap().file_type().is_fifo());
    place.write("there.xml", "old");
    symlink(place.path("there.xml"), place.path("link.xml")).unwrap();
    place.good(&["check", "tiny.yaml", "--junit", "link.xml"]);
    assert!(place.path("link.xml").is_symlink() && place.read("there.xml").contains("<testsuites"));
    place.good(&["check", "tiny.yaml", "--junit", "/dev/null"]);
}

type Change = fn(&mut Record, Metric);

#[test]
fn records_that_were_made_up_are_damaged() {
    let place = Place::with(TINY);
    place.good(&["run", "tiny.yaml"]);
    let key = place.store().list().unwrap().keys[0];
    let Lookup::Hit(good) = place.store().get(key).unwrap() else { panic!() };
    let accuracy = good.outcome.epochs[0].test.iter().next().unwrap().0;
    let changes: [(&str, Change); 6] = [
        ("a metric is outside", |r, m| r.outcome.epochs[0].test.set(m, Some(5.0))),
        ("its epochs have different metrics", |r, m| r.outcome.epochs[0].test.set(m, None)),
        ("its epochs are not those", |r, _| r.outcome.epochs[0].epoch = 0),
        ("its epochs are not those", |r, _| r.outcome.epochs = r.outcome.epochs.repeat(2)),
        ("it lacks epochs", |r, _| r.outcome.epochs.truncate(5)),
        ("after its end", |r, _| r.outcome.end = End::Diverged { epoch: 1, step: 1 }),
    ];
    for (reason, change) in changes {
        let mut record = good.clone();
        change(&mut record, accuracy);
        let forged = Record::new(key, record.preimage, record.outcome, record.provenance);
        std::fs::write(place.store().path(key), forged.to_bytes()).unwrap();
        let found = place.store().get(key).unwrap();
        assert!(matches!(&found, Lookup::Damaged(why) if why.contains(reason)), "{reason}: {found:?}");
    }
}
