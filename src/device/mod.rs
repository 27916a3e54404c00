//! Where runs are trained: `--device`, and the devices for cohorts.
//!
//! Only `cuda`, behind the feature of that name, knows CUDA; everything else takes any device of candle.

#[cfg(feature = "cuda")]
mod cuda;
mod gpu;

use std::str::FromStr;

use crate::{error::Result, numerics::Numerics};
#[cfg(not(feature = "cuda"))]
use gpu::absent;
pub use gpu::{Gpu, Which};

/// What `--device` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Device {
    /// The CPU kernels, a run per thread.
    Cpu,
    /// GPUs, each with a cohort at a time.
    Cuda(Which),
    /// What CUDA computes, on candle's CPU device, as if there were so many GPUs: a test aid.
    Composed(usize),
}

impl FromStr for Device {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let known = || {
            "known are `cpu`, `cuda` (the first GPU), one (`cuda:1`), some (`cuda:0,2`) and all (`cuda:all`)"
                .to_owned()
        };
        match text.split_once(':') {
            None if text == "cpu" => Ok(Self::Cpu),
            None if text == "cuda" => Ok(Self::Cuda(Which::These(vec![0]))),
            None if text == "composed" => Ok(Self::Composed(1)),
            Some(("composed", count)) => {
                count.parse().ok().filter(|count| *count > 0).map(Self::Composed).ok_or_else(known)
            }
            Some(("cuda", "all")) => Ok(Self::Cuda(Which::All)),
            Some(("cuda", list)) => {
                let mut gpus = Vec::new();
                for item in list.split(',') {
                    let gpu = item.parse().map_err(|_| known())?;
                    if gpus.contains(&gpu) {
                        return Err(format!("GPU {gpu} is named twice"));
                    }
                    gpus.push(gpu);
                }
                Ok(Self::Cuda(Which::These(gpus)))
            }
            _ => Err(known()),
        }
    }
}

impl Device {
    /// Returns which bits its runs have: the one place where a device meets its numerics.
    #[must_use]
    pub fn numerics(&self) -> Numerics {
        match self {
            Self::Cpu => Numerics::Exact1,
            Self::Cuda(_) => Numerics::Cuda1,
            Self::Composed(_) => Numerics::Composed1,
        }
    }

    /// Returns what a command line must say for the runs of such a device, with a space before it; empty for the one
    /// that needs no saying.
    #[must_use]
    pub fn option(&self) -> &'static str {
        match self {
            Self::Cpu => "",
            Self::Cuda(_) => " --device cuda",
            Self::Composed(_) => " --device composed",
        }
    }

    /// Opens the devices for cohorts; none for the CPU kernels.
    ///
    /// # Errors
    /// Returns an error that says what is missing: CUDA in this program, the driver, a library, a GPU.
    pub fn open(&self) -> Result<Vec<Gpu>> {
        match self {
            Self::Cpu => Ok(Vec::new()),
            Self::Composed(count) => {
                let gpu = |i| Gpu::new(format!("composed:{i}"), candle_core::Device::Cpu, |_| None);
                Ok((0..*count).map(gpu).collect())
            }
            Self::Cuda(which) => open_cuda(which),
        }
    }
}

#[cfg(feature = "cuda")]
use cuda::open as open_cuda;

#[cfg(not(feature = "cuda"))]
fn open_cuda(_: &Which) -> Result<Vec<Gpu>> {
    Err(absent(
        "this program was built without CUDA",
        "build one with `just cuda-build`, which needs no GPU, or leave `--device` out to train on the CPU",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_says_which_bits_its_runs_have_and_how_it_is_asked_for() {
        let table = [
            (Device::Cpu, Numerics::Exact1, ""),
            (Device::Cuda(Which::All), Numerics::Cuda1, " --device cuda"),
            (Device::Composed(2), Numerics::Composed1, " --device composed"),
        ];
        for (device, numerics, option) in table {
            assert_eq!((device.numerics(), device.option()), (numerics, option));
            let asked = option.strip_prefix(" --device ").unwrap_or("cpu").parse::<Device>().unwrap();
            assert_eq!(asked.numerics(), numerics);
        }
    }

    #[test]
    fn names_are_read_and_everything_else_is_refused() {
        let these = |list: &[usize]| Ok(Device::Cuda(Which::These(list.to_vec())));
        let read = |text: &str| text.parse::<Device>();
        assert_eq!(read("cpu"), Ok(Device::Cpu));
        assert_eq!(
            (read("cuda"), read("cuda:3"), read("cuda:2,0")),
            (these(&[0]), these(&[3]), these(&[2, 0]))
        );
        assert_eq!(read("cuda:all"), Ok(Device::Cuda(Which::All)));
        assert_eq!(read("cuda:1,1"), Err("GPU 1 is named twice".to_owned()));
        for bad in ["", "gpu", "CUDA", "cuda:", "cuda:0,", "cuda:-1", "cuda:all,0", "cpu:0", "composed:0"] {
            assert!(read(bad).is_err_and(|e| e.starts_with("known are `cpu`")), "{bad}");
        }
    }
}
