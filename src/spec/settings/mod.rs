//! Every setting of a spec, declared once in [`table::SETTINGS`].
//!
//! Decoding, grid axes, `where:`, labels, the ledger, run keys and what is said about them, the columns of frames, the
//! schema and the reference are all derived from these declarations.

mod advice;
mod read;
mod table;

pub use table::{At, SETTINGS, Setting};

pub(super) use advice::ADVICE;
pub(super) use read::{flattened, section, settings_below};
