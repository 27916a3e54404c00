//! The table of settings, and what is derived from it: axes, filters, labels, keys, explanations, lists.

use std::collections::BTreeSet;

use replikat::{
    data::glyphs,
    error::Error,
    plan::{Plan, explain, key},
    spec::{self, SETTINGS, Setting, Spec},
    task::pairs,
    yaml::kind::Scalar,
};

use crate::support::place::Place;

const BASE: &str = "
experiment: axes
data: {source: glyphs, pairs: {train: 40, test: 20, draw: per-round}, scale: raw}
train: {epochs: 2, batch: 16, optimizer: {sgd: {momentum: 0.5}}}
architectures:
  net:
    each: [{conv: 3}, {dropout: channels}, relu, flatten, {linear: 10}]
    digits: {loss_weight: 1.0}
    then: [{linear: 2}]
  plain: {pair: [{conv: 4}, flatten, {linear: 2}]}
grid: {architecture: [net, plain], seed: {count: 2}, lr: [0.001]}
";

/// Two values for each setting that a grid may vary.
fn two_values(path: &str) -> &'static str {
    match path {
        "data.pairs.train" => "[30, 40]",
        "data.pairs.test" => "[10, 20]",
        "data.pairs.draw" => "[fixed, per-round]",
        "data.pairs.index" => "[0, 1]",
        "data.scale" => "[raw, unit]",
        "train.epochs" | "train.evaluate_every" => "[1, 2]",
        "train.batch" => "[16, 64]",
        "train.shuffle" | "train.optimizer.sgd.nesterov" | "architectures.net.share" => "[true, false]",
        "train.optimizer.sgd.momentum" => "[0, 0.5]",
        "architectures.net.digits.loss_weight" => "[0.5, 1]",
        "architectures.net.each" => {
            "[[{conv: 3}, flatten, {linear: 10}], [{conv: 4}, {dropout: channels}, flatten, {linear: 10}]]"
        }
        "architectures.net.then" => "[[{linear: 2}], [{linear: 3}, relu, {linear: 2}]]",
        "architectures.plain.pair" => "[[flatten, {linear: 2}], [{conv: 4}, flatten, {linear: 2}]]",
        "architecture" => "[net, plain]",
        "lr" => "[0.1, 0.2]",
        "dropout" => "[0, 0.4]",
        "vary" => "[all, init]",
        other => panic!("give `{other}` two values here"),
    }
}

fn spec(overrides: &[&str]) -> Spec {
    let overrides: Vec<String> = overrides.iter().map(ToString::to_string).collect();
    Spec::parse("axes.yaml", BASE, &overrides).unwrap_or_else(|e| panic!("{overrides:?}: {e}"))
}

fn plan(overrides: &[&str]) -> Plan {
    Plan::expand(&spec(overrides), glyphs::SOURCE.id())
}

fn fault(overrides: &[&str]) -> String {
    let overrides: Vec<String> = overrides.iter().map(ToString::to_string).collect();
    match Spec::parse("axes.yaml", BASE, &overrides) {
        Err(Error::Spec(faults)) => faults.render(false),
        other => panic!("{overrides:?}: {other:?}"),
    }
}

/// Returns the name of a setting's axis in the base spec.
fn axis(setting: &Setting) -> String {
    let name = if setting.path.ends_with("NAME.pair") { "plain" } else { "net" };
    setting.name().replace("NAME", name)
}

