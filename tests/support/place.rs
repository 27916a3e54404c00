//! A folder of its own for a test of the whole program, and what such tests share.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use replikat::{
    digest::Digest,
    plan::RunKey,
    record::Outcome,
    store::{Lookup, Store},
};

pub(crate) const TINY: &str = "
experiment: tiny
data: {source: glyphs, pairs: {train: 37, test: 20, draw: fixed}, scale: unit} # 37 is no multiple of 16
train: {epochs: 6, batch: 16, optimizer: {sgd: {momentum: 0.5}}}
architectures:
  one: {pair: [{conv: 3}, {max-pool: 2}, relu, {dropout: elements}, flatten, {linear: 2}]}
  two:
    each: [{conv: {channels: 4, kernel: 5, padding: 2}}, {dropout: channels}, {max-pool: 3}, relu, flatten, {linear: 10}]
    digits: {loss_weight: 0.7}
    then: [relu, {linear: 2}]
grid: {architecture: [one, two], seed: {from: 3, count: 2}, lr: [0.05], dropout: [0.2]}
tables:
  t: {caption: Tiny, readings: [{over: rounds}, {over: epochs, metric: digit_accuracy}], rows: [{split: test}, {name: Train, split: train}]}
figures:
  c: {title: Tiny, where: {architecture: two}, curves: [loss, digit_accuracy]}
  d: {dots: {metric: accuracy, split: test}}
expect: [{where: {architecture: one}, split: train, statistic: mean, within: [20, 100]}]
";

/// A folder of its own for one test.
pub(crate) struct Place(tempfile::TempDir);

impl Place {
    pub(crate) fn empty() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn with(spec: &str) -> Self {
        let place = Self::empty();
        place.write("tiny.yaml", spec);
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_replikat"));
        // No cache folder, no proxy to a network, nothing from the developer's shell.
        command.current_dir(self.0.path()).args(arguments).env_clear().env("HOME", self.path("home"));
        // Nor a repository that temporary folders lie in.
        command.env("GIT_CEILING_DIRECTORIES", self.0.path().parent().unwrap());
        command
    }

    /// Runs the program; returns its exit code and all that it said.
    pub(crate) fn run(&self, arguments: &[&str]) -> (i32, String) {
        let Output { status, stdout, stderr } = self.command(arguments).output().unwrap();
        let said = String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap();
        (status.code().unwrap_or(-1), said)
    }

    /// Runs the program, which must end well.
    pub(crate) fn good(&self, arguments: &[&str]) -> String {
        let (code, said) = self.run(arguments);
        assert_eq!(code, 0, "{arguments:?}: {said}");
        said
    }

    /// Returns a copy of the program that every user may execute: where it is built nobody else may look, perhaps.
    pub(crate) fn program_for_all(&self) -> PathBuf {
        let copy = self.path("replikat");
        // Copied by another process: a file that this one writes cannot be executed while any thread of it starts a child.
        let copied = Command::new("cp").arg(env!("CARGO_BIN_EXE_replikat")).arg(&copy).status().unwrap();
        assert!(copied.success());
        copy
    }

    /// Returns the bytes of every file under a folder, by relative path.
    pub(crate) fn files(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        fn walk(root: &Path, folder: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(root, &path, found);
                } else {
                    let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
                    found.insert(name, std::fs::read(&path).unwrap());
                }
            }
        }
        let (root, mut found) = (self.path(folder), BTreeMap::new());
        walk(&root, &root, &mut found);
        found
    }

    /// Counts the records in the store, which another process may be writing to.
    pub(crate) fn records(&self) -> usize {
        let names = |folder: PathBuf| std::fs::read_dir(folder).into_iter().flatten().flatten();
        let shards = names(self.path("results/store/v1"));
        shards
            .flat_map(|s| names(s.path()))
            .filter(|f| f.path().extension().is_some_and(|e| e == "json"))
            .count()
    }

    /// Returns the lock that these arguments of `run` lead to, in folders of their own.
    pub(crate) fn lock_of(&self, name: &str, arguments: &[&str]) -> String {
        let folder = ["--results", name, "--reports", name];
        self.good(&[&["run", "tiny.yaml"], arguments, &folder].concat());
        self.good(&[&["lock", "tiny.yaml"], &folder[..]].concat());
        self.read(&format!("{name}/tiny.lock.json"))
    }

    /// Returns the store.
    pub(crate) fn store(&self) -> Store {
        Store::new(&self.path("results"))
    }

    /// Returns what the store holds, all of it good: provenance aside, which has times.
    pub(crate) fn outcomes(&self) -> BTreeMap<RunKey, Outcome> {
        let store = self.store();
        let get = |key: RunKey| match store.get(key).unwrap() {
            Lookup::Hit(record) => (key, record.outcome),
            other => panic!("{key}: {other:?}"),
        };
        store.list().unwrap().keys.into_iter().map(get).collect()
    }

    /// Returns the digests of outcomes, reports and frames: what must be the same whatever happened on the way.
    pub(crate) fn results(&self, experiment: &str) -> BTreeMap<String, Digest> {
        let outcomes = self.outcomes().into_iter().map(|(key, outcome)| (key.to_string(), outcome.digest()));
        let files = |folder: &str| self.files(&format!("{folder}/{experiment}"));
        let digests = files("reports").into_iter().chain(files("results"));
        outcomes.chain(digests.map(|(name, bytes)| (name, Digest::of(&bytes)))).collect()
    }
}
