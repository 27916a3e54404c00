//! Limits that a system sets to a process: an error with a remedy, and no abrupt end.
#![cfg(target_os = "linux")]

use std::{path::PathBuf, process::Output};

use crate::{
    faults::spec,
    support::{disk::Disk, not_tested, place::Place},
};

/// Runs the program below a limit, as a user whom it holds for; `None` if this user cannot become one.
fn limited(place: &Place, limit: &str, user: bool, arguments: &[&str]) -> Option<(i32, String)> {
    use std::os::unix::{fs::PermissionsExt, process::CommandExt};
    let mut command = place.command(arguments);
    let mut program = PathBuf::from(command.get_program());
    command = std::process::Command::new("prlimit");
    command.current_dir(place.path("")).env("HOME", place.path("home")).env_remove("REPLIKAT_DATA_DIR");
    if user {
        std::fs::set_permissions(place.path(""), std::fs::Permissions::from_mode(0o777)).unwrap();
        // Root has no limit of processes.
        if std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0) {
            command.uid(64_103).gid(64_103);
            program = place.path("replikat");
            if !program.exists() {
                program = place.program_for_all();
            }
        }
    }
    command.arg(limit).arg(program).args(arguments);
    let Ok(Output { status, stdout, stderr }) = command.output() else {
        not_tested("it needs `prlimit`, and as root the right to become another user");
        return None;
    };
    let said = String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned();
    Some((status.code().unwrap_or(-1), said))
}

#[test]
fn without_threads_there_is_an_error_and_no_panic() {
    let place = Place::with(&spec(2));
    for threads in [1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 24, 32, 48, 64] {
        let Some((code, said)) = limited(&place, &format!("--nproc={threads}"), true, &["run", "tiny.yaml"])
        else {
            return;
        };
        assert!(!said.contains("panicked"), "{threads}: {said}");
        if code == 0 {
            assert!(threads > 1, "{said}");
            return;
        }
        assert!(
            code == 2 && said.contains("cannot start threads") && said.contains("hint: "),
            "{threads}: {code} {said}"
        );
        let (code, said) =
            limited(&place, &format!("--nproc={threads}"), true, &["plan", "tiny.yaml"]).unwrap();
        assert!(code == 0 && said.contains("2 runs"), "{threads}: {code} {said}");
    }
}

#[test]
fn a_file_that_may_not_be_so_large_is_an_error() {
    let place = Place::with(&spec(2));
    for bytes in [0, 100, 1000, 10_000] {
        let Some((code, said)) = limited(&place, &format!("--fsize={bytes}"), false, &["run", "tiny.yaml"])
        else {
            return;
        };
        assert!(
            code == 2 && said.contains("file too large") && said.contains("`ulimit -f`"),
            "{bytes}: {code} {said}"
        );
    }
    place.good(&["run", "tiny.yaml"]);
    assert_eq!(place.results("tiny"), crate::faults::undisturbed(&spec(2)));
}

#[test]
fn too_few_open_files_are_an_error_or_enough() {
    let place = Place::with(&spec(2));
    let mut good = 0;
    for files in [10, 14, 18, 24, 32, 48] {
        let Some((code, said)) =
            limited(&place, &format!("--nofile={files}:{files}"), false, &["run", "tiny.yaml"])
        else {
            return;
        };
        good += usize::from(code == 0);
        assert!(
            code == 0 || code == 2 && said.contains("too many open files") && said.contains("`ulimit -n"),
            "{files}: {code} {said}"
        );
        if code == 0 {
            std::fs::remove_dir_all(place.path("results")).unwrap();
        }
    }
    assert!(good > 0);
}

#[test]
fn what_is_set_aside_may_go_to_another_file_system() {
    let place = Place::with(&spec(2));
    place.good(&["run", "tiny.yaml"]);
    let keys = place.store().list().unwrap().keys;
    let Some(disk) = Disk::mount(&place, "size=4m") else { return };
    std::os::unix::fs::symlink("../disk", place.path("results/quarantine")).unwrap();
    std::fs::write(place.store().path(keys[0]), "damaged").unwrap();
    let (code, said) = disk.run(&["run", "tiny.yaml"]);
    assert!(code == 0 && said.contains("1 cached, 1 trained"), "{said}");
    disk.call("sh", &["-c", "grep -q damaged disk/*/*.json"]);
    // What is no file is not copied.
    std::fs::remove_file(place.store().path(keys[0])).unwrap();
    std::fs::create_dir(place.store().path(keys[0])).unwrap();
    let (code, said) = disk.run(&["run", "tiny.yaml"]);
    assert!(
        code == 2 && said.contains("hint: store, quarantine and trash lie on several file systems"),
        "{said}"
    );
}
