//! One record per run in a folder of plain files.
//!
//! ```text
//! results/store/v1/ab/<key>.json    the record of the run whose key begins with ab
//! results/quarantine/<key>-…/        what was found damaged or contradictory, never deleted
//! ```
//!
//! A record appears under its name whole and synced, or not at all; the first one wins. It is
//! verified whenever it is read.

use std::{
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

use crate::{
    error::{Error, Result},
    files,
    plan::RunKey,
    record::{FORMAT, Flaw, Record},
};

/// The store of a results folder.
#[derive(Debug, Clone)]
pub struct Store {
    results: PathBuf,
}

/// What the store has for a key.
#[derive(Debug, Clone, PartialEq)]
pub enum Lookup {
    /// A verified record.
    Hit(Box<Record>),
    /// Nothing.
    Miss,
    /// A damaged record; the text says how it was noticed.
    Damaged(String),
}

/// What became of a record that was put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Put {
    /// It is stored.
    Stored,
    /// Another process had stored the same outcome.
    Same,
    /// The store holds other bits for the same key: a determinism alarm. Both are kept.
    Alarm {
        /// Where the new record is.
        kept_at: PathBuf,
    },
}

impl Store {
    /// Returns the store of the folder `results`; makes nothing.
    #[must_use]
    pub fn new(results: &Path) -> Self {
        Self { results: results.to_owned() }
    }

    /// Returns the path of a record.
    #[must_use]
    pub fn path(&self, key: RunKey) -> PathBuf {
        let name = key.to_string();
        self.results.join("store").join("v1").join(&name[..2]).join(format!("{name}.json"))
    }

    /// Reads and verifies the record of `key`; changes nothing.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read, or has a format of another version.
    pub fn get(&self, key: RunKey) -> Result<Lookup> {
        let path = self.path(key);
        let Some(bytes) = files::read_if_present(&path)? else { return Ok(Lookup::Miss) };
        match Record::from_bytes(&bytes, key) {
            Ok(record) => Ok(Lookup::Hit(Box::new(record))),
            Err(Flaw::Format(found)) => Err(Error::Format { path, found, known: FORMAT }),
            Err(Flaw::Damaged(reason)) => Ok(Lookup::Damaged(reason)),
        }
    }

    /// Stores a record unless there is one for its key; a damaged one makes way for it.
    ///
    /// # Errors
    /// Returns an error if it cannot be written durably; nothing half-written stays under its name.
    pub fn put(&self, key: RunKey, record: &Record) -> Result<Put> {
        let path = self.path(key);
        let folder = path.parent().unwrap_or(&self.results);
        std::fs::create_dir_all(folder).map_err(Error::file("make the folder", folder))?;
        let fail = |e| Error::file("write", &path)(e);
        // Whatever stands in the way is looked at once and moved once.
        for _ in 0..3 {
            let mut file = tempfile::NamedTempFile::new_in(folder).map_err(fail)?;
            file.write_all(&record.to_bytes()).map_err(fail)?;
            files::make_readable(file.as_file()).map_err(fail)?;
            file.as_file().sync_all().map_err(fail)?;
            match file.persist_noclobber(&path) {
                Ok(_) => {
                    files::sync_folder(folder)?;
                    return Ok(Put::Stored);
                }
                Err(e) if e.error.kind() == ErrorKind::AlreadyExists => {}
                Err(e) => return Err(fail(e.error)),
            }
            match self.get(key)? {
                Lookup::Hit(old) if old.outcome_sha256 == record.outcome_sha256 => return Ok(Put::Same),
                Lookup::Hit(_) => {
                    let name = format!("{key}.{}.json", &record.outcome_sha256[..16]);
                    let kept_at = self.results.join("quarantine").join(name);
                    files::write_atomic(&kept_at, &record.to_bytes())?;
                    return Ok(Put::Alarm { kept_at });
                }
                // Also what is no file of ours, such as a dangling link.
                Lookup::Miss | Lookup::Damaged(_) => self.set_aside(key)?,
            };
        }
        Err(Error::Damaged { path, reason: "something stands in its place again and again".into() })
    }

    /// Moves what is stored for `key` to the quarantine; returns where it is now.
    ///
    /// # Errors
    /// Returns an error if it cannot be moved; that another process was faster is none.
    pub fn set_aside(&self, key: RunKey) -> Result<PathBuf> {
        let path = self.path(key);
        let folder = self.results.join("quarantine");
        std::fs::create_dir_all(&folder).map_err(Error::file("make the folder", &folder))?;
        // A folder of its own, so that nothing in the quarantine is ever replaced.
        let own =
            tempfile::Builder::new().prefix(&format!("{}-", &key.to_string()[..16])).tempdir_in(&folder);
        let own = own.map_err(Error::file("make a folder in", &folder))?.keep();
        let target = own.join(format!("{key}.json"));
        match std::fs::rename(&path, &target) {
            Ok(()) => files::sync_folder(&own)?,
            Err(e) if e.kind() == ErrorKind::NotFound => {}
            Err(e) => return Err(Error::file("move", &path)(e)),
        }
        Ok(target)
    }
}
