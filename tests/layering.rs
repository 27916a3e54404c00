//! The layers of the crate, held as data: a module imports only from the layers above it.

use std::path::{Path, PathBuf};

use crate::support::imports::Imports;

const LAYERS: [&[&str]; 16] = [
    &["lines"],
    &["error", "digest", "numerics", "parallel", "testing", "text"],
    &["files", "device", "yaml"],
    &["data"],
    &["task"],
    &["model"],
    &["engine"],
    &["spec"],
    &["plan"],
    &["record"],
    &["train"],
    &["store", "results"],
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

#[test]
fn a_module_imports_only_from_the_layers_above_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let module = |path: &Path| {
        let first = path.strip_prefix(&root).unwrap().iter().next().unwrap();
        first.to_string_lossy().trim_end_matches(".rs").to_owned()
    };
    for (from, all) in Imports::of(&root, &files_under("src")).edges() {
        for to in all {
            let (here, there) = (module(from), module(to));
            assert!(
                here == there || layer(&there) < layer(&here),
                "{}: `{here}` (layer {}) imports `{there}` (layer {})",
                from.display(),
                layer(&here),
                layer(&there)
            );
        }
    }
}

#[test]
fn no_file_imports_itself_through_others() {
    for folder in ["src", "crates/kernels/src", "crates/stats/src", "crates/glyphs/src"] {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let circle = Imports::of(&root, &files_under(folder)).circle();
        assert_eq!(circle, None, "each imports from the next, and the last from the first");
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
    for folder in ["crates", "src", "tests"] {
        for path in files_under(folder) {
            let lines = std::fs::read_to_string(&path).unwrap().lines().count();
            assert!(lines <= MAX_LINES, "{} has {lines} lines, the limit is {MAX_LINES}", path.display());
        }
    }
}
