//! The experiments that a results folder holds outputs of.

use std::{
    path::{Path, PathBuf},
    time::SystemTime,
};

use serde_json::Value;

use super::{FILE, RUNS, build::LOCK, links::way};
use crate::{
    digest::Digest,
    error::{Error, Result},
    files,
};

/// An experiment with outputs.
#[derive(Debug, Clone)]
pub struct Experiment {
    /// Its name, which is that of the folder.
    pub name: String,
    /// The file of its spec, from here; empty if it came from a pipe, or nobody knows.
    pub spec: PathBuf,
    /// When its outputs were last made; nothing for a sweep, of which only the runs are listed.
    pub made: Option<SystemTime>,
    /// The list of its runs; empty if it cannot be read.
    runs: String,
}

impl Experiment {
    /// Says whether its outputs are made of the run of a key.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.runs.contains(key)
    }

    /// Returns the keys of its runs, each with the name of its network.
    pub fn keys(&self) -> impl Iterator<Item = (&str, String)> {
        let mut lines = self.runs.lines().map(cells);
        let head = lines.next().unwrap_or_default();
        let [key, network] =
            ["key", "architecture"].map(|name| head.iter().position(|column| *column == name));
        lines.filter_map(move |line| {
            let network = network.and_then(|at| line.get(at)).map_or("", |name| name);
            let plain = network.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(network);
            Some((*line.get(key?)?, plain.replace("\"\"", "\"")))
        })
    }

    /// Returns the name that it has for the network of the run of a key, if that can be read.
    #[must_use]
    pub fn network(&self, key: &str) -> Option<String> {
        self.keys().find(|(own, _)| *own == key).map(|(_, network)| network).filter(|name| !name.is_empty())
    }

    /// Returns how many runs it has, and how many of them finished.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        let mut lines = self.runs.lines().map(cells);
        let status = lines.next().and_then(|head| head.iter().position(|name| *name == "status"));
        lines.fold((0, 0), |(planned, finished), line| {
            let good = status.and_then(|at| line.get(at)).is_some_and(|word| *word == "finished");
            (planned + 1, finished + usize::from(good))
        })
    }
}

/// Returns the experiments and sweeps in a results folder, in order of their names. What cannot be read of one is left empty.
///
/// # Errors
/// Returns an error if the folder cannot be read.
pub fn experiments(results: &Path) -> Result<Vec<Experiment>> {
    let read = |path: PathBuf| files::read_if_present(&path).ok().flatten();
    let one = |folder: PathBuf| {
        let built = read(folder.join(FILE));
        let runs = read(folder.join(RUNS));
        if built.is_none() && runs.is_none() {
            return None;
        }
        let built: Value = serde_json::from_slice(&built.unwrap_or_default()).unwrap_or_default();
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let spec = match built["spec"].as_str().unwrap_or_default() {
            "" => PathBuf::new(),
            spec => way(Path::new("."), &folder.join(spec)),
        };
        let made = folder.join(FILE).metadata().and_then(|found| found.modified()).ok();
        let runs = String::from_utf8_lossy(&runs.unwrap_or_default()).into_owned();
        Some(Experiment { name, spec, made, runs })
    };
    let mut found: Vec<Experiment> = files::entries(results)?.into_iter().filter_map(one).collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// Returns the list of the runs that the outputs in a folder are made of, an experiment's or a sweep's; nothing if it holds
/// none. Waits for whoever is writing them.
///
/// # Errors
/// Returns an error if the list cannot be read, or is not what was written when the outputs were made.
pub fn runs_of(folder: &Path) -> Result<Option<String>> {
    let read = |name: &str| files::read_if_present(&folder.join(name));
    let as_made = |built: &[u8], runs: &[u8]| {
        let built: Value = serde_json::from_slice(built).unwrap_or_default();
        built["outputs"]["frame runs"]["files"][RUNS].as_str() == Some(&Digest::of(runs).to_string())
    };
    let (mut built, mut runs) = (read(FILE)?, read(RUNS)?);
    if let (Some(of), Some(list)) = (&built, &runs)
        && !as_made(of, list)
    {
        let _lock = files::wait_for(folder.join(LOCK))?;
        (built, runs) = (read(FILE)?, read(RUNS)?);
    }
    let wrong = match (&built, &runs) {
        // Of a sweep there is only the list of its runs.
        (None, _) => return Ok(runs.map(|runs| String::from_utf8_lossy(&runs).into_owned())),
        (Some(of), Some(list)) if as_made(of, list) => {
            return Ok(Some(String::from_utf8_lossy(list).into_owned()));
        }
        (Some(_), None) => "is not there",
        (Some(_), Some(_)) => "is not what was written there",
    };
    Err(Error::Usage {
        message: format!(
            "`{}` {wrong}, so nobody knows which runs these outputs are of",
            folder.join(RUNS).display()
        ),
        hint: format!(
            "make it anew with `replikat report SPEC`, or remove the folder `{}`",
            folder.display()
        ),
    })
}

/// Splits a line of CSV at commas outside of quotes.
fn cells(line: &str) -> Vec<&str> {
    let mut quoted = false;
    line.split(|c| {
        quoted ^= c == '"';
        c == ',' && !quoted
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comma_in_a_name_moves_no_column() {
        let counts = |runs: &str| {
            let (name, spec) = (String::new(), PathBuf::new());
            Experiment { name, spec, made: None, runs: runs.into() }.counts()
        };
        assert_eq!(counts("config,name,status\n0,\"a, b\",finished\n0,c,missing\n"), (2, 1));
        assert_eq!(counts(""), (0, 0));
    }
}
