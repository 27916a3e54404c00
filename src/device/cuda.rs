//! The GPUs of this machine, through candle's `cudarc`.

use std::error::Error as _;

use candle_core::{Device, cuda_backend::cudarc::driver::CudaContext};

use super::gpu::{Gpu, Which, absent};
use crate::error::Result;

/// What candle opens when it is first used, with the versions that `cudarc` knows, and what each is for. `cudarc` panics
/// where one is missing.
const LIBRARIES: [(&str, &[&str], &str); 3] = [
    ("cuda", &["", ".1"], "the driver"),
    ("cublas", &["", ".12", ".13"], "matrix products"),
    ("curand", &["", ".10"], "which candle opens"),
];

/// The compute capability that the kernels were compiled for, such as `90`; unknown if the build asked the GPU itself.
const COMPILED_FOR: Option<&str> = option_env!("CUDA_COMPUTE_CAP");

/// Opens the GPUs.
pub(super) fn open(which: &Which) -> Result<Vec<Gpu>> {
    find_libraries()?;
    let none = |why: &str| {
        let hint = "see `nvidia-smi`; CUDA_VISIBLE_DEVICES may hide GPUs";
        absent(format!("the driver finds no GPU{why}"), hint)
    };
    let found = CudaContext::device_count().map_err(|e| none(&format!(": {e}")))? as usize;
    if found == 0 {
        return Err(none(""));
    }
    let these = match which {
        Which::All => (0..found).collect(),
        Which::These(these) => these.clone(),
    };
    if let Some(index) = these.iter().find(|index| **index >= found) {
        let here = if found == 1 {
            "only GPU here is `cuda:0`".into()
        } else {
            format!("last GPU here is `cuda:{}`", found - 1)
        };
        return Err(absent(format!("there is no `cuda:{index}`, the {here}"), "see them with `nvidia-smi`"));
    }
    these.into_iter().map(open_one).collect()
}

fn open_one(index: usize) -> Result<Gpu> {
    let cannot = |e: &dyn std::fmt::Display| {
        let reason = e.to_string();
        let reason = reason.lines().next().unwrap_or_default();
        absent(
            format!("`cuda:{index}` cannot be opened: {reason}"),
            "see with `nvidia-smi` whether it is in use or its driver is older than CUDA 13.0",
        )
    };
    let context = CudaContext::new(index).map_err(|e| cannot(&e))?;
    let (major, minor) = context.compute_capability().map_err(|e| cannot(&e))?;
    let capability = (10 * major + minor) as usize;
    if let Some(compiled) = COMPILED_FOR.and_then(|text| text.parse().ok())
        && !runs(compiled, capability)
    {
        return Err(absent(
            format!(
                "`cuda:{index}` has compute capability {major}.{minor}, this program was compiled for {}.{}",
                compiled / 10,
                compiled % 10
            ),
            &format!("build it with `CUDA_COMPUTE_CAP={capability} just cuda-build`"),
        ));
    }
    let name = context.name().map_err(|e| cannot(&e))?;
    // Its stream is that of the calling thread, so whoever trains on it does so in one thread.
    let device = Device::new_cuda(index).map_err(|e| cannot(&e))?;
    Ok(Gpu::new(format!("cuda:{index} ({name})"), device, free_bytes))
}

/// Says whether kernels compiled for one capability run on another: from 9.0 on `nvcc` is told to use what only that one
/// has, older code is translated by the driver for every later GPU.
fn runs(compiled: usize, found: usize) -> bool {
    if compiled >= 90 { found == compiled } else { found >= compiled }
}

/// Finds the libraries before `cudarc` does.
fn find_libraries() -> Result<()> {
    for (library, versions, role) in LIBRARIES {
        let mut reason = String::new();
        let found = versions.iter().any(|version| {
            let name = libloading::library_filename(library).to_string_lossy().into_owned() + version;
            #[expect(unsafe_code, reason = "opens NVIDIA's own libraries, as candle is about to")]
            let opened = unsafe { libloading::Library::new(name) };
            opened
                .inspect_err(|e| reason = e.source().map_or_else(|| e.to_string(), ToString::to_string))
                .is_ok()
        });
        if !found {
            let hint = if library == "cuda" {
                "install NVIDIA's driver (580 or newer), or give the container its GPUs (`--gpus all`); `--device cpu` \
                 needs none"
            } else {
                "install the libraries of CUDA 13, or name their folder in LD_LIBRARY_PATH"
            };
            return Err(absent(format!("lib{library} ({role}) cannot be loaded: {reason}"), hint));
        }
    }
    Ok(())
}

/// Returns the free bytes of a GPU, once all that was given back is free.
fn free_bytes(device: &Device) -> Option<u64> {
    let stream = device.as_cuda_device().ok()?.cuda_stream();
    stream.context().synchronize().ok()?;
    let (free, _) = stream.context().mem_get_info().ok()?;
    Some(free as u64)
}

#[cfg(test)]
mod tests {
    use super::runs;

    #[test]
    fn old_code_runs_on_later_gpus_and_new_code_on_its_own_only() {
        assert!(runs(80, 80) && runs(80, 90) && runs(90, 90));
        assert!(!runs(80, 75) && !runs(90, 80) && !runs(90, 100));
    }
}
