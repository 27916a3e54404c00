//! What may stand at a place of a spec, declared once: for decoding, for the schema and for the reference.

use std::borrow::Cow;

use serde::Serialize;

use super::{
    decode::{Decoder, Fields},
    node::{Node, Value},
};

/// A single value of a spec.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Scalar {
    /// No value.
    Nothing,
    /// True or false.
    Flag(bool),
    /// A count.
    Integer(u64),
    /// A number.
    Number(f64),
    /// A word, a name, or a list or map as one would write it on a line.
    Text(Cow<'static, str>),
}

impl std::fmt::Display for Scalar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Nothing => f.write_str("none"),
            Self::Flag(v) => v.fmt(f),
            Self::Integer(v) => v.fmt(f),
            Self::Number(v) => v.fmt(f),
            Self::Text(v) => v.fmt(f),
        }
    }
}

/// A type of a setting's field.
pub trait Field: Sized {
    /// Returns the value as a spec has it.
    fn scalar(self) -> Scalar;
    /// Reads it back; `None` for a value of another type.
    fn of(scalar: &Scalar) -> Option<Self>;
}

impl Field for bool {
    fn scalar(self) -> Scalar {
        Scalar::Flag(self)
    }
    fn of(scalar: &Scalar) -> Option<Self> {
        if let Scalar::Flag(v) = scalar { Some(*v) } else { None }
    }
}

impl Field for usize {
    fn scalar(self) -> Scalar {
        Scalar::Integer(self as u64)
    }
    fn of(scalar: &Scalar) -> Option<Self> {
        if let Scalar::Integer(v) = scalar { Some(*v as Self) } else { None }
    }
}

impl Field for f64 {
    fn scalar(self) -> Scalar {
        Scalar::Number(self)
    }
    fn of(scalar: &Scalar) -> Option<Self> {
        if let Scalar::Number(v) = scalar { Some(*v) } else { None }
    }
}

impl<T: Field> Field for Option<T> {
    fn scalar(self) -> Scalar {
        self.map_or(Scalar::Nothing, T::scalar)
    }
    fn of(scalar: &Scalar) -> Option<Self> {
        if *scalar == Scalar::Nothing { Some(None) } else { T::of(scalar).map(Some) }
    }
}

/// What may stand at a place of a spec.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// A text, described in words.
    Text(&'static str),
    /// True or false.
    Flag,
    /// An integer within a range.
    Integer(u64, u64),
    /// A number for which the test holds, said in words.
    Number(&'static str, fn(f64) -> bool),
    /// One of several words.
    Words(&'static [&'static str]),
    /// One of the words of a list that is made elsewhere.
    Registered(fn() -> Vec<&'static str>),
    /// A list of such values; one value counts as a list of one.
    List(&'static Kind),
    /// A map with these names.
    Map(&'static [Entry]),
    /// A map from free names to such values.
    Named(&'static Kind),
    /// One of these forms.
    Either(&'static [Kind]),
    /// The path of a setting, and what may stand there.
    Paths(&'static Kind),
    /// Something that is described in words only.
    Any(&'static str),
}

/// An entry of a map: its name, what may stand there, its default and what it means.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Name.
    pub name: &'static str,
    /// What may stand there.
    pub kind: Kind,
    /// What holds if it is left out; `None` if it may not be.
    pub default: Option<&'static str>,
    /// One sentence.
    pub doc: &'static str,
}

/// A section of a spec.
#[derive(Debug)]
pub(crate) struct Section {
    /// Its name.
    pub(crate) name: &'static str,
    /// What may stand there.
    pub(crate) kind: Kind,
    /// What it is for.
    pub(crate) doc: &'static str,
    /// An example.
    pub(crate) example: &'static str,
}

impl Entry {
    /// An entry that must be there.
    #[must_use]
    pub const fn must(name: &'static str, kind: Kind, doc: &'static str) -> Self {
        Self { name, kind, default: None, doc }
    }

    /// An entry that may be left out; an empty default is told in the sentence.
    #[must_use]
    pub const fn may(name: &'static str, kind: Kind, default: &'static str, doc: &'static str) -> Self {
        Self { name, kind, default: Some(default), doc }
    }
}

impl Kind {
    /// Decodes a single value.
    pub(crate) fn decode(&self, d: &mut Decoder, node: &Node) -> Option<Scalar> {
        match self {
            Self::Flag => d.boolean(node).map(Scalar::Flag),
            Self::Integer(low, high) => d.integer(node, *low..=*high).map(Scalar::Integer),
            Self::Number(wanted, good) => d.number(node, wanted, good).map(Scalar::Number),
            Self::Words(words) => word(d, node, words),
            Self::Registered(words) => word(d, node, &words()),
            Self::Text(_) => d.text(node).map(|text| Scalar::Text(Cow::Owned(text.to_owned()))),
            Self::List(_)
            | Self::Map(_)
            | Self::Named(_)
            | Self::Either(_)
            | Self::Paths(_)
            | Self::Any(_) => Some(node.scalar()),
        }
    }

    /// Says in words what may stand there.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Flag => "`true` or `false`".to_owned(),
            Self::Integer(low, high) => format!("an integer from {low} to {high}"),
            Self::Number(wanted, _) if wanted.starts_with("a ") => (*wanted).to_owned(),
            Self::Number(wanted, _) => format!("a number {wanted}"),
            Self::Words(words) => quoted(words),
            Self::Registered(words) => quoted(&words()),
            Self::List(kind) => format!("a list: {}", kind.words()),
            Self::Map(entries) => {
                let names: Vec<&str> = entries.iter().map(|e| e.name).collect();
                format!("a map: {}", names.join(", "))
            }
            Self::Named(kind) => format!("names, each with {}", kind.words()),
            Self::Paths(kind) => format!("paths of settings, each with {}", kind.words()),
            Self::Either(kinds) => kinds.iter().map(Self::words).collect::<Vec<_>>().join("; or "),
            Self::Text(words) | Self::Any(words) => (*words).to_owned(),
        }
    }
}

fn word(d: &mut Decoder, node: &Node, words: &[&'static str]) -> Option<Scalar> {
    let choices: Vec<(&str, &'static str)> = words.iter().map(|word| (*word, *word)).collect();
    d.choice(node, &choices).map(|word| Scalar::Text(Cow::Borrowed(word)))
}

fn quoted(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

impl Decoder {
    /// Reads a map with the declared names.
    pub(crate) fn declared<'a>(&mut self, node: &'a Node, entries: &[Entry]) -> Option<Fields<'a>> {
        let names: Vec<&str> = entries.iter().map(|e| e.name).collect();
        self.fields(node, &names)
    }
}

impl Node {
    /// Returns the value as it is written; lists and maps on one line.
    pub(crate) fn scalar(&self) -> Scalar {
        match &self.value {
            Value::Null => Scalar::Nothing,
            Value::Bool(v) => Scalar::Flag(*v),
            Value::Integer(v) => u64::try_from(*v).map_or(Scalar::Number(*v as f64), Scalar::Integer),
            Value::Float(v) => Scalar::Number(*v),
            Value::Text(v) => Scalar::Text(Cow::Owned(v.clone())),
            Value::List(items) => {
                let items: Vec<String> = items.iter().map(|item| item.scalar().to_string()).collect();
                Scalar::Text(Cow::Owned(format!("[{}]", items.join(", "))))
            }
            Value::Map(entries) => {
                let entries: Vec<String> =
                    entries.iter().map(|(key, item)| format!("{}: {}", key.name, item.scalar())).collect();
                Scalar::Text(Cow::Owned(format!("{{{}}}", entries.join(", "))))
            }
        }
    }
}
