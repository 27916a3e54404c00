//! The tree of a spec → [`Spec`].

use std::collections::BTreeMap;

use super::{
    Architecture, DataSpec, Draw, Grid, MAX_RUNS, Optimizer, Pairs, Scale, Spec, TrainSpec, Vary, claims,
    figures, ledger, outputs, tables,
};
use crate::{
    data,
    error::Fault,
    task,
    yaml::{
        decode::{Decoder, suggest},
        node::{Node, Value},
    },
};

/// Reads the whole spec.
///
/// # Errors
/// Returns every fault.
pub(super) fn spec(root: &Node, kinds: &[figures::FigureKind]) -> Result<Spec, Vec<Fault>> {
    let mut decoder = Decoder::default();
    let found = read(&mut decoder, root, kinds);
    match found {
        Some(spec) if decoder.faults.is_empty() => Ok(spec),
        _ => Err(decoder.faults),
    }
}

const SECTIONS: [&str; 11] = [
    "experiment",
    "task",
    "data",
    "train",
    "architectures",
    "grid",
    "tables",
    "figures",
    "expect",
    "claims",
    "ledger",
];

fn read(d: &mut Decoder, root: &Node, kinds: &[figures::FigureKind]) -> Option<Spec> {
    if !matches!(root.value, Value::Map(_)) {
        let message = format!("the spec is not a map of sections, but {}", root.value.kind());
        let help = "begin with `experiment: NAME`; experiments/smoke.yaml is a short example";
        return d.fault(&root.span, message, Some(help.to_owned()));
    }
    let fields = d.fields(root, &SECTIONS)?;
    let task = optional(fields.get("task"), task::TASKS[0], |n| d.choice(n, &task::words()));
    let experiment = d.required(&fields, "experiment").and_then(|n| {
        let text = d.text(n)?.to_owned();
        if ["store", "quarantine"].contains(&text.as_str()) || text.ends_with(".lock.json") {
            let message = format!("{}: `{text}` is a name of the results folder's own", n.path);
            return d.fault(&n.span, message, Some("choose another name".to_owned()));
        }
        d.name(&n.span, &n.path, &text)
    });
    let data = d.required(&fields, "data").and_then(|n| data(d, n));
    let train = d.required(&fields, "train").and_then(|n| train(d, n));
    let architectures = d.required(&fields, "architectures").and_then(|n| architectures(d, n));
    let known: Vec<&str> = architectures.iter().flatten().map(|(name, _)| name.as_str()).collect();
    let grid = d.required(&fields, "grid").and_then(|n| {
        let grid = grid(d, n, &known)?;
        pairs_may_vary(d, n, data.as_ref(), &grid).then_some(grid)
    });
    // Outputs name points of the grid, so they are read only when there is one.
    let outputs = grid.as_ref().zip(task).map(|(grid, task)| outputs::Context { task, grid });
    let tables = outputs.as_ref().map(|c| tables::tables(d, c, fields.get("tables")));
    let figures = outputs.as_ref().map(|c| figures::figures(d, c, fields.get("figures"), kinds));
    let expect = outputs.as_ref().map(|c| outputs::expect(d, c, fields.get("expect")));
    let claims = outputs.as_ref().map(|c| claims::claims(d, c, fields.get("claims")));
    let mut spec = Spec {
        experiment: experiment?,
        task: task?,
        data: data?,
        train: train?,
        architectures: architectures?,
        tables: tables?,
        figures: figures?,
        expect: expect?,
        claims: claims?,
        ledger: Vec::new(),
        grid: grid?,
    };
    figures::check(d, fields.get("figures"), &spec, kinds);
    spec.ledger = ledger::ledger(d, fields.get("ledger"), &spec);
    Some(spec)
}

fn data(d: &mut Decoder, node: &Node) -> Option<DataSpec> {
    let fields = d.fields(node, &["source", "otherwise", "pairs", "scale"])?;
    let source = d.required(&fields, "source").and_then(|n| d.choice(n, &data::words()));
    let otherwise = optional(fields.get("otherwise"), None, |n| d.choice(n, &data::stand_ins()).map(Some));
    let pairs = d.required(&fields, "pairs").and_then(|n| pairs(d, n));
    let scales = [("raw", Scale::Raw), ("unit", Scale::Unit), ("standard", Scale::Standard)];
    let scale = optional(fields.get("scale"), Scale::Raw, |n| d.choice(n, &scales));
    Some(DataSpec { source: source?, otherwise: otherwise?, pairs: pairs?, scale: scale? })
}

fn pairs(d: &mut Decoder, node: &Node) -> Option<Pairs> {
    let fields = d.fields(node, &["train", "test", "draw"])?;
    // A pair uses two images; MNIST has 60,000 and 10,000.
    let train = d.required(&fields, "train").and_then(|n| d.integer(n, 1..=30_000));
    let test = d.required(&fields, "test").and_then(|n| d.integer(n, 1..=5_000));
    let draws = [("fixed", Draw::Fixed), ("per-round", Draw::PerRound)];
    let draw = optional(fields.get("draw"), Draw::Fixed, |n| d.choice(n, &draws));
    Some(Pairs { train: train? as usize, test: test? as usize, draw: draw? })
}

