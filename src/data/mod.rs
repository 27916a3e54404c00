//! Labelled digits and the pairs that are made of them.
//!
//! [`mnist`] finds or fetches the MNIST files, [`idx`] reads them, [`glyphs`] draws digits where
//! there are none, [`pairs`] makes the inputs of the networks.

mod fetch;
pub mod glyphs;
pub mod idx;
pub mod mnist;
pub mod pairs;

use crate::{
    digest::Digest,
    error::Result,
    spec::{DataSource, DatasetId, Pairs},
};

/// Side of an image as it is stored, in pixels.
pub const STORED_SIDE: usize = 28;

/// Greyscale images, 28×28 bytes each in row-major order (0 background, 255 ink), with labels 0 to 9.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Images {
    /// `28 · 28` bytes per image.
    pub pixels: Vec<u8>,
    /// One label per image.
    pub labels: Vec<u8>,
}

impl Images {
    /// Returns the number of images.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Says whether there are no images.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Returns the bytes of image `index`.
    #[must_use]
    pub fn image(&self, index: usize) -> &[u8] {
        let size = STORED_SIDE * STORED_SIDE;
        &self.pixels[index * size..(index + 1) * size]
    }
}

/// Training and test images of one source.
#[derive(Debug, Clone)]
pub struct Dataset {
    /// Images of which training pairs are drawn.
    pub train: Images,
    /// Images of which test pairs are drawn.
    pub test: Images,
}

/// Number of drawn digits from which pairs are drawn; as many as MNIST's test set.
const GLYPHS: usize = 10_000;

/// Returns the identity of a source's contents, without reading them.
#[must_use]
pub fn identity(source: DataSource) -> DatasetId {
    let digest = match source {
        DataSource::Mnist => mnist::digest(),
        DataSource::Glyphs => Digest::of(format!("{}/{GLYPHS}", glyphs::VERSION).as_bytes()),
    };
    DatasetId { source, digest }
}

/// Loads the images of `source`; MNIST from `place`.
///
/// # Errors
/// Returns an error if a file cannot be read or its contents have another SHA-256.
pub fn load(source: DataSource, place: Option<&mnist::Place>, pairs: &Pairs) -> Result<Dataset> {
    match (source, place) {
        (DataSource::Mnist, Some(place)) => place.load(),
        (DataSource::Mnist, None) => Err(mnist::absent("no folder is known")),
        (DataSource::Glyphs, _) => Ok(Dataset {
            train: glyphs::draw("train", GLYPHS.max(2 * pairs.train)),
            test: glyphs::draw("test", GLYPHS.max(2 * pairs.test)),
        }),
    }
}
