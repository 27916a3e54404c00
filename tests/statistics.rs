//! Statistics against SciPy's numbers; `fixtures/statistics.py` made them.

use replikat::{
    random::{Stream, stream},
    stats::{self, Matrix, Moments, Of, Subset, special},
};
use serde_json::Value;

const TOLERANCE: f64 = 1e-10;

fn fixture() -> Value {
    serde_json::from_str(include_str!("fixtures/statistics.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

/// Compares to 1e-10, relatively for numbers above 1.
fn close(what: &str, ours: &[f64], theirs: &[f64]) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    for (a, b) in ours.iter().zip(theirs) {
        assert!((a - b).abs() <= TOLERANCE * b.abs().max(1.0), "{what}: ours {ours:?}, SciPy's {theirs:?}");
    }
}

#[test]
fn two_hundred_samples_have_scipys_statistics() {
    let fixture = fixture();
    let samples = fixture["samples"].as_array().unwrap();
    assert_eq!(samples.len(), 200);
    let (mut plain, mut ties) = (0, 0);
    for (i, sample) in samples.iter().enumerate() {
        let is =
            |name: &str, ours: &[f64]| close(&format!("sample {i}, {name}"), ours, &numbers(&sample[name]));
        let (a, b) = (numbers(&sample["a"]), numbers(&sample["b"]));
        let summary = stats::summarize(&a).unwrap();
        is("moments", &[summary.mean, summary.median, summary.max, summary.min, summary.std]);
        let welch = stats::welch(Moments::of(&a), Moments::of(&b)).unwrap();
        is("welch", &[welch.t(), welch.df, welch.p]);
        let differences: Vec<f64> = a.iter().zip(&b).map(|(a, b)| a - b).collect();
        let paired = stats::paired_t(&differences).unwrap();
        is("paired", &[paired.t(), paired.df, paired.p]);
        let wilcoxon = stats::wilcoxon(&differences).unwrap();
        let exactness = f64::from(u8::from(wilcoxon.exact));
        is("wilcoxon", &[wilcoxon.positive, wilcoxon.n as f64, exactness, wilcoxon.p]);
        if sample["tied"].as_bool().unwrap() {
            ties += 1;
        } else {
            plain += 1;
        }
        is("t_interval", &stats::t_interval(Moments::of(&a), 0.95).unwrap());
        let k = sample["k"].as_u64().unwrap() as usize;
        is("clopper_pearson", &stats::clopper_pearson(k, a.len(), 0.95));
    }
    assert!(plain >= 50 && ties >= 30, "both ways are tested: {plain} without ties, {ties} with");
    for many in fixture["many"].as_array().unwrap() {
        let wilcoxon = stats::wilcoxon(&numbers(&many["differences"])).unwrap();
        let ours = [wilcoxon.positive, wilcoxon.n as f64, f64::from(u8::from(wilcoxon.exact)), wilcoxon.p];
        close("many", &ours, &numbers(&many["wilcoxon"]));
    }
}

#[test]
fn bootstrap_intervals_are_scipys_on_the_same_resamples() {
    let fixture = fixture();
    let resamples = fixture["resamples"].as_u64().unwrap() as usize;
    let mut fallbacks = 0;
    for (i, sample) in fixture["samples"].as_array().unwrap().iter().enumerate() {
        let a = numbers(&sample["a"]);
        let of_summary = |resampled: &mut Stream| {
            let matrix: Matrix = a.iter().map(|v| vec![*v]).collect();
            Subset::new(&matrix, Of::LastEpochs, 1.0).resampled(resamples, resampled).unwrap()
        };
        for (name, statistic) in [
            ("mean", (|v| stats::mean(v)) as fn(&[f64]) -> f64),
            ("median", |v| stats::summarize(v).unwrap().median),
        ] {
            let mut random = stream(i as u64, "bootstrap");
            let medians = |random: &mut Stream| of_summary(random).iter().map(|s| s.median).collect();
            let distribution: Vec<f64> = match name {
                "mean" => stats::resampled_means(&a, resamples, &mut random),
                _ => medians(&mut random),
            };
            let without = |skip: usize| {
                let rest: Vec<f64> =
                    a.iter().enumerate().filter(|(j, _)| *j != skip).map(|(_, v)| *v).collect();
                statistic(&rest)
            };
            let left_out: Vec<f64> = (0..a.len()).map(without).collect();
            let percentile = stats::percentile_interval(&distribution, 0.95);
            close(
                &format!("sample {i}, {name}"),
                &percentile,
                &numbers(&sample[format!("{name}_percentile")]),
            );
            let bca = stats::bca_interval(&distribution, statistic(&a), &left_out, 0.95);
            let theirs = &sample[format!("{name}_BCa")];
            if theirs[0].is_null() {
                fallbacks += 1;
                assert_eq!(
                    bca, percentile,
                    "sample {i}: without spread in the jackknife it is the percentiles'"
                );
            } else {
                close(&format!("sample {i}, {name}, BCa"), &bca, &numbers(theirs));
            }
        }
    }
    assert!(fallbacks < 20, "{fallbacks} of 400 intervals had no BCa");
}

#[test]
fn quantiles_and_tails_are_scipys() {
    let rows = fixture()["distributions"].as_array().unwrap().clone();
    assert!(rows.len() > 100);
    for row in rows {
        let number = |i: usize| row[i].as_f64().unwrap();
        let (p, a, b) = (number(1), number(2), number(3));
        let ours = match row[0].as_str().unwrap() {
            "t" => special::t_quantile(p, a),
            "beta" => special::beta_quantile(p, a, b),
            "f" => special::f_quantile(p, a, b),
            "normal" => special::normal_quantile(p),
            "t_two_sided" => special::t_two_sided(p, a),
            other => panic!("what is {other}?"),
        };
        close(&row.to_string(), &[ours], &[number(4)]);
    }
}

#[test]
fn summaries_of_papers_give_the_intervals_of_the_literature() {
    // SciPy 1.17.1: m ± t.ppf(.975, 9)·s·sqrt(1/10 + 1/10); s·f.ppf(q, 99, 9)**.5;
    // ttest_ind_from_stats(77.67, 13.59, 10, 71.75, 5.19, 10, equal_var=False).
    let net1 = Moments { n: 10, mean: 71.75, std: 5.19 };
    let [low, high] = stats::predict_mean(net1, 10, 0.95).unwrap();
    close("mean", &[low, high], &[66.499_445_994_906_57, 77.000_554_005_093_43]);
    let [low, high] = stats::predict_std(net1, 100, 0.95).unwrap();
    close("std", &[low, high], &[3.463_666_987_294_515, 9.575_673_573_679_243]);
    let net2 = Moments { n: 10, mean: 77.67, std: 13.59 };
    let welch = stats::welch(net2, net1).unwrap();
    close("welch", &[welch.p], &[0.223_284_863_554_445_18]);
}

#[test]
fn holm_steps_down_and_keeps_the_order() {
    // R: p.adjust(c(0.01, 0.04, 0.03, 0.005, 0.5, 0.04), "holm") -> 0.05 0.12 0.12 0.03 0.50 0.12
    let adjusted = stats::holm(&[0.01, 0.04, 0.03, 0.005, 0.5, 0.04]);
    close("holm", &adjusted, &[0.05, 0.12, 0.12, 0.03, 0.5, 0.12]);
}

#[test]
fn what_cannot_be_tested_has_no_result() {
    let one = Moments { n: 1, mean: 3.0, std: f64::NAN };
    let flat = Moments { n: 5, mean: 3.0, std: 0.0 };
    assert_eq!(stats::welch(one, flat), None);
    assert_eq!(stats::welch(flat, flat), None);
    assert_eq!(stats::paired_t(&[1.0]), None);
    assert_eq!(stats::wilcoxon(&[0.0, 0.0]), None);
    // Constants that differ: scipy.stats.ttest_ind([80]*5, [70]*5, equal_var=False) -> inf, 0.0
    let other = Moments { n: 5, mean: 4.0, std: 0.0 };
    let test = stats::welch(other, flat).unwrap();
    assert!(test.t().is_infinite() && test.df == 8.0 && test.p == 0.0, "{test:?}");
    assert_eq!(stats::t_interval(one, 0.95), None);
    // python: scipy.stats.binomtest(k, n).proportion_ci(0.95, 'wilson')
    close("Wilson, 10 of 10", &stats::wilson(1.0, 10, 0.95), &[0.722_467_200_137_110_9, 1.0]);
    close(
        "Wilson, 7 of 10",
        &stats::wilson(0.7, 10, 0.95),
        &[0.396_778_147_461_145_26, 0.892_208_732_593_699],
    );
    close("Wilson, 0 of 20", &stats::wilson(0.0, 20, 0.95), &[0.0, 0.161_125_158_052_819_35]);
    assert_eq!(stats::clopper_pearson(0, 10, 0.95)[0], 0.0);
    assert_eq!(stats::clopper_pearson(10, 10, 0.95)[1], 1.0);
}

#[test]
fn numbers_that_arithmetic_made_of_equal_ones_are_ties() {
    let percent = |a: &[i32], b: &[i32]| -> Vec<f64> {
        let of = |count: i32| f64::from(count) / 1000.0 * 100.0;
        a.iter().zip(b).map(|(a, b)| stats::difference(of(*a), of(*b))).collect()
    };
    // 100·0.801 − 100·0.800 and 100·0.802 − 100·0.801 differ in the last digit; so do sums that should be zero.
    let plain = |a: &[i32], b: &[i32]| a.iter().zip(b).map(|(a, b)| f64::from(a - b)).collect::<Vec<_>>();
    let (a, b) = (
        [801, 802, 813, 700, 650, 651, 820, 822, 830, 501],
        [800, 801, 810, 701, 652, 651, 818, 825, 829, 499],
    );
    let (counts, shares) =
        (stats::wilcoxon(&plain(&a, &b)).unwrap(), stats::wilcoxon(&percent(&a, &b)).unwrap());
    assert_eq!((counts.positive, counts.n, counts.p), (shares.positive, shares.n, shares.p));
    // Five pairs can never be below 1/16; six with a zero are five.
    for differences in [vec![10.0, 10.0, 10.0, 9.0, 9.0], vec![3.0, 1.0, 0.0, 2.0, 2.0, 1.0]] {
        close("p", &[stats::wilcoxon(&differences).unwrap().p], &[0.0625]);
    }
    // The same numbers give the same interval as shares of 1000 and as whole counts.
    let interval = |values: &[f64]| {
        let mut random = stream(3, "ties");
        let means = stats::resampled_means(values, 2000, &mut random);
        let without = |skip: usize| (stats::sum(values) - values[skip]) / (values.len() - 1) as f64;
        let left_out: Vec<f64> = (0..values.len()).map(without).collect();
        stats::bca_interval(&means, stats::mean(values), &left_out, 0.95)
    };
    let counts: Vec<f64> = a.iter().map(|v| f64::from(*v)).collect();
    let shares: Vec<f64> = counts.iter().map(|v| v / 1000.0 * 100.0).collect();
    close("BCa", &interval(&shares), &interval(&counts).map(|v| v / 10.0));
}
