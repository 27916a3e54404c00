//! [`Spec`] → [`Plan`]: the ordered runs of a spec, each with its key; pure.

use std::sync::Arc;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{
    digest::{Digest, canonical},
    spec::{Architecture, DatasetId, Grid, Layer, Pairs, Scale, Spec, TrainSpec, Where},
};

/// Version of the key's form.
pub const KEY_FORMAT: u64 = 1;

/// The numerics class of the CPU kernels; goes up when a change alters bits.
pub const ENGINE: &str = "exact/1";

/// Identifies one run: SHA-256 of everything that can change its outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunKey(pub Digest);

impl std::fmt::Display for RunKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// One point of the grid without its seed.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Name of the architecture; not part of the key.
    pub name: String,
    /// The network.
    pub architecture: Arc<Architecture>,
    /// How the pairs are made.
    pub pairs: Pairs,
    /// The scale of a pixel.
    pub scale: Scale,
    /// How it is trained.
    pub train: TrainSpec,
    /// Learning rate.
    pub lr: f64,
    /// Dropout rate.
    pub dropout: f64,
}

/// One run: a config and a seed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// Index into [`Plan::configs`].
    pub config: usize,
    /// The seed.
    pub seed: u64,
    /// The key.
    pub key: RunKey,
}

/// The ordered list of runs of a spec: by architecture, lr, dropout and seed, as the grid lists them.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The data set.
    pub dataset: DatasetId,
    /// The configs in order.
    pub configs: Vec<Config>,
    /// The canonical JSON of each config, as it enters the key.
    pub preimages: Vec<String>,
    /// The runs in order; the rounds of a config stand together.
    pub runs: Vec<Run>,
    lr_varies: bool,
    dropout_varies: bool,
}

impl Plan {
    /// Expands the grid of `spec` on `dataset`.
    #[must_use]
    pub fn expand(spec: &Spec, dataset: DatasetId) -> Self {
        let Grid { architecture, lr, dropout, seed_from, seed_count } = &spec.grid;
        let mut configs = Vec::new();
        for name in architecture {
            let network = Arc::new(spec.architectures[name].clone());
            for &lr in lr {
                for &dropout in dropout {
                    configs.push(Config {
                        name: name.clone(),
                        architecture: Arc::clone(&network),
                        pairs: spec.data.pairs,
                        scale: spec.data.scale,
                        train: spec.train,
                        lr,
                        dropout,
                    });
                }
            }
        }
        let preimages: Vec<String> = configs.iter().map(|c| canonical(&preimage(c, &dataset))).collect();
        let seeds = (0..*seed_count).map(|i| seed_from + i);
        let runs = preimages
            .iter()
            .enumerate()
            .flat_map(|(config, text)| {
                let begun = Sha256::new_with_prefix(format!(r#"{{"config":{text},"seed":""#));
                seeds.clone().map(move |seed| Run { config, seed, key: finish_key(begun.clone(), seed) })
            })
            .collect();
        let (lr_varies, dropout_varies) = (lr.len() > 1, dropout.len() > 1);
        Self { dataset, configs, preimages, runs, lr_varies, dropout_varies }
    }

    /// Returns the canonical JSON whose SHA-256 is the key of `run`.
    #[must_use]
    pub fn preimage(&self, run: &Run) -> String {
        format!(r#"{{"config":{},"seed":"{}"}}"#, self.preimages[run.config], run.seed)
    }

    /// Returns the config of `run`.
    #[must_use]
    pub fn config(&self, run: &Run) -> &Config {
        &self.configs[run.config]
    }

    /// Returns the indices of the configs that `filter` chooses, in order.
    pub fn chosen<'a>(&'a self, filter: &'a Where) -> impl Iterator<Item = usize> + 'a {
        let matches = move |c: &Config| filter.matches(&c.name, c.lr, c.dropout);
        self.configs.iter().enumerate().filter(move |(_, c)| matches(c)).map(|(i, _)| i)
    }

    /// Returns the necessary floating-point operations of one run of a config: training and both
    /// evaluations, a multiply-add counted as two.
    #[must_use]
    pub fn flop_per_run(&self, config: usize) -> f64 {
        let Config { architecture, pairs, train, .. } = &self.configs[config];
        let cost = architecture.cost();
        let evaluations = train.epochs.div_ceil(train.evaluate_every);
        let trained = (train.epochs * pairs.train) as f64 * cost.training as f64;
        trained + (evaluations * (pairs.train + pairs.test)) as f64 * cost.forward as f64
    }

    /// Names a config by the axes that vary in this plan, such as `net1, lr 0.01`.
    #[must_use]
    pub fn label(&self, config: usize) -> String {
        let c = &self.configs[config];
        let mut label = c.name.clone();
        if self.lr_varies {
            label += &format!(", lr {}", c.lr);
        }
        if self.dropout_varies {
            label += &format!(", dropout {}", c.dropout);
        }
        label
    }

    /// Names a run, such as `net1, lr 0.01 seed 3`.
    #[must_use]
    pub fn name(&self, run: &Run) -> String {
        format!("{} seed {}", self.label(run.config), run.seed)
    }
}

fn finish_key(mut begun: Sha256, seed: u64) -> RunKey {
    begun.update(seed.to_string().as_bytes());
    begun.update(br#""}"#);
    RunKey(Digest::finish(begun))
}

/// Returns everything of a config that can change an outcome; a new field does not compile until
/// it is dealt with here.
fn preimage(config: &Config, dataset: &DatasetId) -> Value {
    let Config { name: _, architecture, pairs, scale, train, lr, dropout } = config;
    let DatasetId { source, digest } = dataset;
    json!({
        "format": KEY_FORMAT,
        "engine": ENGINE,
        "dataset": {"source": source, "digest": digest.to_string()},
        "pairs": pairs,
        "scale": scale,
        "architecture": architecture_json(architecture),
        "train": train,
        "loss": "nll",
        "lr": lr,
        "dropout": dropout,
    })
}

/// Returns an architecture as data.
#[must_use]
pub fn architecture_json(architecture: &Architecture) -> Value {
    let layers = |layers: &[Layer]| json!(layers);
    match architecture {
        Architecture::Pair(pair) => json!({"pair": layers(pair)}),
        Architecture::Each { each, share, digit_loss, then } => json!({
            "each": layers(each),
            "share": share,
            "digit_loss": digit_loss,
            "then": layers(then),
        }),
    }
}
