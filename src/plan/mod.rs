//! [`Spec`] → [`Plan`]: the ordered runs of a spec, each with its key; pure.

pub mod explain;
pub mod key;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use sha2::{Digest as _, Sha256};

pub use crate::spec::Config;
use crate::{
    data::DatasetId,
    model::{Architecture, Cost},
    numerics::Numerics,
    parallel,
    spec::{Axis, SETTINGS, Setting, Spec, Where},
    task::Task,
    yaml::kind::Scalar,
};
pub use key::{KEY_FORMAT, RunKey};

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

/// A setting of every config of a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct SettingColumn {
    /// Name of the axis, such as `lr` or `train.batch`.
    pub name: String,
    /// What figures call it.
    pub label: String,
    /// Its value in each config; nothing where it does not apply.
    pub values: Vec<Scalar>,
}

/// What does not change between runs of a network.
#[derive(Debug, Clone, Copy)]
struct Size {
    parameters: usize,
    cost: Cost,
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
    /// The size of each config's network.
    networks: Vec<Size>,
    /// The runs in order; the rounds of a config stand together.
    pub runs: Vec<Run>,
    /// The axes of the grid.
    pub axes: Vec<Axis>,
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
        let mut configs = spec.grid.configs();
        for config in &mut configs {
            config.data.source = dataset.source;
            config.task = spec.task;
        }
        let mut sizes: BTreeMap<*const Architecture, (Sha256, Size)> = BTreeMap::new();
        for config in &configs {
            sizes.entry(Arc::as_ptr(&config.architecture)).or_insert_with(|| {
                let network = &config.architecture;
                let size = Size { parameters: network.parameter_count(), cost: network.cost() };
                (Sha256::new_with_prefix(key::begin(network)), size)
            });
        }
        let of = |c: usize| &sizes[&Arc::as_ptr(&configs[c].architecture)];
        let networks: Vec<Size> = (0..configs.len()).map(|c| of(c).1).collect();
        let heads: Vec<&Sha256> = (0..configs.len()).map(|c| &of(c).0).collect();
        let begun = |c: usize| heads[c].clone().chain_update(key::rest(&configs[c], &dataset, numerics));
        let begun = parallel::map(configs.len(), begun);
        let rounds = spec.grid.seeds.count() as usize;
        let runs = parallel::map(configs.len() * rounds, |i| {
            let (config, seed) = (i / rounds, spec.grid.seeds.at(i % rounds));
            Run { config, seed, key: key::finish_key(begun[config].clone(), seed) }
        });
        Self { dataset, task: spec.task, numerics, configs, networks, runs, axes: spec.grid.axes.clone() }
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
        self.configs.iter().enumerate().filter(|(_, c)| filter.matches(c)).map(|(i, _)| i)
    }

    /// Returns the names of architectures that are trained with a dropout rate and have no layer for it.
    #[must_use]
    pub fn without_use_of_dropout(&self) -> BTreeSet<&str> {
        self.named(|c| c.dropout > 0.0, false)
    }

    /// Returns the names of architectures with a dropout layer, where no config has a dropout rate.
    #[must_use]
    pub fn without_rate_of_dropout(&self) -> BTreeSet<&str> {
        let rated = self.configs.iter().any(|c| c.dropout > 0.0);
        self.named(|_| !rated, true)
    }

    /// Names the architectures of some configs that have a dropout layer, or have none; each is walked once, however many
    /// configs have it.
    fn named(&self, some: impl Fn(&Config) -> bool, with_layer: bool) -> BTreeSet<&str> {
        let mut known: BTreeMap<*const Architecture, bool> = BTreeMap::new();
        let mut has = |c: &Config| {
            *known.entry(Arc::as_ptr(&c.architecture)).or_insert_with(|| c.architecture.has_dropout())
        };
        self.configs.iter().filter(|c| some(c) && has(c) == with_layer).map(|c| &*c.name).collect()
    }

    /// Returns the configs whose runs have the keys of an earlier config's, each with that one: one network under two names.
    #[must_use]
    pub fn twins(&self) -> Vec<(usize, usize)> {
        let mut first: BTreeMap<RunKey, usize> = BTreeMap::new();
        let mut found = Vec::new();
        for run in &self.runs {
            let earlier = *first.entry(run.key).or_insert(run.config);
            if earlier != run.config && found.last() != Some(&(run.config, earlier)) {
                found.push((run.config, earlier));
            }
        }
        found
    }

    /// Returns the number of values that a config's network has.
    #[must_use]
    pub fn parameters(&self, config: usize) -> usize {
        self.networks[config].parameters
    }

    /// Returns the necessary floating-point operations of one run of a config: training and both
    /// evaluations, a multiply-add counted as two.
    #[must_use]
    pub fn flop_per_run(&self, config: usize) -> f64 {
        let Config { pairs, train, .. } = &self.configs[config];
        let cost = self.networks[config].cost;
        let evaluations = train.epochs.div_ceil(train.evaluate_every);
        let trained = (train.epochs * pairs.train) as f64 * cost.training as f64;
        trained + (evaluations * (pairs.train + pairs.test)) as f64 * cost.forward as f64
    }

    /// Returns how much a CPU has to do for one run of a config, in operations: a step works on whole blocks of samples and
    /// changes every parameter, so that small batches cost more than their arithmetic.
    #[must_use]
    pub fn work_per_run(&self, config: usize) -> f64 {
        // Operations in the time that one parameter takes in a step.
        const UPDATE: f64 = 50.0;
        let Config { pairs, train, .. } = &self.configs[config];
        let (cost, block) = (self.networks[config].cost, crate::engine::kernels::simd::BLOCK);
        let (steps, rest) = (pairs.train / train.batch, pairs.train % train.batch);
        let filled = steps * train.batch.next_multiple_of(block) + rest.next_multiple_of(block);
        let changed = pairs.train.div_ceil(train.batch) as f64 * self.networks[config].parameters as f64;
        let epoch = filled as f64 * cost.training as f64 + UPDATE * changed;
        let evaluations = train.epochs.div_ceil(train.evaluate_every) * (pairs.train + pairs.test);
        train.epochs as f64 * epoch + evaluations as f64 * cost.forward as f64
    }

    /// Names a config by the axes that vary in this plan, such as `net1, lr 0.01`.
    #[must_use]
    pub fn label(&self, config: usize) -> String {
        let config = &self.configs[config];
        let mut label = config.name.to_string();
        for (axis, value) in self.axes.iter().zip(&config.point).skip(1).filter(|(a, _)| a.values.len() > 1) {
            if let Some(value) = value {
                label += &format!(", {}", axis.label_of(*value as usize));
            }
        }
        label
    }

    /// Returns the settings of the configs as columns: the axes of the grid in their order.
    #[must_use]
    pub fn setting_columns(&self) -> Vec<SettingColumn> {
        let column = |(index, axis): (usize, &Axis)| SettingColumn {
            name: axis.name.clone(),
            label: axis.label.clone(),
            values: self.configs.iter().map(|config| axis.value(config.point[index])).collect(),
        };
        self.axes.iter().enumerate().map(column).collect()
    }

    /// Returns the settings that are no axis, by path: they are the same in every config.
    #[must_use]
    pub fn constant_settings(&self) -> Vec<(&'static str, Scalar)> {
        let Some(config) = self.configs.first() else { return Vec::new() };
        let plain = SETTINGS.iter().filter(|s| s.path.starts_with("data.") || s.path.starts_with("train."));
        // An axis may be of several settings at once.
        let varied = |s: &&Setting| {
            self.axes.iter().any(|axis| {
                s.path.strip_prefix(&*axis.name).is_some_and(|r| r.is_empty() || r.starts_with('.'))
            })
        };
        plain.filter(|s| s.key.is_some() && !varied(s)).map(|s| (s.path, s.get(config))).collect()
    }

    /// Names a run, such as `net1, lr 0.01 seed 3`.
    #[must_use]
    pub fn name(&self, run: &Run) -> String {
        format!("{} seed {}", self.label(run.config), run.seed)
    }
}
