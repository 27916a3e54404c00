//! Helpers that read typed values from a [`Node`] and collect every fault on the way.

use std::ops::RangeInclusive;

use super::{
    near::{cut_number, nearest, suggest},
    node::{Key, Node, Value},
    remedy::{example, list_of, map_of, number_in},
};
use crate::error::{Fault, Span};

/// Collects the faults of a spec while it is read.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    /// The first faults, at most [`MOST`].
    pub(crate) faults: Vec<Fault>,
    /// What the domain adds to the remedies.
    pub(crate) advice: Advice,
}

/// What a domain adds to the remedies.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Advice {
    /// Says what to do with several values where one stands, by the path.
    pub(crate) several: Option<fn(&Node) -> Option<String>>,
    /// Says where a name belongs that is not known where it stands, the path of the map and the name.
    pub(crate) elsewhere: Option<fn(&str, &str) -> Option<String>>,
    /// Says what to write in place of a value of another type.
    pub(crate) form: Option<fn(&Node) -> Option<String>>,
    /// Says whether what stands at a path must be there.
    pub(crate) required: Option<fn(&str) -> bool>,
}

/// Faults that are kept: some more than are shown. A reader who mends these will see the next.
const MOST: usize = 24;
/// The entries of a map, with its place for faults about what is missing.
pub(crate) struct Fields<'a> {
    node: &'a Node,
    entries: &'a [(Key, Node)],
    /// Known names that unknown ones were most likely meant to be.
    meant: Vec<String>,
    /// Whether an unknown name is there.
    strange: bool,
}

impl<'a> Fields<'a> {
    /// Says whether an unknown name is there: then what seems to be missing may be meant by it.
    pub(crate) fn has_strange(&self) -> bool {
        self.strange
    }

    /// Returns the value of `name`, if it is there.
    pub(crate) fn get(&self, name: &str) -> Option<&'a Node> {
        self.entries.iter().find(|(key, _)| key.name == name).map(|(_, node)| node)
    }
}

impl Decoder {
    /// Records a fault at `span`; returns `None` so that callers can end with it.
    pub(crate) fn fault<T>(
        &mut self,
        span: &Span,
        message: String,
        help: impl Into<Option<String>>,
    ) -> Option<T> {
        if !self.is_full() {
            self.faults.push(Fault { span: span.clone(), message, help: help.into() });
        }
        None
    }

    /// Says whether no further fault is kept, so that no time is spent on finding more: a spec costs as much as its size, not
    /// as a product of its parts.
    pub(crate) fn is_full(&self) -> bool {
        self.faults.len() >= MOST
    }

    fn wrong_type<T>(&mut self, node: &Node, wanted: &str) -> Option<T> {
        self.wrong_type_with(node, wanted, None)
    }

    /// Says that a value is of another type than is wanted, and what to write: `remedy`, if there is one.
    fn wrong_type_with<T>(&mut self, node: &Node, wanted: &str, remedy: Option<String>) -> Option<T> {
        let message = format!("{}: expected {wanted}, found {}", shown(&node.path), node.value.kind());
        let form = || self.advice.form.and_then(|of| of(node));
        let help = match &node.value {
            Value::List(_) => self.several(node, wanted),
            Value::Text(text) if wanted == "an integer" => number_in(text, wanted, |_| true),
            _ => None,
        };
        let help = remedy.or(help).or_else(form).or_else(|| example(wanted, &node.value));
        let help = help.map(|help| help + self.or_remove(node));
        self.fault(&node.span, message, help)
    }

