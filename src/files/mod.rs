//! Durable file access; every error names its path.
//!
//! A file is written under a name that no other process has, `.<name>.<host>-<process>-<random>.tmp` beside its own, and
//! then renamed. Whoever writes it holds it locked, and the system takes the lock from a process that ends, however it
//! ends: what a killed one left is removed by the next one that writes the same file. Where locks do not exclude, as
//! between two machines on some network file systems, a process may remove what a living one is writing, which then
//! writes again; it never writes into the other's.

mod folder;
mod guarantees;
mod lock;
mod read;
mod temporary;
mod text;

use std::{
    fs::OpenOptions,
    io::{ErrorKind, Write},
    path::Path,
};

use tempfile::TempPath;

use crate::{
    error::{Error, Result},
    testing::failpoint::step,
};
use folder::sync_folder;

pub use folder::{entries, make_folder};
pub use guarantees::{Guarantee, file_system, guarantees};
pub use lock::{FileLock, Locked, is_left_behind, lock_file, wait_for};
pub use read::{Found, read_if_present, read_plain};
pub use temporary::{is_temporary_of, this_process};
pub use text::read_text;

/// Writes `bytes` to `path` so that, at any moment, the path holds the old file or the new one; durably.
///
/// # Errors
/// Returns [`Error::File`] if any step fails; the old file is then untouched.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<()> {
    write(path, bytes, Durable::Yes, |from, to| from.persist(to)).map(|_| ())
}

/// Writes `bytes` to a place that a user named: into what is no plain file, such as a pipe or `/dev/stdout`; else as
/// [`write_atomic`] does, where a link leads.
///
/// # Errors
/// Returns [`Error::File`] if any step fails.
pub fn write_to(path: &Path, bytes: &[u8]) -> Result<()> {
    let fail = |e| Error::file("write", path)(e);
    let there = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        // A link that leads nowhere is not replaced either.
        Err(e) if e.kind() == ErrorKind::NotFound && path.symlink_metadata().is_err() => {
            return write_atomic(path, bytes);
        }
        Err(e) => return Err(fail(e)),
    };
    // `/dev/stdout` may be a plain file, of which this process writes more.
    let system = ["/dev", "/proc"].iter().any(|folder| path.starts_with(folder));
    if there.is_file() && !system {
        return write_atomic(&std::fs::canonicalize(path).map_err(fail)?, bytes);
    }
    let open = OpenOptions::new().append(system).write(true).open(path);
    open.and_then(|mut file| file.write_all(bytes)).map_err(fail)
}

/// Writes `bytes` to `path` unless something has that name; durably. Returns whether it wrote.
///
/// # Errors
/// Returns [`Error::File`] if any step fails; nothing half-written stays under the name.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<bool> {
    write(path, bytes, Durable::Yes, |from, to| from.persist_noclobber(to))
}

/// Writes `bytes` as [`write_atomic`] does, but only if `path` does not hold them already, and without waiting for the
/// disk: for what can be made again. Returns whether it wrote.
///
/// # Errors
/// Returns [`Error::File`] as [`write_atomic`] does.
pub fn write_if_changed(path: &Path, bytes: &[u8]) -> Result<bool> {
    if matches!(read_if_present(path), Ok(Some(old)) if old == bytes) {
        return Ok(false);
    }
    write(path, bytes, Durable::No, |from, to| from.persist(to))
}

type Rename = fn(TempPath, &Path) -> std::result::Result<(), tempfile::PathPersistError>;

/// Whether a file is on the disk when it is said to be written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Durable {
    Yes,
    No,
}

/// A file is written so often, should others take what is being written for what a killed process left.
const TRIES: usize = 5;

fn write(path: &Path, bytes: &[u8], durable: Durable, rename: Rename) -> Result<bool> {
    make_folder(path.parent().unwrap_or(Path::new(".")))?;
    step("file: begin");
    for last in (0..TRIES).rev() {
        if let Some(written) = try_to_write(path, bytes, durable, rename, last == 0)? {
            return Ok(written);
        }
    }
    Ok(false)
}

