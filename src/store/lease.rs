//! Leases: who trains a run.

use super::Store;
use crate::{
    error::{Error, Result},
    files::{self, FileLock, Locked},
    plan::RunKey,
};

/// The right to train a run, held until it is dropped or the process ends.
#[derive(Debug)]
pub struct Lease(#[expect(dead_code, reason = "it is held")] Locked);

impl Store {
    /// The folder has the name that older versions know, which may share a store with this one.
    pub(super) fn leases(&self) -> std::path::PathBuf {
        self.results.join("store").join("claims")
    }

    /// Makes the folders that training needs, so that a store that cannot be written is noticed before it begins.
    ///
    /// # Errors
    /// Returns an error if they cannot be made.
    pub fn prepare(&self) -> Result<()> {
        files::make_folder(&self.records())?;
        files::make_folder(&self.leases())
    }

    /// Takes the lease of the run `key`; `None` if a living process has it.
    ///
    /// # Errors
    /// Returns an error if the lease's file cannot be made.
    pub fn lease(&self, key: RunKey) -> Result<Option<Lease>> {
        files::make_folder(&self.leases())?;
        let path = self.leases().join(key.to_string());
        Ok(match files::lock_file(&path, false).map_err(Error::file("lock", &path))? {
            FileLock::Acquired(file) => Some(Lease(Locked::new(Some(file), path))),
            FileLock::Held => None,
            // Two that train one run at once lose nothing but time.
            FileLock::Unsupported => Some(Lease(Locked::new(None, path))),
        })
    }
}
