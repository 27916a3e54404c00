//! Drawn digits: a built-in stand-in for MNIST that needs no network; see [`replikat_glyphs`].

use super::{
    images::Images,
    mnist,
    source::{Contents, Drawn, Source},
};

/// The drawn digits: as many of each split as MNIST's test set has, or more.
pub static SOURCE: Source = Source {
    word: "glyphs",
    title: "replikat's drawn digits",
    contents: Contents::Drawn(Drawn {
        // Goes up when a pixel changes.
        version: "glyphs/1",
        count: 10_000,
        draw,
        instead: "drawn digits",
        stands_in_for: &mnist::SOURCE,
    }),
};

/// Draws the first `count` digits of a split, which is `train` or `test`; a longer draw begins with the shorter one.
#[must_use]
pub fn draw(split: &str, count: usize) -> Images {
    let replikat_glyphs::Drawn { pixels, labels } = replikat_glyphs::draw(split, count);
    Images { pixels, labels }
}
