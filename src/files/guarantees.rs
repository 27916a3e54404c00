//! What a folder's file system guarantees, found out by trying it.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use super::{FileLock, lock_file, read_if_present, write_atomic, write_new};
use crate::error::{Error, Result};

/// What was tried, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guarantee {
    /// What it is, as a sentence.
    pub what: &'static str,
    /// Whether it holds; nothing if that cannot be found out from here.
    pub holds: Option<bool>,
    /// What it means if it does not hold.
    pub without: &'static str,
    /// Whether nothing can be stored without it.
    pub needed: bool,
}

/// Kinds of file systems that several machines see, as the system calls them.
const SHARED: [&str; 14] = [
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "9p",
    "afs",
    "ceph",
    "lustre",
    "gpfs",
    "beegfs",
    "glusterfs",
    "orangefs",
    "virtiofs",
];

/// Kinds that no disk holds.
const IN_MEMORY: [&str; 3] = ["tmpfs", "ramfs", "devtmpfs"];

/// Tries what a store needs in a folder, in a folder of its own below it, which is gone afterwards.
///
/// # Errors
/// Returns an error if nothing can be made there at all.
pub fn guarantees(folder: &Path) -> Result<Vec<Guarantee>> {
    let own = tempfile::Builder::new().prefix(".doctor-").tempdir_in(folder);
    let own = own.map_err(Error::file("make a folder in", folder))?;
    let path = own.path().join("record");
    let whole = write_atomic(&path, b"first").is_ok() && holds(&path, b"first");
    let replaced = whole && write_atomic(&path, b"second").is_ok() && holds(&path, b"second");
    let kept = replaced && matches!(write_new(&path, b"third"), Ok(false)) && holds(&path, b"second");
    let synced = File::open(own.path()).and_then(|folder| folder.sync_all()).is_ok();
    let lock = own.path().join("lock");
    let first = lock_file(&lock, false);
    let locks =
        matches!(first, Ok(FileLock::Acquired(_))) && matches!(lock_file(&lock, false), Ok(FileLock::Held));
    let kind = file_system(folder).map(|(kind, _)| kind).unwrap_or_default();
    // What the system does not say is not known; what runs as a program of a user may keep its files anywhere.
    let known = !kind.is_empty();
    let shared = !known || SHARED.contains(&kind.as_str()) || kind.starts_with("fuse.");
    let in_memory = IN_MEMORY.contains(&kind.as_str());
    let one = |what, holds, without, needed| Guarantee { what, holds, without, needed };
    Ok(vec![
        one("a file can be written, synced and read back", Some(whole), "nothing can be stored here", true),
        one(
            "a file takes the place of another in one step",
            Some(replaced),
            "reports may be seen half-written",
            true,
        ),
        one(
            "a name that is taken is not taken again",
            Some(kept),
            "of two records for one key either may stay, and nobody would know",
            true,
        ),
        one(
            "what is stored survives a restart",
            known.then_some(!in_memory),
            "this folder is in memory: all is gone then",
            false,
        ),
        one(
            "the entries of a folder can be synced",
            Some(synced),
            "a record may be gone after a power cut",
            false,
        ),
        one(
            "locks exclude other processes of this machine",
            Some(locks),
            "a run may be trained twice, and `store gc` does not know who is at work; the first record stays",
            false,
        ),
        one(
            "locks exclude other machines",
            if shared || !locks { Some(locks).filter(|locks| !locks) } else { Some(true) },
            "several machines see this folder, and whether locks reach from one to the other is not known here: a run may be \
             trained twice, and the first record stays; begin `store gc` when no other machine is at work",
            false,
        ),
    ])
}

fn holds(path: &Path, bytes: &[u8]) -> bool {
    matches!(read_if_present(path), Ok(Some(found)) if found == bytes)
}

/// Returns the kind of the file system that a folder is on and what is mounted there, as the system calls them; nothing where
/// the system does not say.
#[must_use]
pub fn file_system(folder: &Path) -> Option<(String, String)> {
    let mounts = std::fs::read_to_string("/proc/self/mounts").ok()?;
    let folder = std::fs::canonicalize(folder).ok()?;
    let mount = |line: &str| {
        let mut words = line.split(' ').map(|word| word.replace("\\040", " "));
        let (source, at, kind) = (words.next()?, PathBuf::from(words.next()?), words.next()?);
        folder.starts_with(&at).then(|| (at.components().count(), kind, source))
    };
    // Of two at one place the later one is seen.
    let (_, kind, source) = mounts.lines().filter_map(mount).max_by_key(|(length, ..)| *length)?;
    Some((kind, source))
}
