//! One record per run in a folder of plain files.
//!
//! ```text
//! results/store/v1/ab/<key>.json    the record of the run whose key begins with ab
//! results/quarantine/<file>         what was found damaged or contradictory, never deleted
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
    /// A damaged record, which is now in the quarantine.
    Damaged {
        /// How it was noticed.
        reason: String,
        /// Where it is now.
        moved_to: PathBuf,
    },
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

    /// Reads and verifies the record of `key`; a damaged one is moved to the quarantine.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read or moved, or has a format of another version.
    pub fn get(&self, key: RunKey) -> Result<Lookup> {
        let path = self.path(key);
        let Some(bytes) = files::read_if_present(&path)? else { return Ok(Lookup::Miss) };
        match Record::from_bytes(&bytes, key) {
            Ok(record) => Ok(Lookup::Hit(Box::new(record))),
            Err(Flaw::Format(found)) => Err(Error::Format { path, found, known: FORMAT }),
            Err(Flaw::Damaged(reason)) => {
                let moved_to = self.quarantine(&path)?;
                Ok(Lookup::Damaged { reason, moved_to })
            }
        }
    }

    /// Stores a record unless there is one for its key.
    ///
    /// # Errors
    /// Returns an error if it cannot be written durably; nothing half-written stays under its name.
    pub fn put(&self, key: RunKey, record: &Record) -> Result<Put> {
        let path = self.path(key);
        let folder = path.parent().unwrap_or(&self.results);
        std::fs::create_dir_all(folder).map_err(Error::file("make the folder", folder))?;
        let fail = |e| Error::file("write", &path)(e);
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(fail)?;
        file.write_all(&record.to_bytes()).map_err(fail)?;
        file.as_file().sync_all().map_err(fail)?;
        // A hard link fails if the name is taken, so that the first record wins.
        match std::fs::hard_link(file.path(), &path) {
            Ok(()) => {
                files::sync_folder(folder)?;
                Ok(Put::Stored)
            }
            Err(e) if e.kind() == ErrorKind::AlreadyExists => self.compare(key, record, file),
            Err(e) => Err(fail(e)),
        }
    }

    fn compare(&self, key: RunKey, record: &Record, file: tempfile::NamedTempFile) -> Result<Put> {
        match self.get(key)? {
            Lookup::Hit(old) if old.outcome_sha256 == record.outcome_sha256 => Ok(Put::Same),
            Lookup::Hit(_) => {
                let name = format!("{key}.{}.json", &record.outcome_sha256[..16]);
                let kept_at = self.results.join("quarantine").join(name);
                files::write_atomic(&kept_at, &record.to_bytes())?;
                Ok(Put::Alarm { kept_at })
            }
            // What stood there was damaged and is gone now.
            Lookup::Miss | Lookup::Damaged { .. } => {
                drop(file);
                self.put(key, record)
            }
        }
    }

    /// Removes a failed record, so that the run can be tried again; it is kept in the quarantine.
    ///
    /// # Errors
    /// Returns an error if it cannot be moved.
    pub fn set_aside(&self, key: RunKey) -> Result<PathBuf> {
        self.quarantine(&self.path(key))
    }

    fn quarantine(&self, path: &Path) -> Result<PathBuf> {
        let folder = self.results.join("quarantine");
        std::fs::create_dir_all(&folder).map_err(Error::file("make the folder", &folder))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let free = (0..u32::MAX).map(|i| folder.join(format!("{name}.{i}"))).find(|p| !p.exists());
        let target = free.unwrap_or_else(|| folder.join(name));
        std::fs::rename(path, &target).map_err(Error::file("move", path))?;
        files::sync_folder(&folder)?;
        Ok(target)
    }
}
