//! What settings add to the remedies of faults.

use super::{
    read::settings_below,
    table::{SETTINGS, Setting},
};
use crate::yaml::{
    decode::Advice,
    near::nearest,
    node::{Node, Value},
};

/// See [`Advice`].
pub(in crate::spec) const ADVICE: Advice =
    Advice { several: Some(several), elsewhere: Some(elsewhere), form: Some(form), required: Some(required) };

/// Says that several values of a setting are an axis of the grid.
fn several(node: &Node) -> Option<String> {
    let section = node.path.split('.').next().unwrap_or_default();
    let each =
        |what: &str| Some(format!("one value stands here: write {what} for each, or leave the key out"));
    match section {
        "data" | "train" | "architectures" => {}
        "figures" => return each("a figure"),
        "tables" => return each("a row"),
        "expect" => return each("a band"),
        "claims" => return each("a claim"),
        _ => return None,
    }
    if let Some(reason) = Setting::find(&node.path).and_then(|setting| setting.fixed) {
        return Some(format!("one value stands here, and no axis: {reason}"));
    }
    let Value::List(items) = &node.value else { return None };
    let values: Vec<String> = items.iter().take(4).map(|item| item.scalar().to_string()).collect();
    let more = if items.len() > values.len() { ", …" } else { "" };
    let values = if values.is_empty() { "first, second".to_owned() } else { values.join(", ") };
    let (path, key) = (&node.path, node.path.rsplit('.').next().unwrap_or_default());
    // Inside the brackets of YAML, a path with brackets stands in quotes.
    let path = if path.contains('[') { format!("\"{path}\"") } else { path.clone() };
    let same = items.len() > 1 && items.iter().all(|item| item.scalar() == items[0].scalar());
    let one = if same { format!(": `{key}: {}`", items[0].scalar()) } else { String::new() };
    Some(format!(
        "one value stands here{one}; to compare several, make it an axis: `grid: {{{path}: [{values}{more}]}}`"
    ))
}

/// Says how some places of a spec are written.
fn form(node: &Node) -> Option<String> {
    let key = node.path.rsplit('.').next().unwrap_or_default();
    match (&node.value, key) {
        (Value::Text(name), "where" | "greater" | "less") => {
            Some(format!("write `{key}: {{architecture: {name}}}`"))
        }
        (Value::List(_) | Value::Text(_), "grid") if node.path == "grid" => {
            Some("write `grid: {architecture: net, lr: 0.1}`".to_owned())
        }
        (Value::Text(_), _) if node.path.starts_with("claims.words[") && node.path.ends_with(']') => {
            Some("write `{name: A beats B, greater: {architecture: A}, less: {architecture: B}}`".to_owned())
        }
        _ => None,
    }
}

/// Says whether something must stand at a path.
fn required(path: &str) -> bool {
    let sections = ["", "experiment", "architectures", "grid", "paper.title"];
    sections.contains(&path) || settings_below(path).any(|s| s.default.is_none() && !s.path.contains("NAME"))
}

/// Says where the setting belongs that is called so.
fn elsewhere(path: &str, name: &str) -> Option<String> {
    const OPTIONS: [&str; 6] = ["device", "jobs", "results", "reports", "offline", "data_dir"];
    if OPTIONS.contains(&name) {
        let option = name.replace('_', "-");
        return Some(format!("this is an option of the command line: `--{option}`"));
    }
    if path.is_empty() && ["seed", "seeds"].contains(&name) {
        return Some("did you mean `grid.seed`?".to_owned());
    }
    let paths: Vec<&str> = SETTINGS.iter().map(|s| s.path).filter(|p| p.contains('.')).collect();
    let inside =
        path.is_empty() || ["data", "train", "grid"].contains(&path.split('.').next().unwrap_or_default());
    let near = nearest(name, &paths).filter(|near| inside && near.rsplit('.').next() != Some("pair"));
    near.map(|near| format!("did you mean `{near}`?"))
}
