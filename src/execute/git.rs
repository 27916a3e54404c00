//! Which commit a spec belongs to, as the `git` program says.
//!
//! A repository's own configuration can name commands: for changes (`core.fsmonitor`), for contents (filters), for what is
//! fetched when it is missing. Only two questions are asked, of which none runs any: what the commit is, and which contents it
//! has for the spec. A folder that looks like a repository without a work tree is not taken for one.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// Returns the commit, with `+` if it does not hold the spec as it is; nothing outside version control; `unknown: ` and
/// the reason if git does not say.
pub(super) fn commit(spec: &Path) -> String {
    let folder = spec.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let head = match ask(folder, &["rev-parse", "--verify", "HEAD"]) {
        Ok(head) => head,
        Err(reason) if reason.contains("not a git repository") || !is_below_one(folder) => {
            return String::new();
        }
        Err(reason) => return format!("unknown: {reason}"),
    };
    let name = spec.file_name().unwrap_or_default().to_string_lossy();
    let committed = ask(folder, &["rev-parse", "--verify", &format!("HEAD:./{name}")]);
    let now = ask(folder, &["hash-object", "--no-filters", "--", &name]);
    if matches!((committed, now), (Ok(committed), Ok(now)) if committed == now) {
        head
    } else {
        format!("{head}+")
    }
}

/// Says whether there is a repository at or above a folder.
fn is_below_one(folder: &Path) -> bool {
    let folder = std::path::absolute(folder).unwrap_or_else(|_| PathBuf::from(folder));
    folder.ancestors().any(|above| above.join(".git").exists())
}

/// Asks git; returns its first line, or the first line of its complaint.
fn ask(folder: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args([
            "-c",
            "core.fsmonitor=false",
            "-c",
            "safe.bareRepository=explicit",
            "-c",
            "protocol.allow=never",
        ])
        .args(arguments)
        .envs([
            ("LC_ALL", "C"),
            ("GIT_NO_LAZY_FETCH", "1"),
            ("GIT_ALLOW_PROTOCOL", "none"),
            ("GIT_OPTIONAL_LOCKS", "0"),
        ])
        .stdin(std::process::Stdio::null())
        .output()
        .map_err(|e| format!("git cannot be run: {e}"))?;
    let first =
        |bytes: &[u8]| String::from_utf8_lossy(bytes).lines().next().unwrap_or_default().trim().to_owned();
    if output.status.success() { Ok(first(&output.stdout)) } else { Err(first(&output.stderr)) }
}