fn train(d: &mut Decoder, node: &Node) -> Option<TrainSpec> {
    let known = ["epochs", "batch", "shuffle", "optimizer", "loss", "evaluate_every"];
    let fields = d.fields(node, &known)?;
    let epochs = d.required(&fields, "epochs").and_then(|n| d.integer(n, 1..=100_000));
    let batch = d.required(&fields, "batch").and_then(|n| d.integer(n, 1..=30_000));
    let shuffle = optional(fields.get("shuffle"), true, |n| d.boolean(n));
    let optimizer = optional(fields.get("optimizer"), Optimizer::default(), |n| Optimizer::decode(d, n));
    let loss = optional(fields.get("loss"), (), |n| d.choice(n, &[("nll", ())]));
    let every = optional(fields.get("evaluate_every"), 1, |n| d.integer(n, 1..=100_000));
    loss?;
    Some(TrainSpec {
        epochs: epochs? as usize,
        batch: batch? as usize,
        shuffle: shuffle?,
        optimizer: optimizer?,
        evaluate_every: every? as usize,
    })
}

/// Says whether a number lies in `[0, 1)`, also as the `f32` that it becomes.
fn below_one(v: f64) -> bool {
    v >= 0.0 && (v as f32) < 1.0
}

fn architectures(d: &mut Decoder, node: &Node) -> Option<BTreeMap<String, Architecture>> {
    let mut found = BTreeMap::new();
    let mut complete = true;
    for (key, node) in d.entries(node)? {
        let name = d.label(key);
        match (name, crate::model::architecture(d, node)) {
            (Some(name), Some(architecture)) => {
                found.insert(name, architecture);
            }
            _ => complete = false,
        }
    }
    complete.then_some(found)
}

fn grid(d: &mut Decoder, node: &Node, known: &[&str]) -> Option<Grid> {
    let fields = d.fields(node, &["architecture", "seed", "lr", "dropout", "vary"])?;
    let architecture = d.required(&fields, "architecture").and_then(|n| {
        axis(d, n, |d, n| {
            let name = d.text(n)?;
            if known.is_empty() || known.contains(&name) {
                return Some(name.to_owned());
            }
            let message = format!("{}: there is no architecture `{name}`", n.path);
            d.fault(&n.span, message, suggest(name, known))
        })
    });
    let lr = d.required(&fields, "lr").and_then(|n| {
        axis(d, n, |d, n| d.number(n, "a number above 1e-30 and at most 1e6", |v| v > 1e-30 && v <= 1e6))
    });
    let dropout = optional(fields.get("dropout"), vec![0.0], |n| {
        axis(d, n, |d, n| d.number(n, "in [0, 1)", below_one))
    });
    let vary = optional(fields.get("vary"), vec![Vary::All], |n| axis(d, n, |d, n| d.choice(n, Vary::WORDS)));
    let seed = optional(fields.get("seed"), (0, 1), |n| seeds(d, n));
    let (architecture, lr, dropout, (seed_from, seed_count)) = (architecture?, lr?, dropout?, seed?);
    let vary = vary?;
    let configs = [architecture.len(), lr.len(), dropout.len(), vary.len()];
    let runs = configs.iter().try_fold(seed_count, |n, len| n.checked_mul(*len as u64));
    if runs.is_none_or(|n| n > MAX_RUNS) {
        let size = runs.map_or("more than 10^19".into(), |n| n.to_string());
        let message = format!("grid: {size} runs; the limit is {MAX_RUNS}");
        return d.fault(&node.span, message, Some("shorten an axis or split the experiment".into()));
    }
    Some(Grid { architecture, lr, dropout, vary, seed_from, seed_count })
}

/// Checks that pairs that are to follow the seed are drawn per round.
fn pairs_may_vary(d: &mut Decoder, node: &Node, data: Option<&DataSpec>, grid: &Grid) -> bool {
    let fixed = data.is_some_and(|data| data.pairs.draw == Draw::Fixed);
    if !fixed || !grid.vary.contains(&Vary::Pairs) {
        return true;
    }
    let message = format!("{}.vary: the pairs do not follow the seed, since they are drawn once", node.path);
    d.fault::<()>(&node.span, message, Some("write `draw: per-round` under `data.pairs`".into()));
    false
}

/// Reads `seed: {from: 0, count: 10}`.
fn seeds(d: &mut Decoder, node: &Node) -> Option<(u64, u64)> {
    let fields = d.fields(node, &["from", "count"])?;
    let from = optional(fields.get("from"), 0, |n| d.integer(n, 0..=u64::MAX));
    let count = d.required(&fields, "count").and_then(|n| d.integer(n, 1..=u64::MAX));
    let (from, count) = (from?, count?);
    if from.checked_add(count - 1).is_none() {
        let message = format!("{}: seeds from {from} on, {count} of them, exceed 2^64 − 1", node.path);
        return d.fault(&node.span, message, Some("begin with a smaller seed".into()));
    }
    Some((from, count))
}

/// Reads the values of one axis: at least one, none twice.
fn axis<T: PartialEq + std::fmt::Debug>(
    d: &mut Decoder,
    node: &Node,
    mut read: impl FnMut(&mut Decoder, &Node) -> Option<T>,
) -> Option<Vec<T>> {
    let items = d.list(node)?;
    if items.is_empty() {
        let message = format!("{}: an axis needs at least one value", node.path);
        return d.fault(
            &node.span,
            message,
            Some("an empty axis makes an empty grid; give one value".into()),
        );
    }
    let mut values: Vec<T> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for item in items {
        match read(d, item) {
            Some(value) if !seen.insert(format!("{value:?}")) => {
                let message = format!("{}: this value is there twice", item.path);
                d.fault::<()>(&item.span, message, Some("remove one of them".into()));
            }
            Some(value) => values.push(value),
            None => {}
        }
    }
    (values.len() == items.len()).then_some(values)
}

/// Reads a value that may be absent.
fn optional<T>(node: Option<&Node>, default: T, read: impl FnOnce(&Node) -> Option<T>) -> Option<T> {
    node.map_or(Some(default), read)
}
