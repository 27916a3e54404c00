//! Run keys.

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::Config;
use crate::{
    data::{DatasetId, Source},
    digest::{Digest, compact},
    numerics::Numerics,
    spec::{Architecture, Layer, Pairs, Scale, TrainSpec, Vary},
    task::{self, Task},
};

/// Version of the key's form.
pub const KEY_FORMAT: u64 = 1;

/// Identifies one run: SHA-256 of everything that can change its outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunKey(pub Digest);

impl std::fmt::Display for RunKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

pub(super) fn finish_key(mut begun: Sha256, seed: u64) -> RunKey {
    begun.update(seed.to_string().as_bytes());
    begun.update(br#""}"#);
    RunKey(Digest::finish(begun))
}

/// Returns the canonical JSON of a key up to the seed: everything of a config that can change an outcome. A new field
/// does not compile until it is dealt with here.
pub(super) fn head(config: &Config, dataset: &DatasetId, numerics: Numerics) -> String {
    let Config { name: _, architecture, task, pairs, scale, train, lr, dropout, vary } = config;
    let DatasetId { source, digest } = dataset;
    let preimage = Preimage {
        architecture: architecture.as_ref().into(),
        dataset: Dataset { digest: digest.to_string(), source },
        dropout: *dropout,
        engine: numerics.name(),
        format: KEY_FORMAT,
        loss: "nll",
        lr: *lr,
        pairs: *pairs,
        scale: *scale,
        task,
        train: *train,
        vary: *vary,
    };
    format!(r#"{{"config":{},"seed":""#, compact(&preimage))
}

/// What enters a key beside the seed; names are in order, here and below, so that the JSON is canonical.
#[derive(Serialize)]
struct Preimage<'a> {
    architecture: Network<'a>,
    dataset: Dataset,
    dropout: f64,
    engine: &'static str,
    format: u64,
    loss: &'static str,
    lr: f64,
    pairs: Pairs,
    scale: Scale,
    /// Left out for the task that is meant where none is named, so that a key is what it was before there was this.
    #[serde(skip_serializing_if = "task::is_default")]
    task: &'static Task,
    train: TrainSpec,
    /// Left out where all streams follow the seed, so that a key is what it was before there was this.
    #[serde(skip_serializing_if = "Vary::is_all")]
    vary: Vary,
}

#[derive(Serialize)]
struct Dataset {
    digest: String,
    source: &'static Source,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Network<'a> {
    Pair { pair: &'a [Layer] },
    Each { digit_loss: Option<f64>, each: &'a [Layer], share: bool, then: &'a [Layer] },
}

impl<'a> From<&'a Architecture> for Network<'a> {
    fn from(architecture: &'a Architecture) -> Self {
        match architecture {
            Architecture::Pair(pair) => Self::Pair { pair },
            Architecture::Each { each, share, digit_loss, then } => {
                Self::Each { digit_loss: *digit_loss, each, share: *share, then }
            }
        }
    }
}
