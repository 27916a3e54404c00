//! Names of files that are being written.

use std::{
    fs::File,
    hash::{BuildHasher, RandomState},
    path::Path,
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use tempfile::TempPath;

use super::lock::is_left_behind;

/// Longest part of a machine's name that stands in a file's.
const HOST: usize = 24;

/// Returns a name that no other living process has, on this machine or on others: host, process, a random number, since two
/// containers may have host and process in common, and a count.
#[must_use]
pub fn this_process() -> String {
    static OWN: OnceLock<String> = OnceLock::new();
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let own = OWN.get_or_init(|| {
        let name = sysinfo::System::host_name().unwrap_or_default();
        let plain = name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(HOST);
        let random = RandomState::new().hash_one(std::process::id());
        format!("{}-{}-{random:016x}", plain.collect::<String>(), std::process::id())
    });
    format!("{own}-{}", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Says whether a file's name is one under which `name` is written; earlier versions had one name for all processes.
#[must_use]
pub fn is_temporary_of(name: &str, file: &str) -> bool {
    let inner =
        file.strip_prefix('.').and_then(|f| f.strip_prefix(name)).and_then(|f| f.strip_suffix(".tmp"));
    // What a process made of a name that goes on after a dot is another file's: `a.md` and `a.md.b`.
    inner.is_some_and(|inner| inner.is_empty() || inner.starts_with('.') && !inner[1..].contains('.'))
}

/// Makes the empty, locked file that becomes `path`, and removes what processes that ended left of it.
pub(super) fn make(path: &Path) -> std::io::Result<(File, TempPath)> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    for entry in std::fs::read_dir(folder)?.flatten() {
        if is_temporary_of(&name, &entry.file_name().to_string_lossy()) {
            // What cannot be removed does no harm.
            let _ = is_left_behind(&entry.path(), true);
        }
    }
    let prefix = format!(".{name}.{}-", this_process());
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As a plain new file has them, within this user's mask.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let (file, path) = builder.tempfile_in(folder)?.into_parts();
    // Where there are no locks, nobody removes it.
    let _ = file.try_lock();
    Ok((file, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn temporary_names_are_told_from_those_of_other_files() {
        for (file, is) in [
            (".a.md.tmp", true),
            (".a.md.host-1-0-xyz.tmp", true),
            (".a.md.b.host-1-0-xyz.tmp", false),
            ("a.md.tmp", false),
            (".a.mdx.tmp", false),
        ] {
            assert_eq!(is_temporary_of("a.md", file), is, "{file}");
        }
        assert_ne!(this_process(), this_process());
    }
}
