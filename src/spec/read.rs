//! The tree of a spec → [`Spec`].

use super::{Spec, axes, claims, figures, ledger, outputs, tables};
use crate::{
    error::Fault,
    task,
    yaml::{
        decode::Decoder,
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
    let task = fields.get("task").map_or(Some(task::TASKS[0]), |n| d.choice(n, &task::words()));
    let experiment = d.required(&fields, "experiment").and_then(|n| {
        let text = d.text(n)?.to_owned();
        if ["store", "quarantine"].contains(&text.as_str()) || text.ends_with(".lock.json") {
            let message = format!("{}: `{text}` is a name of the results folder's own", n.path);
            return d.fault(&n.span, message, Some("choose another name".to_owned()));
        }
        d.name(&n.span, &n.path, &text)
    });
    let sections = ["data", "train", "architectures"].map(|name| d.required(&fields, name));
    let written = d.required(&fields, "grid").and_then(|n| axes::written(d, n));
    let grid = axes::grid(d, root, written).filter(|_| sections.iter().all(Option::is_some));
    // Outputs name points of the grid, so they are read only when there is one.
    let outputs = grid.as_ref().zip(task).map(|(grid, task)| outputs::Context { task, grid });
    let tables = outputs.as_ref().map(|c| tables::tables(d, c, fields.get("tables")));
    let figures = outputs.as_ref().map(|c| figures::figures(d, c, fields.get("figures"), kinds));
    let expect = outputs.as_ref().map(|c| outputs::expect(d, c, fields.get("expect")));
    let claims = outputs.as_ref().map(|c| claims::claims(d, c, fields.get("claims")));
    let mut spec = Spec {
        experiment: experiment?,
        task: task?,
        data: grid.as_ref()?.data(),
        architectures: grid.as_ref()?.first_networks(),
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
