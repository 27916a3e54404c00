//! Dropout masks.

use crate::{
    random::stream,
    testing::seeded_bugs::{self, Bug},
};

/// Values that decide whether a draw drops, and what a kept unit is multiplied by.
#[derive(Debug, Clone, Copy)]
pub struct Dropout {
    threshold: u32,
    keep: f32,
}

/// A dropout layer in one step: its name, mask values of a sample, images per pair, pairs.
pub struct Draw<'a> {
    /// Such as `each.dropout1`; the random stream is named after it.
    pub name: &'a str,
    /// Mask values of one sample.
    pub values: usize,
    /// Images per pair that pass here, 1 or 2.
    pub images: usize,
    /// Pairs of the batch.
    pub samples: usize,
}

impl Dropout {
    /// Prepares a rate in `[0, 1)`.
    #[must_use]
    pub fn new(rate: f64) -> Self {
        let keep = if seeded_bugs::on(Bug::DropoutUnscaled) { 1.0 } else { 1.0 / (1.0 - rate) };
        Self { threshold: (rate * 4_294_967_296.0) as u32, keep: keep as f32 }
    }

    /// Draws the masks of a layer: 0 with probability `rate`, else `1 / (1 − rate)`.
    ///
    /// The stream is `dropout/<layer>/<epoch>/<step>`, read by image, then value, then pair; a value is
    /// dropped if its 32 bits are below `rate · 2³²`. Calls `put` with image, value and the masks of all pairs.
    pub fn draw(
        self,
        seed: u64,
        epoch: usize,
        step: usize,
        layer: &Draw<'_>,
        mut put: impl FnMut(usize, usize, &[f32]),
    ) {
        let mut random = stream(seed, &format!("dropout/{}/{epoch}/{step}", layer.name));
        let mut masks = vec![0.0; layer.samples];
        for image in 0..layer.images {
            for value in 0..layer.values {
                random.mask(self.threshold, self.keep, &mut masks);
                put(image, value, &masks);
            }
        }
    }
}
