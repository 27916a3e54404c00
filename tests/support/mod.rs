//! What tests share.

#[cfg(target_os = "linux")]
pub(crate) mod disk;
pub(crate) mod html;
pub(crate) mod imports;
pub(crate) mod place;
pub(crate) mod plain;
