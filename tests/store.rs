//! The store as a library: what it keeps, and what it notices.

use std::{
    fs::{File, FileTimes},
    path::Path,
    time::{Duration, SystemTime},
};

use replikat::{
    digest::Digest,
    error::Error,
    plan::RunKey,
    record::{End, EpochMetrics, Outcome, Provenance, Record},
    store::{Lookup, Put, Store},
    task::{
        Measure,
        digit_pairs::{ACCURACY, LOSS, TASK},
    },
};

fn key(seed: u64) -> (RunKey, String) {
    let preimage = format!(r#"{{"config":{{"lr":0.1}},"seed":"{seed}"}}"#);
    (RunKey(Digest::of(preimage.as_bytes())), preimage)
}

fn record(seed: u64, accuracy: f64) -> Record {
    let (key, preimage) = key(seed);
    let measure = Measure::of(&TASK, &[(ACCURACY, accuracy), (LOSS, 0.5)]);
    let epochs = vec![EpochMetrics { epoch: 1, running: measure, test: measure, train: measure }];
    let outcome = Outcome { end: End::Finished { weights: "ab".into() }, epochs };
    Record::new(key, preimage, outcome, Provenance::default())
}

/// A store with the record of seed 0.
fn made() -> (tempfile::TempDir, Store, RunKey, Record) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path());
    let (key, record) = (key(0).0, record(0, 0.75));
    assert_eq!(store.get(key).unwrap(), Lookup::Miss);
    assert_eq!(store.put(key, &record).unwrap(), Put::Stored);
    (folder, store, key, record)
}

#[test]
fn the_first_outcome_is_kept_and_another_one_is_an_alarm() {
    let (_folder, store, key, record) = made();
    let again = Record { provenance: Provenance { seconds: 9.0, ..Provenance::default() }, ..record.clone() };
    assert_eq!(store.put(key, &again).unwrap(), Put::Same);
    let other = self::record(0, 0.5);
    let Put::Alarm { kept_at } = store.put(key, &other).unwrap() else { panic!("no alarm") };
    assert_eq!(Record::from_bytes(&std::fs::read(kept_at).unwrap(), key), Ok(other));
    assert_eq!(store.get(key).unwrap(), Lookup::Hit(record));
}

#[test]
fn no_flipped_bit_no_cut_and_no_zeros_are_unnoticed_and_the_store_recovers() {
    let (_folder, store, key, record) = made();
    let (path, bytes) = (store.path(key), record.to_bytes());
    let damaged = |bytes: &[u8], what: &dyn Fn() -> String| {
        std::fs::write(&path, bytes).unwrap();
        match store.get(key) {
            Ok(Lookup::Damaged(_)) => {}
            other => panic!("{}: {other:?}", what()),
        }
    };
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << bit;
            damaged(&flipped, &|| format!("bit {bit} of byte {at}"));
        }
        damaged(&bytes[..at], &|| format!("cut at {at}"));
        let mut zeros = bytes.clone();
        zeros[at..].fill(0);
        damaged(&zeros, &|| format!("zeros from {at} on"));
    }
    damaged(&[&bytes[..], b"\n"].concat(), &|| "a byte too many".into());
    assert_eq!(store.put(key, &record).unwrap(), Put::Stored);
    assert_eq!(store.get(key).unwrap(), Lookup::Hit(record));
}

#[cfg(unix)]
#[test]
fn what_stands_in_the_place_of_a_record_is_noticed_and_moved_away() {
    type Case = (&'static str, fn(&Path, &Path), &'static str);
    let cases: [Case; 7] = [
        ("folder", |path, _| std::fs::create_dir(path).unwrap(), "no plain file"),
        ("pipe", |path, _| mkfifo(path), "no plain file"),
        ("link to a good record outside", |path, good| link(good, path), "a symbolic link"),
        ("dangling link", |path, _| link(Path::new("/nowhere/at/all"), path), "a symbolic link"),
        ("hard link to another record", |path, good| std::fs::hard_link(good, path).unwrap(), "another key"),
        (
            "copy of another record",
            |path, good| assert!(std::fs::copy(good, path).unwrap() > 0),
            "another key",
        ),
        ("empty file", |path, _| drop(File::create(path).unwrap()), "cut off"),
    ];
    for (what, make, reason) in cases {
        let (folder, store, key, record) = made();
        // A good record, but of another run, except for the links, which are refused whatever they lead to.
        let outside = folder.path().join("outside.json");
        let there = if what.starts_with("link") { record.clone() } else { self::record(1, 0.25) };
        std::fs::write(&outside, there.to_bytes()).unwrap();
        std::fs::remove_file(store.path(key)).unwrap();
        make(&store.path(key), &outside);
        match store.get(key).unwrap() {
            Lookup::Damaged(found) => assert!(found.contains(reason), "{what}: {found}"),
            other => panic!("{what}: {other:?}"),
        }
        assert_eq!(store.put(key, &record).unwrap(), Put::Stored, "{what}");
        assert_eq!(store.get(key).unwrap(), Lookup::Hit(record), "{what}");
        assert_eq!(std::fs::read(&outside).unwrap(), there.to_bytes(), "{what}: what is outside was changed");
        assert_eq!(std::fs::read_dir(store.quarantine()).unwrap().count(), 1, "{what}");
    }
}

