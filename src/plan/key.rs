//! Run keys: what enters them, written and taken apart in one place.
//!
//! A key is the SHA-256 of canonical JSON: `{"config": …, "seed": "…"}`. The config has, beside the fields below that are
//! no settings, the settings that have a place in it ([`crate::spec::SETTINGS`]); names of experiments, architectures,
//! tables and figures are not in it, nor hosts, threads and times. The seed is text: a `u64` above 2^53 must not collide.

use std::sync::LazyLock;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::{
    data::DatasetId,
    digest::{Digest, compact},
    numerics::Numerics,
    spec::{Architecture, Config, Layer, SETTINGS, Setting},
};

/// Version of the key's form.
pub const KEY_FORMAT: u64 = 1;

/// Identifies one run: SHA-256 of everything that can change its outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunKey(pub Digest);

impl RunKey {
    /// Digits that people are shown; they name a run of a store.
    pub const SHORT: usize = 12;

    /// Returns it as people write it.
    #[must_use]
    pub fn short(self) -> String {
        self.to_string()[..Self::SHORT].to_owned()
    }
}

impl std::fmt::Display for RunKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// What stands at a place of the config.
#[derive(Debug, Clone, Copy)]
enum Part {
    Architecture,
    DatasetDigest,
    DatasetSource,
    Engine,
    Format,
    Setting(&'static Setting),
}

/// Fields that are no settings of their own, or are written otherwise than a setting.
const OTHERS: [(&str, Part); 5] = [
    ("architecture", Part::Architecture),
    ("dataset.digest", Part::DatasetDigest),
    ("dataset.source", Part::DatasetSource),
    ("engine", Part::Engine),
    ("format", Part::Format),
];

/// Every field in the order of canonical JSON.
static FIELDS: LazyLock<Vec<(Vec<&'static str>, Part)>> = LazyLock::new(|| {
    let other =
        |key: &str| OTHERS.iter().any(|(path, _)| key == *path || key.starts_with(&format!("{path}.")));
    let settings = SETTINGS.iter().filter_map(|s| Some((s.key.filter(|key| !other(key))?, Part::Setting(s))));
    let mut all: Vec<_> =
        settings.chain(OTHERS).map(|(path, part)| (path.split('.').collect::<Vec<_>>(), part)).collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
});

pub(super) fn finish_key(mut begun: Sha256, seed: u64) -> RunKey {
    begun.update(seed.to_string().as_bytes());
    begun.update(br#""}"#);
    RunKey(Digest::finish(begun))
}

/// Returns the canonical JSON of a key up to the seed: everything of a config that can change an outcome.
pub(super) fn head(config: &Config, dataset: &DatasetId, numerics: Numerics) -> String {
    begin(&config.architecture) + &rest(config, dataset, numerics)
}

/// Returns the beginning of a key, which its architecture is: many configs share it.
pub(super) fn begin(architecture: &Architecture) -> String {
    format!(r#"{{"config":{{"architecture":{}"#, compact(&Network::from(architecture)))
}

/// Returns what follows the architecture in a key, up to the seed.
pub(super) fn rest(config: &Config, dataset: &DatasetId, numerics: Numerics) -> String {
    let mut out = String::new();
    let mut open: &[&str] = &[];
    let mut first = false;
    for (path, part) in FIELDS.iter() {
        let value = match part {
            // It is the first one in the order of the names, and written already.
            Part::Architecture => continue,
            Part::DatasetDigest => compact(&dataset.digest.to_string()),
            Part::DatasetSource => compact(&dataset.source),
            Part::Engine => compact(&numerics.name()),
            Part::Format => compact(&KEY_FORMAT),
            Part::Setting(setting) => match setting.get(config) {
                value if setting.is_left_out(&value) => continue,
                value => compact(&value),
            },
        };
        let (name, above) = (path[path.len() - 1], &path[..path.len() - 1]);
        let common = open.iter().zip(above).take_while(|(a, b)| a == b).count();
        out.extend(std::iter::repeat_n('}', open.len() - common));
        for name in &above[common..] {
            out += &format!("{}\"{name}\":{{", if first { "" } else { "," });
            first = true;
        }
        out += &format!("{}\"{name}\":{value}", if first { "" } else { "," });
        (open, first) = (above, false);
    }
    out.extend(std::iter::repeat_n('}', open.len()));
    out + r#"},"seed":""#
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

/// The two parts of a key's preimage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts<'a> {
    /// Canonical JSON of the config.
    pub config: &'a str,
    /// The seed.
    pub seed: u64,
}

/// Takes the preimage of a key apart; `None` if it has another form.
#[must_use]
pub fn parts(preimage: &str) -> Option<Parts<'_>> {
    let (config, seed) = preimage.strip_prefix("{\"config\":")?.rsplit_once(",\"seed\":\"")?;
    Some(Parts { config, seed: seed.strip_suffix("\"}")?.parse().ok()? })
}

/// Returns the number of epochs of a preimage's config and after how many each it is evaluated; nothing if it does not say.
#[must_use]
pub fn evaluated(preimage: &str) -> Option<(usize, usize)> {
    let config: serde_json::Value = serde_json::from_str(parts(preimage)?.config).ok()?;
    let of = |path: &str| {
        let setting = Setting::find(path)?;
        let found = config.pointer(&format!("/{}", setting.key?.replace('.', "/")));
        match (found, &setting.default) {
            (Some(value), _) => value.as_u64(),
            (None, default) => default.as_ref().and_then(|v| serde_json::to_value(v).ok()?.as_u64()),
        }
    };
    Some((of("train.epochs")? as usize, (of("train.evaluate_every")? as usize).max(1)))
}

/// Reads the config of a preimage; settings that it leaves out have their defaults.
#[must_use]
pub fn read_config(text: &str) -> Option<serde_json::Value> {
    let mut config: serde_json::Value = serde_json::from_str(text).ok()?;
    for setting in SETTINGS.iter().filter(|s| s.quiet) {
        if let (Some(key), Some(default)) = (setting.key, &setting.default) {
            let (above, name) = key.rsplit_once('.').map_or(("", key), |(above, name)| (above, name));
            let above =
                if above.is_empty() { String::new() } else { format!("/{}", above.replace('.', "/")) };
            if let Some(map) = config.pointer_mut(&above).and_then(serde_json::Value::as_object_mut) {
                map.entry(name).or_insert_with(|| serde_json::to_value(default).unwrap_or_default());
            }
        }
    }
    Some(config)
}

/// Names a field of a config as the spec does, so that a reader finds it there; `name` is the architecture's.
#[must_use]
pub fn spec_path(path: &str, name: &str) -> String {
    // Below a setting, such as the size of a layer, the rest of the path is the spec's too.
    let begins =
        |key: &str| path.strip_prefix(key).is_some_and(|r| r.is_empty() || r.starts_with(['.', '[']));
    let setting = SETTINGS.iter().find_map(|s| Some((s.path, s.key.filter(|key| begins(key))?)));
    match (setting, path) {
        (Some((spec, key)), _) => spec.replacen("NAME", name, 1) + &path[key.len()..],
        (None, "architecture") => format!("architectures.{name}"),
        (None, "dataset" | "dataset.digest") => "contents of the data set".to_owned(),
        (None, "format") => "format of the key".to_owned(),
        (None, other) => other.to_owned(),
    }
}
