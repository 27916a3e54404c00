//! Enums of words, each word written once.

/// Declares an enum whose values are words of a spec: `WORDS`, `NAMES`, `word()`, its form in JSON and as a [`Scalar`].
///
/// [`Scalar`]: crate::yaml::kind::Scalar
macro_rules! word_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        pub enum $name { $($(#[$variant_doc])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every value with its word in specs and reports.
            pub const WORDS: &[(&str, Self)] = &[$(($word, Self::$variant)),+];
            /// Every value, in the order of their words.
            pub const ALL: &[Self] = &[$(Self::$variant),+];
            /// Every word.
            pub const NAMES: &[&str] = &[$($word),+];

            /// Returns the word for this value.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl $crate::yaml::kind::Field for $name {
            fn scalar(self) -> $crate::yaml::kind::Scalar {
                $crate::yaml::kind::Scalar::Text(self.word().into())
            }
            fn of(scalar: &$crate::yaml::kind::Scalar) -> Option<Self> {
                let $crate::yaml::kind::Scalar::Text(text) = scalar else { return None };
                Self::WORDS.iter().find(|(word, _)| word == text).map(|(_, value)| *value)
            }
        }
    };
}
pub(crate) use word_enum as words;
