//! Which file of a crate imports which: read from the sources' text.
//!
//! An import leads to the file that defines the item. A module that only passes an item on (`pub use`) imports nothing
//! by that: it is a shop window. What stands in comments, strings and test modules does not count.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

/// A module as its path from the root of the crate; the root is empty.
type Module = Vec<String>;

/// The files of a crate and what they say of each other.
pub(crate) struct Imports {
    files: BTreeMap<Module, File>,
}

struct File {
    path: PathBuf,
    code: String,
    /// What it passes on: name → path as written.
    window: BTreeMap<String, Vec<String>>,
}

impl Imports {
    /// Reads all sources below a crate's `src`.
    pub(crate) fn of(root: &Path, paths: &[PathBuf]) -> Self {
        let mut files = BTreeMap::new();
        for path in paths {
            let mut module: Module =
                path.strip_prefix(root).unwrap().with_extension("").iter().map(name).collect();
            if ["lib", "mod", "main"].contains(&module.last().unwrap().as_str()) {
                let main = module.pop().is_some_and(|last| last == "main");
                if main {
                    continue; // It only calls the library.
                }
            }
            let code = bare(&std::fs::read_to_string(path).unwrap());
            let shown = uses(&code).into_iter().filter(|(open, _)| *open);
            // A macro of the file's own is passed on under its own name.
            let window =
                shown.flat_map(|(_, tree)| leaves(&tree)).filter(|(name, path)| path[..] != [&**name]);
            let window = window.collect();
            files.insert(module, File { path: path.clone(), code, window });
        }
        Self { files }
    }

    /// Returns, for each file, the files that it imports from.
    pub(crate) fn edges(&self) -> BTreeMap<&Path, BTreeSet<&Path>> {
        let edges = |(module, file): (&Module, &File)| {
            let mut found = BTreeSet::new();
            let hidden = uses(&file.code).into_iter().filter(|(open, _)| !open);
            let named = hidden.flat_map(|(_, tree)| leaves(&tree)).map(|(_, path)| path);
            for path in named.chain(paths(&without_uses(&file.code))) {
                found.extend(self.resolve(module, &path, 0).filter(|to| *to != module));
            }
            found.into_iter().map(|to| self.files[to].path.as_path()).collect()
        };
        self.files.iter().map(|entry| (entry.1.path.as_path(), edges(entry))).collect()
    }

    /// Returns the module whose file defines what a path names, as seen from `from`.
    fn resolve(&self, from: &Module, path: &[String], depth: usize) -> Option<&Module> {
        assert!(depth < 20, "{path:?} leads nowhere");
        let mut at = from.clone();
        let mut rest = path;
        match path.first()?.as_str() {
            "crate" => (at, rest) = (Vec::new(), &path[1..]),
            "self" => rest = &path[1..],
            "super" => {
                while rest.first().is_some_and(|s| s == "super") {
                    at.pop()?;
                    rest = &rest[1..];
                }
            }
            first => {
                // Only a module of this file's own, or what it passes on.
                let child = [&at[..], &[first.to_owned()]].concat();
                if !self.files.contains_key(&child) && !self.files.get(&at)?.window.contains_key(first) {
                    return None;
                }
            }
        }
        for (i, segment) in rest.iter().enumerate() {
            let child = [&at[..], std::slice::from_ref(segment)].concat();
            if self.files.contains_key(&child) {
                at = child;
                continue;
            }
            if let Some(shown) = self.files.get(&at)?.window.get(segment) {
                let whole = [shown, &rest[i + 1..]].concat();
                return self.resolve(&at, &whole, depth + 1);
            }
            break;
        }
        self.files.get_key_value(&at).map(|(module, _)| module)
    }

    /// Returns a circle of files, each importing from the next, if there is one.
    pub(crate) fn circle(&self) -> Option<Vec<PathBuf>> {
        let edges = self.edges();
        let mut done = BTreeSet::new();
        edges.keys().find_map(|start| search(start, &edges, &mut Vec::new(), &mut done))
    }
}

fn search<'a>(
    at: &'a Path,
    edges: &BTreeMap<&'a Path, BTreeSet<&'a Path>>,
    way: &mut Vec<&'a Path>,
    done: &mut BTreeSet<&'a Path>,
) -> Option<Vec<PathBuf>> {
    if let Some(begun) = way.iter().position(|seen| *seen == at) {
        return Some(way[begun..].iter().map(|path| path.to_path_buf()).collect());
    }
    if !done.insert(at) {
        return None;
    }
    way.push(at);
    let found = edges.get(at).into_iter().flatten().find_map(|next| search(next, edges, way, done));
    way.pop();
    found
}

fn name(part: &std::ffi::OsStr) -> String {
    part.to_string_lossy().into_owned()
}

