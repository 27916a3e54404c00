//! The reference and the schema of specs, which are made of the program's declarations.

use replikat::spec::{self, SETTINGS};

#[test]
fn the_reference_in_the_documents_is_what_the_program_prints() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/spec.md");
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    let remedy = "docs/spec.md is out of date: run `cargo run -- schema --markdown > docs/spec.md`";
    assert!(committed.trim_end() == spec::reference().trim_end(), "{remedy}");
    assert!(SETTINGS.iter().all(|s| committed.contains(&format!("- `{}` (", s.path)) || s.short().is_some()));
    let long: Vec<&str> = committed.lines().filter(|line| line.chars().count() > 110).collect();
    assert!(long.is_empty(), "{long:?}");
}

#[test]
fn the_schema_knows_every_setting_and_every_section() {
    let schema = spec::schema();
    for setting in SETTINGS {
        let place = setting.path.replace("architectures.NAME", "architectures.additionalProperties");
        let mut here = &schema;
        for name in place.split('.') {
            let group = here["anyOf"].as_array().and_then(|forms| {
                forms.iter().find(|form| form.is_object() && form["properties"].is_object())
            });
            here = group.unwrap_or(here);
            here = if name == "additionalProperties" { &here[name] } else { &here["properties"][name] };
        }
        assert!(!here.is_null(), "{}", setting.path);
    }
    let sections = schema["properties"].as_object().unwrap();
    for name in [
        "experiment",
        "data",
        "train",
        "architectures",
        "grid",
        "tables",
        "figures",
        "expect",
        "claims",
        "ledger",
    ] {
        assert!(sections.contains_key(name), "{name}");
    }
    assert_eq!(schema["properties"]["tables"]["additionalProperties"]["required"][0], "rows");
}
