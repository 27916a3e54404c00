//! What the system denies to a process: room in files, threads.

use std::sync::Arc;

use crate::{
    error::{Error, Result},
    results,
};

/// Lets a file that would be larger than allowed (`ulimit -f`) be an error of its write: by default the process ends.
pub(super) fn prepare() {
    #[cfg(unix)]
    {
        let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default());
    }
}

/// Says whether threads can be had for what does not end well without them.
///
/// # Errors
/// Returns an error if the system gives none.
pub(super) fn threads() -> Result<()> {
    results::start_threads().map_err(|reason| Error::Usage {
        message: format!("cannot start threads: {reason}"),
        hint: "allow more processes (`ulimit -u`, or the limit of the container)".into(),
    })
}
