//! Reading files that may be anything.

use std::{
    fs::File,
    io::{ErrorKind, Read},
    path::Path,
};

use crate::error::{Error, Result};

/// The largest file that is read by [`read_if_present`], in bytes.
const MAX_BYTES: u64 = 1 << 30;

/// Reads a whole file; `None` if there is no such file. A link is followed; what is no plain file then, such as a pipe or
/// a device, is not read.
///
/// # Errors
/// Returns [`Error::File`] for every other failure.
pub fn read_if_present(path: &Path) -> Result<Option<Vec<u8>>> {
    let read = || {
        if !std::fs::metadata(path)?.is_file() {
            return Err(no_plain_file());
        }
        let mut bytes = Vec::new();
        File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(std::io::Error::new(ErrorKind::FileTooLarge, "it has more than 1 GB"));
        }
        Ok(bytes)
    };
    match twice(read) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(Error::file("read", path)(e)),
    }
}

/// Reads, and once again where a network file system says that a file was replaced under its reader (ESTALE) or that
/// reading failed (EIO).
fn twice<T>(read: impl Fn() -> std::io::Result<T>) -> std::io::Result<T> {
    const EIO: i32 = 5;
    match read() {
        Err(e) if e.kind() == ErrorKind::StaleNetworkFileHandle || e.raw_os_error() == Some(EIO) => read(),
        read => read,
    }
}

/// Makes the error for what is a link, a pipe, a device or a folder where a plain file should be.
pub(super) fn no_plain_file() -> std::io::Error {
    std::io::Error::new(ErrorKind::InvalidInput, "it is no plain file")
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
    let read = || {
        let mut bytes = Vec::with_capacity(metadata.len() as usize + 1);
        File::open(path)?.take(limit).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    match twice(read) {
        Ok(bytes) => Ok(Found::Bytes(bytes)),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(Found::Nothing),
        Err(e) => Err(fail(e)),
    }
}