#[test]
fn every_setting_of_the_table_appears_wherever_settings_appear() {
    for setting in SETTINGS {
        let name = axis(setting);
        if let Some(reason) = setting.fixed {
            let said = fault(&[&format!("grid.{name}=[glyphs]")]);
            assert!(said.contains(&format!("`{name}` cannot be an axis")), "{said}");
            assert!(reason.len() > 20 && !setting.doc.is_empty());
            continue;
        }
        let spec = spec(&[&format!("grid.{name}={}", two_values(&name))]);
        let plan = Plan::expand(&spec, glyphs::SOURCE.id());
        let index = spec.grid.axis(&name).unwrap_or_else(|| panic!("{name} is no axis"));
        let axis = &spec.grid.axes[index];
        assert_eq!((axis.values.len(), axis.label.as_str()), (2, setting.label), "{name}");

        // Columns and labels tell both values apart, and so do filters.
        let column = plan.setting_columns().into_iter().find(|c| c.name == name).unwrap();
        for value in &axis.values {
            assert!(column.values.contains(value), "{name}: {:?}", column.values);
            let labels: Vec<String> = (0..plan.configs.len()).map(|c| plan.label(c)).collect();
            let shown = value.to_string();
            assert!(labels.iter().any(|label| label.contains(&shown)), "{name}: {labels:?}");
        }
        let constant: Vec<&str> = plan.constant_settings().iter().map(|(path, _)| *path).collect();
        assert!(!constant.contains(&setting.path), "{name}");

        let Some(key) = setting.key else { continue };
        // Ledger, key, and what is said about keys.
        let path =
            setting.path.replace("NAME", if setting.path.ends_with("NAME.pair") { "plain" } else { "net" });
        assert!(spec::settings(&spec.grid).iter().any(|s| s.path == path), "{path} is not in the ledger");
        let preimages: Vec<String> = plan.runs.iter().map(|run| plan.preimage(run)).collect();
        let configs: Vec<serde_json::Value> =
            preimages.iter().map(|p| key::read_config(key::parts(p).unwrap().config).unwrap()).collect();
        let pointer = format!("/{}", key.replace('.', "/"));
        let values: BTreeSet<String> =
            configs.iter().filter_map(|c| c.pointer(&pointer)).map(ToString::to_string).collect();
        assert_eq!(values.len(), 2, "{name}: the key has {values:?}");
        let of = |value: &Scalar| {
            let found = plan
                .configs
                .iter()
                .position(|c| c.point[index].map(|i| &axis.values[i as usize]) == Some(value));
            &configs[found.unwrap() * 2]
        };
        let differences = explain::differences(of(&axis.values[0]), of(&axis.values[1]), "net");
        let path = path.replace(".plain.", ".net.");
        assert!(differences.iter().any(|d| d.field.starts_with(&path)), "{path}: {differences:?}");
        let fields = explain::fields(of(&axis.values[0]), "net");
        assert!(fields.iter().any(|(field, _)| *field == path), "{path}: {fields:?}");
    }
}

#[test]
fn a_setting_that_does_not_vary_is_told_once_for_all_runs() {
    let plan = plan(&["grid.train.batch=[16, 64]"]);
    let constant = plan.constant_settings();
    assert!(constant.contains(&("train.epochs", Scalar::Integer(2))), "{constant:?}");
    assert!(constant.iter().all(|(path, _)| *path != "train.batch"), "{constant:?}");
}

#[test]
fn axes_are_a_product_in_the_order_in_which_they_are_written() {
    let plan = plan(&[
        "grid.train.batch=[16, 32]",
        "grid.data.scale=[raw, unit]",
        "grid.lr=[0.1, 0.2]",
        "grid.architecture=[plain]",
    ]);
    let labels: Vec<String> = (0..plan.configs.len()).map(|c| plan.label(c)).collect();
    assert_eq!(
        labels,
        [
            "plain, train.batch 16, data.scale raw, lr 0.1",
            "plain, train.batch 16, data.scale raw, lr 0.2",
            "plain, train.batch 16, data.scale unit, lr 0.1",
            "plain, train.batch 16, data.scale unit, lr 0.2",
            "plain, train.batch 32, data.scale raw, lr 0.1",
            "plain, train.batch 32, data.scale raw, lr 0.2",
            "plain, train.batch 32, data.scale unit, lr 0.1",
            "plain, train.batch 32, data.scale unit, lr 0.2",
        ]
    );
    let keys: BTreeSet<_> = plan.runs.iter().map(|run| run.key).collect();
    assert_eq!(keys.len(), 16);
}