/// Returns the code without comments, strings, test modules and the paths of `pub(in …)`.
fn bare(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let mut out = String::new();
    for line in lines {
        let mut quoted = false;
        let mut before = ' ';
        for c in line.chars() {
            if c == '"' && before != '\\' && before != '\'' {
                quoted = !quoted;
            } else if !quoted {
                out.push(c);
            }
            before = c;
        }
        out.push('\n');
    }
    while let Some(at) = out.find("pub(in ") {
        let end = at + out[at..].find(')').unwrap();
        out.replace_range(at + 3..=end, "");
    }
    out
}

/// Returns the trees of all `use` declarations, and whether they pass on what they name.
fn uses(code: &str) -> Vec<(bool, String)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("use ") {
        let line = &code[code[..at].rfind('\n').map_or(0, |n| n + 1)..at];
        let visible = line.trim();
        if visible.is_empty() || (visible.starts_with("pub") && !visible.contains(' ')) {
            let end = code[at..].find(';').unwrap();
            found.push((!visible.is_empty(), code[at + 4..at + end].to_owned()));
        }
    }
    found
}

fn without_uses(code: &str) -> String {
    let mut rest = code.to_owned();
    for (_, tree) in uses(code) {
        rest = rest.replacen(&format!("use {tree};"), "", 1);
    }
    rest
}

/// Returns every name that a tree of `use` brings, with its path.
fn leaves(tree: &str) -> Vec<(String, Vec<String>)> {
    fn walk(tree: &str, before: &[String], found: &mut Vec<(String, Vec<String>)>) {
        let tree = tree.trim();
        if tree.is_empty() {
            return;
        }
        if let Some(open) = tree.find('{') {
            let head = tree[..open].trim().trim_end_matches("::");
            let mut path = before.to_vec();
            path.extend(head.split("::").filter(|s| !s.is_empty()).map(|s| s.trim().to_owned()));
            let inner = &tree[open + 1..tree.rfind('}').unwrap()];
            let (mut depth, mut start) = (0, 0);
            for (i, c) in inner.char_indices() {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    ',' if depth == 0 => {
                        walk(&inner[start..i], &path, found);
                        start = i + 1;
                    }
                    _ => {}
                }
            }
            walk(&inner[start..], &path, found);
            return;
        }
        let (path, alias) = tree.split_once(" as ").map_or((tree, None), |(path, alias)| (path, Some(alias)));
        let mut whole = before.to_vec();
        whole.extend(path.split("::").map(|s| s.trim().to_owned()));
        if whole.len() > 1 && whole.last().is_some_and(|last| last == "self") {
            whole.pop();
        }
        let name = alias.map_or_else(|| whole.last().unwrap().clone(), |alias| alias.trim().to_owned());
        found.push((name, whole));
    }
    let mut found = Vec::new();
    walk(tree, &[], &mut found);
    found
}

/// Returns every path of at least two names in code.
fn paths(code: &str) -> Vec<Vec<String>> {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(begin) = code[at..].find(word).map(|i| at + i) {
        let mut path = Vec::new();
        let mut end = begin;
        loop {
            let length = code[end..].find(|c| !word(c)).unwrap_or(code.len() - end);
            path.push(code[end..end + length].to_owned());
            end += length;
            match code[end..].strip_prefix("::") {
                Some(more) if more.starts_with(word) => end += 2,
                _ => break,
            }
        }
        // What follows a path, a dot or a dollar is not the head of one.
        let before = code[..begin].trim_end();
        if path.len() > 1 && !before.ends_with("::") && !before.ends_with('$') {
            found.push(path);
        }
        at = end.max(begin + 1);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_leads_to_the_file_that_defines_the_item() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, text).unwrap();
            path
        };
        let files = [
            write("lib.rs", "pub mod a;\nmod b;\npub use a::Inner;\n"),
            write(
                "a/mod.rs",
                "mod inner;\nmod other;\npub use inner::{Inner, Two as Second};\npub struct Own;\n",
            ),
            write("a/inner.rs", "use super::other::Thing;\npub struct Inner; pub struct Two;\n"),
            write(
                "a/other.rs",
                "// use crate::b::Never;\npub struct Thing; const T: &str = \"crate::b::f\";\n",
            ),
            write("b.rs", "use crate::{Inner, a::{self, Second}};\nfn f() { crate::a::Own; a::Own; }\n"),
        ];
        let imports = Imports::of(folder.path(), &files);
        let edges = imports.edges();
        let of = |i: usize| edges[files[i].as_path()].iter().copied().collect::<Vec<_>>();
        assert_eq!(of(0), Vec::<&Path>::new(), "a shop window imports nothing");
        assert_eq!(of(2), [files[3].as_path()]);
        assert_eq!(of(3), Vec::<&Path>::new());
        assert_eq!(of(4), [files[2].as_path(), files[1].as_path()], "through two windows, and an own item");
        assert_eq!(imports.circle(), None);
        std::fs::write(&files[3], "use crate::b::f;\nuse super::Inner;\n").unwrap();
        let circle = Imports::of(folder.path(), &files).circle().unwrap();
        assert!(circle.contains(&files[2]) && circle.contains(&files[3]), "{circle:?}");
    }
}
