//! YAML text → tree, without characters that turn the direction of a line: with one, a spec shows something else than it says.

use super::node::{self, Node, Value};
use crate::{
    error::{Fault, Span},
    text::turns,
};

/// Parses YAML `text`, which is source number `source`.
///
/// # Errors
/// Returns the fault if the text is not YAML, repeats a key, exceeds a limit, or turns the direction of a line.
pub(crate) fn parse(text: &str, source: usize) -> Result<Node, Fault> {
    if let Some((at, c)) = text.char_indices().find(|(_, c)| is_control(*c)) {
        let message = format!("a control character (U+{:04X})", u32::from(c));
        let span = Span { source, bytes: at..at + c.len_utf8() };
        return Err(Fault { span, message, help: Some("remove it".to_owned()) });
    }
    let root = node::parse(text, source)?;
    refuse(text, &root, source)?;
    Ok(root)
}

/// Says whether a character has no place in a text: YAML knows of these only the ends of lines and tabs.
fn is_control(c: char) -> bool {
    (c < ' ' && !['\t', '\n', '\r'].contains(&c)) || c == '\u{7f}'
}

/// Refuses what turns lines, in the text and in its values, where it may stand as an escape.
fn refuse(text: &str, root: &Node, source: usize) -> Result<(), Fault> {
    let here = text.char_indices().find(|(_, c)| turns(*c));
    let plain = here.map(|(at, c)| (Span { source, bytes: at..at + c.len_utf8() }, c));
    let Some((span, c)) = plain.or_else(|| in_values(root)) else { return Ok(()) };
    let message =
        format!("U+{:04X} turns the direction of a line, so that it shows something else", u32::from(c));
    Err(Fault { span, message, help: Some("remove this invisible character".to_owned()) })
}

fn in_values(node: &Node) -> Option<(Span, char)> {
    let of = |text: &str, span: &Span| text.chars().find(|c| turns(*c)).map(|c| (span.clone(), c));
    match &node.value {
        Value::Text(text) => of(text, &node.span),
        Value::List(items) => items.iter().find_map(in_values),
        Value::Map(entries) => {
            entries.iter().find_map(|(key, item)| of(&key.name, &key.span).or_else(|| in_values(item)))
        }
        Value::Null | Value::Bool(_) | Value::Integer(_) | Value::Float(_) => None,
    }
}
