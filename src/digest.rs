//! Canonical JSON and its SHA-256.
//!
//! What enters a run key (see [`crate::plan`]):
//!
//! | value | in the key | in the record only |
//! |---|---|---|
//! | key format, engine (`exact/1`, `cuda/1`) | yes | |
//! | dataset name and SHA-256, pairs, scale | yes | |
//! | architecture: every layer with its sizes, sharing, auxiliary loss | yes | |
//! | epochs, batch, shuffle, optimiser, evaluation frequency, lr, dropout | yes | |
//! | seed (as text: a `u64` above 2^53 must not collide) | yes | |
//! | names of the experiment and of architectures, tables, figures, bands | | – |
//! | host, CPU, threads, wall time, versions, git commit | | yes |

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// A SHA-256, shown as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Returns the digest of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Takes the state of a finished hash.
    #[must_use]
    pub fn finish(hash: Sha256) -> Self {
        Self(hash.finalize().into())
    }

    /// Reads 64 hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        let text = text.as_bytes();
        if text.len() != 64 {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
            let digit = |c: u8| match c {
                b'0'..=b'9' => Some(c - b'0'),
                b'a'..=b'f' => Some(c - b'a' + 10),
                _ => None,
            };
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Some(Self(bytes))
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

/// Returns `value` as compact JSON, names in the order of their declaration; values of this crate's types only,
/// which all have a form in JSON.
#[must_use]
pub fn compact(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// Returns `value` as compact JSON with sorted names; equal values give equal bytes.
///
/// Names are sorted here, since the order inside a [`serde_json::Map`] depends on features that
/// other crates switch on. Floats are written in their shortest form that reads back the same.
#[must_use]
pub fn canonical(value: &Value) -> String {
    let mut out = String::new();
    write_canonical(value, &mut out);
    out
}

fn write_canonical(value: &Value, out: &mut String) {
    match value {
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_canonical(item, out);
            }
            out.push(']');
        }
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by(|a, b| a.0.cmp(b.0));
            out.push('{');
            for (i, (name, item)) in entries.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(name.as_str()).to_string());
                out.push(':');
                write_canonical(item, out);
            }
            out.push('}');
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_are_sorted_at_every_level_and_text_is_escaped() {
        let value = json!({"b": [1, {"z": null, "a\"": 0.001}], "a": u64::MAX});
        assert_eq!(canonical(&value), r#"{"a":18446744073709551615,"b":[1,{"a\"":0.001,"z":null}]}"#);
    }

    #[test]
    fn a_digest_reads_back_and_rejects_everything_else() {
        // printf abc | sha256sum
        let text = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Digest::of(b"abc").to_string(), text);
        assert_eq!(Digest::parse(text), Some(Digest::of(b"abc")));
        assert_eq!(Digest::parse(&text.to_uppercase()), None);
        assert_eq!(Digest::parse("ab"), None);
    }
}
