//! Differentiable operations on candle tensors.
//!
//! Activations are `[R, C, H, W, N]`: runs, channels, height, width, samples; scores are
//! `[R, K, N]`; parameters carry the leading `R` too. Each operation is a candle custom
//! operation whose forward and backward passes are the CPU kernels, run after run.

pub mod composed;
mod conv;
mod dense;
mod mask;
mod nll;
mod pool;
mod relu;

use candle_core::{CpuStorage, Layout, Result, Shape, Storage, Tensor, bail};

pub use conv::conv;
pub use dense::dense;
pub use mask::mask;
pub use nll::nll;
pub use pool::max_pool;
pub use relu::relu;

/// How the operations are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numerics {
    /// By the CPU kernels, with the same bits on every machine.
    Exact,
    /// By candle's primitives, on any of its devices.
    Composed,
}

impl Numerics {
    /// See [`conv()`].
    ///
    /// # Errors
    /// As there.
    pub fn conv(
        self,
        x: &Tensor,
        w: &Tensor,
        b: &Tensor,
        padding: usize,
        input_gradient: bool,
    ) -> Result<Tensor> {
        match self {
            Self::Exact => conv(x, w, b, padding, input_gradient),
            Self::Composed => composed::conv(x, w, b, padding),
        }
    }

    /// See [`dense()`].
    ///
    /// # Errors
    /// As there.
    pub fn dense(self, x: &Tensor, w: &Tensor, b: &Tensor) -> Result<Tensor> {
        match self {
            Self::Exact => dense(x, w, b),
            Self::Composed => composed::dense(x, w, b),
        }
    }

    /// See [`max_pool`].
    ///
    /// # Errors
    /// As there.
    pub fn max_pool(self, x: &Tensor, size: usize) -> Result<Tensor> {
        match self {
            Self::Exact => max_pool(x, size),
            Self::Composed => composed::max_pool(x, size),
        }
    }

    /// See [`relu()`].
    ///
    /// # Errors
    /// As there.
    pub fn relu(self, x: &Tensor) -> Result<Tensor> {
        match self {
            Self::Exact => relu(x),
            Self::Composed => composed::relu(x),
        }
    }

    /// See [`mask()`].
    ///
    /// # Errors
    /// As there.
    pub fn mask(self, x: &Tensor, by: &Tensor) -> Result<Tensor> {
        match self {
            Self::Exact => mask(x, by),
            Self::Composed => composed::mask(x, by),
        }
    }

    /// See [`nll()`].
    ///
    /// # Errors
    /// As there.
    pub fn nll(self, z: &Tensor, targets: Vec<u8>) -> Result<Tensor> {
        match self {
            Self::Exact => nll(z, targets),
            Self::Composed => composed::nll(z, targets),
        }
    }
}

/// Returns the floats of a contiguous CPU tensor's storage.
fn floats<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    match (storage, layout.contiguous_offsets()) {
        (CpuStorage::F32(data), Some((start, end))) => Ok(&data[start..end]),
        _ => bail!("an operation of the exact engine needs contiguous f32 tensors"),
    }
}

/// Calls `use_it` with the floats of a contiguous CPU tensor.
pub(crate) fn with_floats<T>(tensor: &Tensor, use_it: impl FnOnce(&[f32]) -> T) -> Result<T> {
    let (storage, layout) = tensor.storage_and_layout();
    match &*storage {
        Storage::Cpu(storage) => Ok(use_it(floats(storage, layout)?)),
        _ => bail!("an operation of the exact engine needs tensors of the CPU"),
    }
}

/// Wraps a kernel's output.
fn stored(data: Vec<f32>, shape: &[usize]) -> (CpuStorage, Shape) {
    (CpuStorage::F32(data), Shape::from(shape))
}

/// Returns what a backward pass gives for one argument.
fn gradient(data: Vec<f32>, like: &Tensor) -> Result<Tensor> {
    Tensor::from_vec(data, like.shape(), like.device())
}
