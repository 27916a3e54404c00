//! Many records at once: lookup of a plan, listing, verification, removal.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use super::{Lookup, Store};
use crate::{
    digest::Digest,
    error::{Error, Result},
    files, parallel,
    plan::RunKey,
    record::Record,
};

/// From this many keys on, reading the folders is cheaper than asking for every file.
const MANY: usize = 2048;

/// What the folders of a store hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// Keys of which there is a file, in order.
    pub keys: Vec<RunKey>,
    /// What is no record by its name, such as what a killed process left half-written.
    pub strays: Vec<PathBuf>,
}

/// What became of the records of a store when they were verified.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// Good records.
    pub good: usize,
    /// Damaged ones, with how it was noticed.
    pub damaged: BTreeMap<RunKey, String>,
    /// Those of a format that this version does not read.
    pub foreign: BTreeMap<RunKey, u64>,
}

impl Store {
    /// Looks up many keys, in their order, and keeps of each record what `keep` returns.
    ///
    /// # Errors
    /// Returns an error as [`Store::get`] does.
    pub fn look_up<T: Send>(
        &self,
        keys: &[RunKey],
        keep: impl Fn(Record) -> T + Sync + Send,
    ) -> Result<Vec<Lookup<T>>> {
        let listed = if keys.len() < MANY { None } else { Some(self.list()?.keys) };
        if listed.as_ref().is_some_and(Vec::is_empty) {
            return Ok(keys.iter().map(|_| Lookup::Miss).collect());
        }
        let found = parallel::map(keys.len(), |i| {
            let there = listed.as_ref().is_none_or(|listed| listed.binary_search(&keys[i]).is_ok());
            if there { Ok(self.get(keys[i])?.map(&keep)) } else { Ok(Lookup::Miss) }
        });
        found.into_iter().collect()
    }

    /// Reads the folders of the store.
    ///
    /// # Errors
    /// Returns an error if a folder cannot be read.
    pub fn list(&self) -> Result<Listing> {
        let mut listing = Listing::default();
        let shards = files::entries(&self.records())?;
        let folders = parallel::map_all(shards.len(), |i| files::entries(&shards[i]));
        for (shard, entries) in shards.iter().zip(folders) {
            let entries = entries?;
            let whole = shard.file_name().and_then(|name| name.to_str()).is_some_and(is_shard);
            if !whole || entries.is_empty() && !shard.is_dir() {
                listing.strays.push(shard.clone());
                continue;
            }
            for path in entries {
                match key_of(&path).filter(|key| self.path(*key) == path) {
                    Some(key) => listing.keys.push(key),
                    None => listing.strays.push(path),
                }
            }
        }
        listing.keys.sort_unstable();
        Ok(listing)
    }

    /// Verifies the records of `keys`.
    ///
    /// # Errors
    /// Returns an error if a file cannot be read.
    pub fn check(&self, keys: &[RunKey]) -> Result<Checked> {
        let mut checked = Checked::default();
        for (key, found) in
            keys.iter().zip(parallel::map(keys.len(), |i| self.get(keys[i]).map(|f| f.map(drop))))
        {
            match found {
                Ok(Lookup::Hit(())) => checked.good += 1,
                // It was removed since the folders were read.
                Ok(Lookup::Miss) => {}
                Ok(Lookup::Damaged(reason)) => {
                    checked.damaged.insert(*key, reason);
                }
                Err(Error::Format { found, .. }) => {
                    checked.foreign.insert(*key, found);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(checked)
    }

    /// Returns the stored keys that begin with `digits`, at least four of them.
    ///
    /// # Errors
    /// Returns an error if there are too few digits, or the folder cannot be read.
    pub fn find(&self, digits: &str) -> Result<Vec<RunKey>> {
        if digits.len() < 4 || !digits.bytes().all(|c| c.is_ascii_hexdigit()) {
            return Err(Error::Usage {
                message: format!("`{digits}` is no key: it takes four or more of its hexadecimal digits"),
                hint: "see the keys with `replikat store list`".into(),
            });
        }
        let digits = digits.to_ascii_lowercase();
        let entries = files::entries(&self.records().join(&digits[..2]))?;
        let keys = entries.iter().filter_map(|path| key_of(path));
        Ok(keys.filter(|key| key.to_string().starts_with(&digits)).collect())
    }

    /// Says whether a record was left half-written by a process that has ended; with `remove`, removes it.
    ///
    /// # Errors
    /// Returns an error if it cannot be removed.
    pub fn is_leftover(&self, path: &Path, remove: bool) -> Result<bool> {
        let Some(key) = half_written(path) else { return Ok(false) };
        if !remove {
            return files::is_left_behind(path, false);
        }
        let Some(_lease) = self.lease(key)? else { return Ok(false) };
        files::is_left_behind(path, true)
    }

    /// Moves the record of `key` to the trash, unless a living process has its lease; returns whether it did.
    ///
    /// # Errors
    /// Returns an error if it cannot be moved.
    pub fn discard(&self, key: RunKey) -> Result<bool> {
        if self.trash().is_symlink() {
            return Err(Error::Usage {
                message: format!("`{}` is a link, which is not followed", self.trash().display()),
                hint: "remove the link: the trash is a folder of the store".into(),
            });
        }
        let Some(_lease) = self.lease(key)? else { return Ok(false) };
        let path = self.path(key);
        let shard = path.parent().and_then(Path::file_name).unwrap_or_default();
        let folder = self.trash().join(shard);
        files::make_folder(&folder)?;
        let mut target = folder.join(path.file_name().unwrap_or_default());
        // What was moved there before stays.
        let mut copy = 1;
        while target.symlink_metadata().is_ok() {
            target = folder.join(format!("{key}.json.{copy}"));
            copy += 1;
        }
        files::move_durably(&path, &target)
    }

    /// Returns the records in the trash; what has another name, or lies behind a link, is none.
    ///
    /// # Errors
    /// Returns an error if a folder cannot be read.
    pub fn discarded(&self) -> Result<Vec<PathBuf>> {
        let folder = |path: &Path| path.symlink_metadata().is_ok_and(|found| found.is_dir());
        let named = |path: &PathBuf| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let key = name.split_once(".json").map(|(key, _)| key);
            key.and_then(Digest::parse).is_some()
        };
        let mut found = Vec::new();
        if !folder(&self.trash()) {
            return Ok(found);
        }
        for shard in files::entries(&self.trash())?.into_iter().filter(|shard| folder(shard)) {
            found.extend(files::entries(&shard)?.into_iter().filter(named));
        }
        Ok(found)
    }
}

fn is_shard(name: &str) -> bool {
    name.len() == 2 && name.bytes().all(|c| c.is_ascii_digit() || (b'a'..=b'f').contains(&c))
}

/// Returns the key of the record that is half-written in a file of this name.
#[must_use]
pub fn half_written(path: &Path) -> Option<RunKey> {
    let name = path.file_name()?.to_string_lossy();
    let key = name.get(1..65).filter(|key| files::is_temporary_of(&format!("{key}.json"), &name))?;
    Digest::parse(key).map(RunKey)
}

fn key_of(path: &Path) -> Option<RunKey> {
    let name = path.file_name()?.to_str()?.strip_suffix(".json")?;
    Digest::parse(name).map(RunKey)
}
