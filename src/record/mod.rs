//! The stored form of a run.
//!
//! A record is one line, `{"body":BODY,"sha256":"DIGEST"}` and a newline, where `DIGEST` is the
//! SHA-256 of the bytes of `BODY`, canonical JSON with these names:
//!
//! | name | contents |
//! |---|---|
//! | `format` | [`FORMAT`] |
//! | `key` | the run key, which is also the file's name |
//! | `outcome`, `outcome_sha256` | what came out, and the digest that the lock holds |
//! | `preimage` | the JSON text whose SHA-256 is the key, so that a miss can be explained |
//! | `provenance` | where and how; never hashed into the outcome |
//!
//! The form is stable. Format 1 is the first; a reader refuses a format that it does not know, with a message, and
//! one that comes to know a second still reads the first. Fields are declared in the order of their names, here and in
//! [`outcome`], so that what serde writes is canonical.

mod outcome;

use serde::{Deserialize, Serialize};

pub use outcome::{End, EpochMetrics, Outcome};

use crate::{
    digest::{Digest, compact},
    plan::{RunKey, key::evaluated},
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
    /// What came out.
    pub outcome: Outcome,
    /// Digest of the outcome.
    pub outcome_sha256: String,
    /// The JSON text whose SHA-256 is the key.
    pub preimage: String,
    /// Where and how it was made.
    pub provenance: Provenance,
}

/// Where and how a run was made.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// Commit of the spec's folder, with `+` if it does not hold the spec as it is; empty outside version control;
    /// `unknown: ` and the reason if git did not say.
    pub commit: String,
    /// Model of the processor.
    pub cpu: String,
    /// Name of the machine.
    pub host: String,
    /// Instruction set that the kernels used, or the GPU.
    pub isa: String,
    /// Runs that were trained at once; the size of its cohort, if it was in one.
    pub jobs: usize,
    /// Operating system and processor family.
    pub platform: String,
    /// Wall time of this run, or of its cohort, in seconds.
    pub seconds: f64,
    /// Version of replikat.
    pub version: String,
}

/// What tables, figures and judgements need of a record.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredOutcome {
    /// What came out.
    pub outcome: Outcome,
    /// Digest of the outcome.
    pub digest: Digest,
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
        let body = compact(self);
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
        if !text.starts_with(&format!("{{\"format\":{FORMAT},")) {
            let format =
                serde_json::from_str::<FormatOnly>(text).map_err(|e| damaged(&e.to_string()))?.format;
            return Err(if format == FORMAT {
                damaged("its names have another order")
            } else {
                Flaw::Format(format)
            });
        }
        let record: Self = serde_json::from_str(text).map_err(|e| damaged(&e.to_string()))?;
        if Digest::parse(&record.key) != Some(key.0) {
            return Err(damaged("it belongs to another key"));
        }
        if Digest::of(record.preimage.as_bytes()) != key.0 {
            return Err(damaged("its preimage has another digest than its key"));
        }
        if Digest::parse(&record.outcome_sha256) != Some(record.outcome.digest()) {
            return Err(damaged("its outcome has another digest"));
        }
        if let Some(flaw) = evaluated(&record.preimage).and_then(|epochs| record.outcome.flaw(epochs)) {
            return Err(damaged(flaw));
        }
        Ok(record)
    }

    /// Keeps what tables, figures and judgements need.
    #[must_use]
    pub fn into_stored(self) -> StoredOutcome {
        // It was verified when the record was read or made.
        let digest = Digest::parse(&self.outcome_sha256).unwrap_or_else(|| self.outcome.digest());
        StoredOutcome { digest, outcome: self.outcome }
    }
}

#[derive(Deserialize)]
struct FormatOnly {
    format: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        digest::canonical,
        task::{
            Measure,
            digit_pairs::{ACCURACY, DIGIT_LOSS, LOSS, TASK},
        },
    };

    #[test]
    fn the_stored_form_is_canonical_for_every_kind_of_end() {
        let measure = Measure::of(&TASK, &[(ACCURACY, 0.1), (DIGIT_LOSS, 1e-9), (LOSS, 2.0)]);
        let epochs = vec![EpochMetrics { epoch: 1, running: measure, test: measure, train: measure }];
        let ends = [
            End::Finished { weights: "ab".into() },
            End::Diverged { epoch: 2, step: 3 },
            End::Failed { reason: "a \"reason\"\n".into() },
        ];
        for end in ends {
            let outcome = Outcome { end, epochs: epochs.clone() };
            let preimage = r#"{"config":{},"seed":"1"}"#.to_owned();
            let key = RunKey(Digest::of(preimage.as_bytes()));
            let provenance = Provenance { jobs: 3, seconds: 0.25, ..Provenance::default() };
            let record = Record::new(key, preimage, outcome, provenance);
            let value = serde_json::to_value(&record).unwrap();
            assert_eq!(compact(&record), canonical(&value));
            assert_eq!(compact(&record.outcome), canonical(&value["outcome"]));
            assert_eq!(Record::from_bytes(&record.to_bytes(), key), Ok(record));
        }
    }
}
