//! The lock of an experiment as a file.

use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, error::Category};

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
    let damaged = |e: serde_json::Error| Error::Damaged { path: path.to_owned(), reason: reason(&e, &bytes) };
    // The format first: a newer one may have names that are unknown here.
    let Head { format: found } = serde_json::from_slice(&bytes).map_err(damaged)?;
    if found != LOCK_FORMAT {
        return Err(Error::Format { path: path.to_owned(), found, known: LOCK_FORMAT });
    }
    serde_json::from_slice(&bytes).map(Some).map_err(damaged)
}

/// Says what is wrong with what is no lock.
fn reason(error: &serde_json::Error, bytes: &[u8]) -> String {
    let place = format!("line {}, column {}", error.line(), error.column());
    match (error.classify(), serde_json::from_slice(bytes)) {
        (Category::Eof, _) => "it is cut off".to_owned(),
        (Category::Syntax | Category::Io, _) => format!("it is no JSON: {place}"),
        (Category::Data, Ok(Value::Array(_))) => "it is a list, not a lock".to_owned(),
        (Category::Data, Ok(Value::Object(_)) | Err(_)) => {
            let text = error.to_string();
            let text = text.split(" at line").next().unwrap_or_default();
            format!("{} ({place})", text.replace("missing field `", "it has no `"))
        }
        (Category::Data, Ok(_)) => "it is one value, not a lock".to_owned(),
    }
}

/// Reads the lock of a spec, if there is one.
pub(super) fn read(context: &Context<'_>) -> Result<Option<Lock>> {
    read_at(&context.lock_path())
}

/// Reads the lock if it vouches for the bits that are meant.
pub(super) fn own(context: &Context<'_>) -> Result<Option<Lock>> {
    if context.options.numerics().is_locked() { read(context) } else { Ok(None) }
}
