//! What is wrong with a text that is no YAML, in our own words: the library's are for programmers.

use std::ops::Range;

use crate::error::{Fault, Span};

/// What a spec may have at most.
const LIMITS: &str = "a spec is small: at most 32 levels deep, 200,000 values, few aliases";

/// A part of what the library says, what that means, and the remedy.
const KNOWN: &[(&str, &str, &str)] = &[
    ("documents", "more than one document", "a spec is one YAML document; remove `---` and what follows"),
    (
        "document start",
        "this line is indented less than the first one",
        "begin all sections in the first column",
    ),
    ("weak", "an anchor that contains itself", "write the value out"),
    ("option<string>", "a key that is nothing", "give the key a name"),
    ("string scalar", "a key that is no text", "a key is one word, such as `epochs`, before a `:`"),
    ("budget", "the spec is too large or too deep", LIMITS),
    ("limit", "the spec is too large or too deep", LIMITS),
    ("depth", "the spec is too large or too deep", LIMITS),
    ("tab", "a tab in the indentation", "YAML is indented by spaces; replace each tab by two"),
    (
        "unknown anchor",
        "an alias of nothing",
        "`*name` repeats what `&name` marks further up; a text with `*` stands in quotes",
    ),
    (
        "merge value",
        "`<<` merges maps, and this is none",
        "write `<<: *name`, where `&name` marks a map further up",
    ),
    ("escape", "no escape of YAML", "write `\\\\` for a backslash, or use single quotes"),
    (
        "trailing content",
        "something follows the closing quote",
        "put the whole value into one pair of quotes",
    ),
    (
        "sequence entries",
        "a list cannot begin here",
        "write `[first, second]`, or each `- item` on a line of its own",
    ),
    ("misplaced bracket", "a bracket that closes nothing", "remove it, or put the text in quotes"),
    ("expected ',' or", "a `,` or a closing bracket is missing before this", "separate the items by `, `"),
    (
        "placement of ':'",
        "a `:` where no key is",
        "separate entries by `, `; a text with `:` stands in quotes",
    ),
    (
        "mapping values",
        "a `:` where no key is",
        "indent the keys of a map alike; a text with `: ` stands in quotes; the line above may lack its `:`",
    ),
    ("simple key", "a line without a `:`", "write `key: value`, or `- item` in a list"),
    ("expected key", "this line fits nothing above it", "indent it like the lines that it belongs to"),
    (
        "expected '-'",
        "this line is no item of the list above it",
        "begin it with `- `, or indent it like the list's key",
    ),
    (
        "indentation",
        "the indentation fits nothing above it",
        "indent the lines of a map or list alike, by spaces",
    ),
    ("unexpected character", "a text cannot begin with this character", "put the text in quotes"),
];

/// Says what is wrong with `text`, which is source number `source`.
pub(super) fn fault(error: &serde_yaml::Error, text: &str, source: usize) -> Fault {
    let mut bytes = error.location().map_or(0..0, |l| byte_range(&l, text));
    let said = error.without_snippet().to_string().to_lowercase();
    if said.contains("duplicate") {
        let key = text.get(bytes.clone()).unwrap_or_default();
        let message = format!("duplicate key `{}`", key.trim());
        return Fault {
            span: Span { source, bytes },
            message,
            help: Some("keep one of the two entries".into()),
        };
    }
    if let Some((at, message, help)) = slip(text, bytes.start.min(text.len())) {
        return Fault { span: Span { source, bytes: at }, message, help: Some(help) };
    }
    let known = KNOWN.iter().find(|(part, ..)| said.contains(part));
    if known.is_some_and(|(part, ..)| *part == "escape")
        && let Some((at, written)) = bad_escape(text, bytes.start)
    {
        let message = format!("`{written}` is no escape of YAML");
        let help = "write `\\\\` for a backslash, or use single quotes".to_owned();
        return Fault { span: Span { source, bytes: at..at + written.len() }, message, help: Some(help) };
    }
    // Where a bracket was opened helps more than where its end was missed.
    let of_limits = known.is_some_and(|(.., help)| *help == LIMITS);
    if !of_limits && let Some((opening, message, help)) = unclosed(text) {
        return Fault { span: Span { source, bytes: opening }, message, help: Some(help) };
    }
    let (message, help) = known.map_or(
        ("this is no YAML", "check the indentation, quotes and brackets near this place"),
        |(_, message, help)| (*message, *help),
    );
    if message.starts_with("a text cannot begin") {
        bytes.end = bytes.end.max(bytes.start + text[bytes.start..].chars().next().map_or(0, char::len_utf8));
    }
    Fault { span: Span { source, bytes }, message: message.to_owned(), help: Some(help.to_owned()) }
}

