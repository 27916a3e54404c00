//! `replikat compare`: two experiments, config by config.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::{
    context::Context,
    options::{DataOptions, SpecOptions, Status, StoreOptions, TalkOptions},
    screen::{self, Stream},
    talk::{out, print_data, say, show_all},
};
use crate::{
    device::Device,
    error::{Error, Result},
    plan::Plan,
    report::{
        self,
        table::{Cell, Column, Table, numbers, words},
    },
    results::{self, Compared, Ends, Rounds},
    spec::{self, Architecture, Axis},
    task::Metric,
    verdict::number::show_p,
    yaml::near::suggest,
};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// The first spec.
    a: PathBuf,
    /// The second spec; it may be the first one again, with `--set`.
    b: PathBuf,
    /// Replace a value of the second spec, such as `train.batch=64`; may be repeated.
    #[arg(long = "set", value_name = "PATH=VALUE")]
    overrides: Vec<String>,
    /// What is compared; the task's first metric if left out.
    #[arg(long, value_name = "METRIC")]
    metric: Option<String>,
    /// Which set it is measured on.
    #[arg(long, value_enum, default_value = "test")]
    split: SplitName,
    #[command(flatten)]
    store: StoreOptions,
    /// Whose runs: `cpu`, `cuda` and so on, as `run` has it.
    #[arg(long, value_name = "DEVICE", default_value = "cpu")]
    device: Device,
    /// Print the comparisons as JSON; accuracies are fractions there.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    talk: TalkOptions,
}

/// Sets that `--split` knows.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum SplitName {
    Train,
    Test,
}

/// More pairs are not listed one by one.
const LISTED: usize = 400;
/// Settings that differ are named up to this many.
const NAMED: usize = 20;
/// A difference is told apart from none below this, after Holm's adjustment.
const APART: f64 = 0.05;

/// One of the two.
struct Side {
    plan: Plan,
    rounds: Vec<Rounds>,
    /// What has to be said of everything that is made of these runs.
    caveat: Option<String>,
}

pub(super) fn command(options: &Options) -> Result<Status> {
    let (a, b) = (options.read(&options.a, &[])?, options.read(&options.b, &options.overrides)?);
    let (split, metric) = (options.split(), options.metric(&a.plan)?);
    let pairs = results::together(&a.plan, &b.plan);
    let compared = results::compare(&pairs, [&a.rounds, &b.rounds], split, metric);
    let differing = differing(&a.plan, &b.plan);
    if options.json {
        let all: Vec<Value> = compared.iter().map(|one| as_json(one, &a.plan, &b.plan)).collect();
        let settings: Vec<Value> =
            differing.iter().map(|(path, a, b)| json!({"path": path, "a": a, "b": b})).collect();
        let [alone_a, alone_b] = alone(&compared, [&a.plan, &b.plan]);
        let whole = json!({
            "a": options.a.display().to_string(), "b": options.b.display().to_string(), "set": options.overrides,
            "metric": metric.name, "split": split.word(), "settings": settings, "configs": all,
            "caveats": {"a": a.caveat, "b": b.caveat},
            "without_partner": {"a": alone_a, "b": alone_b},
        });
        print_data(&serde_json::to_string_pretty(&whole).unwrap_or_default());
        return Ok(Status::Good);
    }
    for (name, side) in [("A", &a), ("B", &b)] {
        if let Some(caveat) = &side.caveat {
            say!(options.talk, "note: {name}: {caveat}");
        }
    }
    if !options.talk.quiet {
        out!("A  {}", options.a.display());
        out!(
            "B  {}{}",
            options.b.display(),
            options.overrides.iter().fold(String::new(), |all, one| all + " --set " + one)
        );
        for (path, in_a, in_b) in differing.iter().take(NAMED) {
            out!("   {path}: {in_a} in A, {in_b} in B");
        }
        if differing.len() > NAMED {
            out!("   and {} more settings differ", differing.len() - NAMED);
        }
        let all = table(&compared, &a.plan, &b.plan, metric);
        if !all.rows.is_empty() {
            show_all(all.lines(screen::width(Stream::Out), &["how", "A std", "B std"]));
        }
        tell_of_others(&compared, &a, &b);
    }
    out!("{}", answer(&compared, metric, split));
    Ok(Status::Good)
}

