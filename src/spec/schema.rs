//! The JSON Schema of a spec, made of the declarations that decode it.

use serde_json::{Map, Value, json};

use super::{
    reference::SECTIONS,
    settings::{SETTINGS, Setting},
};
use crate::yaml::kind::{Entry, Kind, Scalar};

/// Returns the JSON Schema of a spec.
#[must_use]
pub fn schema() -> Value {
    let mut properties = Map::new();
    properties
        .insert("experiment".into(), json!({"type": "string", "description": "Name of the experiment."}));
    properties.insert(
        "title".into(),
        json!({"type": "string", "description": "What the experiment asks, in one line."}),
    );
    for setting in SETTINGS.iter().filter(|s| !s.path.contains('.')) {
        properties.insert(setting.path.into(), leaf(setting));
    }
    for section in ["data", "train"] {
        properties.insert(section.into(), below(section));
    }
    let network = below("architectures.NAME");
    properties.insert("architectures".into(), json!({"type": "object", "additionalProperties": network}));
    properties.insert("grid".into(), grid());
    for section in SECTIONS {
        properties.insert(section.name.into(), kind(&section.kind, section.doc));
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A spec of replikat",
        "type": "object",
        "additionalProperties": false,
        "required": ["experiment", "data", "train", "architectures", "grid"],
        "properties": properties,
        "patternProperties": {"^x-": {"description": "Not read; a place for anchors."}},
    })
}

/// Returns the schema of the settings below a path: nested as the path is.
fn below(path: &str) -> Value {
    let inside = |s: &&Setting| s.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'));
    let settings: Vec<&Setting> = SETTINGS.iter().filter(inside).collect();
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for setting in &settings {
        let rest = &setting.path[path.len() + 1..];
        let name = rest.split('.').next().unwrap_or(rest);
        if properties.contains_key(name) {
            continue;
        }
        let here = format!("{path}.{name}");
        let value = if here == setting.path { leaf(setting) } else { below(&here) };
        properties.insert(name.into(), value);
        let inside = |s: &&&Setting| s.path == here || s.path.starts_with(&format!("{here}."));
        // A network has one of two forms, which no list of names tells.
        if path != "architectures.NAME" && settings.iter().filter(inside).any(|s| s.default.is_none()) {
            required.push(name.to_owned());
        }
    }
    let object = json!({
        "type": "object", "additionalProperties": false, "properties": properties, "required": required,
    });
    // A group that is one of several may be given by its name alone.
    let groups = |name: &String| settings.iter().all(|s| s.path != format!("{path}.{name}"));
    let Some(all) = object["properties"].as_object() else { return object };
    if all.keys().all(groups) && required_nothing(&settings) && path != "architectures.NAME" {
        return json!({"anyOf": [{"enum": all.keys().collect::<Vec<_>>()}, object]});
    }
    object
}

fn required_nothing(settings: &[&Setting]) -> bool {
    settings.iter().all(|s| s.default.is_some())
}

fn leaf(setting: &Setting) -> Value {
    let mut value = kind(&setting.kind, setting.doc);
    if let (Some(default), Some(map)) = (&setting.default, value.as_object_mut())
        && *default != Scalar::Nothing
    {
        map.insert("default".into(), json!(default));
    }
    value
}

/// Returns the schema of the grid: short names, and the paths of all other settings.
fn grid() -> Value {
    let many = |value: Value| json!({"anyOf": [value, {"type": "array", "items": value, "minItems": 1}]});
    let mut properties: Map<String, Value> =
        SETTINGS.iter().filter_map(|s| Some((s.short()?.to_owned(), many(kind(&s.kind, s.doc))))).collect();
    let seed = json!({"type": "integer", "minimum": 0});
    let range = json!({"type": "object", "properties": {"from": seed, "count": seed}, "required": ["count"]});
    properties.insert("seed".into(), json!({"anyOf": [range, many(seed)]}));
    json!({
        "type": "object",
        "required": ["architecture", "lr"],
        "properties": properties,
        "patternProperties": {"^(data|train|architectures)\\b": {"description": "An axis at the path of a setting."}},
        "additionalProperties": false,
    })
}

fn kind(of: &Kind, doc: &str) -> Value {
    let mut value = match of {
        Kind::Text(_) => json!({"type": "string"}),
        Kind::Flag => json!({"type": "boolean"}),
        Kind::Integer(low, high) => json!({"type": "integer", "minimum": low, "maximum": high}),
        Kind::Number(..) => json!({"type": "number"}),
        Kind::Words(words) => json!({"enum": words}),
        Kind::Registered(words) => json!({"enum": words()}),
        Kind::List(item) => {
            let item = kind(item, "");
            json!({"anyOf": [{"type": "array", "items": item, "minItems": 1}, item]})
        }
        Kind::Map(entries) => {
            let properties: Map<String, Value> =
                entries.iter().map(|e: &Entry| (e.name.to_owned(), kind(&e.kind, e.doc))).collect();
            let required: Vec<&str> =
                entries.iter().filter(|e| e.default.is_none()).map(|e| e.name).collect();
            json!({
                "type": "object", "additionalProperties": false, "properties": properties, "required": required,
            })
        }
        Kind::Named(item) | Kind::Paths(item) => {
            json!({"type": "object", "additionalProperties": kind(item, "")})
        }
        Kind::Either(kinds) => json!({"anyOf": kinds.iter().map(|k| kind(k, "")).collect::<Vec<_>>()}),
        Kind::Any(_) => json!({}),
    };
    let doc = match of {
        Kind::Number(wanted, _) => format!("{doc} A number {}.", wanted.trim_start_matches("a number ")),
        Kind::Any(_) | Kind::Text(_) => format!("{doc} {}.", of.words()),
        _ => doc.to_owned(),
    };
    if let (false, Some(map)) = (doc.trim().is_empty(), value.as_object_mut()) {
        map.insert("description".into(), json!(doc.trim()));
    }
    value
}
