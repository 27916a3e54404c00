//! Locked files: the system takes a lock from a process that ends, however it ends.

use std::{
    fs::{File, Metadata, OpenOptions, TryLockError},
    io::ErrorKind,
    path::{Path, PathBuf},
};

use super::{make_folder, read::no_plain_file};
use crate::error::{Error, Result, closed};

/// A file that is locked, and removed when this is dropped.
#[derive(Debug)]
pub struct Locked {
    /// `None` where the file system has no locks.
    file: Option<File>,
    path: PathBuf,
}

impl Locked {
    /// Holds what [`lock_file`] acquired, or nothing where there are no locks.
    #[must_use]
    pub fn new(file: Option<File>, path: PathBuf) -> Self {
        Self { file, path }
    }

    /// Returns the open file, if there are locks.
    #[must_use]
    pub fn file(&self) -> Option<&File> {
        self.file.as_ref()
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        // While it is locked: nobody else removes it, and who waits for it sees that it has no name any more.
        if self.file.is_some() {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Says whether a plain file is there that no living process holds locked, as one that has ended leaves it; with
/// `remove`, removes it. Where the file system has no locks nobody knows, and the answer is no; so it is of a file that
/// was to be removed and may not be, as in a folder where everyone removes only what is his.
///
/// # Errors
/// Returns [`Error::File`] if it cannot be removed.
pub fn is_left_behind(path: &Path, remove: bool) -> Result<bool> {
    if !path.symlink_metadata().is_ok_and(|found| found.is_file()) {
        return Ok(false);
    }
    // Only opened: what is gone meanwhile is not made anew.
    let Ok(file) = open_to_lock(path, false) else { return Ok(false) };
    if file.try_lock().is_err() {
        return Ok(false);
    }
    let same = |file: &File| Some(is_same(&file.metadata().ok()?, &path.symlink_metadata().ok()?));
    if same(&file) != Some(true) {
        return Ok(false);
    }
    if !remove {
        return Ok(true);
    }
    match std::fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(e) if e.kind() == ErrorKind::NotFound || closed(&e) => Ok(false),
        Err(e) => Err(Error::file("remove", path)(e)),
    }
}

/// Waits until nobody else holds `path`, which is made, with its folder; `None` where nothing can be written or locked.
///
/// # Errors
/// Returns an error if the file cannot be made for another reason.
pub fn wait_for(path: PathBuf) -> Result<Option<Locked>> {
    match make_folder(path.parent().unwrap_or(Path::new("."))) {
        Err(Error::File { source, .. }) if closed(&source) => return Ok(None),
        made => made?,
    }
    match lock_file(&path, true) {
        Ok(FileLock::Acquired(file)) => Ok(Some(Locked::new(Some(file), path))),
        Ok(FileLock::Held | FileLock::Unsupported) => Ok(None),
        Err(e) if closed(&e) => Ok(None),
        Err(e) => Err(Error::file("lock", &path)(e)),
    }
}

/// What came of the wish to lock a file.
#[derive(Debug)]
pub enum FileLock {
    /// It is open, and locked until it is closed.
    Acquired(File),
    /// Another holds it.
    Held,
    /// This file system has no locks, or none for this user on a file of another one.
    Unsupported,
}

/// Opens the file `path`, which is made if there is none, and locks it; with `wait`, is never [`FileLock::Held`].
///
/// # Errors
/// Returns the system's error.
pub fn lock_file(path: &Path, wait: bool) -> std::io::Result<FileLock> {
    loop {
        let file = open_to_lock(path, true)?;
        let locked = if wait { file.lock().map_err(TryLockError::Error) } else { file.try_lock() };
        match locked {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(FileLock::Held),
            Err(TryLockError::Error(e)) if is_open_for_reading(&e) => return Ok(FileLock::Unsupported),
            Err(TryLockError::Error(e)) if has_no_locks(&e) => {
                // A file that nobody can lock says nothing.
                let _ = std::fs::remove_file(path);
                return Ok(FileLock::Unsupported);
            }
            Err(TryLockError::Error(e)) => return Err(e),
        }
        // Before the lock was ours, its holder may have renamed or removed the file.
        match std::fs::symlink_metadata(path) {
            Ok(named) if is_alone_in(&file.metadata()?, &named) => return Ok(FileLock::Acquired(file)),
            Ok(named) if is_same(&file.metadata()?, &named) => std::fs::remove_file(path)?,
            Ok(_) => {}
            Err(e) if e.kind() == ErrorKind::NotFound => {}
            Err(e) => return Err(e),
        }
    }
}

/// Opens a plain file, which with `make` is made if there is none; one of another user's that may not be written is opened all the same,
/// since a lock needs no more.
fn open_to_lock(path: &Path, make: bool) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(make).truncate(false).write(true);
    let mut reading = OpenOptions::new();
    reading.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        // A link would lead to a file of somebody else's, and a pipe would wait for a reader.
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        options.custom_flags(flags.bits().cast_signed());
        reading.custom_flags(flags.bits().cast_signed());
    }
    let opened = match options.open(path) {
        Err(e) if e.kind() == ErrorKind::PermissionDenied => reading.open(path).map_err(|_| e),
        opened => opened,
    };
    match opened {
        Ok(file) if file.metadata()?.is_file() => Ok(file),
        Ok(_) => Err(no_plain_file()),
        Err(e) if std::fs::symlink_metadata(path).is_ok_and(|found| !found.is_file()) => {
            Err(std::io::Error::new(e.kind(), "it is no plain file"))
        }
        Err(e) => Err(e),
    }
}

fn has_no_locks(error: &std::io::Error) -> bool {
    // 37 is ENOLCK on Linux.
    error.kind() == ErrorKind::Unsupported || error.raw_os_error() == Some(37)
}

/// Over NFS a file that is open for reading only, since it is another user's, cannot be locked; he may hold it.
fn is_open_for_reading(error: &std::io::Error) -> bool {
    // EBADF.
    error.raw_os_error() == Some(9)
}

/// Says whether a file has the name that was asked, and no other one, as a record has that a killed process gave its
/// name without taking this one.
#[cfg(unix)]
fn is_alone_in(file: &Metadata, named: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    is_same(file, named) && file.nlink() == 1
}

#[cfg(not(unix))]
fn is_alone_in(_: &Metadata, _: &Metadata) -> bool {
    true
}

#[cfg(unix)]
fn is_same(file: &Metadata, named: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (file.dev(), file.ino()) == (named.dev(), named.ino())
}

#[cfg(not(unix))]
fn is_same(_: &Metadata, _: &Metadata) -> bool {
    true
}
