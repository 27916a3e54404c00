//! Differentiable operations on candle tensors.
//!
//! Activations are `[R, C, H, W, N]`: runs, channels, height, width, samples; scores are
//! `[R, K, N]`; parameters carry the leading `R` too. Each operation is a candle custom
//! operation whose forward and backward passes are the CPU kernels, run after run.

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