#[test]
fn a_config_on_an_axis_has_the_key_that_it_has_without_the_grid() {
    for (path, value) in [
        ("train.batch", "64"),
        ("data.scale", "unit"),
        ("train.optimizer.sgd.momentum", "0.9"),
        ("data.pairs.train", "30"),
        ("architectures.plain.pair[0].conv", "5"),
        ("architectures.net.share", "false"),
    ] {
        let on_axis = plan(&[&format!("grid.{path}=[{value}]")]);
        let set = plan(&[&format!("{path}={value}")]);
        let keys = |plan: &Plan| plan.runs.iter().map(|run| run.key).collect::<Vec<_>>();
        assert_eq!(keys(&on_axis), keys(&set), "{path}");
    }
}

#[test]
fn an_axis_of_one_architecture_leaves_the_others_alone() {
    let plan = plan(&["grid.architectures.plain.pair[0].conv=[4, 5, 6]"]);
    let labels: Vec<String> = (0..plan.configs.len()).map(|c| plan.label(c)).collect();
    assert_eq!(labels, ["net", "plain, pair[0].conv 4", "plain, pair[0].conv 5", "plain, pair[0].conv 6"]);
    assert_eq!(plan.setting_columns()[1].values[0], Scalar::Nothing);
}

#[test]
fn an_axis_may_give_a_setting_that_the_spec_leaves_out() {
    let text = BASE.replace(" batch: 16,", "").replace("lr: [0.001]", "lr: 0.001, train.batch: [8, 16]");
    let spec = Spec::parse("axes.yaml", &text, &[]).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(spec.grid.configs().len(), 4);
}

#[test]
fn seeds_are_one_some_or_so_many() {
    for (seed, expected) in [
        ("7", vec![7]),
        ("[1, 5, 9]", vec![1, 5, 9]),
        ("{from: 3, count: 2}", vec![3, 4]),
        ("{count: 1}", vec![0]),
    ] {
        let plan = plan(&[&format!("grid.seed={seed}"), "grid.architecture=net"]);
        assert_eq!(plan.runs.iter().map(|run| run.seed).collect::<Vec<_>>(), expected, "{seed}");
    }
}

#[test]
fn pairs_of_drawn_digits_do_not_depend_on_what_other_configs_need() {
    let spec = spec(&["grid.data.pairs.train=[40, 6000]"]);
    let load = |pairs| glyphs::SOURCE.load(None, pairs::images(&pairs)).unwrap();
    let (all, few) = (load(spec.grid.most_pairs()), spec.grid.configs()[0].pairs);
    let (found, alone) = (glyphs::SOURCE.as_if_for(&all, pairs::images(&few)), load(few));
    assert!(all.train.len() > found.train.len());
    assert!(found.train == alone.train && found.test == alone.test);
}

