//! The file that a person named as a spec: reading it, and finding what was meant where there is none.

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
};

use crate::{
    error::{Error, Result},
    files,
    lines::some_of,
    spec::{MAX_BYTES, experiment_in},
    yaml::near::nearest,
};

/// Where specs are kept.
const FOLDER: &str = "experiments";
/// Specs are listed up to this many.
const LISTED: usize = 8;

/// Reads a spec or a sweep.
///
/// # Errors
/// Returns [`Error::Usage`] with what was probably meant if there is no such file.
pub(super) fn read(path: &Path) -> Result<String> {
    use ErrorKind::{IsADirectory, NotADirectory, NotFound};
    match files::read_text(path, MAX_BYTES) {
        Err(Error::File { source, .. })
            if path.is_dir() || matches!(source.kind(), NotFound | NotADirectory | IsADirectory) =>
        {
            let (message, hint) = absent(path);
            Err(Error::Usage { message, hint })
        }
        found => found,
    }
}

/// Returns the files of a folder that may be specs, in order.
pub(super) fn specs_in(folder: &Path) -> Vec<PathBuf> {
    let yaml = |path: &PathBuf| path.extension().is_some_and(|e| e == "yaml" || e == "yml") && path.is_file();
    let mut found: Vec<PathBuf> =
        files::entries(folder).unwrap_or_default().into_iter().filter(yaml).collect();
    found.sort();
    found
}

/// Returns the specs of the working folder and of its `experiments`.
pub(super) fn specs_here() -> Vec<PathBuf> {
    let bare = |path: PathBuf| path.strip_prefix(".").map(Path::to_owned).unwrap_or(path);
    let here = specs_in(Path::new(".")).into_iter().map(bare);
    here.chain(specs_in(Path::new(FOLDER))).collect()
}

/// Says that there is no such file, and what was probably meant.
fn absent(path: &Path) -> (String, String) {
    let name = path.display().to_string();
    if path.is_dir() {
        let hint = one_of(&specs_in(path)).unwrap_or_else(|| "it holds no YAML file".to_owned());
        return (format!("`{name}` is a folder, not a spec"), hint);
    }
    let message = format!("there is no file `{name}`");
    let slashes = name.replace('\\', "/");
    if slashes != name && Path::new(&slashes).is_file() {
        return (message, format!("did you mean `{slashes}`? Folders are separated by `/` here"));
    }
    if name.starts_with('~') {
        return (
            message,
            "a quoted `~` is not the home folder; leave the quotes out, or write `$HOME`".into(),
        );
    }
    if slashes.as_bytes().get(1) == Some(&b':') && cfg!(not(windows)) {
        return (message, "this is a path of Windows; name the file by its path on this machine".into());
    }
    if let Some(found) = meant(path, &slashes) {
        return (message, format!("did you mean `{}`?", found.display()));
    }
    let none = || "`replikat init` writes a spec to begin with".to_owned();
    (message, one_of(&specs_here()).unwrap_or_else(none))
}

/// Returns the spec that was probably meant: with another ending, in `experiments`, by the name of its experiment, or
/// with a name of nearly the same letters.
fn meant(path: &Path, name: &str) -> Option<PathBuf> {
    let ending =
        |path: &Path| ["yaml", "yml"].map(|e| path.with_extension(e)).into_iter().find(|p| p.is_file());
    let added = ["yaml", "yml"].map(|e| PathBuf::from(format!("{}.{e}", path.display())));
    let below = Path::new(FOLDER).join(path.file_name()?);
    let other = ending(path)
        .or_else(|| added.into_iter().find(|p| p.is_file()))
        .or_else(|| Some(below.clone()).filter(|p| p.is_file()))
        .or_else(|| ending(&below));
    if other.is_some() {
        return other;
    }
    let mut specs = specs_here();
    specs.extend(path.parent().map(specs_in).unwrap_or_default());
    let of_experiment = |p: &&PathBuf| {
        files::read_text(p, MAX_BYTES).is_ok_and(|text| experiment_in(&text).is_some_and(|e| e == name))
    };
    if let Some(found) = specs.iter().find(of_experiment) {
        return Some(found.clone());
    }
    let stem = |p: &Path| p.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let stems: Vec<String> = specs.iter().map(|p| stem(p)).collect();
    let near = nearest(&stem(path), &stems.iter().map(String::as_str).collect::<Vec<_>>())?.to_owned();
    stems.iter().position(|other| *other == near).map(|index| specs[index].clone())
}

/// Lists specs to choose from; nothing if there are none.
fn one_of(specs: &[PathBuf]) -> Option<String> {
    let names: Vec<String> = specs.iter().map(|p| p.display().to_string()).collect();
    (!names.is_empty()).then(|| format!("there are {}", some_of(&names, LISTED)))
}
