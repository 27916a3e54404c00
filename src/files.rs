//! Durable file access; every error names its path.

use std::{
    fs::File,
    io::{ErrorKind, Write},
    path::Path,
};

use crate::error::{Error, Result};

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

/// Writes `bytes` to `path` so that, at any moment, the path holds the old file or the new one.
///
/// The bytes go to a temporary file in the same folder, which is synced, renamed, and made
/// permanent by syncing the folder. Missing folders are made.
///
/// # Errors
/// Returns [`Error::File`] if any step fails; the old file is then untouched.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let fail = |e| Error::file("write", path)(e);
    std::fs::create_dir_all(folder).map_err(Error::file("make the folder", folder))?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(fail)?;
    file.write_all(bytes).map_err(fail)?;
    make_readable(file.as_file()).map_err(fail)?;
    file.as_file().sync_all().map_err(fail)?;
    file.persist(path).map_err(|e| fail(e.error))?;
    sync_folder(folder)
}

/// Writes `bytes` only if `path` does not hold them already; returns whether it wrote.
///
/// # Errors
/// Returns [`Error::File`] as [`write_atomic`] does.
pub fn write_if_changed(path: &Path, bytes: &[u8]) -> Result<bool> {
    if matches!(read_if_present(path), Ok(Some(old)) if old == bytes) {
        return Ok(false);
    }
    write_atomic(path, bytes)?;
    Ok(true)
}

/// Appends text to a file that others may append to as well, such as the summary of a CI job; makes it if it is not there.
///
/// # Errors
/// Returns [`Error::File`] if it cannot be opened or written.
pub fn append(path: &Path, text: &str) -> Result<()> {
    let open = std::fs::OpenOptions::new().create(true).append(true).open(path);
    open.and_then(|mut file| file.write_all(text.as_bytes())).map_err(Error::file("append to", path))
}

/// Gives the file the permissions that a plain new file has; temporary files begin as private.
///
/// # Errors
/// Returns the system's error.
#[cfg(unix)]
pub fn make_readable(file: &File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

/// Does nothing: other systems' temporary files are not private.
///
/// # Errors
/// Never.
#[cfg(not(unix))]
pub fn make_readable(_: &File) -> std::io::Result<()> {
    Ok(())
}

/// Makes the names in a folder permanent.
///
/// # Errors
/// Returns [`Error::File`] if the folder cannot be synced.
#[cfg(unix)]
pub fn sync_folder(folder: &Path) -> Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    File::open(folder).and_then(|f| f.sync_all()).map_err(Error::file("sync the folder", folder))
}

/// Makes the names in a folder permanent; other systems have no such call.
///
/// # Errors
/// Never.
#[cfg(not(unix))]
pub fn sync_folder(_: &Path) -> Result<()> {
    Ok(())
}
