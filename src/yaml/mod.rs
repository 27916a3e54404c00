//! YAML text → a tree whose values know their places → typed values, with every fault on the way; knows no domain.

pub(crate) mod decode;
pub mod kind;
pub(crate) mod near;
pub(crate) mod node;
pub(crate) mod parse;
pub(crate) mod path;
mod remedy;
mod syntax;
pub(crate) mod words;
