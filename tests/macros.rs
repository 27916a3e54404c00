//! Names of LaTeX macros: letters only, and no two the same.

use std::collections::BTreeSet;

use replikat::{data::glyphs, plan::Plan, report::tex, results::Rounds, spec::Spec};

/// Returns the macros of a spec whose architectures and learning rates have these names and values.
const NETWORK: &str = "{each: [flatten, {linear: 10}], digits: {loss_weight: 1.0}, then: [{linear: 2}]}";

fn macros(architectures: &[&str], rates: &str) -> Vec<tex::Macro> {
    let names: Vec<String> = architectures.iter().map(|name| serde_json::to_string(name).unwrap()).collect();
    let networks: Vec<String> = names.iter().map(|name| format!("{name}: {NETWORK}")).collect();
    let text = format!(
        "
experiment: macros
data: {{source: glyphs, pairs: {{train: 10, test: 10}}}}
train: {{epochs: 1, batch: 10}}
architectures: {{{}}}
grid: {{architecture: [{}], lr: {rates}}}
tables:
  a: {{readings: [{{over: rounds}}, {{over: epochs}}, {{metric: loss}}, {{metric: digit_loss}}], rows: [{{split: test}}, {{split: train}}]}}
  b: {{readings: [{{metric: digit_accuracy, over: epochs}}], rows: [{{split: test, paper: {{mean: 1.5, max: 2.5, median: 1.5, std: 0.5}}}}]}}
",
        networks.join(", "),
        names.join(", ")
    );
    let spec = Spec::parse("macros.yaml", &text, &[]).unwrap_or_else(|e| panic!("{e}"));
    let plan = Plan::expand(&spec, glyphs::SOURCE.id());
    tex::macros(&spec, &plan, &vec![Rounds::default(); plan.configs.len()], None)
}

#[test]
fn names_are_letters_and_unique_whatever_configs_are_called() {
    let cases: [(&[&str], &str); 6] = [
        (&["net1", "net2"], "[0.1]"),
        (&["net-1", "net1", "net 1"], "[0.1]"),
        (&["网", "сеть"], "[0.1]"),
        (&["one"], "[0.1, 0.01, 1]"),
        (&["net", "net test", "net test comparison over rounds"], "[0.1]"),
        (&["mean", "test", "paper", "\\input{x}", "%", "}"], "[0.5, 5]"),
    ];
    for (architectures, rates) in cases {
        let found = macros(architectures, rates);
        let configs = architectures.len() * (rates.matches(',').count() + 1);
        // Two sets with four readings, one more reading of the test set, a short name each, and the paper's.
        assert_eq!(found.len(), configs * 4 * (2 * 4 + 1 + 2 + 1), "{architectures:?}");
        let names: BTreeSet<&str> = found.iter().map(|m| m.name.as_str()).collect();
        assert_eq!(names.len(), found.len(), "{architectures:?}");
        assert!(names.iter().all(|name| name.chars().all(|c| c.is_ascii_alphabetic())), "{names:?}");
        let text = tex::numbers(&found, Some("a\nb"));
        assert_eq!(text.matches("\\newcommand{\\").count(), found.len());
        assert!(
            text.lines().all(|line| line.starts_with("% ") || line.starts_with("\\newcommand{\\")),
            "{text}"
        );
    }
}

#[test]
fn names_say_config_set_and_statistic() {
    let found = macros(&["net1", "net2"], "[0.1]");
    let names: BTreeSet<&str> = found.iter().map(|m| m.name.as_str()).collect();
    for name in ["NetTwoTestMean", "NetOneTrainStd", "NetOneTestDigitsOverEpochsMax", "NetTwoTestMedianPaper"]
    {
        assert!(names.contains(name), "{name} is not among {names:?}");
    }
    let colliding = macros(&["net-1", "net1"], "[0.1]");
    assert!(colliding.iter().all(|m| m.name.starts_with("ConfigOne") || m.name.starts_with("ConfigTwo")));
    assert_eq!(colliding[0].value, "--", "nothing was trained");
    assert!(colliding[0].about.starts_with("net-1: mean of "));
}

#[test]
fn a_table_cannot_take_the_name_of_a_file_that_every_report_has() {
    let text =
        "experiment: x\ndata: {source: glyphs, pairs: {train: 10, test: 10}}\ntrain: {epochs: 1, batch: 10}
architectures: {a: {pair: [flatten, {linear: 2}]}}
grid: {architecture: [a], lr: [0.1]}
tables: {numbers: {rows: [{split: test}]}}";
    let error = Spec::parse("x.yaml", text, &[]).unwrap_err().to_string();
    assert!(error.contains("a file of every report is called `numbers`"), "{error}");
}
