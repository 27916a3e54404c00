//! [`Spec`] → [`Plan`]: the ordered runs of a spec, each with its key; pure.

pub mod explain;
pub mod key;

use std::{collections::BTreeSet, sync::Arc};

use sha2::{Digest as _, Sha256};

use crate::{
    data::DatasetId,
    numerics::Numerics,
    parallel,
    spec::{Architecture, Grid, Pairs, Scale, Spec, TrainSpec, Vary, Where},
    task::Task,
};
pub use key::{KEY_FORMAT, RunKey};

/// One point of the grid without its seed.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Name of the architecture; not part of the key.
    pub name: Arc<str>,
    /// The network.
    pub architecture: Arc<Architecture>,
    /// What it is trained for.
    pub task: &'static Task,
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
    /// Which random streams follow the seed.
    pub vary: Vary,
}

impl Config {
    /// Says whether runs of both can be one cohort: all but name, learning rate and dropout rate is the same.
    #[must_use]
    pub fn stacks_with(&self, other: &Self) -> bool {
        let Self { name: _, architecture, task, pairs, scale, train, lr: _, dropout: _, vary } = self;
        (architecture, task, pairs, scale, train, vary)
            == (&other.architecture, &other.task, &other.pairs, &other.scale, &other.train, &other.vary)
    }
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
    /// What the networks are trained for.
    pub task: &'static Task,
    /// Which bits the runs have.
    pub numerics: Numerics,
    /// The configs in order.
    pub configs: Vec<Config>,
    /// The runs in order; the rounds of a config stand together.
    pub runs: Vec<Run>,
    lr_varies: bool,
    dropout_varies: bool,
    vary_varies: bool,
}

impl Plan {
    /// Expands the grid of `spec` on `dataset`, for the numerics that a lock holds.
    #[must_use]
    pub fn expand(spec: &Spec, dataset: DatasetId) -> Self {
        Self::expand_for(spec, dataset, Numerics::LOCKED)
    }

    /// Expands the grid of `spec` on `dataset`, for a class of numerics.
    #[must_use]
    pub fn expand_for(spec: &Spec, dataset: DatasetId, numerics: Numerics) -> Self {
        let Grid { architecture, lr, dropout, vary, seed_from, seed_count } = &spec.grid;
        let mut configs = Vec::new();
        for name in architecture {
            let network = Arc::new(spec.architectures[name].clone());
            let name: Arc<str> = name.as_str().into();
            for &lr in lr {
                for &dropout in dropout {
                    configs.extend(vary.iter().map(|&vary| Config {
                        name: Arc::clone(&name),
                        architecture: Arc::clone(&network),
                        task: spec.task,
                        pairs: spec.data.pairs,
                        scale: spec.data.scale,
                        train: spec.train,
                        lr,
                        dropout,
                        vary,
                    }));
                }
            }
        }
        let begun = |c: usize| Sha256::new_with_prefix(key::head(&configs[c], &dataset, numerics));
        let begun = parallel::map(configs.len(), begun);
        let rounds = *seed_count as usize;
        let runs = parallel::map(configs.len() * rounds, |i| {
            let (config, seed) = (i / rounds, seed_from + (i % rounds) as u64);
            Run { config, seed, key: key::finish_key(begun[config].clone(), seed) }
        });
        let (lr_varies, dropout_varies) = (lr.len() > 1, dropout.len() > 1);
        let vary_varies = vary.len() > 1;
        Self { dataset, task: spec.task, numerics, configs, runs, lr_varies, dropout_varies, vary_varies }
    }

    /// Returns the canonical JSON whose SHA-256 is the key of `run`.
    #[must_use]
    pub fn preimage(&self, run: &Run) -> String {
        format!(r#"{}{}"}}"#, key::head(&self.configs[run.config], &self.dataset, self.numerics), run.seed)
    }

    /// Returns the config of `run`.
    #[must_use]
    pub fn config(&self, run: &Run) -> &Config {
        &self.configs[run.config]
    }

    /// Returns the indices of the configs that `filter` chooses, in order.
    pub fn chosen<'a>(&'a self, filter: &'a Where) -> impl Iterator<Item = usize> + 'a {
        let matches = move |c: &Config| filter.matches(&c.name, c.lr, c.dropout, c.vary);
        self.configs.iter().enumerate().filter(move |(_, c)| matches(c)).map(|(i, _)| i)
    }

    /// Returns the names of architectures that are trained with a dropout rate and have no layer for it.
    #[must_use]
    pub fn without_use_of_dropout(&self) -> BTreeSet<&str> {
        let idle = |c: &&Config| c.dropout > 0.0 && !c.architecture.has_dropout();
        self.configs.iter().filter(idle).map(|c| &*c.name).collect()
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
        let mut label = c.name.to_string();
        if self.lr_varies {
            label += &format!(", lr {}", c.lr);
        }
        if self.dropout_varies {
            label += &format!(", dropout {}", c.dropout);
        }
        if self.vary_varies {
            label += &format!(", vary {}", c.vary.word());
        }
        label
    }

    /// Names a run, such as `net1, lr 0.01 seed 3`.
    #[must_use]
    pub fn name(&self, run: &Run) -> String {
        format!("{} seed {}", self.label(run.config), run.seed)
    }
}
