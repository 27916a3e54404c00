//! Puts values at paths of a tree, such as `architectures.net.pair[0].conv`; says what is no path, or leads nowhere.

use super::node::{Key, Node, Value};
use crate::error::Span;

/// Finds the `=` of one `path=value`; a name in quotes may hold another.
pub(crate) fn equals_in(text: &str) -> Option<usize> {
    let mut quoted = false;
    text.find(|c| {
        quoted ^= c == '"';
        c == '=' && !quoted
    })
}

impl Node {
    /// Puts `value` at `path`, such as `train.batch` or `architectures.net.pair[0].conv`, making maps on the way; for
    /// `--set` and the axes of a grid. A name in the path may have dots if the map has such a name. `place` is where the
    /// path is written.
    ///
    /// # Errors
    /// Returns what stands in the way.
    pub(crate) fn insert(&mut self, path: &str, place: &Span, mut value: Node) -> Result<(), Blocked> {
        value.set_paths(path.to_owned());
        if path.split(['.', '[']).count() > MOST_PARTS {
            return Err(format!("the path has more than {MOST_PARTS} parts").into());
        }
        let (mut node, mut rest, mut first) = (self, path, true);
        loop {
            let walked = path[..path.len() - rest.len()].trim_end_matches('.');
            if let Some(inside) = rest.strip_prefix('[') {
                let (index, after) = inside.split_once(']').ok_or("a `[` is not closed")?;
                let kind = node.value.kind();
                let Value::List(items) = &mut node.value else {
                    return Err(Blocked {
                        message: format!("`{walked}` is no list, but {kind}"),
                        help: Some(format!("replace it whole: `{walked}=VALUE`")),
                    });
                };
                let count = items.len();
                let found = index.parse().ok().and_then(|i: usize| items.get_mut(i));
                node = found.ok_or_else(|| Blocked {
                    message: format!("`{walked}` has no item {index}"),
                    help: Some(format!(
                        "it has {count}, counted from 0; a list is replaced whole by `{walked}=[…]`"
                    )),
                })?;
                rest = after;
            } else if rest.is_empty() && !first {
                *node = value;
                return Ok(());
            } else {
                let rest_here = if first { rest } else { rest.strip_prefix('.').unwrap_or(rest) };
                if matches!(node.value, Value::Null) {
                    node.value = Value::Map(Vec::new());
                }
                let kind = node.value.kind();
                let Value::Map(entries) = &mut node.value else { return Err(no_map(walked, kind)) };
                let (name, length) = next_name(entries, rest_here)?;
                let at = path.len() - rest_here.len() + length;
                // A name in quotes may have brackets.
                if !rest_here.starts_with('"')
                    && !literal(path)
                    && let Some(blocked) = no_list(entries, &name, &path[..at - length], &path[at..], &value)
                {
                    return Err(blocked);
                }
                let index = entries.iter().position(|(key, _)| key.name == name).unwrap_or_else(|| {
                    let span = place.part(path.len(), at - length..at);
                    let key = Key { span: span.clone(), name };
                    let path = path[..at].to_owned();
                    entries.push((key, Node { span, path, value: Value::Null, decimals: 0, written: None }));
                    entries.len() - 1
                });
                (node, rest) = (&mut entries[index].1, &path[at..]);
            }
            first = false;
        }
    }
}

/// Why nothing can be put at a path, and the remedy if it is known.
pub(crate) struct Blocked {
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

impl<T: Into<String>> From<T> for Blocked {
    fn from(message: T) -> Self {
        Self { message: message.into(), help: None }
    }
}

fn no_map(walked: &str, kind: &str) -> Blocked {
    let help = if kind == "a list" {
        format!("its items are `{walked}[0]`, …; a list is replaced whole by `{walked}=[…]`")
    } else {
        format!("nothing stands below it; replace it by `{walked}=VALUE`")
    };
    Blocked { message: format!("`{walked}` is no map, but {kind}"), help: Some(help) }
}

/// Says whether names in a path may have brackets: an axis of the grid is named after a path.
fn literal(path: &str) -> bool {
    path.starts_with("grid.") || path.starts_with("ledger.") || path.contains(".where.")
}

/// Says that a list that a path leads into is not there; `before` and `rest` are what of the path stands around `name`.
fn no_list(entries: &[(Key, Node)], name: &str, before: &str, rest: &str, value: &Node) -> Option<Blocked> {
    let (list, _) = name.split_once('[')?;
    if entries.iter().any(|(key, _)| key.name == name) {
        return None;
    }
    let item = match rest.strip_prefix('.') {
        None => value.scalar().to_string(),
        Some(key) if !key.contains(['.', '[']) => format!("{{{key}: {}}}", value.scalar()),
        Some(_) => "…".to_owned(),
    };
    let message = format!("there is no list `{before}{list}`");
    Some(Blocked { message, help: Some(format!("put it there whole: `--set '{before}{list}=[{item}]'`")) })
}

/// The most names and places in a path.
const MOST_PARTS: usize = 64;

/// Returns the name that a path begins with, and its length there: what stands in quotes, the longest that the map has, or
/// else what comes before a dot; no list is made.
fn next_name(entries: &[(Key, Node)], path: &str) -> Result<(String, usize), String> {
    if let Some(quoted) = path.strip_prefix('"') {
        let (name, _) = quoted.split_once('"').ok_or("a `\"` is not closed")?;
        return Ok((name.to_owned(), name.len() + 2));
    }
    let begins =
        |name: &&str| path.strip_prefix(*name).is_some_and(|r| r.is_empty() || r.starts_with(['.', '[']));
    let known = entries.iter().map(|(key, _)| key.name.as_str()).filter(begins).max_by_key(|name| name.len());
    let name = &path[..known.map_or_else(|| path.find('.').unwrap_or(path.len()), str::len)];
    Ok((name.to_owned(), name.len()))
}
