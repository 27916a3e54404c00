//! YAML text → a tree that knows the place of every value.
//!
//! This is the only module that knows the YAML library.

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_yaml::Spanned;

use crate::error::{Fault, Span};

/// A value of the spec with its place and its path from the root, such as `grid.lr[0]`.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) span: Span,
    pub(crate) path: String,
    pub(crate) value: Value,
    /// Decimals that a number is written with.
    pub(crate) decimals: usize,
}

/// What a [`Node`] holds.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Integer(i128),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
}

/// A name in a map with its place.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub(crate) span: Span,
    pub(crate) name: String,
}

impl Value {
    /// Says in words what kind of value this is.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "true/false",
            Self::Integer(_) | Self::Float(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
        }
    }
}

/// Parses YAML `text`, which is source number `source`.
///
/// # Errors
/// Returns the fault if the text is not YAML, repeats a key, or exceeds the limits on size,
/// depth and aliases.
pub(super) fn parse(text: &str, source: usize) -> Result<Node, Fault> {
    let options = serde_yaml::options! {
        strict_booleans: true,
        // They are refused where a number is wanted, with the path of the field.
        non_finite_float_policy: serde_yaml::options::NonFiniteFloatPolicy::PassThrough,
        with_snippet: false,
        budget: serde_yaml::budget! {
            max_depth: 32,
            max_nodes: 200_000,
            max_events: 400_000,
            max_documents: 1,
            max_total_scalar_bytes: 8 << 20,
        },
    };
    let tree: Spanned<Tree> =
        serde_yaml::from_str_with_options(text, options).map_err(|e| syntax_fault(&e, text, source))?;
    let mut root = place(tree, source, text);
    root.set_paths(String::new());
    Ok(root)
}

/// What a spec may have at most.
const LIMITS: &str = "a spec is small: at most 32 levels deep, 200,000 values, few aliases";

fn syntax_fault(error: &serde_yaml::Error, text: &str, source: usize) -> Fault {
    let bytes = error.location().map_or(0..0, |l| byte_range(&l, text));
    let said = error.without_snippet().to_string();
    let lower = said.to_lowercase();
    let known = [
        ("duplicate", "duplicate key", "keep one of the two entries"),
        ("documents", "more than one document", "a spec is one YAML document; remove `---` and what follows"),
        ("weak", "an anchor that contains itself", "write the value out"),
        ("option<string>", "a key that is nothing", "give the key a name"),
        ("budget", "the spec is too large or too deep", LIMITS),
        ("limit", "the spec is too large or too deep", LIMITS),
        ("depth", "the spec is too large or too deep", LIMITS),
    ];
    let (message, help) = match known.iter().find(|(part, ..)| lower.contains(part)) {
        // The library names the key behind a colon.
        Some((_, message, help)) if *message == "duplicate key" => {
            let key = said.split(" at line ").next().and_then(|s| s.split_once(": ")).map(|(_, key)| key);
            (key.map_or((*message).to_owned(), |key| format!("{message}: {key}")), *help)
        }
        Some((_, message, help)) => ((*message).to_owned(), *help),
        // The library appends its own place, which the caret shows already.
        None => {
            let message = said.split(" at line ").next().unwrap_or(&said).to_owned();
            (message, "check the indentation, quotes and brackets near this place")
        }
    };
    Fault { span: Span { source, bytes }, message, help: Some(help.into()) }
}

fn byte_range(location: &serde_yaml::Location, text: &str) -> std::ops::Range<usize> {
    let span = location.span();
    let (start, len) = match (span.byte_offset(), span.byte_len()) {
        (Some(start), Some(len)) => (start as usize, len as usize),
        _ => (line_start(text, location.line() as usize), 1),
    };
    let start = floor_boundary(text, start.min(text.len()));
    start..floor_boundary(text, (start + len.max(1)).min(text.len())).max(start)
}

fn floor_boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn line_start(text: &str, line: usize) -> usize {
    text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum()
}

impl Node {
    fn set_paths(&mut self, path: String) {
        match &mut self.value {
            Value::List(items) => {
                for (i, item) in items.iter_mut().enumerate() {
                    item.set_paths(format!("{path}[{i}]"));
                }
            }
            Value::Map(entries) => {
                for (key, item) in entries {
                    let dot = if path.is_empty() { "" } else { "." };
                    item.set_paths(format!("{path}{dot}{}", key.name));
                }
            }
            _ => {}
        }
        self.path = path;
    }

    /// Says whether this is a map with such a key.
    pub(crate) fn has(&self, name: &str) -> bool {
        matches!(&self.value, Value::Map(entries) if entries.iter().any(|(key, _)| key.name == name))
    }

    /// Gives this value and all below it one place.
    pub(crate) fn set_span(&mut self, span: &Span) {
        self.span = span.clone();
        match &mut self.value {
            Value::List(items) => items.iter_mut().for_each(|item| item.set_span(span)),
            Value::Map(entries) => {
                for (key, item) in entries {
                    key.span = span.clone();
                    item.set_span(span);
                }
            }
            _ => {}
        }
    }

