#!/usr/bin/env bash
# Builds replikat with CUDA on a machine that has no GPU, no driver and no toolkit; x86-64 Linux.
#
#   tools/cuda-build.sh [arguments of cargo build]
#
# NVIDIA's compiler comes as wheels from PyPI (105 MB) into a cache folder. What comes out opens the driver and CUDA's
# libraries when a GPU is first asked for, so it starts where there are none, and says what is missing.
#
#   CUDA_COMPUTE_CAP=90   which GPUs: 90 is H100 and H200 and nothing else, 80 is A100 and all later ones
#   CUDA_TOOLKIT=…        the cache folder, ~/.cache/replikat/cuda-13.0
#   JOBS=…                compilers at once, as many as there are cores
set -euo pipefail
cd "$(dirname "$0")/.."
toolkit=${CUDA_TOOLKIT:-${XDG_CACHE_HOME:-$HOME/.cache}/replikat/cuda-13.0}
jobs=${JOBS:-$(nproc)}
target=x86_64-unknown-linux-gnu

# All of one release: a newer compiler writes PTX that a driver of CUDA 13.0 (580) does not read.
wheels=(
  nvidia-cuda-nvcc==13.0.88     # nvcc, ptxas
  nvidia-nvvm==13.0.88          # cicc, libdevice
  nvidia-cuda-crt==13.0.88      # headers of the compiler
  nvidia-cuda-runtime==13.0.96  # headers of the runtime, and the runtime as a static library
  nvidia-cuda-cccl==13.0.85     # CUB, Thrust
)

if [ ! -e "$toolkit/complete" ]; then
  echo "== the compiler: $toolkit"
  rm -rf "$toolkit"
  mkdir -p "$toolkit/wheels"
  python3 -m pip download --quiet --no-deps --only-binary=:all: --platform manylinux_2_17_x86_64 \
    --platform manylinux2014_x86_64 --platform manylinux_2_27_x86_64 --dest "$toolkit/wheels" "${wheels[@]}"
  for wheel in "$toolkit"/wheels/*.whl; do
    python3 -m zipfile -e "$wheel" "$toolkit/wheels/unpacked"
  done
  mv "$toolkit"/wheels/unpacked/nvidia/cu13/* "$toolkit"
  rm -r "$toolkit/wheels"
  chmod a+x "$toolkit"/bin/* "$toolkit"/nvvm/bin/*
  ln -s lib "$toolkit/lib64"
  # The runtime is linked in. Of the other libraries nothing is linked, so an empty archive is enough for `-lcuda`.
  ln -s libcudart_static.a "$toolkit/lib/libcudart.a"
  mkdir "$toolkit/lib/stubs"
  for library in cuda cublas cublasLt curand nvrtc; do
    printf '!<arch>\n' >"$toolkit/lib/stubs/lib$library.a"
  done
  touch "$toolkit/complete"
fi

export CUDA_HOME=$toolkit CUDA_PATH=$toolkit NVCC=$toolkit/bin/nvcc PATH=$toolkit/bin:$PATH
export CUDA_COMPUTE_CAP=${CUDA_COMPUTE_CAP:-90} CUDARC_CUDA_VERSION=13000
export CUDAFORGE_THREADS=$jobs NVCC_APPEND_FLAGS=-Xfatbin=-compress-all
# candle asks cudarc to link the libraries, and cudarc's build script refuses to be asked for loading them as well. Its
# sources prefer loading, though, and with an explicit --target these flags reach sources and not build scripts.
unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CUDA_ROOT CUDA_TOOLKIT_ROOT_DIR
libraries=/usr/local/cuda/lib64:/usr/local/nvidia/lib64
export CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS="--cfg feature=\"dynamic-loading\" -C link-arg=-Wl,-rpath,$libraries"
cargo build --locked --release --features cuda --target "$target" --jobs "$jobs" "$@"

program=${CARGO_TARGET_DIR:-target}/$target/release/replikat
needed=$(readelf -d "$program" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' | tr '\n' ' ')
echo "== $program, compute capability $CUDA_COMPUTE_CAP; it needs at start: $needed"
case $needed in *libcu* | *libnv*) echo "it would not start without CUDA" >&2 && exit 1 ;; esac
