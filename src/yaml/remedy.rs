//! What to write in place of a value of the wrong type: made of what stands there.

use super::node::{Node, Value};

/// Returns the last name of a path, if it has one.
pub(super) fn key(node: &Node) -> Option<&str> {
    node.path.rsplit('.').next().filter(|key| !key.is_empty() && !key.ends_with(']'))
}

fn entry(node: &Node, value: &str) -> String {
    key(node).map_or_else(|| format!("write `{value}`"), |key| format!("write `{key}: {value}`"))
}

/// Returns an example of what is wanted.
pub(super) fn example(wanted: &str, value: &Value) -> Option<String> {
    Some(match (wanted, value) {
        ("one value or a list", _) => "write one value, or several: `[first, second]`".into(),
        ("a text", Value::Null) => "write a text".into(),
        ("a text", _) => "put it in quotes".into(),
        ("true or false", _) => "write `true` or `false`; `yes`, `no`, `on` and `off` are texts".into(),
        ("an integer", _) => "write digits only, such as `10`, without quotes, point or exponent".into(),
        ("a number", _) => "write a number without quotes, such as `0.01` or `1e-3`".into(),
        _ => return None,
    })
}

/// Says how to write a map with some of these names at a place.
pub(super) fn map_of(node: &Node, known: &[&str]) -> String {
    const NAMED: usize = 3;
    let names: Vec<String> = known.iter().take(NAMED).map(|name| format!("{name}: …")).collect();
    let more = if known.len() > NAMED { ", …" } else { "" };
    entry(node, &format!("{{{}{more}}}", names.join(", ")))
}

/// Says how to write a list at a place: what stands in a map there, as items like those of the example.
pub(super) fn list_of(node: &Node, example: &str) -> String {
    let number = |item: &Node| matches!(item.value, Value::Integer(_) | Value::Float(_));
    let list = match &node.value {
        Value::Map(entries) if entries.is_empty() => example.to_owned(),
        Value::Map(_) if example.starts_with("[{") => format!("[{}]", node.scalar()),
        Value::Map(entries) if example.contains('=') => {
            let items: Vec<String> =
                entries.iter().map(|(key, item)| format!("{}={}", key.name, item.scalar())).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Map(entries) if entries.iter().all(|(_, item)| number(item)) => {
            let items: Vec<String> = entries.iter().map(|(_, item)| item.scalar().to_string()).collect();
            format!("[{}]", items.join(", "))
        }
        _ => example.to_owned(),
    };
    entry(node, &list)
}

/// Says how to write the number that a text seems to be; `wanted` says in words which numbers are good.
pub(super) fn number_in(text: &str, wanted: &str, good: impl Fn(f64) -> bool) -> Option<String> {
    let text = text.trim();
    if let Some(inside) = text.strip_prefix('(') {
        let inside = inside.trim_end_matches(')').trim();
        return Some(format!("a list has square brackets: `[{inside}]`"));
    }
    if text.contains('(') {
        return Some("write the numbers out, such as `[0.01, 0.1]`; there are no functions".to_owned());
    }
    if let Some((middle, spread)) = text.split_once('±').or_else(|| text.split_once("+-")) {
        return Some(format!("write two numbers: `mean: {}, std: {}`", middle.trim(), spread.trim()));
    }
    let percent = text.strip_suffix('%').map(str::trim_end);
    let with_point = percent.unwrap_or(text).replacen(',', ".", 1);
    let value: f64 = with_point.parse().ok().filter(|v: &f64| v.is_finite())?;
    if percent.is_some() {
        return Some(if wanted.contains("percent") {
            format!("write it without `%`: this number is in percent, `{value}`")
        } else if wanted == "an integer" {
            format!("this is a count: write a number, such as `{value}`")
        } else if good(value / 100.0) && wanted != "a finite number" {
            format!("write it without `%`: `{}` is {value} %, where a fraction is meant", value / 100.0)
        } else {
            format!("write it without `%`: `{value}`")
        });
    }
    if text.contains(',') {
        return Some(format!("numbers have a decimal point: `{with_point}`"));
    }
    let whole = value.fract() == 0.0;
    (wanted != "an integer" || whole).then(|| format!("write it without quotes: `{value}`"))
}
