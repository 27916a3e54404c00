//! One record per run in a folder of plain files.
//!
//! ```text
//! results/store/v1/ab/<key>.json     the record of the run whose key begins with ab
//! results/store/claims/<key>         locked by the process that trains that run, while it does
//! results/store/in-use/…             the runs that living processes need
//! results/quarantine/<key>-…/        what was found damaged, contradictory or to be retried; never deleted
//! results/trash/ab/<key>.json        what `store gc` moved away
//! ```
//!
//! - A record appears under its name whole and synced, or not at all, and the first one wins. It is verified whenever
//!   it is read: length, SHA-256, key, preimage and outcome.
//! - Any number of processes may use one store. Who trains a run holds its lease, an OS lock that ends with the
//!   process, so nothing is trained twice and no dead process is waited for. Leases only save work: where a file
//!   system has no locks, runs may be trained twice, and still one record wins.
//! - A second outcome with other bits for one key is a determinism alarm; both are kept.

mod in_use;
mod lease;
mod list;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{
    error::{Error, Result},
    files::{self, Found},
    plan::RunKey,
    record::{FORMAT, Flaw, Record},
};

pub use in_use::InUse;
pub use lease::Lease;
pub use list::{Checked, Listing, half_written};

/// The largest record; one of 100,000 epochs has some 60 MB.
const MAX_BYTES: u64 = 1 << 28;

/// A record that was written is read so often, with a pause between, until it is what was written.
const TRIES: usize = 10;
const PAUSE: Duration = Duration::from_millis(50);

/// The store of a results folder.
#[derive(Debug, Clone)]
pub struct Store {
    results: PathBuf,
}

/// What the store has for a key.
#[derive(Debug, Clone, PartialEq)]
pub enum Lookup<T> {
    /// A verified record, or what was kept of it.
    Hit(T),
    /// Nothing.
    Miss,
    /// Something that is not the record of this key; the text says how it was noticed.
    Damaged(String),
}

impl<T> Lookup<T> {
    /// Changes what is kept of a record.
    #[must_use]
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Lookup<U> {
        match self {
            Self::Hit(record) => Lookup::Hit(f(record)),
            Self::Miss => Lookup::Miss,
            Self::Damaged(reason) => Lookup::Damaged(reason),
        }
    }
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
        self.records().join(&name[..2]).join(format!("{name}.json"))
    }

    /// Returns the folder of the records.
    #[must_use]
    pub fn records(&self) -> PathBuf {
        self.results.join("store").join("v1")
    }

    /// Returns the folder of what was discarded, which has the form of the records' folder.
    #[must_use]
    pub fn trash(&self) -> PathBuf {
        self.results.join("trash")
    }

    /// Returns the folder of what was set aside.
    #[must_use]
    pub fn quarantine(&self) -> PathBuf {
        self.results.join("quarantine")
    }

    /// Reads and verifies the record of `key`; changes nothing.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read, or has a format of another version.
    pub fn get(&self, key: RunKey) -> Result<Lookup<Record>> {
        match self.get_once(key)? {
            // Opened anew, what a network file system showed too early is whole.
            Lookup::Damaged(_) => self.get_once(key),
            found => Ok(found),
        }
    }

    fn get_once(&self, key: RunKey) -> Result<Lookup<Record>> {
        let path = self.path(key);
        let bytes = match files::read_plain(&path, MAX_BYTES)? {
            Found::Bytes(bytes) => bytes,
            Found::Nothing => return Ok(Lookup::Miss),
            Found::Other(what) => return Ok(Lookup::Damaged(what.to_owned())),
        };
        match Record::from_bytes(&bytes, key) {
            Ok(record) => Ok(Lookup::Hit(record)),
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
        let bytes = record.to_bytes();
        // Whatever stands in the way is looked at once and moved once.
        for _ in 0..3 {
            if files::write_new(&path, &bytes)? {
                return Self::read_back(&path, &bytes).map(|()| Put::Stored);
            }
            match self.get(key)? {
                Lookup::Hit(old) if old.outcome_sha256 == record.outcome_sha256 => return Ok(Put::Same),
                Lookup::Hit(_) => {
                    let name = format!("{key}.{}.json", &record.outcome_sha256[..16]);
                    let kept_at = self.quarantine().join(name);
                    files::write_atomic(&kept_at, &bytes)?;
                    return Ok(Put::Alarm { kept_at });
                }
                Lookup::Miss | Lookup::Damaged(_) => self.set_aside(key)?,
            };
        }
        Err(Error::Damaged { path, reason: "something stands in its place again and again".into() })
    }

    /// Reads what was written: only what others will find is reported.
    fn read_back(path: &Path, written: &[u8]) -> Result<()> {
        // A network file system may show a new name before its contents.
        for _ in 0..TRIES {
            if matches!(files::read_plain(path, MAX_BYTES)?, Found::Bytes(bytes) if bytes == written) {
                return Ok(());
            }
            std::thread::sleep(PAUSE);
        }
        let reason = "what was just written reads back as something else".to_owned();
        Err(Error::Damaged { path: path.to_owned(), reason })
    }

    /// Reads the record of `key` as [`Store::get`] does, after a look at its folder: a network file system remembers for a
    /// while that a file is not there.
    ///
    /// # Errors
    /// Returns an error as [`Store::get`] does.
    pub fn get_anew(&self, key: RunKey) -> Result<Lookup<Record>> {
        if let Some(folder) = self.path(key).parent() {
            files::entries(folder)?;
        }
        self.get(key)
    }

    /// Moves what is stored for `key` to the quarantine; returns where it is now. Whoever calls it holds the lease.
    ///
    /// # Errors
    /// Returns an error if it cannot be moved; that nothing is there is none.
    pub fn set_aside(&self, key: RunKey) -> Result<PathBuf> {
        let mut path = self.path(key);
        if let Some(shard) = path.parent().filter(|shard| !shard.is_dir() && shard.symlink_metadata().is_ok())
        {
            path = shard.to_owned();
        }
        let folder = self.quarantine();
        files::make_folder(&folder)?;
        // A folder of its own, so that nothing in the quarantine is ever replaced.
        let own =
            tempfile::Builder::new().prefix(&format!("{}-", &key.to_string()[..16])).tempdir_in(&folder);
        let own = own.map_err(Error::file("make a folder in", &folder))?.keep();
        let own = folder.join(own.file_name().unwrap_or_default());
        let target = own.join(path.file_name().unwrap_or_default());
        files::move_durably(&path, &target)?;
        Ok(target)
    }
}
