//! What the program knows of a data set.

use std::{borrow::Cow, path::Path};

use serde::{Serialize, Serializer};

use super::{
    archive::{Archive, Named},
    images::{Dataset, Images},
};
use crate::{digest::Digest, error::Result};

/// A source of labelled images.
pub struct Source {
    pub(super) word: &'static str,
    pub(super) title: &'static str,
    pub(super) contents: Contents,
}

/// Where images come from.
pub enum Contents {
    /// Four files in the IDX format: training images and labels, test images and labels.
    Idx(Archive),
    /// The program draws them.
    Drawn(Drawn),
}

/// Images that need neither a file nor the network.
pub struct Drawn {
    /// Version of the drawing.
    pub version: &'static str,
    /// The least number of images of a split.
    pub count: usize,
    /// Draws the first images of a split, `train` or `test`.
    pub draw: fn(&str, usize) -> Images,
    /// What they are where another data set is meant, in the plural.
    pub instead: &'static str,
    /// The data set that is meant where numbers stand beside those of a paper.
    pub stands_in_for: &'static Source,
}

/// A data set as a run key knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatasetId {
    /// The source.
    pub source: &'static Source,
    /// Digest of its contents.
    pub digest: Digest,
}

impl Source {
    /// Makes the source of four files in the IDX format.
    pub(super) const fn idx(
        word: &'static str,
        title: &'static str,
        files: [Named; 4],
        mirrors: &'static [&'static str],
    ) -> Self {
        Self { word, title, contents: Contents::Idx(Archive { word, title, files, mirrors }) }
    }

    /// Returns its word in specs and keys.
    #[must_use]
    pub fn word(&self) -> &'static str {
        self.word
    }

    /// Returns its name in texts.
    #[must_use]
    pub fn title(&self) -> &'static str {
        self.title
    }

    /// Returns the files, if it has any.
    #[must_use]
    pub fn archive(&self) -> Option<&Archive> {
        match &self.contents {
            Contents::Idx(archive) => Some(archive),
            Contents::Drawn(_) => None,
        }
    }

    /// Returns how it is drawn, if it is.
    #[must_use]
    pub fn drawn(&self) -> Option<&Drawn> {
        match &self.contents {
            Contents::Idx(_) => None,
            Contents::Drawn(drawn) => Some(drawn),
        }
    }

    /// Returns the identity of its contents, without reading them.
    #[must_use]
    pub fn id(&'static self) -> DatasetId {
        let digest = match &self.contents {
            Contents::Idx(archive) => archive.digest(),
            Contents::Drawn(drawn) => Digest::of(format!("{}/{}", drawn.version, drawn.count).as_bytes()),
        };
        DatasetId { source: self, digest }
    }

    /// Loads the images: all that there are, or at least so many training and test images; `folder` is where its files
    /// are, if it has any.
    ///
    /// # Errors
    /// Returns an error if a file cannot be read or its contents have another SHA-256.
    pub fn load(&self, folder: Option<&Path>, [train, test]: [usize; 2]) -> Result<Dataset> {
        match (&self.contents, folder) {
            (Contents::Idx(archive), Some(folder)) => archive.images(folder),
            (Contents::Idx(archive), None) => Err(archive.absent("no folder is known")),
            (Contents::Drawn(Drawn { draw, count, .. }), _) => {
                Ok(Dataset { train: draw("train", train.max(*count)), test: draw("test", test.max(*count)) })
            }
        }
    }
}

impl Source {
    /// Returns of loaded images those that there would be if only so many training and test images had been asked for: what
    /// a run is trained on does not depend on what other runs need.
    #[must_use]
    pub fn as_if_for<'a>(&self, all: &'a Dataset, [train, test]: [usize; 2]) -> Cow<'a, Dataset> {
        let Some(Drawn { count, .. }) = self.drawn() else { return Cow::Borrowed(all) };
        let (train, test) = (train.max(*count), test.max(*count));
        if all.train.len() <= train && all.test.len() <= test {
            return Cow::Borrowed(all);
        }
        Cow::Owned(Dataset { train: all.train.first(train), test: all.test.first(test) })
    }
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        self.word == other.word
    }
}

impl Eq for Source {}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word)
    }
}

impl Serialize for Source {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word)
    }
}
