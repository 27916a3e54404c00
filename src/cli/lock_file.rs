//! The lock of an experiment as a file.

use std::path::Path;

use serde::Deserialize;

use super::context::Context;
use crate::{
    error::{Error, Result},
    files,
    verdict::{LOCK_FORMAT, Lock},
};

/// What every version of the file has.
#[derive(Deserialize)]
struct Head {
    format: u64,
}

/// Reads a lock, if there is one.
pub(super) fn read_at(path: &Path) -> Result<Option<Lock>> {
    let Some(bytes) = files::read_if_present(path)? else { return Ok(None) };
    let damaged = |e: serde_json::Error| Error::Damaged { path: path.to_owned(), reason: e.to_string() };
    // The format first: a newer one may have names that are unknown here.
    let Head { format: found } = serde_json::from_slice(&bytes).map_err(damaged)?;
    if found != LOCK_FORMAT {
        return Err(Error::Format { path: path.to_owned(), found, known: LOCK_FORMAT });
    }
    serde_json::from_slice(&bytes).map(Some).map_err(damaged)
}

/// Reads the lock of a spec, if there is one.
pub(super) fn read(context: &Context<'_>) -> Result<Option<Lock>> {
    read_at(&context.lock_path())
}

/// Reads the lock if it vouches for the bits that are meant.
pub(super) fn own(context: &Context<'_>) -> Result<Option<Lock>> {
    if context.options.numerics().is_locked() { read(context) } else { Ok(None) }
}