    /// Returns the value of a name, if this is a map that has it.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        self.entry(name).map(|(_, node)| node)
    }

    /// Returns the entry of a name, if this is a map that has it.
    pub(crate) fn entry(&self, name: &str) -> Option<&(Key, Self)> {
        let Value::Map(entries) = &self.value else { return None };
        entries.iter().find(|(key, _)| key.name == name)
    }

    /// Returns the entries, if this is a map.
    pub(crate) fn entries(&self) -> Option<&[(Key, Self)]> {
        if let Value::Map(entries) = &self.value { Some(entries) } else { None }
    }

    /// Returns this map with these names only.
    pub(crate) fn only(&self, names: &[&str]) -> Self {
        let Value::Map(entries) = &self.value else { return self.with(Vec::new()) };
        self.with(entries.iter().filter(|(key, _)| names.contains(&&*key.name)).cloned().collect())
    }

    /// Returns this place with other entries.
    pub(crate) fn with(&self, entries: Vec<(Key, Self)>) -> Self {
        Self { span: self.span.clone(), path: self.path.clone(), value: Value::Map(entries), decimals: 0 }
    }

    /// Returns the number of values in it.
    pub(crate) fn size(&self) -> usize {
        1 + match &self.value {
            Value::Map(entries) => entries.iter().map(|(_, node)| node.size()).sum(),
            Value::List(items) => items.iter().map(Self::size).sum(),
            _ => 0,
        }
    }

    /// Puts `value` at `path`, such as `train.batch` or `architectures.net.pair[0].conv`, making maps on the way; for
    /// `--set` and the axes of a grid. A name in the path may have dots if the map has such a name.
    ///
    /// # Errors
    /// Returns what stands in the way.
    pub(crate) fn insert(&mut self, path: &str, mut value: Node) -> Result<(), String> {
        value.set_paths(path.to_owned());
        let span = value.span.clone();
        if path.split(['.', '[']).count() > MOST_PARTS {
            return Err(format!("the path has more than {MOST_PARTS} parts"));
        }
        let (mut node, mut rest, mut first) = (self, path, true);
        loop {
            let walked = path[..path.len() - rest.len()].trim_end_matches('.');
            if let Some(inside) = rest.strip_prefix('[') {
                let (index, after) = inside.split_once(']').ok_or("a `[` is not closed")?;
                let Value::List(items) = &mut node.value else {
                    return Err(format!("`{walked}` is not a list"));
                };
                let count = items.len();
                let found = index.parse().ok().and_then(|i: usize| items.get_mut(i));
                node = found.ok_or_else(|| format!("`{walked}` has {count} items, counted from 0"))?;
                rest = after;
            } else if rest.is_empty() && !first {
                *node = value;
                return Ok(());
            } else {
                let rest_here = if first { rest } else { rest.strip_prefix('.').unwrap_or(rest) };
                if matches!(node.value, Value::Null) {
                    node.value = Value::Map(Vec::new());
                }
                let Value::Map(entries) = &mut node.value else {
                    return Err(format!("`{walked}` is not a map"));
                };
                let (name, length) = next_name(entries, rest_here)?;
                let at = path.len() - rest_here.len() + length;
                let index = entries.iter().position(|(key, _)| key.name == name).unwrap_or_else(|| {
                    let (span, path) = (span.clone(), path[..at].to_owned());
                    let key = Key { span: span.clone(), name };
                    entries.push((key, Node { span, path, value: Value::Null, decimals: 0 }));
                    entries.len() - 1
                });
                (node, rest) = (&mut entries[index].1, &path[at..]);
            }
            first = false;
        }
    }
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

/// The tree as the YAML library delivers it.
enum Tree {
    Null,
    Bool(bool),
    Integer(i128),
    Float(f64),
    Text(String),
    List(Vec<Spanned<Tree>>),
    Map(Vec<(Spanned<String>, Spanned<Tree>)>),
}

fn place(tree: Spanned<Tree>, source: usize, text: &str) -> Node {
    // Aliased values are reported where they are used.
    let span = |l: &serde_yaml::Location| {
        let s = l.span();
        let start = s.byte_offset().unwrap_or(0) as usize;
        Span { source, bytes: start..start + s.byte_len().unwrap_or(0) as usize }
    };
    let value = match tree.value {
        Tree::Null => Value::Null,
        Tree::Bool(v) => Value::Bool(v),
        Tree::Integer(v) => Value::Integer(v),
        Tree::Float(v) => Value::Float(v),
        Tree::Text(v) => Value::Text(v),
        Tree::List(items) => Value::List(items.into_iter().map(|i| place(i, source, text)).collect()),
        Tree::Map(entries) => Value::Map(
            entries
                .into_iter()
                .map(|(k, v)| (Key { span: span(&k.referenced), name: k.value }, place(v, source, text)))
                .collect(),
        ),
    };
    // An aliased number is written where it is defined.
    let written = text.get(span(&tree.defined).bytes).unwrap_or_default();
    let decimals = written
        .split_once('.')
        .map_or(0, |(_, after)| after.chars().take_while(char::is_ascii_digit).count());
    Node { span: span(&tree.referenced), path: String::new(), value, decimals }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Tree;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_bool<E>(self, v: bool) -> Result<Tree, E> {
        Ok(Tree::Bool(v))
    }

    fn visit_i64<E>(self, v: i64) -> Result<Tree, E> {
        Ok(Tree::Integer(v.into()))
    }

    fn visit_u64<E>(self, v: u64) -> Result<Tree, E> {
        Ok(Tree::Integer(v.into()))
    }

    fn visit_i128<E>(self, v: i128) -> Result<Tree, E> {
        Ok(Tree::Integer(v))
    }

    fn visit_u128<E>(self, v: u128) -> Result<Tree, E> {
        Ok(i128::try_from(v).map_or(Tree::Float(f64::INFINITY), Tree::Integer))
    }

    fn visit_f64<E>(self, v: f64) -> Result<Tree, E> {
        Ok(Tree::Float(v))
    }

    fn visit_str<E>(self, v: &str) -> Result<Tree, E> {
        Ok(Tree::Text(v.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_none<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree, D::Error> {
        Tree::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Tree, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Tree::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tree, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Tree::Map(entries))
    }
}
