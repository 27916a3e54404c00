//! `grid:`: the axes whose product is the runs.
//!
//! An axis is a setting with several values. `lr`, `dropout`, `vary` and `architecture` are read where they stand; any
//! other is put at its path in the spec, as `--set` does, and what it can change is read again for each combination.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use super::{
    config::{Config, DataSpec},
    filter::Where,
    settings::Setting,
};
use crate::{model::Architecture, task::pairs::Pairs, yaml::kind::Scalar};

/// The largest number of runs of one grid.
pub const MAX_RUNS: u64 = 1_000_000;

/// The largest number of configs of one grid.
pub const MAX_CONFIGS: u64 = 100_000;

/// The axes whose product is the runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    /// The axes from the outermost to the innermost: architectures, then as written, then `lr`, `dropout` and `vary`.
    pub axes: Vec<Axis>,
    /// The seeds, one round each.
    pub seeds: Seeds,
    /// One config for each combination of the axes of `data` and `train`.
    pub(super) bases: Vec<Config>,
    /// By name, a network for each combination of the axes of that architecture.
    pub(super) networks: Networks,
}

/// By name, a network for each combination of the axes of that architecture.
pub(super) type Networks = BTreeMap<String, Vec<Arc<Architecture>>>;

/// An axis of the grid.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// Its name in the grid: a short one such as `lr`, or a path such as `train.batch`.
    pub name: String,
    /// What it is called in figures.
    pub label: String,
    /// Its values.
    pub values: Vec<Scalar>,
    /// What the values are of.
    pub of: Home,
}

/// What the values of an axis are of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Home {
    /// A setting with a short name, which needs no second reading.
    Grid,
    /// `data` or `train`.
    Base,
    /// The architecture of this name.
    Network(String),
}

/// The seeds of each config.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seeds {
    /// So many from the first one on.
    From(u64, u64),
    /// These.
    List(Vec<u64>),
}

impl Seeds {
    /// Returns their number.
    #[must_use]
    pub fn count(&self) -> u64 {
        match self {
            Self::From(_, count) => *count,
            Self::List(seeds) => seeds.len() as u64,
        }
    }

    /// Returns the seed of a round.
    #[must_use]
    pub fn at(&self, round: usize) -> u64 {
        match self {
            Self::From(first, _) => first + round as u64,
            Self::List(seeds) => seeds[round],
        }
    }
}

impl std::fmt::Display for Seeds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::From(first, count) => write!(f, "{count} from {first} on"),
            Self::List(seeds) => {
                f.write_str(&seeds.iter().map(u64::to_string).collect::<Vec<_>>().join(", "))
            }
        }
    }
}

impl Axis {
    /// Returns the setting that it varies, if it is a single one.
    #[must_use]
    pub fn setting(&self) -> Option<&'static Setting> {
        match &self.of {
            Home::Grid => Setting::short_named(&self.name),
            Home::Base => Setting::find(&self.name),
            Home::Network(name) => Setting::find(&self.name.replacen(name, "NAME", 1)),
        }
    }

    /// Says whether it varies the configs of an architecture.
    #[must_use]
    pub fn applies_to(&self, architecture: &str) -> bool {
        match &self.of {
            Home::Network(name) => name == architecture,
            Home::Grid | Home::Base => true,
        }
    }

    /// Returns a value; nothing where a config has none.
    #[must_use]
    pub fn value(&self, index: Option<u32>) -> Scalar {
        index.and_then(|i| self.values.get(i as usize).cloned()).unwrap_or(Scalar::Nothing)
    }

    /// Names a value in the label of a config, which begins with its architecture.
    #[must_use]
    pub fn label_of(&self, value: usize) -> String {
        let own = match &self.of {
            Home::Network(name) => self.name.strip_prefix(&format!("architectures.{name}.")),
            Home::Grid | Home::Base => None,
        };
        format!("{} {}", own.unwrap_or(&self.name), self.values[value])
    }
}

