//! The MNIST files: where they are, that they are the right ones, and how to fetch them.

use std::path::{Path, PathBuf};

use super::{
    Dataset, Images, STORED_SIDE,
    fetch::{self, Progress},
    idx,
};
use crate::{
    digest::Digest,
    error::{Error, Result},
    files,
};

/// One of the four files: name without `.gz`, and SHA-256 of the unpacked contents.
struct Source {
    name: &'static str,
    sha256: &'static str,
}

const FILES: [Source; 4] = [
    Source {
        name: "train-images-idx3-ubyte",
        sha256: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    },
    Source {
        name: "train-labels-idx1-ubyte",
        sha256: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    },
    Source {
        name: "t10k-images-idx3-ubyte",
        sha256: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    },
    Source {
        name: "t10k-labels-idx1-ubyte",
        sha256: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    },
];

/// Folders on the network that hold the packed files; tried in turn.
pub const MIRRORS: [&str; 2] =
    ["https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/"];

/// A folder that holds the four files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The folder.
    pub folder: PathBuf,
}

/// Returns the digest of the four files' digests.
#[must_use]
pub fn digest() -> Digest {
    let all: Vec<&str> = FILES.iter().map(|f| f.sha256).collect();
    Digest::of(all.join("\n").as_bytes())
}

/// Returns the folder for downloaded files, `<user's cache>/replikat/mnist`.
#[must_use]
pub fn cache_folder() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let base = set("XDG_CACHE_HOME").or_else(|| {
        if cfg!(windows) {
            set("LOCALAPPDATA")
        } else if cfg!(target_os = "macos") {
            set("HOME").map(|h| h.join("Library/Caches"))
        } else {
            set("HOME").map(|h| h.join(".cache"))
        }
    });
    base.map(|b| b.join("replikat").join("mnist"))
}

/// Finds the files in `chosen`, else in the user's cache folder.
///
/// Only their presence is looked at; [`Place::load`] verifies them.
///
/// # Errors
/// Returns [`Error::NoData`] if a chosen folder lacks one of them: a folder that was named is
/// never silently replaced by another.
pub fn find(chosen: Option<&Path>) -> Result<Option<Place>> {
    if let Some(folder) = chosen {
        let missing: Vec<&str> =
            FILES.iter().filter(|f| path_in(folder, f).is_none()).map(|f| f.name).collect();
        if missing.is_empty() {
            return Ok(Some(Place { folder: folder.to_owned() }));
        }
        return Err(absent(&format!("`{}` lacks {}", folder.display(), missing.join(", "))));
    }
    let complete = |folder: &PathBuf| FILES.iter().all(|f| path_in(folder, f).is_some());
    Ok(cache_folder().filter(complete).map(|folder| Place { folder }))
}

/// Makes the error that says where MNIST was looked for.
#[must_use]
pub fn absent(tried: &str) -> Error {
    Error::NoData { tried: tried.to_owned() }
}

fn path_in(folder: &Path, file: &Source) -> Option<PathBuf> {
    let packed = folder.join(format!("{}.gz", file.name));
    let plain = folder.join(file.name);
    [packed, plain].into_iter().find(|p| p.is_file())
}

impl Place {
    /// Reads and verifies the four files.
    ///
    /// # Errors
    /// Returns [`Error::Data`] for the first file that is not MNIST's.
    pub fn load(&self) -> Result<Dataset> {
        let (train, test) =
            rayon::join(|| self.images(&FILES[0], &FILES[1]), || self.images(&FILES[2], &FILES[3]));
        Ok(Dataset { train: train?, test: test? })
    }

    /// Verifies each file; returns its name and path with its state.
    #[must_use]
    pub fn verify(&self) -> Vec<(String, Result<()>)> {
        FILES.iter().map(|f| (f.name.to_owned(), self.read(f).map(|_| ()))).collect()
    }

    fn images(&self, images: &Source, labels: &Source) -> Result<Images> {
        let bad = |file: &Source, reason: String| Error::Data { path: self.path(file), reason };
        let mut pixels = self.read(images)?;
        let (dims, data) = idx::parse(&pixels).map_err(|r| bad(images, r))?;
        let header = pixels.len() - data.len();
        let label_bytes = self.read(labels)?;
        let (label_dims, labels_data) = idx::parse(&label_bytes).map_err(|r| bad(labels, r))?;
        if dims[1..] != [STORED_SIDE, STORED_SIDE] || dims[..1] != label_dims[..] {
            return Err(bad(images, format!("its dimensions are {dims:?}")));
        }
        pixels.drain(..header);
        Ok(Images { pixels, labels: labels_data.to_vec() })
    }

    fn path(&self, file: &Source) -> PathBuf {
        path_in(&self.folder, file).unwrap_or_else(|| self.folder.join(file.name))
    }

    fn read(&self, file: &Source) -> Result<Vec<u8>> {
        let path = self.path(file);
        let bytes = std::fs::read(&path).map_err(Error::file("read", &path))?;
        unpack_verified(bytes, file).map_err(|reason| Error::Data { path, reason })
    }
}

fn unpack_verified(bytes: Vec<u8>, file: &Source) -> std::result::Result<Vec<u8>, String> {
    let plain = idx::unpack(bytes)?;
    let found = Digest::of(&plain).to_string();
    if found == file.sha256 {
        return Ok(plain);
    }
    Err(format!("its SHA-256 is {found}, MNIST's is {}", file.sha256))
}

/// Downloads what is missing into `folder`; `progress` gets a file's name, the bytes so far and the
/// expected total.
///
/// # Errors
/// Returns [`Error::NoData`] with what each mirror answered.
pub fn fetch(folder: &Path, mirrors: &[&str], progress: &Progress<'_>) -> Result<Place> {
    files::make_folder(folder)?;
    for file in &FILES {
        if path_in(folder, file).is_none() {
            let verify = |bytes: &[u8]| unpack_verified(bytes.to_vec(), file).map(|_| ());
            let target = folder.join(format!("{}.gz", file.name));
            fetch::from_mirrors(&target, mirrors, &verify, progress).map_err(|tried| absent(&tried))?;
        }
    }
    Ok(Place { folder: folder.to_owned() })
}
