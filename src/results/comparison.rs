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
/// Student's t, over the seeds that both have, if these are three quarters of the rounds of one of the two; else all rounds by Welch's t.
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
            // A lost round or two leave the others pairs.
            let by_seed = seeds.len() >= 2 && 4 * seeds.len() >= 3 * of_a.len().min(of_b.len());
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
            // Without any spread but that of arithmetic, `p` would be 0: rounds are too few to know their spread by.
            let size = moments[0].mean.abs().max(moments[1].mean.abs());
            let test = test.filter(|test| test.error > 1e-9 * size);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{results::Curve, task::digit_pairs::ACCURACY};

    /// Returns rounds whose last epoch has these accuracies, by seed.
    fn rounds(values: &[(u64, f64)]) -> Rounds {
        let matrix = values.iter().map(|(_, value)| vec![*value]).collect();
        let curves = BTreeMap::from([((Split::Test, ACCURACY), Curve { epochs: vec![1], rounds: matrix })]);
        let seeds = values.iter().map(|(seed, _)| *seed).collect();
        Rounds { planned: values.len(), seeds, curves, ..Rounds::default() }
    }

    fn compared(a: &[(u64, f64)], b: &[(u64, f64)]) -> Compared {
        let (a, b) = ([rounds(a)], [rounds(b)]);
        compare(&[(0, 0)], [&a, &b], Split::Test, ACCURACY).remove(0)
    }

    #[test]
    fn a_difference_that_only_arithmetic_spreads_is_not_tested() {
        for (first, second) in
            [((0.7, 0.72), (0.1, 0.12)), ((0.5, 0.3), (0.5, 0.3)), ((0.2, 0.2), (0.2, 0.2))]
        {
            let one = compared(&[(0, first.0), (1, second.0)], &[(0, first.1), (1, second.1)]);
            assert!(one.by_seed && one.test.is_none() && one.p.is_none(), "{one:?}");
        }
    }

    #[test]
    fn lost_rounds_leave_the_others_pairs_and_strangers_are_none() {
        let values: Vec<(u64, f64)> = (0..10).map(|i| (i, 0.5 + 0.01 * i as f64)).collect();
        let (mut a, mut b) =
            (values.clone(), values.iter().map(|(s, v)| (*s, v + 0.01 * (s % 3) as f64)).collect::<Vec<_>>());
        a.remove(3);
        b.remove(4);
        let one = compared(&a, &b);
        assert!(one.by_seed && one.moments.map(|m| m.n) == [8, 8], "{one:?}");
        let strangers: Vec<(u64, f64)> = values.iter().map(|(seed, value)| (seed + 9, *value)).collect();
        let one = compared(&values, &strangers);
        assert!(!one.by_seed && one.moments.map(|m| m.n) == [10, 10], "{one:?}");
    }
}