#[cfg(unix)]
fn mkfifo(path: &Path) {
    assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[cfg(unix)]
fn link(to: &Path, path: &Path) {
    std::os::unix::fs::symlink(to, path).unwrap();
}

#[cfg(unix)]
#[test]
fn a_shard_that_is_no_folder_makes_way() {
    let (_folder, store, key, record) = made();
    let shard = store.path(key).parent().unwrap().to_owned();
    std::fs::remove_dir_all(&shard).unwrap();
    std::fs::write(&shard, "a file").unwrap();
    assert_eq!(store.get(key).unwrap(), Lookup::Damaged("its folder is no folder".into()));
    assert_eq!(store.list().unwrap().strays, [shard]);
    store.set_aside(key).unwrap();
    assert_eq!(store.put(key, &record).unwrap(), Put::Stored);
}

#[test]
fn a_hard_link_of_a_record_is_as_good_as_the_record_and_never_written_through() {
    let (folder, store, key, record) = made();
    let link = folder.path().join("link.json");
    std::fs::hard_link(store.path(key), &link).unwrap();
    assert_eq!(store.get(key).unwrap(), Lookup::Hit(record.clone()));
    store.set_aside(key).unwrap();
    assert_eq!(store.put(key, &self::record(0, 0.5)).unwrap(), Put::Stored);
    assert_eq!(std::fs::read(link).unwrap(), record.to_bytes());
}

#[test]
fn a_record_left_under_both_names_is_not_written_over() {
    // Where a system cannot rename without replacing, a process may end between giving the new name and taking the old.
    let (_folder, store, key, record) = made();
    let path = store.path(key);
    let temporary = path.with_file_name(format!(".{key}.json.tmp"));
    std::fs::hard_link(&path, &temporary).unwrap();
    let Put::Alarm { .. } = store.put(key, &self::record(0, 0.5)).unwrap() else { panic!("no alarm") };
    assert_eq!(store.get(key).unwrap(), Lookup::Hit(record));
}

#[test]
fn clocks_mean_nothing() {
    let (_folder, store, key, record) = made();
    for seconds in [0, 130 * 365 * 24 * 3600] {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let file = File::options().write(true).open(store.path(key)).unwrap();
        file.set_times(FileTimes::new().set_modified(time).set_accessed(time)).unwrap();
        assert_eq!(store.get(key).unwrap(), Lookup::Hit(record.clone()));
        assert_eq!(store.put(key, &record).unwrap(), Put::Same);
    }
}

#[test]
fn formats_of_other_versions_are_refused_with_their_number() {
    let (_folder, store, key, record) = made();
    for format in [0, 2, 99] {
        let body = String::from_utf8(record.to_bytes()).unwrap();
        let body = &body["{\"body\":".len()..body.rfind(",\"sha256\"").unwrap()];
        // A newer format may have names that are unknown here.
        let body = body.replace("{\"format\":1,", &format!("{{\"format\":{format},\"further\":[1],"));
        let digest = Digest::of(body.as_bytes());
        std::fs::write(store.path(key), format!("{{\"body\":{body},\"sha256\":\"{digest}\"}}\n")).unwrap();
        match store.get(key) {
            Err(error @ Error::Format { .. }) => {
                assert!(
                    error.to_string().ends_with(&format!("has format {format}; this version reads format 1"))
                );
                assert!(error.hint().unwrap().contains("use the version of replikat that wrote it"));
            }
            other => panic!("{other:?}"),
        }
        let checked = store.check(&[key]).unwrap();
        assert_eq!((checked.good, checked.foreign.get(&key)), (0, Some(&format)));
    }
}

#[test]
fn a_lease_is_held_once_and_free_again_when_it_is_dropped() {
    let (_folder, store, key, _) = made();
    let other = self::key(1).0;
    let lease = store.lease(key).unwrap();
    assert!(lease.is_some());
    assert!(store.lease(key).unwrap().is_none());
    assert!(store.lease(other).unwrap().is_some(), "leases of other runs are free");
    drop(lease);
    assert!(store.lease(key).unwrap().is_some());
}

#[test]
fn many_threads_put_one_record_once() {
    let (_folder, store, key, record) = made();
    let threads = 8;
    for round in 1..=50 {
        let (key, record) = (self::key(round).0, self::record(round, 0.5));
        let puts: Vec<Put> = std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..threads).map(|_| scope.spawn(|| store.put(key, &record).unwrap())).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(puts.iter().filter(|put| **put == Put::Stored).count(), 1);
        assert_eq!(puts.iter().filter(|put| **put == Put::Same).count(), threads - 1);
    }
    assert_eq!(store.list().unwrap().keys.len(), 51);
    assert_eq!(store.list().unwrap().strays, [] as [std::path::PathBuf; 0]);
    assert_eq!(store.get(key).unwrap(), Lookup::Hit(record));
}

#[test]
fn many_keys_are_looked_up_as_one_is() {
    let (_folder, store, key, _) = made();
    // More than the folders are read for.
    let keys: Vec<RunKey> = (0..5000).map(|seed| self::key(seed).0).collect();
    std::fs::write(store.path(key), "damaged").unwrap();
    store.put(keys[4321], &record(4321, 0.25)).unwrap();
    let found = store.look_up(&keys, |record| record.outcome.epochs[0].test.first()).unwrap();
    for (seed, found) in found.into_iter().enumerate() {
        match seed {
            0 => assert_eq!(found, Lookup::Damaged("it is cut off".into())),
            4321 => assert_eq!(found, Lookup::Hit(Some(0.25))),
            _ => assert_eq!(found, Lookup::Miss),
        }
    }
}