/// Finds a slip at or before the place of a fault, in its line: a path without quotes inside brackets, two commas, a `=`
/// or nothing in place of a `:`; its place, what is wrong, and the remedy.
fn slip(text: &str, at: usize) -> Option<(Range<usize>, String, String)> {
    let begin = text[..at].rfind('\n').map_or(0, |line| line + 1);
    let line = text[begin..].lines().next().unwrap_or_default();
    let (before, after) = (&text[begin..at], &text[at..]);
    let inside = before.ends_with(|c: char| c.is_alphanumeric()) && after.starts_with('[');
    if inside || before.ends_with(']') && after.starts_with(['.', ':']) {
        let start = before.rfind(['{', ',', ' ']).map_or(0, |last| last + 1);
        let end = after.find([':', ',', '}', '\n']).unwrap_or(after.len());
        let path = format!("{}{}", &before[start..], &after[..end]);
        if path.starts_with(char::is_alphabetic) {
            let help = format!("write `\"{path}\": …`");
            let message = "inside `{ }`, a path with `[ ]` stands in quotes".to_owned();
            return Some((begin + start..at + end, message, help));
        }
    }
    if after.starts_with(',') && before.trim_end().ends_with(',') {
        return Some((at..at + 1, "two commas in a row".to_owned(), "remove one of them".to_owned()));
    }
    let bare = line.trim_start().trim_start_matches("- ");
    let start = begin + (line.len() - bare.len());
    let length = bare.find(|c: char| !c.is_alphanumeric() && !"_-.".contains(c))?;
    let (name, rest) = bare.split_at(length);
    let value = rest.trim_start();
    let map = |value: &str| if value.starts_with('[') { "[…]" } else { "{…}" };
    if name.is_empty() {
        return None;
    }
    if let Some(value) = value.strip_prefix('=') {
        let value = value.trim_start();
        let shown = if value.starts_with(['{', '[']) { map(value) } else { value };
        let equals = start + length + (rest.len() - rest.trim_start().len());
        let message = format!("`{name}` has `=` in place of `:`");
        return Some((equals..equals + 1, message, format!("write `{name}: {shown}`")));
    }
    if rest.starts_with(' ') && value.starts_with(['{', '[']) {
        let message = format!("`{name}` has no `:`");
        return Some((start..start + length, message, format!("write `{name}: {}`", map(value))));
    }
    None
}

/// Finds the first escape of a double-quoted text that YAML does not have.
fn bad_escape(text: &str, quote: usize) -> Option<(usize, String)> {
    let mut chars = text.get(quote..)?.char_indices();
    while let Some((at, c)) = chars.next() {
        if c == '\\' {
            let (_, escaped) = chars.next()?;
            if !"0abt\tnvfre \"/\\N_LPxuU\n\r".contains(escaped) {
                return Some((quote + at, format!("\\{escaped}")));
            }
        }
    }
    None
}

/// Finds a quote or bracket that is not closed, or a bracket closed by one of another kind; its place, what is wrong, and the remedy.
fn unclosed(text: &str) -> Option<(Range<usize>, String, String)> {
    let mut open: Vec<(usize, char)> = Vec::new();
    let closing = |c: char| if c == '[' { ']' } else { '}' };
    let found = |(at, c): (usize, char), by: &str| {
        let close = closing(c);
        let message = format!("this `{c}` is not closed{by}");
        (
            at..at + 1,
            message,
            format!("put `{close}` where the {} ends", if c == '[' { "list" } else { "map" }),
        )
    };
    // A quote or bracket begins something only where a value begins; inside brackets, brackets always count.
    let mut begins = true;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '#' if text[..at].chars().next_back().is_none_or(char::is_whitespace) => {
                while chars.next_if(|(_, c)| *c != '\n').is_some() {}
            }
            '"' | '\'' if begins => {
                let mut closed = false;
                while let Some((_, inner)) = chars.next() {
                    if inner == '\\' && c == '"' {
                        chars.next();
                    } else if inner == c && chars.next_if(|(_, next)| c == '\'' && *next == '\'').is_none() {
                        closed = true;
                        break;
                    }
                }
                if !closed {
                    let message = "this quote is not closed".to_owned();
                    return Some((at..at + 1, message, format!("put `{c}` where the text ends")));
                }
                begins = false;
            }
            '[' | '{' if begins || !open.is_empty() => {
                open.push((at, c));
                begins = true;
            }
            ']' | '}' => match open.pop() {
                Some(last) if closing(last.1) != c => {
                    let line = text[..at].matches('\n').count() + 1;
                    return Some(found(last, &format!(" before the `{c}` in line {line}")));
                }
                _ => begins = false,
            },
            ',' if !open.is_empty() => begins = true,
            ':' | '-' | '?' if chars.peek().is_none_or(|(_, next)| next.is_whitespace()) => begins = true,
            '\n' if open.is_empty() => begins = true,
            c if c.is_whitespace() => {}
            _ => begins = false,
        }
    }
    open.pop().map(|last| found(last, ""))
}

fn byte_range(location: &serde_yaml::Location, text: &str) -> Range<usize> {
    let span = location.span();
    if let (Some(start), Some(len)) = (span.byte_offset(), span.byte_len()) {
        let start = floor_boundary(text, start as usize);
        return start..floor_boundary(text, start + (len as usize).max(1)).max(start);
    }
    let line_start: usize =
        text.split_inclusive('\n').take((location.line() as usize).saturating_sub(1)).map(str::len).sum();
    let line = text[line_start.min(text.len())..].lines().next().unwrap_or_default();
    let column = line.char_indices().nth((location.column() as usize).saturating_sub(1));
    let start = line_start + column.map_or(line.len(), |(at, _)| at);
    start..floor_boundary(text, start + 1).max(start)
}

fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::unclosed;

    #[test]
    fn an_unclosed_bracket_is_found_where_it_was_opened() {
        let at = |text: &str| unclosed(text).map(|(range, ..)| range.start);
        assert_eq!(at("a: [1, {b: 2}\nc: 3\n"), Some(3));
        assert_eq!(at("a: [1, {b: 2]\n"), Some(7));
        assert_eq!(at("a: {b: \"x}\nc: 1\n"), Some(7));
        assert_eq!(at("a: {b: \"}\", c: '[', d: it's [}\n"), Some(28));
        for good in ["a: it's [ no\nb: 1 # [\n", "a: [x, \"\\\"[\"]\n- {a: [1]}\n", "a: 'it''s ['\n"] {
            assert_eq!(at(good), None, "{good}");
        }
    }
}
