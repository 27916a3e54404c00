//! What every output was made of, so that only what changed is made again.
//!
//! `results/<experiment>/built.json` holds for each table, figure and frame the digests of its inputs and of its
//! files. Inputs are its part of the spec, the outcomes of the runs that it shows, and the program's sources. An output
//! is left alone if all of that is the same and its files, which are read and hashed, still are what was written.

use std::{collections::BTreeMap, path::Path};

use serde::{Deserialize, Serialize};

use crate::{
    digest::{Digest, compact},
    error::{Error, Result},
    files,
};

/// Version of the file's form.
const FORMAT: u64 = 1;

/// What an output is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Inputs {
    pub(super) program: String,
    pub(super) runs: String,
    pub(super) spec: String,
}

impl Inputs {
    /// Digests what an output shows of the runs and all else that it is made of.
    pub(super) fn of<'a>(runs: impl IntoIterator<Item = &'a Digest>, own: &str) -> Self {
        let runs: Vec<&Digest> = runs.into_iter().collect();
        let digest = |text: &str| Digest::of(text.as_bytes()).to_string();
        Self {
            program: env!("REPLIKAT_SOURCES").to_owned(),
            runs: digest(&format!("{runs:?}")),
            spec: digest(own),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Output {
    /// Name of a file → digest of its contents.
    files: BTreeMap<String, String>,
    inputs: Inputs,
}

/// Says whether a file is there and has the digest that it was written with.
fn as_written(path: &Path, digest: &str) -> Result<bool> {
    Ok(files::read_if_present(path)?.is_some_and(|bytes| Digest::of(&bytes).to_string() == digest))
}

/// What was built, by the name of the output.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Built {
    format: u64,
    outputs: BTreeMap<String, Output>,
}

impl Built {
    /// Reads what an earlier call built; nothing if that cannot be known.
    pub(super) fn read(path: &Path) -> Self {
        let bytes = files::read_if_present(path).ok().flatten().unwrap_or_default();
        serde_json::from_slice(&bytes).ok().filter(|built: &Self| built.format == FORMAT).unwrap_or_default()
    }

    /// Says why an output has to be made again; `None` if its files in `folder` are what they should be.
    pub(super) fn reason(&self, name: &str, inputs: &Inputs, folder: &Path) -> Option<&'static str> {
        let Some(output) = self.outputs.get(name) else { return Some("new") };
        if output.inputs.runs != inputs.runs {
            return Some("runs changed");
        }
        if output.inputs.spec != inputs.spec {
            return Some("spec changed");
        }
        if output.inputs.program != inputs.program {
            return Some("program changed");
        }
        let whole =
            |(name, digest): (&String, &String)| as_written(&folder.join(name), digest).unwrap_or(false);
        (!output.files.iter().all(whole)).then_some("file changed")
    }

    /// Returns the names of an output's files.
    pub(super) fn files(&self, name: &str) -> Vec<String> {
        self.outputs.get(name).map(|output| output.files.keys().cloned().collect()).unwrap_or_default()
    }

    /// Removes the files of outputs that are made no more, unless somebody changed them; returns their names.
    pub(super) fn remove_dropped(&self, now: &Self, folder: &Path) -> Result<Vec<String>> {
        let kept: Vec<&String> = now.outputs.values().flat_map(|output| output.files.keys()).collect();
        let mut removed = Vec::new();
        for (name, digest) in self.outputs.values().flat_map(|output| &output.files) {
            let path = folder.join(name);
            if !kept.contains(&name) && as_written(&path, digest)? {
                std::fs::remove_file(&path).map_err(Error::file("remove", &path))?;
                removed.push(name.clone());
            }
        }
        Ok(removed)
    }

    /// Takes over an output from what an earlier call built.
    pub(super) fn keep(&mut self, name: &str, earlier: &Self) {
        if let Some(output) = earlier.outputs.get(name) {
            self.outputs.insert(name.to_owned(), output.clone());
        }
    }

    /// Notes what an output was made of.
    pub(super) fn note(&mut self, name: &str, inputs: Inputs, files: &[(String, Vec<u8>)]) {
        let file = |(name, bytes): &(String, Vec<u8>)| (name.clone(), Digest::of(bytes).to_string());
        let output = Output { files: files.iter().map(file).collect(), inputs };
        self.outputs.insert(name.to_owned(), output);
    }

    /// Writes it, if it changed.
    pub(super) fn write(mut self, path: &Path) -> Result<()> {
        self.format = FORMAT;
        files::write_if_changed(path, (compact(&self) + "\n").as_bytes()).map(|_| ())
    }
}