    /// Says of nothing where something may be left out that its key can go.
    fn or_remove(&self, node: &Node) -> &'static str {
        let required = self.advice.required.is_some_and(|of| of(&node.path));
        let of_map = !node.path.is_empty() && !node.path.ends_with(']');
        if matches!(node.value, Value::Null) && of_map && !required { ", or remove the key" } else { "" }
    }

    /// Says what to do with a list where one value stands.
    fn several(&self, node: &Node, wanted: &str) -> Option<String> {
        if wanted == "a map" {
            return None;
        }
        let advice = self.advice.several.and_then(|of| of(node));
        let first = || match &node.value {
            Value::List(items) if items.len() == 1 => {
                Some(format!("write it without brackets: `{}`", items[0].scalar()))
            }
            _ => Some(format!("one value stands here: {wanted}")),
        };
        advice.or_else(first)
    }

    /// Reads a map and faults each name that is not in `known`.
    pub(crate) fn fields<'a>(&mut self, node: &'a Node, known: &[&str]) -> Option<Fields<'a>> {
        let Value::Map(entries) = &node.value else { return self.no_map(node, known) };
        let mut meant = Vec::new();
        let mut strange = false;
        for (key, _) in entries {
            let unknown = !known.contains(&key.name.as_str());
            strange |= unknown;
            if unknown && !self.is_full() {
                let message = format!("{}: unknown key `{}`", shown(&node.path), key.name);
                let free: Vec<&str> = known
                    .iter()
                    .copied()
                    .filter(|k| !entries.iter().any(|(key, _)| key.name == **k))
                    .collect();
                let near = nearest(&key.name, &free);
                meant.extend(near.map(str::to_owned));
                let elsewhere = if near.is_some() { None } else { self.advice.elsewhere };
                let help = glued(&key.name, known)
                    .or_else(|| elsewhere.and_then(|of| of(&node.path, &key.name)))
                    .or_else(|| cut_number(&key.name));
                let help =
                    help.unwrap_or_else(|| suggest(&key.name, if near.is_some() { &free } else { known }));
                self.fault::<()>(&key.span, message, Some(help));
            }
        }
        Some(Fields { node, entries, meant, strange })
    }

    /// Reads a map with free names.
    pub(crate) fn entries<'a>(&mut self, node: &'a Node) -> Option<&'a [(Key, Node)]> {
        if let Value::Map(entries) = &node.value {
            return Some(entries);
        }
        self.no_map(node, &["NAME"])
    }

    fn no_map<T>(&mut self, node: &Node, known: &[&str]) -> Option<T> {
        let message = format!("{}: expected a map, found {}", shown(&node.path), node.value.kind());
        let form = self.advice.form.and_then(|of| of(node)).unwrap_or_else(|| map_of(node, known));
        self.fault(&node.span, message, form + self.or_remove(node))
    }

    /// Returns the value of a name that must be there; says so, unless it was most likely misspelt.
    pub(crate) fn required<'a>(&mut self, fields: &Fields<'a>, name: &str) -> Option<&'a Node> {
        let found = fields.get(name);
        if found.is_none() && !fields.meant.iter().any(|meant| meant == name) {
            let message = format!("{}: `{name}` is missing", shown(&fields.node.path));
            self.fault::<()>(&fields.node.span, message, Some(format!("add `{name}:` here")));
        }
        found
    }

    /// Reads a list; a single value counts as a list of one.
    pub(crate) fn list<'a>(&mut self, node: &'a Node) -> Option<&'a [Node]> {
        match &node.value {
            Value::List(items) => Some(items),
            Value::Null | Value::Map(_) => {
                let numbers = matches!(&node.value, Value::Map(_))
                    .then(|| list_of(node, ""))
                    .filter(|l| !l.ends_with(": `"));
                self.wrong_type_with(node, "one value or a list", numbers)
            }
            _ => Some(std::slice::from_ref(node)),
        }
    }

    /// Reads a list as [`Decoder::list`] does, with at least one item; `example` is one.
    pub(crate) fn items<'a>(&mut self, node: &'a Node, example: &str) -> Option<&'a [Node]> {
        match &node.value {
            Value::List(items) if items.is_empty() => {
                let message = format!("{}: the list is empty", shown(&node.path));
                self.fault(&node.span, message, list_of(node, example))
            }
            Value::Null | Value::Map(_) => self.wrong_type_with(node, "a list", Some(list_of(node, example))),
            _ => self.list(node),
        }
    }

    /// Reads a text.
    pub(crate) fn text<'a>(&mut self, node: &'a Node) -> Option<&'a str> {
        match &node.value {
            Value::Text(text) => Some(text),
            _ => self.wrong_type(node, "a text"),
        }
    }

    /// Reads a name that is safe as a file name: letters, digits, `-`, `_`, `.`, at most 64.
    pub(crate) fn name(&mut self, span: &Span, path: &str, name: &str) -> Option<String> {
        let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let begins_well = name.starts_with(|c: char| c.is_ascii_alphanumeric());
        if begins_well && name.len() <= 64 && name.chars().all(good) && !name.ends_with('.') {
            return Some(name.to_owned());
        }
        let message = format!("{}: `{name}` cannot be a name, since files are named after it", shown(path));
        let help = "use at most 64 of the letters a to z and A to Z, digits, `-`, `_` and `.`, beginning with a letter or digit";
        self.fault(span, message, Some(help.into()))
    }

    /// Reads a name that is only shown: 1 to 64 characters, none of them a control character.
    pub(crate) fn label(&mut self, key: &Key) -> Option<String> {
        let length = key.name.chars().count();
        if (1..=64).contains(&length) && !key.name.chars().any(char::is_control) {
            return Some(key.name.clone());
        }
        let message = format!("`{}` cannot be a name", key.name.escape_debug());
        self.fault(&key.span, message, Some("use 1 to 64 printable characters".into()))
    }

    /// Reads true or false.
    pub(crate) fn boolean(&mut self, node: &Node) -> Option<bool> {
        match node.value {
            Value::Bool(v) => Some(v),
            _ => self.wrong_type(node, "true or false"),
        }
    }

    /// Reads an integer within `range`.
    pub(crate) fn integer(&mut self, node: &Node, range: RangeInclusive<u64>) -> Option<u64> {
        let value = match node.value {
            Value::Integer(v) => v,
            // An integer beyond what the YAML library holds arrives as a float.
            Value::Float(v) if v.abs() >= 18_446_744_073_709_551_615.0 => v as i128,
            _ => return self.wrong_type(node, "an integer"),
        };
        match u64::try_from(value) {
            Ok(v) if range.contains(&v) => Some(v),
            _ => {
                let (low, high) = range.into_inner();
                let value = node.written.as_deref().map_or(value.to_string(), str::to_owned);
                let message = format!("{}: {value} is not from {low} to {high}", shown(&node.path));
                self.fault(&node.span, message, Some(format!("choose an integer from {low} to {high}")))
            }
        }
    }

    /// Reads a finite number for which `good` holds; `wanted` says so in words.
    pub(crate) fn number(&mut self, node: &Node, wanted: &str, good: impl Fn(f64) -> bool) -> Option<f64> {
        let value = match node.value {
            Value::Integer(v) => v as f64,
            Value::Float(v) => v,
            _ => {
                let help = match &node.value {
                    Value::Text(text) => number_in(text, wanted, good),
                    _ => None,
                };
                return self.wrong_type_with(node, "a number", help);
            }
        };
        if value.is_finite() && good(value) {
            // −0 and 0 are one number; they must not give two keys.
            return Some(value + 0.0);
        }
        let written = node.written.as_deref().filter(|_| value.is_finite());
        let written = written.map_or(value.to_string(), str::to_owned);
        let message = format!("{}: {written} is not {wanted}", shown(&node.path));
        let percent = value > 1.0 && value <= 100.0 && good(value / 100.0) && wanted.starts_with("in [0, 1");
        let also = if percent { format!("; {value} % is `{}`", value / 100.0) } else { String::new() };
        self.fault(&node.span, message, Some(format!("choose {wanted}{also}")))
    }

    /// Reads one of several words.
    pub(crate) fn choice<T: Copy>(&mut self, node: &Node, choices: &[(&str, T)]) -> Option<T> {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let text = match &node.value {
            Value::Text(text) => text,
            Value::Null => {
                return self.wrong_type_with(node, "one of several words", Some(suggest("", &names)));
            }
            Value::List(_) | Value::Map(_) => return self.wrong_type(node, "one of several words"),
            _ => &node.scalar().to_string(),
        };
        if let Some((_, value)) = choices.iter().find(|(name, _)| name == text) {
            return Some(*value);
        }
        let message = format!("{}: unknown value `{text}`", shown(&node.path));
        let required = self.advice.required.is_some_and(|of| of(&node.path));
        let none = ["none", "null", "nothing"].contains(&text.as_str()) && !required;
        let out = if none { "; for none, leave the key out" } else { "" };
        self.fault(&node.span, message, suggest(text, &names) + out)
    }
}

/// Shows a path; the root has no name of its own.
fn shown(path: &str) -> &str {
    if path.is_empty() { "spec" } else { path }
}

/// Says of a name that holds a `:` that a blank follows it.
fn glued(name: &str, known: &[&str]) -> Option<String> {
    let (before, after) = name.split_once(':')?;
    known.contains(&before).then(|| format!("a blank follows the colon: `{before}: {after}`"))
}