#[test]
fn what_cannot_be_an_axis_is_refused_with_the_place_and_the_remedy() {
    let cases: &[(&[&str], &[&str])] = &[
        (
            &["grid.train.bach=[1, 2]"],
            &["train: unknown key `bach`", "did you mean `batch`?", "command line:1:"],
        ),
        (
            &["grid.claims.margin=[1, 2]"],
            &["`claims.margin` is no setting of `data`, `train` or `architectures`"],
        ),
        (&["grid.batch=[1, 2]"], &["`batch` is no setting of"]),
        (
            &["grid.data.source=[mnist, glyphs]"],
            &["`data.source` cannot be an axis", "--set data.source=…", "sweep"],
        ),
        (&["grid.data.otherwise=[glyphs]"], &["`data.otherwise` cannot be an axis"]),
        (&["grid.train.batch=[16, many]"], &["train.batch: expected an integer, found a text"]),
        (&["grid.train.batch=[]"], &["grid.train.batch: an axis needs at least one value"]),
        (&["grid.train.batch=[16, 16]"], &["grid.train.batch[1]: this value is there twice"]),
        (&["grid.train.optimizer.sgd.momentum=[0, 0.0]"], &["this value is there twice"]),
        (&["grid.train.batch=[16, 16.0]"], &["train.batch: expected an integer, found a number"]),
        (&["grid.architectures.plain.pair[0].conv=[4, {channels: 4}]"], &["this value is there twice"]),
        (&["grid.train.optimizer.sgd.momentum=[.nan]"], &["momentum: NaN is not in [0, 1)"]),
        (&["grid.train.optimizer.sgd.momentum=[.inf, 0.5]"], &["momentum: inf is not in [0, 1)"]),
        (&["grid.grid.lr=[0.1]"], &["the axis `grid.lr` has a shorter name", "write `lr`"]),
        (&["grid.train.optimizer=[sgd]", "grid.train.optimizer.sgd.momentum=[0.5]"], &["is no map"]),
        (&["grid.architectures.plain.pair[9].conv=[4]"], &["`architectures.plain.pair` has no item 9"]),
        (&["grid.architectures.plain.pair[x=[4]"], &["a `[` is not closed"]),
        (&["grid.architectures.nett.share=[true]"], &["there is no architecture `nett`"]),
        (
            &["grid.architecture=[net]", "grid.architectures.plain.pair[0].conv=[4]"],
            &["varies nothing", "add `plain` to"],
        ),
        (
            &["grid.data.pairs.train=[1, 2]", "grid.seed.count=300000"],
            &["1200000 runs; the limit is 1000000"],
        ),
        (
            &["grid.data.pairs.draw=[fixed, per-round]", "grid.vary=[all, pairs]"],
            &["combination of `vary` pairs"],
        ),
        (&["grid.train.=[1]"], &["train: unknown key ``"]),
        (&["grid...=[1]"], &["two dots in a row"]),
        (&["grid.train.ba\u{7f}tch=[1]"], &["unknown key"]),
    ];
    for (overrides, parts) in cases {
        let said = fault(overrides);
        for part in *parts {
            assert!(said.contains(part), "{overrides:?}: no `{part}` in\n{said}");
        }
        assert!(said.lines().count() <= 24, "{overrides:?}:\n{said}");
    }
}

#[test]
fn an_axis_that_is_there_twice_or_inside_another_is_refused() {
    for (grid, part) in [
        ("train.batch: [8], train: {batch: [16]}", "the axis `train.batch` is there twice"),
        ("data.pairs: [{train: 9}], data.pairs.train: [8]", "is a part of the axis `data.pairs`"),
    ] {
        let text = BASE.replace("lr: [0.001]", &format!("lr: [0.001], {grid}"));
        let said = Spec::parse("axes.yaml", &text, &[]).unwrap_err().to_string();
        assert!(said.contains(part), "{grid}: {said}");
    }
}

#[test]
fn a_combination_that_does_not_fit_is_named() {
    let kernels =
        "grid.architectures.plain.pair[0].conv=[{channels: 4, kernel: 3}, {channels: 4, kernel: 13}]";
    let rest = "architectures.plain.pair=[{conv: 4}, {max-pool: 2}, flatten, {linear: 2}]";
    let pools = "grid.architectures.plain.pair[1].max-pool=[2, 3]";
    let said = fault(&[rest, kernels, pools]);
    assert!(said.contains("pooling over 3×3 does not fit its input, 4×2×2"), "{said}");
    assert!(
        said.contains(
            "(in the combination with `architectures.plain.pair[0].conv` {channels: 4, kernel: 13}"
        ),
        "{said}"
    );
    assert!(said.contains("`architectures.plain.pair[1].max-pool` 3)"), "{said}");
}

#[test]
fn outputs_choose_by_any_axis_and_misspelt_names_and_values_are_told() {
    let outputs = |where_: &str| format!("tables={{t: {{rows: [{{where: {{{where_}}}}}]}}}}");
    let axes = ["grid.train.batch=[16, 64]", "grid.data.scale=[raw, unit]"];
    let found = spec(&[axes[0], axes[1], &outputs("train.batch: 64, data.scale: unit, architecture: net")]);
    let plan = Plan::expand(&found, glyphs::SOURCE.id());
    let chosen: Vec<String> = plan.chosen(&found.tables["t"].rows[0].filter).map(|c| plan.label(c)).collect();
    assert_eq!(chosen, ["net, train.batch 64, data.scale unit"]);
    for (wrong, parts) in [
        ("train.bach: 64", ["`train.bach` is no axis of the grid", "did you mean `train.batch`?"]),
        ("train.batch: 63", ["the grid has no `train.batch` 63", "did you mean `64`?"]),
        ("data.scale: unti", ["unknown value `unti`", "did you mean `unit`?"]),
        (
            "train.epochs: 2",
            ["`train.epochs` is no axis of the grid", "known here: architecture, train.batch"],
        ),
    ] {
        let said = fault(&[axes[0], axes[1], &outputs(wrong)]);
        for part in parts {
            assert!(said.contains(part), "{wrong}: no `{part}` in {said}");
        }
    }
}