impl Options {
    /// Reads a spec and what is stored of it.
    fn read(&self, spec: &Path, overrides: &[String]) -> Result<Side> {
        let options = SpecOptions {
            spec: spec.to_owned(),
            overrides: overrides.to_vec(),
            results: self.store.results.clone(),
            reports: "reports".into(),
            device: self.device.clone(),
            force: false,
            all_faults: false,
            data: DataOptions { data_dir: None, offline: false },
            talk: self.talk,
        };
        let context = Context::new(&options)?;
        let (plan, records) = context.stored()?;
        if records.iter().all(Option::is_none) {
            return Err(context.nothing_stored());
        }
        let caveat = report::caveat(&plan, report::stand_in(&context.spec, &plan), &[]);
        Ok(Side { rounds: results::rounds(&plan, &records), plan, caveat })
    }

    fn split(&self) -> spec::Split {
        match self.split {
            SplitName::Train => spec::Split::Train,
            SplitName::Test => spec::Split::Test,
        }
    }

    fn metric(&self, plan: &Plan) -> Result<Metric> {
        let Some(name) = &self.metric else { return Ok(plan.task.metrics[0]) };
        plan.task.metrics.iter().copied().find(|metric| metric.name == name).ok_or_else(|| {
            let known: Vec<&str> = plan.task.metrics.iter().map(|metric| metric.name).collect();
            Error::Usage { message: format!("there is no metric `{name}`"), hint: suggest(name, &known) }
        })
    }
}

/// A setting that is another one in the second spec, with what it is in both.
type Differing = (String, String, String);

/// Returns what differs: settings that no grid varies, the values of axes, the data, and networks of one name.
fn differing(a: &Plan, b: &Plan) -> Vec<Differing> {
    let values = |plan: &Plan| -> Vec<(String, String)> {
        let data = ("data".to_owned(), plan.dataset.source.word().to_owned());
        let constant = plan.constant_settings();
        let constant = constant.into_iter().map(|(path, value)| (path.to_owned(), value.to_string()));
        let shown = |axis: &Axis| axis.values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        // The first axis is the networks, which have names of their own.
        let axes = plan.axes.iter().skip(1).map(|axis| (axis.name.clone(), shown(axis)));
        [data].into_iter().chain(constant).chain(axes).collect()
    };
    let of_b = values(b);
    let other = |(path, in_a): (String, String)| {
        let (_, in_b) = of_b.iter().find(|(other, in_b)| *other == path && *in_b != in_a)?.clone();
        Some((path, in_a, in_b))
    };
    let mut found: Vec<Differing> = values(a).into_iter().filter_map(other).collect();
    // The first config of each name, looked at once however many there are.
    let networks = |plan: &Plan| -> BTreeMap<Arc<str>, Arc<Architecture>> {
        let all = plan.configs.iter().rev();
        all.map(|c| (Arc::clone(&c.name), Arc::clone(&c.architecture))).collect()
    };
    let of_b = networks(b);
    let other =
        networks(a).into_iter().filter(|(name, own)| of_b.get(name).is_some_and(|other| other != own));
    found.extend(
        other.map(|(name, _)| {
            (format!("architectures.{name}"), "one network".to_owned(), "another".to_owned())
        }),
    );
    found
}

fn table(compared: &[Compared], a: &Plan, b: &Plan, metric: Metric) -> Table {
    let unit = if metric.is_accuracy() { ", %" } else { "" };
    let head = |name: &str| Column { name: format!("{name}{unit}").into(), right: true };
    let columns = vec![
        words("config of A"),
        words("of B"),
        numbers("rounds"),
        head("A"),
        numbers("A std"),
        head("B"),
        numbers("B std"),
        numbers("B − A"),
        numbers("95 % interval"),
        numbers("p, Holm"),
        words("how"),
    ];
    let number = |value: f64| Cell::Number(Some(value).filter(|v| v.is_finite()).map(|v| metric.shown(v)));
    let row = |one: &Compared| {
        let [of_a, of_b] = one.moments;
        let (label_a, label_b) = (a.label(one.a), b.label(one.b));
        let same = label_a == label_b && a.configs[one.a].architecture == b.configs[one.b].architecture;
        let interval = one.test.map(|test| test.interval(0.95));
        let shown = interval.map(|[low, high]| format!("{} to {}", metric.shown(low), metric.shown(high)));
        let difference = of_b.mean - of_a.mean;
        vec![
            Cell::Text(label_a),
            Cell::Text(if same { "the same".to_owned() } else { label_b }),
            Cell::Number(Some(format!("{}, {}", of_a.n, of_b.n))),
            number(of_a.mean),
            number(of_a.std),
            number(of_b.mean),
            number(of_b.std),
            Cell::Number(Some(difference).filter(|d| d.is_finite()).map(|d| signed(metric, d))),
            Cell::Number(shown),
            Cell::Number(one.p.map(show_p)),
            Cell::text(if one.test.is_none() {
                ""
            } else if one.by_seed {
                "by seed"
            } else {
                "Welch"
            }),
        ]
    };
    let caption = if compared.len() > LISTED {
        format!("The first {LISTED} of {} pairs", compared.len())
    } else {
        String::new()
    };
    Table::new(&caption, columns, compared.iter().take(LISTED).map(row).collect())
}

