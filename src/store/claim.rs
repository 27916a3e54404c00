//! Claims: who trains a run.

use std::{fs::File, path::PathBuf};

use super::Store;
use crate::{
    error::{Error, Result},
    files::{self, Hold},
    plan::RunKey,
};

/// The right to train a run, held until it is dropped or the process ends.
#[derive(Debug)]
pub struct Claim {
    /// `None` where the file system has no locks.
    held: Option<File>,
    path: PathBuf,
}

impl Drop for Claim {
    fn drop(&mut self) {
        // While it is locked: nobody else removes it, and who waits for it sees that it has no name any more.
        if self.held.is_some() {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

impl Store {
    fn claims(&self) -> PathBuf {
        self.results.join("store").join("claims")
    }

    /// Makes the folders that training needs, so that a store that cannot be written is noticed before it begins.
    ///
    /// # Errors
    /// Returns an error if they cannot be made.
    pub fn prepare(&self) -> Result<()> {
        files::make_folder(&self.shards())?;
        files::make_folder(&self.claims())
    }

    /// Claims the run `key`; `None` if a living process has it.
    ///
    /// # Errors
    /// Returns an error if the claim's file cannot be made.
    pub fn claim(&self, key: RunKey) -> Result<Option<Claim>> {
        files::make_folder(&self.claims())?;
        let path = self.claims().join(key.to_string());
        Ok(match files::hold(&path, false).map_err(Error::file("lock", &path))? {
            Hold::Mine(file) => Some(Claim { held: Some(file), path }),
            Hold::Busy => None,
            Hold::Unsupported => Some(Claim { held: None, path }),
        })
    }
}
