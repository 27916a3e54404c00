//! The stored form of a run.
//!
//! A record is one line, `{"body":BODY,"sha256":"DIGEST"}` and a newline, where `DIGEST` is the
//! SHA-256 of the bytes of `BODY`, canonical JSON with these names:
//!
//! | name | contents |
//! |---|---|
//! | `format` | [`FORMAT`] |
//! | `key` | the run key, which is also the file's name |
//! | `preimage` | the JSON text whose SHA-256 is the key, so that a miss can be explained |
//! | `outcome`, `outcome_sha256` | what came out, and the digest that the lock holds |
//! | `provenance` | where and how; never hashed into the outcome |

use serde::{Deserialize, Serialize};

use crate::{
    digest::{Digest, canonical},
    outcome::Outcome,
    plan::RunKey,
};

/// Version of the stored form.
pub const FORMAT: u64 = 1;

/// One stored run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Version of the stored form.
    pub format: u64,
    /// The run key.
    pub key: String,
    /// The JSON text whose SHA-256 is the key.
    pub preimage: String,
    /// What came out.
    pub outcome: Outcome,
    /// Digest of the outcome.
    pub outcome_sha256: String,
    /// Where and how it was made.
    pub provenance: Provenance,
}

/// Where and how a run was made.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// Version of replikat.
    pub version: String,
    /// Commit of the working folder, with `+` if it had changes; empty outside version control.
    pub commit: String,
    /// Name of the machine.
    pub host: String,
    /// Model of the processor.
    pub cpu: String,
    /// Instruction set that the kernels used.
    pub isa: String,
    /// Operating system and processor family.
    pub platform: String,
    /// Runs that were trained at once.
    pub jobs: usize,
    /// Wall time of this run, in seconds.
    pub seconds: f64,
}

/// Why stored bytes are not a good record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// They were changed or cut off; the text says how it was noticed.
    Damaged(String),
    /// They have a format of another version.
    Format(u64),
}

const HEAD: &str = "{\"body\":";
const MIDDLE: &str = ",\"sha256\":\"";
const TAIL: &str = "\"}\n";

impl Record {
    /// Makes the record of a run.
    #[must_use]
    pub fn new(key: RunKey, preimage: String, outcome: Outcome, provenance: Provenance) -> Self {
        let outcome_sha256 = outcome.digest().to_string();
        Self { format: FORMAT, key: key.to_string(), preimage, outcome, outcome_sha256, provenance }
    }

    /// Returns the stored form.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let body = canonical(&serde_json::to_value(self).unwrap_or_default());
        let digest = Digest::of(body.as_bytes());
        format!("{HEAD}{body}{MIDDLE}{digest}{TAIL}").into_bytes()
    }

    /// Reads the stored form of the run `key` and verifies every byte of it.
    ///
    /// # Errors
    /// Returns the flaw.
    pub fn from_bytes(bytes: &[u8], key: RunKey) -> Result<Self, Flaw> {
        let damaged = |reason: &str| Flaw::Damaged(reason.to_owned());
        let body_end = bytes
            .len()
            .checked_sub(MIDDLE.len() + 64 + TAIL.len())
            .filter(|end| *end >= HEAD.len())
            .ok_or_else(|| damaged("it is cut off"))?;
        let (head, rest) = bytes.split_at(HEAD.len());
        let (body, end) = rest.split_at(body_end - HEAD.len());
        let expected = format!("{MIDDLE}{}{TAIL}", Digest::of(body));
        if head != HEAD.as_bytes() || end != expected.as_bytes() {
            return Err(damaged("its SHA-256 does not match its contents"));
        }
        let text = std::str::from_utf8(body).map_err(|_| damaged("it is not UTF-8"))?;
        let format = serde_json::from_str::<FormatOnly>(text).map_err(|e| damaged(&e.to_string()))?.format;
        if format != FORMAT {
            return Err(Flaw::Format(format));
        }
        let record: Self = serde_json::from_str(text).map_err(|e| damaged(&e.to_string()))?;
        if record.key != key.to_string() {
            return Err(damaged("it belongs to another key"));
        }
        if Digest::of(record.preimage.as_bytes()) != key.0 {
            return Err(damaged("its preimage has another digest than its key"));
        }
        if record.outcome_sha256 != record.outcome.digest().to_string() {
            return Err(damaged("its outcome has another digest"));
        }
        Ok(record)
    }
}

#[derive(Deserialize)]
struct FormatOnly {
    format: u64,
}
