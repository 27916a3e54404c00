//! Folders.

use std::{
    fs::File,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use crate::{
    error::{Error, Result},
    testing::failpoint::step,
};

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
    share_as(parent, folder);
    step("folder: made");
    sync_folder(parent)?;
    step("folder: synced");
    Ok(())
}

/// Lets the group write into a folder if it may write into the one above, whatever this user's mask is: a folder that a
/// group shares (its files have the folder's group) stays shared below.
#[cfg(unix)]
fn share_as(parent: &Path, folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    const SHARED: u32 = 0o2020;
    let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    let mode = |path: &Path| std::fs::metadata(path).map(|found| found.permissions().mode());
    if let (Ok(above), Ok(own)) = (mode(parent), mode(folder))
        && above & SHARED == SHARED
    {
        let _ = std::fs::set_permissions(folder, std::fs::Permissions::from_mode(own | SHARED));
    }
}

/// Does nothing: other systems have no such masks.
#[cfg(not(unix))]
fn share_as(_: &Path, _: &Path) {}

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

/// Makes the names in a folder permanent.
#[cfg(unix)]
pub(super) fn sync_folder(folder: &Path) -> Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    File::open(folder).and_then(|f| f.sync_all()).map_err(Error::file("sync the folder", folder))
}

/// Makes the names in a folder permanent; other systems have no such call.
#[cfg(not(unix))]
pub(super) fn sync_folder(_: &Path) -> Result<()> {
    Ok(())
}
