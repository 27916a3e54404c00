//! Two experiments, config by config: which configs belong together, and how far apart they are.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    ranking::{by_seed, moments, paired},
    rounds::Rounds,
};
use crate::{
    plan::Plan,
    spec::Split,
    stats::{self, Moments, TTest, holm},
    task::Metric,
    yaml::kind::Scalar,
};

/// Two configs, one of each experiment.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// Index of the first experiment's config.
    pub a: usize,
    /// Index of the second one's.
    pub b: usize,
    /// Count, mean and standard deviation of both ones' rounds that are compared, as measured.
    pub moments: [Moments; 2],
    /// Whether rounds of one seed were compared with each other.
    pub by_seed: bool,
    /// The second minus the first; nothing below two rounds, or where nothing spreads.
    pub test: Option<TTest>,
    /// The test's p-value, adjusted by Holm for the number of comparisons.
    pub p: Option<f64>,
}

/// Returns the configs that belong together: those with the same values on the axes that both grids have, if one of the two
/// varies them. An axis of one grid alone tells nothing apart, and so a config may stand in several pairs.
#[must_use]
pub fn together(a: &Plan, b: &Plan) -> Vec<(usize, usize)> {
    let several = |plan: &Plan, name: &str| plan.axes.iter().any(|x| x.name == name && x.values.len() > 1);
    let has = |plan: &Plan, name: &str| plan.axes.iter().any(|axis| axis.name == name);
    let shared: Vec<&str> = a.axes.iter().map(|axis| axis.name.as_str()).collect();
    let shared: Vec<&str> =
        shared.into_iter().filter(|name| has(b, name) && (several(a, name) || several(b, name))).collect();
    let values = |plan: &Plan| -> Vec<Vec<Scalar>> {
        let columns = plan.setting_columns();
        let of = |config: usize| {
            let value =
                |name: &&str| columns.iter().find(|c| c.name == *name).map(|c| c.values[config].clone());
            shared.iter().filter_map(value).collect()
        };
        (0..plan.configs.len()).map(of).collect()
    };
    let mut in_b: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (config, values) in values(b).iter().enumerate() {
        in_b.entry(format!("{values:?}")).or_default().push(config);
    }
    let with = |(config, values): (usize, &Vec<Scalar>)| {
        let others = in_b.get(&format!("{values:?}")).cloned().unwrap_or_default();
        others.into_iter().map(move |other| (config, other))
    };
    values(a).iter().enumerate().flat_map(with).collect()
}

/// Compares pairs of configs by the last epoch of their finished rounds, the second one minus the first one: seed by seed with
/// Student's t, over the seeds that both have, if one of the two has no other seeds; else all rounds by Welch's t.
#[must_use]
pub fn compare(
    pairs: &[(usize, usize)],
    rounds: [&[Rounds]; 2],
    split: Split,
    metric: Metric,
) -> Vec<Compared> {
    let mut all: Vec<Compared> = pairs
        .iter()
        .map(|(a, b)| {
            let [mut of_a, mut of_b] =
                [(0, *a), (1, *b)].map(|(i, c): (usize, usize)| by_seed(&rounds[i][c], split, metric));
            let seeds: BTreeSet<u64> = paired(&of_b, &of_a).map(|(seed, ..)| seed).collect();
            let by_seed = seeds.len() >= 2 && seeds.len() == of_a.len().min(of_b.len());
            if by_seed {
                of_a.retain(|(seed, _)| seeds.contains(seed));
                of_b.retain(|(seed, _)| seeds.contains(seed));
            }
            let moments = [moments(&of_a), moments(&of_b)];
            let test = if by_seed {
                let differences = paired(&of_b, &of_a).map(|(_, b, a)| stats::difference(b, a));
                stats::paired_t(&differences.collect::<Vec<f64>>())
            } else {
                stats::welch(moments[1], moments[0])
            };
            // Differences without any spread are too few to know their spread by: `p` would be 0.
            let test = test.filter(|test| test.error > 0.0);
            Compared { a: *a, b: *b, moments, by_seed, test, p: None }
        })
        .collect();
    let tested: Vec<f64> = all.iter().filter_map(|one| Some(one.test?.p)).collect();
    let with_p = all.iter_mut().filter(|one| one.test.is_some());
    for (one, p) in with_p.zip(holm(&tested)) {
        one.p = Some(p);
    }
    all
}
