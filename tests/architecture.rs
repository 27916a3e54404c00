//! The layers of the crate, held as data: a module imports only from the layers above it.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

const LAYERS: [&[&str]; 12] = [
    &["bug", "error", "digest", "random", "stats", "failpoint", "numerics", "parallel"],
    &["files", "device", "yaml"],
    &["model"],
    &["engine"],
    &["spec"],
    &["plan", "data", "outcome"],
    &["train", "record"],
    &["store", "aggregate"],
    &["execute", "verdict"],
    &["report"],
    &["cli"],
    &["main", "lib"],
];

const MAX_LINES: usize = 400;

fn layer(module: &str) -> usize {
    let found = LAYERS.iter().position(|modules| modules.contains(&module));
    found.unwrap_or_else(|| panic!("module `{module}` has no layer"))
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

fn files_under(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    rust_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut found);
    assert!(!found.is_empty(), "no files under {folder}");
    found.sort();
    found
}

/// Returns the top-level modules that a source text names after `crate::`.
fn imports(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let (mut depth, mut word, mut fresh) = (0, String::new(), true);
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => fresh = true,
                    c if depth == 0 && fresh && (c.is_alphanumeric() || c == '_') => word.push(c),
                    c if !c.is_whitespace() => fresh = fresh && word.is_empty(),
                    _ => {}
                }
                if (!fresh || c == ',') && !word.is_empty() {
                    found.insert(std::mem::take(&mut word));
                }
            }
            if !word.is_empty() {
                found.insert(word);
            }
        } else {
            found.insert(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    found
}

#[test]
fn the_scanner_sees_every_form_of_an_import() {
    let text = "use crate::a; use crate::{b, c::{d, e}, f::g}; fn x() { crate::h::i() }";
    let expected = ["a", "b", "c", "f", "h"].map(String::from).into_iter().collect();
    assert_eq!(imports(text), expected);
}

#[test]
fn a_module_imports_only_from_the_layers_above_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for path in files_under("src") {
        let relative = path.strip_prefix(&root).unwrap();
        let first = relative.components().next().unwrap().as_os_str().to_string_lossy();
        let module = first.trim_end_matches(".rs");
        let text = std::fs::read_to_string(&path).unwrap();
        // What only tests use does not ship.
        let text = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        let code: Vec<&str> = text.lines().filter(|l| !l.trim_start().starts_with("//")).collect();
        for import in imports(&code.join("\n")).iter().filter(|i| *i != module && !i.is_empty()) {
            assert!(
                layer(import) < layer(module),
                "{}: `{module}` (layer {}) imports `{import}` (layer {})",
                relative.display(),
                layer(module),
                layer(import)
            );
        }
    }
}

#[test]
fn only_the_command_line_prints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for path in files_under("src").iter().filter(|path| !path.starts_with(root.join("cli"))) {
        let text = std::fs::read_to_string(path).unwrap();
        for printing in ["println!", "print!(", "stdout()", "stderr()"] {
            assert!(!text.contains(printing), "{} has `{printing}`", path.display());
        }
    }
}

#[test]
fn files_stay_short() {
    for folder in ["src", "tests"] {
        for path in files_under(folder) {
            let lines = std::fs::read_to_string(&path).unwrap().lines().count();
            assert!(lines <= MAX_LINES, "{} has {lines} lines, the limit is {MAX_LINES}", path.display());
        }
    }
}
