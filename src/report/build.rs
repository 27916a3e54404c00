//! What every output was made of, so that only what changed is made again.
//!
//! `results/<experiment>/build.json` holds for each output the digests of its inputs and of its files. Inputs are its part of
//! the spec, the outcomes of the runs that it shows, other outputs that it is made of, and the program's sources. An output is
//! left alone if all of them are what they were and its files, which are read and hashed, still are what was written. All files
//! of a report are written here and nowhere else.

use std::{
    collections::BTreeMap,
    path::{Component, Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{
    inputs::Folders,
    links::{Links, way},
    page,
};
use crate::{
    digest::{Digest, compact},
    error::{Error, Result},
    files::{self, Found, Locked},
    spec::{MAX_BYTES, Spec, experiment_in},
};

/// Version of the file's form.
const FORMAT: u64 = 1;

/// Locked by whoever writes outputs.
pub(super) const LOCK: &str = ".build.lock";

/// Name of the file.
pub const FILE: &str = "build.json";

/// What earlier versions had in its place.
const EARLIER: [&str; 3] = ["built.json", "judged.json", "page.json"];

/// Names and contents of files.
pub(super) type Files = Vec<(String, Vec<u8>)>;

/// What an output is made of: names of inputs with their digests, the one first that is told first if several changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Inputs(Vec<(String, String)>);

impl Inputs {
    /// Adds an input by its text.
    #[must_use]
    pub(super) fn with(mut self, name: &str, text: &str) -> Self {
        self.0.push((name.to_owned(), Digest::of(text.as_bytes()).to_string()));
        self
    }

    /// Adds the program's sources, which come last.
    #[must_use]
    pub(super) fn with_program(mut self) -> Self {
        self.0.push(("program".to_owned(), env!("REPLIKAT_SOURCES").to_owned()));
        self
    }

    /// Names the first input that is another than it was.
    fn changed(&self, earlier: &Self) -> Option<String> {
        let same =
            |(name, digest): &(String, String)| earlier.0.iter().any(|(n, d)| n == name && d == digest);
        self.0.iter().find(|input| !same(input)).map(|(name, _)| format!("{name} changed"))
    }
}

/// Which folder an output's files lie in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Folder {
    /// That of the frames.
    Results,
    /// That of the tables and figures.
    Reports,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Node {
    /// Name of a file → digest of its contents.
    files: BTreeMap<String, String>,
    folder: Folder,
    inputs: Inputs,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Graph {
    format: u64,
    /// The file of the spec, as seen from the folder of the results.
    #[serde(default)]
    spec: PathBuf,
    /// What that file itself calls the experiment.
    #[serde(default)]
    name: String,
    outputs: BTreeMap<String, Node>,
}

/// Outputs that were made, and all that is known of those of an earlier call.
#[derive(Debug)]
pub(super) struct Build {
    folders: Folders,
    /// Two processes that write the outputs of one experiment do so one after the other.
    _lock: Option<Locked>,
    earlier: Graph,
    now: Graph,
    made: BTreeMap<PathBuf, Vec<u8>>,
    /// Every file, with whether its bytes are new.
    pub(super) files: Vec<(PathBuf, bool)>,
    /// What was made again, with the reason.
    pub(super) rebuilt: Vec<(String, String)>,
}

/// Says whether a name can be of this program's: whatever else a file claims, nothing outside the folder is touched, and no link
/// is followed out of it.
fn is_ours(folder: &Path, name: &str) -> bool {
    let mut place = folder.to_owned();
    let mut parts = Path::new(name).components().peekable();
    while let Some(Component::Normal(part)) = parts.next() {
        place.push(part);
        if parts.peek().is_none() {
            return place == folder.join(name);
        }
        if place.is_symlink() {
            return false;
        }
    }
    false
}

/// Says whether a file is there and has the digest that it was written with.
fn as_written(path: &Path, digest: &str) -> Result<bool> {
    Ok(files::read_if_present(path)?.is_some_and(|bytes| Digest::of(&bytes).to_string() == digest))
}

/// Writes files into a folder; returns each with whether its bytes are new.
///
/// # Errors
/// Returns an error if a file cannot be written.
pub fn write_files(folder: &Path, files: &[(String, Vec<u8>)]) -> Result<Vec<(PathBuf, bool)>> {
    let write = |(name, bytes): &(String, Vec<u8>)| {
        let path = folder.join(name);
        let changed = files::write_if_changed(&path, bytes)?;
        Ok((path, changed))
    };
    files.iter().map(write).collect()
}

/// Returns what a file calls its experiment; nothing if it is no readable spec.
fn name_in(file: &Path) -> Option<String> {
    let Ok(Found::Bytes(bytes)) = files::read_plain(file, MAX_BYTES as u64) else { return None };
    experiment_in(std::str::from_utf8(&bytes).ok()?)
}

/// Says whether outputs were made of another file that still is the same spec. One that was moved, or has another name now,
/// has given them up.
fn is_of_another(folder: &Path, earlier: &Graph, now: &Graph) -> bool {
    let other = &earlier.spec;
    if other.as_os_str().is_empty() || *other == now.spec {
        return false;
    }
    name_in(&folder.join(other)).is_some_and(|name| name == earlier.name)
}

/// Returns the name of the spec that a page says it was made of, if that is another file than this one: reports that are kept in
/// version control come without what was noted when they were made.
fn named_by_page(page: &Path, file: &Path) -> Option<PathBuf> {
    let Ok(Found::Bytes(bytes)) = files::read_plain(page, PAGE_BYTES) else { return None };
    let text = String::from_utf8_lossy(&bytes);
    let own = file.file_name()?.to_string_lossy();
    let plain = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    let named = text.split("replikat report ").skip(1).filter_map(|rest| rest.split([' ', '<', '\n']).next());
    let mut names = named.map(|path| path.rsplit('/').next().unwrap_or(path));
    let first = names.next().filter(|name| plain(name) && plain(&own))?.to_owned();
    (first != own && !names.any(|name| name == own)).then(|| first.into())
}

/// The largest page that is looked at.
const PAGE_BYTES: u64 = 64 << 20;

impl Build {
    /// Reads what an earlier call built in these folders; nothing if that cannot be known.
    ///
    /// # Errors
    /// Returns an error if the outputs belong to another spec's file, or the folder cannot be locked.
    pub(super) fn begin(folders: Folders, spec: &Spec, text: &str) -> Result<Self> {
        // One at a time writes outputs; where nothing can be written, what is there can still be read.
        let lock = files::wait_for(folders.results.join(LOCK))?;
        let bytes = files::read_if_present(&folders.results.join(FILE)).ok().flatten().unwrap_or_default();
        let read = serde_json::from_slice(&bytes).ok().filter(|graph: &Graph| graph.format == FORMAT);
        let place = |folder| match folder {
            Folder::Results => &folders.results,
            Folder::Reports => &folders.reports,
        };
        let ours = |node: &Node| node.files.keys().all(|file| is_ours(place(node.folder), file));
        let read = read.filter(|graph| graph.outputs.values().all(ours));
        let earlier = read.unwrap_or_default();
        // A spec that is read from a pipe owns nothing.
        let file = folders.owner.as_ref().map(|owner| owner.spec.as_path()).filter(|file| file.is_file());
        let own = file.map(|file| way(&folders.results, file)).unwrap_or_default();
        let name = file.and_then(|_| experiment_in(text)).unwrap_or_default();
        let now = Graph { format: FORMAT, spec: own, name, ..Graph::default() };
        let other = match () {
            () if folders.owner.as_ref().is_none_or(|owner| owner.force) => None,
            () if is_of_another(&folders.results, &earlier, &now) => {
                Some(folders.results.join(&earlier.spec))
            }
            () if earlier.outputs.is_empty() => {
                file.and_then(|file| named_by_page(&folders.reports.join(page::FILE), file))
            }
            () => None,
        };
        if let Some(other) = other {
            return Err(Error::Usage {
                message: format!(
                    "the outputs in `{}` belong to another spec{}: {}, not {}",
                    folders.reports.display(),
                    // That of `x` on a data set that stands in has the name of an experiment `x-glyphs`.
                    match name_in(&other).filter(|name| *name != spec.experiment) {
                        Some(name) => format!(", the experiment `{name}`"),
                        None => format!(" of the name `{}`", spec.experiment),
                    },
                    way(Path::new("."), &other).display(),
                    file.unwrap_or(Path::new("this one")).display()
                ),
                hint: "give one of the two another `experiment:`, name other folders with `--results` and `--reports`, or \
                       let this one take their place with `--force`; runs are stored by their keys and are safe"
                    .into(),
            });
        }
        let (made, files, rebuilt) = (BTreeMap::new(), Vec::new(), Vec::new());
        Ok(Self { folders, _lock: lock, earlier, now, made, files, rebuilt })
    }

    fn folder(&self, folder: Folder) -> &Path {
        match folder {
            Folder::Results => &self.folders.results,
            Folder::Reports => &self.folders.reports,
        }
    }

    /// Says why an output has to be made again; `None` if its files are what they should be.
    pub(super) fn reason(&self, name: &str, folder: Folder, inputs: &Inputs) -> Option<String> {
        let Some(node) = self.earlier.outputs.get(name).filter(|node| node.folder == folder) else {
            return Some("first time here".to_owned());
        };
        let place = self.folder(folder);
        let whole =
            |(name, digest): (&String, &String)| as_written(&place.join(name), digest).unwrap_or(false);
        let changed = inputs.changed(&node.inputs);
        changed.or_else(|| (!node.files.iter().all(whole)).then(|| "file changed".to_owned()))
    }

    /// Says whether the files of an output, which are what was noted, are these.
    pub(super) fn holds(&self, name: &str, files: &Files) -> bool {
        let noted = self.earlier.outputs.get(name);
        noted.is_some_and(|node| {
            node.files.len() == files.len()
                && files
                    .iter()
                    .all(|(file, bytes)| node.files.get(file) == Some(&Digest::of(bytes).to_string()))
        })
    }

    /// Takes over an output that is what it should be.
    pub(super) fn keep(&mut self, name: &str) {
        if let Some(node) = self.earlier.outputs.get(name).cloned() {
            let folder = self.folder(node.folder).to_owned();
            self.files.extend(node.files.keys().map(|file| (folder.join(file), false)));
            self.now.outputs.insert(name.to_owned(), node);
        }
    }

    /// Writes the files of an output; those whose bytes are the same are left alone.
    pub(super) fn write(
        &mut self,
        name: String,
        folder: Folder,
        inputs: Inputs,
        files: Files,
        reason: String,
    ) -> Result<()> {
        let mut node = Node { files: BTreeMap::new(), folder, inputs };
        for (file, bytes) in files {
            let path = self.folder(folder).join(&file);
            self.files.push((path.clone(), files::write_if_changed(&path, &bytes)?));
            node.files.insert(file, Digest::of(&bytes).to_string());
            self.made.insert(path, bytes);
        }
        self.now.outputs.insert(name.clone(), node);
        self.rebuilt.push((name, reason));
        Ok(())
    }

    /// Returns the ways from the reports to what belongs to them.
    pub(super) fn links(&self) -> Links {
        let spec =
            self.folders.owner.as_ref().map(|owner| owner.spec.as_path()).filter(|file| file.is_file());
        Links::new(&self.folders.reports, &self.folders.results, spec)
    }

    /// Returns the digests of the files of an output that was brought up to date, to be an input of another.
    pub(super) fn digests(&self, name: &str) -> String {
        self.now.outputs.get(name).map(|node| compact(&node.files)).unwrap_or_default()
    }

    /// Returns the contents of the files of an output that was brought up to date: those that were just made, else those
    /// that lie in its folder and were hashed.
    pub(super) fn contents(&self, name: &str) -> Result<Files> {
        let Some(node) = self.now.outputs.get(name) else { return Ok(Vec::new()) };
        let read = |file: &String| {
            let path = self.folder(node.folder).join(file);
            let made = self.made.get(&path).cloned();
            let bytes =
                made.map_or_else(|| files::read_if_present(&path).map(Option::unwrap_or_default), Ok)?;
            Ok((file.clone(), bytes))
        };
        node.files.keys().map(read).collect()
    }

    /// Names the outputs that are there, in the order of their names.
    pub(super) fn names(&self) -> Vec<String> {
        self.now.outputs.keys().cloned().collect()
    }

    /// Removes the files of outputs that nothing makes any more, unless somebody changed them, and notes what there is;
    /// returns the names of what was removed.
    pub(super) fn finish(&self) -> Result<Vec<String>> {
        let paths = |graph: &Graph| {
            let of = |node: &Node| {
                let folder = self.folder(node.folder).to_owned();
                node.files
                    .iter()
                    .map(move |(file, digest)| (folder.join(file), digest.clone()))
                    .collect::<Vec<_>>()
            };
            graph.outputs.values().flat_map(of).collect::<BTreeMap<PathBuf, String>>()
        };
        let (now, mut removed) = (paths(&self.now), Vec::new());
        let mut remove = |path: &Path| {
            // Nothing is removed behind a link, wherever that leads.
            if !path.parent().is_some_and(Path::is_symlink) && files::remove(path)? {
                removed.push(path.file_name().unwrap_or_default().to_string_lossy().into_owned());
            }
            Ok::<_, Error>(())
        };
        for (path, digest) in paths(&self.earlier) {
            if !now.contains_key(&path) && as_written(&path, &digest).unwrap_or(false) {
                remove(&path)?;
            }
        }
        for path in EARLIER.map(|file| self.folders.results.join(file)) {
            let known = |bytes: &Vec<u8>| {
                serde_json::from_slice::<serde_json::Value>(bytes).is_ok_and(|v| v.is_object())
            };
            if files::read_if_present(&path).ok().flatten().as_ref().is_some_and(known) {
                remove(&path)?;
            }
        }
        files::write_if_changed(&self.folders.results.join(FILE), (compact(&self.now) + "\n").as_bytes())?;
        Ok(removed)
    }
}
