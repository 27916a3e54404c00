//! The sections `data:` and `train:`, read as [`SETTINGS`] declares them.

use super::table::{SETTINGS, Setting};
use crate::engine::optimizer::Optimizer;
use crate::error::Span;
use crate::spec::config::Config;
use crate::yaml::{
    decode::Decoder,
    node::{Node, Value},
};

/// Returns the settings at or below a path.
pub(in crate::spec) fn settings_below(path: &str) -> impl Iterator<Item = &'static Setting> {
    SETTINGS.iter().filter(move |s| below(s.path, path).is_some())
}

/// Returns what of `path` comes after `above`; nothing if it is no part of it.
fn below<'a>(path: &'a str, above: &str) -> Option<&'a str> {
    path.strip_prefix(above).filter(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The next names below a path, each with whether it is a setting itself.
fn children(path: &str) -> Vec<(&'static str, bool)> {
    let mut found = Vec::new();
    for setting in settings_below(path) {
        let rest = &setting.path[path.len() + 1..];
        let child = rest.split_once('.').map_or((rest, true), |(name, _)| (name, false));
        if !found.contains(&child) {
            found.push(child);
        }
    }
    found
}

/// Reads the settings below `path` into `config`; those that are left out get their defaults.
pub(in crate::spec) fn section(d: &mut Decoder, node: &Node, path: &str, config: &mut Config) -> Option<()> {
    let children = children(path);
    let names: Vec<&'static str> = children.iter().map(|(name, _)| *name).collect();
    let fields = d.fields(node, &names)?;
    let mut complete = Some(());
    for (name, is_setting) in children {
        let path = format!("{path}.{name}");
        let found = match (fields.get(name), is_setting) {
            (Some(n), true) => value(d, n, &path, config),
            (Some(n), false) if path == "train.optimizer" => {
                Optimizer::decode(d, n).map(|found| config.train.optimizer = found)
            }
            (Some(n), false) => section(d, n, &path, config),
            (None, _) if settings_below(&path).any(|s| s.default.is_none()) => {
                d.required(&fields, name).map(|_| ())
            }
            (None, _) => defaults(d, node, &path, config),
        };
        complete = complete.and(found);
    }
    complete
}

fn value(d: &mut Decoder, node: &Node, path: &str, config: &mut Config) -> Option<()> {
    let setting = Setting::find(path)?;
    let value = setting.kind.decode(d, node)?;
    (setting.at?.set)(config, &value);
    Some(())
}

fn defaults(d: &mut Decoder, node: &Node, path: &str, config: &mut Config) -> Option<()> {
    for setting in settings_below(path) {
        let (Some(value), Some(at)) = (&setting.default, setting.at) else {
            let message = format!("{}: `{}` is missing", node.path, setting.path);
            return d.fault(&node.span, message, None);
        };
        (at.set)(config, value);
    }
    Some(())
}

/// Returns the entries of a map whose names are paths; a map in it goes deeper. Those that `whole` names are taken as
/// they are.
pub(in crate::spec) fn flattened<'a>(node: &'a Node, whole: &[&str]) -> Vec<(String, &'a Span, &'a Node)> {
    fn walk<'a>(above: &str, node: &'a Node, whole: &[&str], found: &mut Vec<(String, &'a Span, &'a Node)>) {
        let Value::Map(entries) = &node.value else { return };
        for (key, item) in entries {
            let path = if above.is_empty() { key.name.clone() } else { format!("{above}.{}", key.name) };
            if matches!(item.value, Value::Map(_)) && !whole.contains(&path.as_str()) {
                walk(&path, item, whole, found);
            } else {
                found.push((path, &key.span, item));
            }
        }
    }
    let mut found = Vec::new();
    walk("", node, whole, &mut found);
    found
}
