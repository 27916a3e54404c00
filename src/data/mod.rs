//! Data sets: a file for each, and one list of all.
//!
//! A [`Source`] says all that the program knows of a data set. [`archive`] finds, verifies and fetches what lies in
//! files, [`idx`] reads their format.

pub mod archive;
mod fetch;
pub mod glyphs;
pub mod idx;
mod images;
pub mod mnist;
mod source;

pub use images::{Dataset, Images, STORED_SIDE};
pub use source::{Contents, DatasetId, Drawn, Source};

/// All sources; the first is the one that is meant where none is named.
pub static SOURCES: [&Source; 2] = [&mnist::SOURCE, &glyphs::SOURCE];

/// Returns the words of all sources, with the sources.
#[must_use]
pub fn words() -> Vec<(&'static str, &'static Source)> {
    SOURCES.into_iter().map(|source| (source.word, source)).collect()
}

/// Returns the words of the sources that may stand in for another, with the sources.
#[must_use]
pub fn stand_ins() -> Vec<(&'static str, &'static Source)> {
    words().into_iter().filter(|(_, source)| source.drawn().is_some()).collect()
}

/// Returns the source of that word.
#[must_use]
pub fn find(word: &str) -> Option<&'static Source> {
    SOURCES.into_iter().find(|source| source.word == word)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_source_has_a_word_a_title_and_a_digest_of_its_own() {
        let kebab =
            |word: &str| word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        let (mut texts, mut digests) = (BTreeSet::new(), BTreeSet::new());
        for source in SOURCES {
            assert!(kebab(source.word) && !source.title.is_empty(), "{source:?}");
            assert!(texts.insert(source.word) && texts.insert(source.title), "{source:?}");
            assert!(digests.insert(source.id().digest), "{source:?}");
            assert_eq!(find(source.word), Some(source));
            // What is in files has a digest for each; what needs none is made without the network.
            match (source.archive(), source.drawn()) {
                (Some(archive), None) => {
                    assert!(
                        archive
                            .files
                            .iter()
                            .all(|(_, sha256)| crate::digest::Digest::parse(sha256).is_some())
                    );
                }
                (None, Some(drawn)) => assert!(SOURCES.contains(&drawn.stands_in_for), "{source:?}"),
                (_, _) => panic!("{source:?} is neither in files nor drawn"),
            }
        }
    }
}
