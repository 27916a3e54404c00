//! Ways from a report's folder to the files that belong to it.

use std::path::{Component, Path, PathBuf};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What may stand in an address as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// Where other files are, as seen from the folder of the page; nothing where no way leads there that moves with it.
#[derive(Debug, Clone, Default)]
pub(super) struct Links {
    /// The folder of the frames.
    pub results: Option<String>,
    /// The spec.
    pub spec: Option<String>,
}

impl Links {
    /// Returns the links of a page in the folder `reports`.
    pub(super) fn new(reports: &Path, results: &Path, spec: Option<&Path>) -> Self {
        let of = |file: &Path| {
            let (from, to) = (whole(reports), whole(file));
            // A way through the root of the system would tell where on this machine everything lies.
            (shared(&from, &to) > 1).then(|| address(&way(reports, file).to_string_lossy()))
        };
        Self { results: of(results), spec: spec.and_then(of) }
    }

    /// Returns the address of a file of the results.
    pub(super) fn result(&self, file: &str) -> Option<String> {
        self.results.as_ref().map(|folder| format!("{folder}/{}", address(file)))
    }
}

/// Returns a path as a relative address.
pub(super) fn address(path: &str) -> String {
    utf8_percent_encode(path, PLAIN).to_string()
}

/// Returns the way from a folder to a file: whoever moves both together does not change it.
pub(super) fn way(folder: &Path, file: &Path) -> PathBuf {
    let (folder, file) = (whole(folder), whole(file));
    let same = shared(&folder, &file);
    let up = folder.components().skip(same).map(|_| Component::ParentDir);
    up.chain(file.components().skip(same)).collect()
}

/// Returns how many parts two paths begin with in common.
fn shared(a: &Path, b: &Path) -> usize {
    a.components().zip(b.components()).take_while(|(a, b)| a == b).count()
}

/// Returns a path without links and from the root on, as far as there is something.
fn whole(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) if parent.as_os_str().is_empty() => whole(Path::new(".")).join(name),
        (Some(parent), Some(name)) => whole(parent).join(name),
        _ => path.to_owned(),
    })
}
