//! The lock of an experiment as a file.

use super::context::Context;
use crate::{
    error::{Error, Result},
    files,
    verdict::{LOCK_FORMAT, Lock},
};

/// Reads the lock, if there is one.
pub(super) fn read(context: &Context<'_>) -> Result<Option<Lock>> {
    let path = context.lock_path();
    let Some(bytes) = files::read_if_present(&path)? else { return Ok(None) };
    let damaged = |e: serde_json::Error| Error::Damaged { path: path.clone(), reason: e.to_string() };
    // The format first: a newer one may have names that are unknown here.
    let value: serde_json::Value = serde_json::from_slice(&bytes).map_err(damaged)?;
    if let Some(found) = value["format"].as_u64().filter(|found| *found != LOCK_FORMAT) {
        return Err(Error::Format { path, found, known: LOCK_FORMAT });
    }
    serde_json::from_value(value).map(Some).map_err(damaged)
}

/// Reads the lock if it vouches for the bits that are meant.
pub(super) fn own(context: &Context<'_>) -> Result<Option<Lock>> {
    if context.options.numerics().is_locked() { read(context) } else { Ok(None) }
}