impl Grid {
    /// Returns the names of the architectures, the values of the first axis.
    pub fn architectures(&self) -> impl Iterator<Item = String> + '_ {
        self.axes[0].values.iter().map(Scalar::to_string)
    }

    /// Returns where the data comes from.
    pub(super) fn data(&self) -> DataSpec {
        self.bases[0].data
    }

    /// Returns each network, without the variants of its axes.
    pub(super) fn first_networks(&self) -> BTreeMap<String, Architecture> {
        self.networks.iter().map(|(name, all)| (name.clone(), (*all[0]).clone())).collect()
    }

    /// Returns the most training and the most test pairs that a config has.
    #[must_use]
    pub fn most_pairs(&self) -> Pairs {
        let most = |of: fn(&Config) -> usize| self.bases.iter().map(of).max().unwrap_or(0);
        let (train, test) = (most(|config| config.pairs.train), most(|config| config.pairs.test));
        Pairs { test, train, ..self.bases[0].pairs }
    }

    /// Returns the index of an axis.
    #[must_use]
    pub fn axis(&self, name: &str) -> Option<usize> {
        self.axes.iter().position(|axis| axis.name == name)
    }

    /// Returns how many values of an axis a filter leaves to the configs of an architecture.
    #[must_use]
    pub fn left(&self, axis: usize, architecture: &str, filter: &Where) -> usize {
        let here = &self.axes[axis];
        match (filter.value(axis), here.applies_to(architecture)) {
            (None, true) => here.values.len(),
            (None, false) | (Some(_), true) => 1,
            (Some(_), false) => 0,
        }
    }

    /// Returns the architectures that a filter leaves.
    pub fn values_left<'a>(&'a self, filter: &'a Where) -> impl Iterator<Item = String> + 'a {
        let left = |index: usize| filter.value(0).is_none_or(|value| value == index);
        self.architectures().enumerate().filter(move |(index, _)| left(*index)).map(|(_, name)| name)
    }

    /// Says whether a network that a filter leaves scores the digits.
    #[must_use]
    pub fn scores_digits(&self, filter: &Where) -> bool {
        self.values_left(filter).any(|name| {
            self.networks.get(&name).is_some_and(|all| all.iter().any(|network| network.scores_digits()))
        })
    }

    /// Returns how many configs a filter leaves.
    #[must_use]
    pub fn count(&self, filter: &Where) -> u64 {
        let of = |name: String| {
            (1..self.axes.len())
                .map(|axis| self.left(axis, &name, filter) as u64)
                .fold(1, u64::saturating_mul)
        };
        self.values_left(filter).map(of).fold(0, u64::saturating_add)
    }

    /// Returns the values that a setting of `data` or `train` has.
    pub(super) fn base_values(&self, setting: &Setting) -> Vec<Scalar> {
        distinct(self.bases.iter().map(|config| setting.get(config)))
    }

    /// Returns the values that a setting of an architecture has.
    pub(super) fn network_values(&self, name: &str, setting: &Setting) -> Vec<Scalar> {
        let of = |network: &Arc<Architecture>| {
            setting.get(&Config { architecture: Arc::clone(network), ..Config::blank() })
        };
        distinct(self.networks.get(name).into_iter().flatten().map(of))
    }

    /// Returns every config, in the order of the axes.
    #[must_use]
    pub fn configs(&self) -> Vec<Config> {
        let mut found = Vec::new();
        for (index, name) in self.architectures().enumerate() {
            let own: Vec<usize> = (1..self.axes.len()).filter(|a| self.axes[*a].applies_to(&name)).collect();
            let mut point = vec![None; self.axes.len()];
            point[0] = Some(index as u32);
            for axis in &own {
                point[*axis] = Some(0);
            }
            let name: Arc<str> = name.into();
            loop {
                found.push(self.config(&name, &point));
                // The last axis turns fastest.
                let turn = own.iter().rev().find(|axis| {
                    let next = point[**axis].map_or(0, |value| value + 1);
                    let more = (next as usize) < self.axes[**axis].values.len();
                    point[**axis] = Some(if more { next } else { 0 });
                    more
                });
                if turn.is_none() {
                    break;
                }
            }
        }
        found
    }

    fn config(&self, name: &Arc<str>, point: &[Option<u32>]) -> Config {
        let (mut base, mut network) = (0, 0);
        for (axis, value) in self.axes.iter().zip(point) {
            let Some(value) = value else { continue };
            match axis.of {
                Home::Base => base = base * axis.values.len() + *value as usize,
                Home::Network(_) => network = network * axis.values.len() + *value as usize,
                Home::Grid => {}
            }
        }
        let mut config = self.bases[base].clone();
        config.architecture = Arc::clone(&self.networks[&**name][network]);
        config.name = Arc::clone(name);
        config.point = point.to_vec();
        for (axis, value) in self.axes.iter().zip(point) {
            if axis.of == Home::Grid
                && let (Some(value), Some(at)) = (value, Setting::short_named(&axis.name).and_then(|s| s.at))
            {
                (at.set)(&mut config, &axis.values[*value as usize]);
            }
        }
        config
    }
}

/// Returns values without repetition, in their order.
fn distinct(values: impl Iterator<Item = Scalar>) -> Vec<Scalar> {
    let mut seen = HashSet::new();
    values.filter(|value| seen.insert(value.to_string())).collect()
}
