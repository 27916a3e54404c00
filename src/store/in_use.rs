//! Runs that living processes need: `store gc` leaves them where they are.
//!
//! ```text
//! results/store/in-use/<host>-<process>-…   the keys that a process needs, a line each; locked by it
//! results/store/in-use/.gate                locked while keys are noted, and while records are moved away
//! ```

use std::{collections::BTreeSet, io::Write, path::PathBuf};

use super::Store;
use crate::{
    digest::Digest,
    error::{Error, Result, closed},
    files::{self, FileLock, Locked},
    plan::RunKey,
};

/// What a process noted, until it is dropped or the process ends.
#[derive(Debug)]
pub struct InUse(#[expect(dead_code, reason = "it is held")] Locked);

impl Store {
    fn in_use(&self) -> PathBuf {
        self.results.join("store").join("in-use")
    }

    /// Says whether anything was ever stored; of an empty store nobody can move anything away.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.results.join("store").is_dir()
    }

    /// Notes that this process needs some runs, before it looks for them; waits while another process moves records away.
    /// `None` where nothing can be written or locked: nothing can be moved away from a store that cannot be written, and
    /// without locks nobody knows who is alive.
    ///
    /// # Errors
    /// Returns an error if the file cannot be written for another reason.
    pub fn hold(&self, keys: impl Iterator<Item = RunKey>) -> Result<Option<InUse>> {
        let folder = self.in_use();
        let Some(_gate) = self.gate()? else { return Ok(None) };
        for path in files::entries(&folder)? {
            files::is_left_behind(&path, true)?;
        }
        let path = folder.join(files::this_process());
        let fail = |e| Error::file("write", &path)(e);
        // Nobody else has this name; who looks whether it is left behind holds it for a moment only.
        let file = match files::lock_file(&path, true) {
            Ok(FileLock::Acquired(file)) => file,
            Ok(FileLock::Held | FileLock::Unsupported) => return Ok(None),
            Err(e) if closed(&e) => return Ok(None),
            Err(e) => return Err(fail(e)),
        };
        let held = Locked::new(Some(file), path.clone());
        let text = keys.fold(String::new(), |text, key| text + &key.to_string() + "\n");
        held.file().map_or(Ok(()), |mut file| file.write_all(text.as_bytes())).map_err(fail)?;
        Ok(Some(InUse(held)))
    }

    /// Waits until nobody notes what it needs or moves records away; `None` where nothing can be written or locked.
    ///
    /// # Errors
    /// Returns an error if the file cannot be made for another reason.
    pub fn gate(&self) -> Result<Option<Locked>> {
        files::wait_for(self.in_use().join(".gate"))
    }

    /// Returns how many living processes need runs, and which.
    ///
    /// # Errors
    /// Returns an error if a file cannot be read.
    pub fn needed_by_others(&self) -> Result<(usize, BTreeSet<RunKey>)> {
        let (mut processes, mut keys) = (0, BTreeSet::new());
        for path in files::entries(&self.in_use())? {
            let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
            if hidden || files::is_left_behind(&path, false)? {
                continue;
            }
            if let Some(bytes) = files::read_if_present(&path)? {
                let text = String::from_utf8_lossy(&bytes);
                keys.extend(text.lines().filter_map(Digest::parse).map(RunKey));
                processes += 1;
            }
        }
        Ok((processes, keys))
    }

    /// Returns the files of leases and notes that processes left which have ended; with `remove`, removes them.
    ///
    /// # Errors
    /// Returns an error if a folder cannot be read or a file not be removed.
    pub fn left_behind(&self, remove: bool) -> Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        for path in [files::entries(&self.leases())?, files::entries(&self.in_use())?].concat() {
            if files::is_left_behind(&path, remove)? {
                found.push(path);
            }
        }
        Ok(found)
    }
}
