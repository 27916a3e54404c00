//! Durable file access; every error names its path.
//!
//! A file is written under the name `.<name>.tmp` beside its own, which whoever writes it holds locked, and then
//! renamed. The system takes the lock from a process that ends, however it ends: what a killed process left is
//! written over by the next one that writes the same file.

use std::{
    fs::{File, Metadata, OpenOptions, TryLockError},
    io::{ErrorKind, Read, Write},
    path::{Path, PathBuf},
};

use tempfile::TempPath;

use crate::{
    error::{Error, Result},
    testing::failpoint::step,
};

/// Reads a whole text file.
///
/// # Errors
/// Returns [`Error::File`] if it cannot be read or is not UTF-8.
pub fn read_text(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(Error::file("read", path))
}

/// Reads a whole file; `None` if there is no such file.
///
/// # Errors
/// Returns [`Error::File`] for every other failure.
pub fn read_if_present(path: &Path) -> Result<Option<Vec<u8>>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(Error::file("read", path)(e)),
    }
}

/// What stands under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    Nothing,
    /// The bytes of a plain file.
    Bytes(Vec<u8>),
    /// Something that is no plain file, or one that is too large; the text says what.
    Other(&'static str),
}

/// Reads a plain file of at most `limit` bytes; follows no symbolic link, and waits for no pipe.
///
/// # Errors
/// Returns [`Error::File`] if it cannot be read.
pub fn read_plain(path: &Path, limit: u64) -> Result<Found> {
    let fail = |e| Error::file("read", path)(e);
    let metadata = match std::fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(e) if e.kind() == ErrorKind::NotADirectory => return Ok(Found::Other("its folder is no folder")),
        Err(e) => return Err(fail(e)),
    };
    if metadata.is_symlink() {
        return Ok(Found::Other("it is a symbolic link"));
    }
    if !metadata.is_file() {
        return Ok(Found::Other("it is no plain file"));
    }
    if metadata.len() > limit {
        return Ok(Found::Other("it is too large"));
    }
    let mut bytes = Vec::with_capacity(metadata.len() as usize + 1);
    match File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes)) {
        Ok(_) => Ok(Found::Bytes(bytes)),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(Found::Nothing),
        Err(e) => Err(fail(e)),
    }
}

/// Writes `bytes` to `path` so that, at any moment, the path holds the old file or the new one; durably.
///
/// # Errors
/// Returns [`Error::File`] if any step fails; the old file is then untouched.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<()> {
    write(path, bytes, Durable::Yes, |from, to| from.persist(to)).map(|_| ())
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

fn write(path: &Path, bytes: &[u8], durable: Durable, rename: Rename) -> Result<bool> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let fail = |e| Error::file("write", path)(e);
    make_folder(folder)?;
    step("file: begin");
    // What is named later is dropped first: a file that failed is gone before its lock is.
    let (mut file, temporary) = temporary(path).map_err(fail)?;
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
        Err(e) if e.error.kind() == ErrorKind::AlreadyExists => return Ok(false),
        Err(e) => return Err(fail(e.error)),
    }
    step("file: renamed");
    if durable == Durable::Yes {
        sync_folder(folder)?;
        step("file: folder synced");
    }
    Ok(true)
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

/// Makes the empty file that becomes `path`.
fn temporary(path: &Path) -> std::io::Result<(File, TempPath)> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let name = format!(".{}.tmp", path.file_name().unwrap_or_default().to_string_lossy());
    let own = folder.join(name);
    if let FileLock::Acquired(file) = lock_file(&own, true)? {
        file.set_len(0)?;
        return Ok((file, TempPath::try_from_path(own)?));
    }
    // No locks here: a name that nobody else has.
    let (file, path) = tempfile::Builder::new().suffix(".tmp").tempfile_in(folder)?.into_parts();
    make_readable(&file)?;
    Ok((file, path))
}

/// What came of the wish to lock a file.
#[derive(Debug)]
pub enum FileLock {
    /// It is open, and locked until it is closed.
    Acquired(File),
    /// Another holds it.
    Held,
    /// This file system has no locks.
    Unsupported,
}