/// Writes a file; `None` if its temporary file was taken away and this is not the last try.
fn try_to_write(
    path: &Path,
    bytes: &[u8],
    durable: Durable,
    rename: Rename,
    last: bool,
) -> Result<Option<bool>> {
    let fail = |e| Error::file("write", path)(e);
    // What is named later is dropped first: a file that failed is gone before its lock is.
    let (mut file, temporary) = temporary::make(path).map_err(fail)?;
    step("file: made");
    // Two halves, so that a test can end the process between them.
    let (first, second) = bytes.split_at(bytes.len() / 2);
    file.write_all(first).map_err(fail)?;
    step("file: half written");
    file.write_all(second).map_err(fail)?;
    step("file: written");
    if durable == Durable::Yes {
        file.sync_all().map_err(fail)?;
        step("file: synced");
    }
    match rename(temporary, path) {
        Ok(()) => {}
        Err(e) if e.error.kind() == ErrorKind::AlreadyExists => return Ok(Some(false)),
        Err(e) if e.error.kind() == ErrorKind::NotFound && !last => return Ok(None),
        Err(e) => return Err(fail(e.error)),
    }
    step("file: renamed");
    if durable == Durable::Yes {
        sync_folder(path.parent().unwrap_or(Path::new(".")))?;
        step("file: folder synced");
    }
    Ok(Some(true))
}

/// Appends text to a file that others may append to as well, such as the summary of a CI job; makes it and its folder if they are not there.
///
/// # Errors
/// Returns [`Error::File`] if it cannot be opened or written.
pub fn append(path: &Path, text: &str) -> Result<()> {
    make_folder(path.parent().unwrap_or(Path::new(".")))?;
    let open = std::fs::OpenOptions::new().create(true).append(true).open(path);
    open.and_then(|mut file| file.write_all(text.as_bytes())).map_err(Error::file("append to", path))
}

/// Removes a file; returns `false` if it is not there, since another process may have been faster.
///
/// # Errors
/// Returns [`Error::File`] if it cannot be removed.
pub fn remove(path: &Path) -> Result<bool> {
    match std::fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(false),
        Err(e) => Err(Error::file("remove", path)(e)),
    }
}

/// Moves `from` to `to`, both durably; returns `false` if there is nothing to move. A plain file is copied where `to` is on
/// another file system.
///
/// # Errors
/// Returns [`Error::File`] if it cannot be moved.
pub fn move_durably(from: &Path, to: &Path) -> Result<bool> {
    step("move: begin");
    match std::fs::rename(from, to) {
        Ok(()) => {}
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(false),
        Err(e) if e.kind() == ErrorKind::CrossesDevices && is_plain(from) => {
            let bytes = std::fs::read(from).map_err(Error::file("read", from))?;
            write_atomic(to, &bytes)?;
            step("move: copied");
            remove(from)?;
        }
        Err(e) => return Err(Error::file("move", from)(e)),
    }
    step("move: moved");
    for path in [to, from] {
        sync_folder(path.parent().unwrap_or(Path::new(".")))?;
    }
    step("move: synced");
    Ok(true)
}

fn is_plain(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|found| found.is_file())
}

/// Lets this process hold so many files open, as far as the system allows; returns how many it may hold.
#[must_use]
pub fn allow_open_files(wanted: usize) -> usize {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        let wanted = Some(wanted as u64).max(current).min(maximum.or(Some(u64::MAX)));
        let raised =
            current.is_some() && setrlimit(Resource::Nofile, Rlimit { current: wanted, maximum }).is_ok();
        let allowed = if raised { wanted } else { current };
        allowed.map_or(usize::MAX, |allowed| allowed as usize)
    }
    #[cfg(not(unix))]
    wanted
}