fn signed(metric: Metric, value: f64) -> String {
    let shown = metric.shown(value);
    if shown.starts_with('-') { shown } else { format!("+{shown}") }
}

/// Counts the configs of each that belong to none of the other.
fn alone(compared: &[Compared], [a, b]: [&Plan; 2]) -> [usize; 2] {
    let count = |plan: &Plan, of: fn(&Compared) -> usize| {
        plan.configs.len() - compared.iter().map(of).collect::<BTreeSet<usize>>().len()
    };
    [count(a, |one| one.a), count(b, |one| one.b)]
}

/// Says which configs belong to nothing, and which rounds are not there.
fn tell_of_others(compared: &[Compared], a: &Side, b: &Side) {
    let [alone_a, alone_b] = alone(compared, [&a.plan, &b.plan]);
    for (name, other, count, side) in [("A", "B", alone_a, a), ("B", "A", alone_b, b)] {
        if count > 0 {
            out!(
                "configs of {name} without one of {other} that has the same values on the axes of both: {count}"
            );
        }
        let ends = Ends::of(&side.rounds);
        let lost = [(ends.missing(), "missing"), (ends.diverged, "diverged"), (ends.failed, "failed")];
        let lost: Vec<String> =
            lost.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
        if !lost.is_empty() {
            out!("of {} runs of {name}: {}", ends.planned, lost.join(", "));
        }
    }
}

/// Says in a sentence how many pairs are told apart.
fn answer(compared: &[Compared], metric: Metric, split: spec::Split) -> String {
    let what = format!(
        "{} on the {} set",
        metric.phrase(),
        if split == spec::Split::Test { "test" } else { "training" }
    );
    let apart = compared.iter().filter(|one| one.p.is_some_and(|p| p < APART));
    let higher = apart.clone().filter(|one| one.test.is_some_and(|test| test.difference > 0.0)).count();
    let (apart, all) = (apart.count(), compared.len());
    if all == 0 {
        return "no config of A belongs to one of B: their grids have other values on the axes that both have".to_owned();
    }
    let pairs = if all == 1 { "1 pair".to_owned() } else { format!("{all} pairs") };
    let sentence = match (apart, higher) {
        (0, _) => format!("of {pairs} of configs none is told apart by its {what}"),
        (n, up) if up == n => format!("of {pairs} of configs {n} differ by their {what}: B is higher"),
        (n, 0) => format!("of {pairs} of configs {n} differ by their {what}: B is lower"),
        (n, up) => format!(
            "of {pairs} of configs {n} differ by their {what}: B is higher in {up}, lower in {}",
            n - up
        ),
    };
    let untested = || compared.iter().filter(|one| one.p.is_none());
    let equal = |one: &&Compared| one.moments[0].n > 0 && one.moments[0] == one.moments[1];
    let equal = untested().filter(equal).count();
    let rest = untested().count() - equal;
    let equal = if equal > 0 { format!("; {equal} have equal rounds") } else { String::new() };
    let rest = match rest {
        0 => String::new(),
        n => format!("; {n} cannot be tested: fewer than two rounds, or no spread"),
    };
    sentence + &equal + &rest
}

fn as_json(one: &Compared, a: &Plan, b: &Plan) -> Value {
    let side = |label: String, of: crate::stats::Moments| json!({"config": label, "rounds": of.n, "mean": of.mean, "std": of.std});
    let interval = one.test.map(|test| test.interval(0.95));
    json!({
        "a": side(a.label(one.a), one.moments[0]),
        "b": side(b.label(one.b), one.moments[1]),
        "difference": one.moments[1].mean - one.moments[0].mean,
        "interval": interval,
        "p": one.test.map(|test| test.p),
        "p_holm": one.p,
        "method": one.test.map(|_| if one.by_seed { "by seed" } else { "Welch" }),
    })
}