/// Opens the file `path`, which is made if there is none, and locks it; with `wait`, is never [`FileLock::Held`].
///
/// # Errors
/// Returns the system's error.
pub fn lock_file(path: &Path, wait: bool) -> std::io::Result<FileLock> {
    loop {
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        let locked = if wait { file.lock().map_err(TryLockError::Error) } else { file.try_lock() };
        match locked {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(FileLock::Held),
            Err(TryLockError::Error(e)) if has_no_locks(&e) => return Ok(FileLock::Unsupported),
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

fn has_no_locks(error: &std::io::Error) -> bool {
    // 37 is ENOLCK on Linux.
    error.kind() == ErrorKind::Unsupported || error.raw_os_error() == Some(37)
}

/// Says whether a file has the name that was asked, and no other one, as a record has that a killed process gave its
/// name without taking this one.
#[cfg(unix)]
fn is_alone_in(file: &Metadata, named: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    is_same(file, named) && file.nlink() == 1
}

#[cfg(unix)]
fn is_same(file: &Metadata, named: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (file.dev(), file.ino()) == (named.dev(), named.ino())
}

#[cfg(not(unix))]
fn is_alone_in(_: &Metadata, _: &Metadata) -> bool {
    true
}

#[cfg(not(unix))]
fn is_same(_: &Metadata, _: &Metadata) -> bool {
    true
}

/// Moves `from` to `to`, both durably; returns `false` if there is nothing to move.
///
/// # Errors
/// Returns [`Error::File`] if it cannot be moved.
pub fn move_durably(from: &Path, to: &Path) -> Result<bool> {
    step("move: begin");
    match std::fs::rename(from, to) {
        Ok(()) => {}
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(false),
        Err(e) => return Err(Error::file("move", from)(e)),
    }
    step("move: moved");
    for path in [to, from] {
        sync_folder(path.parent().unwrap_or(Path::new(".")))?;
    }
    step("move: synced");
    Ok(true)
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

/// Makes a folder and those above it, each with a durable name.
///
/// # Errors
/// Returns [`Error::File`] if one cannot be made, or if something that is no folder has its name.
pub fn make_folder(folder: &Path) -> Result<()> {
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    let parent = folder.parent().unwrap_or(Path::new("."));
    make_folder(parent)?;
    match std::fs::create_dir(folder) {
        Ok(()) => {}
        // Another process was faster.
        Err(e) if e.kind() == ErrorKind::AlreadyExists && folder.is_dir() => {}
        Err(e) => return Err(Error::file("make the folder", folder)(e)),
    }
    step("folder: made");
    sync_folder(parent)?;
    step("folder: synced");
    Ok(())
}

/// Returns the entries of a folder, sorted by name; none if there is no such folder.
///
/// # Errors
/// Returns [`Error::File`] if it cannot be read.
pub fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let read = match std::fs::read_dir(folder) {
        Ok(read) => read,
        Err(e) if [ErrorKind::NotFound, ErrorKind::NotADirectory].contains(&e.kind()) => {
            return Ok(Vec::new());
        }
        Err(e) => return Err(Error::file("read the folder", folder)(e)),
    };
    let paths: std::io::Result<Vec<PathBuf>> = read.map(|entry| entry.map(|e| e.path())).collect();
    let mut paths = paths.map_err(Error::file("read the folder", folder))?;
    paths.sort();
    Ok(paths)
}

/// Gives the file the permissions that a plain new file has; temporary files begin as private.
#[cfg(unix)]
fn make_readable(file: &File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

/// Does nothing: other systems' temporary files are not private.
#[cfg(not(unix))]
fn make_readable(_: &File) -> std::io::Result<()> {
    Ok(())
}

/// Makes the names in a folder permanent.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    File::open(folder).and_then(|f| f.sync_all()).map_err(Error::file("sync the folder", folder))
}

/// Makes the names in a folder permanent; other systems have no such call.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> Result<()> {
    Ok(())
}
