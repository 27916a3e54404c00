//! A device that trains cohorts, and which of them are meant.

use candle_core::Device;

use crate::error::Error;

/// Which GPUs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// All that the driver finds.
    All,
    /// Those of the driver's list, counted from 0.
    These(Vec<usize>),
}

/// A device that trains cohorts.
#[derive(Debug, Clone)]
pub struct Gpu {
    /// Such as `cuda:0 (NVIDIA H100 80GB HBM3)`.
    pub name: String,
    /// candle's handle.
    pub device: Device,
    free_bytes: fn(&Device) -> Option<u64>,
}

impl Gpu {
    /// Makes a device of candle's handle and what counts its free bytes.
    pub(super) fn new(name: String, device: Device, free_bytes: fn(&Device) -> Option<u64>) -> Self {
        Self { name, device, free_bytes }
    }

    /// Returns the bytes that are free; `None` if nobody counts them.
    #[must_use]
    pub fn free_bytes(&self) -> Option<u64> {
        (self.free_bytes)(&self.device)
    }
}

/// Makes the error for a GPU that cannot be used.
pub(super) fn absent(reason: impl std::fmt::Display, hint: &str) -> Error {
    Error::Usage { message: format!("cannot train on CUDA: {reason}"), hint: hint.to_owned() }
}
