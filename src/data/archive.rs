//! A data set's files: where they are, that they are the right ones, and how to fetch them.

use std::path::{Path, PathBuf};

use super::{
    fetch::{self, Progress},
    idx,
    images::{Dataset, Images, STORED_SIDE},
};
use crate::{
    digest::Digest,
    error::{Error, Result},
    files, parallel,
};

/// Name of a file without `.gz`, and SHA-256 of the unpacked contents.
pub type Named = (&'static str, &'static str);

/// The files of a data set.
pub struct Archive {
    /// Name of the folder for downloaded files, which is the word of the source.
    pub word: &'static str,
    /// Name of the data set in texts.
    pub title: &'static str,
    /// Training images and labels, test images and labels.
    pub files: [Named; 4],
    /// Folders on the network that hold the packed files; tried in turn.
    pub mirrors: &'static [&'static str],
}

impl Archive {
    /// Returns the digest of the four files' digests.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.files.map(|(_, sha256)| sha256).join("\n").as_bytes())
    }

    /// Returns the folder for downloaded files, such as `<user's cache>/replikat/mnist`.
    #[must_use]
    pub fn cache_folder(&self) -> Option<PathBuf> {
        cache().map(|cache| cache.join("replikat").join(self.word))
    }

    /// Finds the files in `chosen`, else in the user's cache folder.
    ///
    /// Only their presence is looked at; [`Archive::images`] verifies them.
    ///
    /// # Errors
    /// Returns [`Error::NoData`] if a chosen folder lacks one of them: a folder that was named is
    /// never silently replaced by another.
    pub fn find(&self, chosen: Option<&Path>) -> Result<Option<PathBuf>> {
        let missing = |folder: &Path| -> Vec<&str> {
            self.files.iter().map(|(name, _)| *name).filter(|name| path_in(folder, name).is_none()).collect()
        };
        let Some(folder) = chosen else {
            return Ok(self.cache_folder().filter(|folder| missing(folder).is_empty()));
        };
        if !folder.is_dir() {
            let what =
                if folder.exists() { "is a file, not a folder" } else { "is no folder: there is nothing" };
            let shell = if folder.starts_with("~") { "; a quoted `~` is not the home folder" } else { "" };
            return Err(self.absent(&format!("`{}` {what}{shell}", folder.display())));
        }
        match missing(folder).as_slice() {
            [] => Ok(Some(folder.to_owned())),
            missing => Err(self.absent(&format!("`{}` lacks {}", folder.display(), missing.join(", ")))),
        }
    }

    /// Returns the parts of downloads in the cache folder that no living process works on and nobody needs, since the whole
    /// file is there; with `remove`, removes them.
    ///
    /// # Errors
    /// Returns an error if one cannot be removed.
    pub fn left_behind(&self, remove: bool) -> Result<Vec<PathBuf>> {
        let Some(folder) = self.cache_folder() else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for (name, _) in self.files {
            let part = folder.join(format!("{name}.gz.part"));
            if path_in(&folder, name).is_some() && files::is_left_behind(&part, remove)? {
                found.push(part);
            }
        }
        Ok(found)
    }

    /// Makes the error that says where the files were looked for.
    #[must_use]
    pub fn absent(&self, tried: &str) -> Error {
        Error::NoData { title: self.title, tried: tried.to_owned() }
    }

    /// Reads and verifies the files in `folder`.
    ///
    /// # Errors
    /// Returns [`Error::Data`] for the first file that is not the right one.
    pub fn images(&self, folder: &Path) -> Result<Dataset> {
        let [images, labels, test_images, test_labels] = &self.files;
        let (train, test) = parallel::both(
            || self.split(folder, images, labels),
            || self.split(folder, test_images, test_labels),
        );
        Ok(Dataset { train: train?, test: test? })
    }

    /// Verifies each file in `folder`; returns its name with its state.
    #[must_use]
    pub fn verify(&self, folder: &Path) -> Vec<(&'static str, Result<()>)> {
        self.files.iter().map(|file| (file.0, self.read(folder, file).map(|_| ()))).collect()
    }

    fn split(&self, folder: &Path, images: &Named, labels: &Named) -> Result<Images> {
        let bad = |file: &Named, reason: String| Error::Data { path: path_of(folder, file), reason };
        let mut pixels = self.read(folder, images)?;
        let (dims, data) = idx::parse(&pixels).map_err(|r| bad(images, r))?;
        let header = pixels.len() - data.len();
        let label_bytes = self.read(folder, labels)?;
        let (label_dims, labels_data) = idx::parse(&label_bytes).map_err(|r| bad(labels, r))?;
        if dims.get(1..) != Some(&[STORED_SIDE, STORED_SIDE]) || dims[..1] != label_dims[..] {
            return Err(bad(images, format!("its dimensions are {dims:?}")));
        }
        pixels.drain(..header);
        Ok(Images { pixels, labels: labels_data.to_vec() })
    }

    fn read(&self, folder: &Path, file: &Named) -> Result<Vec<u8>> {
        let path = path_of(folder, file);
        let bytes = std::fs::read(&path).map_err(Error::file("read", &path))?;
        self.unpack_verified(bytes, file).map_err(|reason| Error::Data { path, reason })
    }

    fn unpack_verified(&self, bytes: Vec<u8>, (_, sha256): &Named) -> std::result::Result<Vec<u8>, String> {
        let plain = idx::unpack(bytes)?;
        let found = Digest::of(&plain).to_string();
        if found == *sha256 {
            return Ok(plain);
        }
        Err(format!("its SHA-256 is {found}, {}'s is {sha256}", self.title))
    }

    /// Downloads what is missing into `folder`; `progress` gets a file's name, the bytes so far and the
    /// expected total.
    ///
    /// # Errors
    /// Returns [`Error::NoData`] with what each mirror answered.
    pub fn fetch(&self, folder: &Path, progress: &Progress<'_>) -> Result<()> {
        files::make_folder(folder)?;
        for file in self.files.iter().filter(|(name, _)| path_in(folder, name).is_none()) {
            let verify = |bytes: &[u8]| self.unpack_verified(bytes.to_vec(), file).map(|_| ());
            let target = folder.join(format!("{}.gz", file.0));
            fetch::from_mirrors(&target, self.mirrors, &verify, progress)
                .map_err(|tried| self.absent(&tried))?;
        }
        Ok(())
    }
}

/// Returns the user's folder for what can be had again.
fn cache() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    set("XDG_CACHE_HOME").or_else(|| {
        if cfg!(windows) {
            set("LOCALAPPDATA")
        } else if cfg!(target_os = "macos") {
            set("HOME").map(|h| h.join("Library/Caches"))
        } else {
            set("HOME").map(|h| h.join(".cache"))
        }
    })
}

/// Folders in which other programs put the files, below one that is named.
const FOLDERS: [&str; 3] = ["", "raw", "MNIST/raw"];

/// Returns where a file is in a folder, packed or not, under its own name or the one that some unpackers give it, such
/// as `train-images.idx3-ubyte`. Its contents are verified, so the name does not matter.
fn path_in(folder: &Path, name: &str) -> Option<PathBuf> {
    let names = [name.to_owned(), name.replacen("-idx", ".idx", 1)];
    let names = names.iter().flat_map(|name| [format!("{name}.gz"), name.clone()]);
    let paths = names.flat_map(|name| FOLDERS.map(|below| folder.join(below).join(&name)));
    paths.into_iter().find(|path| path.is_file())
}

fn path_of(folder: &Path, (name, _): &Named) -> PathBuf {
    path_in(folder, name).unwrap_or_else(|| folder.join(name))
}
