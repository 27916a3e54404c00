//! Labelled greyscale images.

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

    /// Returns the first so many images; all if there are fewer.
    #[must_use]
    pub fn first(&self, count: usize) -> Self {
        let count = count.min(self.len());
        let pixels = self.pixels[..count * STORED_SIDE * STORED_SIDE].to_vec();
        Self { pixels, labels: self.labels[..count].to_vec() }
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
    /// Images of which training samples are made.
    pub train: Images,
    /// Images of which test samples are made.
    pub test: Images,
}
