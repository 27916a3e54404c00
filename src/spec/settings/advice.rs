//! What settings add to the remedies of faults.

use super::table::{SETTINGS, Setting};
use crate::yaml::{
    decode::Advice,
    near::nearest,
    node::{Node, Value},
};

/// See [`Advice`].
pub(in crate::spec) const ADVICE: Advice = Advice { several: Some(several), elsewhere: Some(elsewhere) };

/// Says that several values of a setting are an axis of the grid.
fn several(node: &Node) -> Option<String> {
    let section = node.path.split('.').next().unwrap_or_default();
    if !["data", "train", "architectures"].contains(&section) {
        return None;
    }
    if let Some(reason) = Setting::find(&node.path).and_then(|setting| setting.fixed) {
        return Some(format!("one value stands here, and no axis: {reason}"));
    }
    let Value::List(items) = &node.value else { return None };
    let values: Vec<String> = items.iter().take(4).map(|item| item.scalar().to_string()).collect();
    let more = if items.len() > values.len() { ", …" } else { "" };
    let values = if values.is_empty() { "first, second".to_owned() } else { values.join(", ") };
    Some(format!(
        "one value stands here; to compare several, make it an axis: `grid: {{{}: [{values}{more}]}}`",
        node.path
    ))
}

/// Says where the setting belongs that is called so.
fn elsewhere(path: &str, name: &str) -> Option<String> {
    let paths: Vec<&str> = SETTINGS.iter().map(|s| s.path).filter(|p| p.contains('.')).collect();
    let inside = path.is_empty() || ["data", "train", "grid"].contains(&path);
    let near = nearest(name, &paths).filter(|near| inside && near.rsplit('.').next() != Some("pair"));
    near.map(|near| format!("did you mean `{near}`?"))
}