/// A batch size and a learning rate as axes, in every output of the program.
#[test]
fn axes_are_shown_by_every_command() {
    let place = Place::with(
        "
experiment: tiny
data: {source: glyphs, pairs: {train: 40, test: 20}, scale: unit}
train: {epochs: 2, batch: 16}
architectures: {net: {pair: [flatten, {linear: 2}]}}
grid: {architecture: net, seed: {count: 2}, train.batch: [16, 32, 64], lr: [0.01, 0.02]}
tables: {t: {rows: [{where: {train.batch: 16}}]}}
figures: {h: {heat-map: {x: train.batch, y: lr}}}
",
    );
    place.good(&["run", "tiny.yaml"]);
    let json: serde_json::Value =
        serde_json::from_str(&place.good(&["plan", "tiny.yaml", "--json"])).unwrap();
    assert_eq!(json["settings"]["train.epochs"], 2);
    let batches: Vec<u64> =
        json["runs"].as_array().unwrap().iter().map(|run| run["train.batch"].as_u64().unwrap()).collect();
    assert_eq!(batches, [16, 16, 16, 16, 32, 32, 32, 32, 64, 64, 64, 64]);
    assert_eq!((&json["runs"][2]["lr"], &json["runs"][2]["vary"]), (&0.02.into(), &"all".into()));

    let said = place.good(&["explain", "tiny.yaml"]);
    assert!(said.contains("hit      net, train.batch 32, lr 0.02 seeds 0 to 1\n"), "{said}");
    let said = place.good(&[
        "explain",
        "tiny.yaml",
        "--set",
        "grid.train.batch=[17]",
        "--set",
        "tables={}",
        "--set",
        "figures={}",
    ]);
    assert!(said.contains("train.batch: 17; stored: 16"), "{said}");
    let key = |i: usize| json["runs"][i]["key"].as_str().unwrap().to_owned();
    let said = place.good(&["diff", &key(0), &key(4)]);
    assert!(said.contains("train.batch: 16 in A, 32 in B\n"), "{said}");
    let said = place.good(&["show", &key(0)]);
    assert!(said.contains("train.batch: 16\n") && said.contains("grid.vary: all\n"), "{said}");
    let said = place.good(&["store", "list"]);
    let head: Vec<&str> = said.lines().next().unwrap().split_whitespace().collect();
    assert!(["train.batch", "lr", "dropout", "vary"].iter().all(|name| head.contains(name)), "{said}");
    assert!(!head.contains(&"train.epochs"), "what all have alike needs no column: {said}");
    let table = place.read("reports/tiny/t.md");
    assert!(table.contains("lr 0.01") && !table.contains("32"), "{table}");
    let frames = ["runs", "epochs", "summary"].map(|name| place.read(&format!("results/tiny/{name}.csv")));
    for frame in &frames {
        let head: Vec<&str> = frame.lines().next().unwrap().split(',').collect();
        let at = head.iter().position(|name| *name == "train.batch").unwrap();
        let found: BTreeSet<&str> =
            frame.lines().skip(1).map(|line| line.split(',').nth(at).unwrap()).collect();
        assert_eq!(found, BTreeSet::from(["16", "32", "64"]));
    }
    let page = place.read("reports/tiny/index.html");
    assert!(page.contains(">train.batch<") && page.contains(">vary<"), "the page has the columns");
    let figure = place.read("reports/tiny/h.svg");
    assert!(figure.contains("Batch size") && figure.contains("Learning rate"), "the axes are named");
}
