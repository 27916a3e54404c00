//! YAML text → a tree that knows the place of every value.
//!
//! Only this module and [`super::syntax`] know the YAML library.

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_yaml::Spanned;

use super::syntax;
use crate::error::{Fault, Span};

/// A value of the spec with its place and its path from the root, such as `grid.lr[0]`.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) span: Span,
    pub(crate) path: String,
    pub(crate) value: Value,
    /// Decimals that a number is written with.
    pub(crate) decimals: usize,
    /// How a number with a point or an exponent is written.
    pub(crate) written: Option<Box<str>>,
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
        serde_yaml::from_str_with_options(text, options).map_err(|e| syntax::fault(&e, text, source))?;
    let mut root = place(tree, source, text);
    root.set_paths(String::new());
    Ok(root)
}

impl Node {
    pub(super) fn set_paths(&mut self, path: String) {
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

    /// Moves this value and all below it by some bytes: it was parsed as a part of a longer text.
    pub(crate) fn shift(&mut self, by: usize) {
        self.span.shift(by);
        match &mut self.value {
            Value::List(items) => items.iter_mut().for_each(|item| item.shift(by)),
            Value::Map(entries) => {
                for (key, item) in entries {
                    key.span.shift(by);
                    item.shift(by);
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
        Self {
            span: self.span.clone(),
            path: self.path.clone(),
            value: Value::Map(entries),
            decimals: 0,
            written: None,
        }
    }

    /// Returns the number of values in it.
    pub(crate) fn size(&self) -> usize {
        1 + match &self.value {
            Value::Map(entries) => entries.iter().map(|(_, node)| node.size()).sum(),
            Value::List(items) => items.iter().map(Self::size).sum(),
            _ => 0,
        }
    }

    /// Leaves out the entries of a map whose names begin with `x-`: they are there for their anchors.
    pub(crate) fn without_anchors(&mut self) {
        if let Value::Map(entries) = &mut self.value {
            entries.retain(|(key, _)| !key.name.starts_with("x-"));
        }
    }
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
    let as_written = matches!(value, Value::Float(_)).then(|| written.trim().into());
    Node { span: span(&tree.referenced), path: String::new(), value, decimals, written: as_written }
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
