# List the recipes.
default:
    @just --list

# Format everything.
fmt:
    cargo fmt --all

# What clippy says, as strict as CI.
lint:
    cargo clippy --all-targets -- -D warnings

# All tests.
test:
    cargo test

# Twelve mistakes on purpose: lock and bands must find them.
bugs:
    cargo test -p replikat --features seeded-bugs --test suite bugs -- --nocapture

# Which verdicts move if an assumption is another; some minutes.
assumptions:
    cargo run -- sweep experiments/assumptions.yaml

# A few seconds on drawn digits.
smoke:
    cargo run -- run experiments/smoke.yaml

# The paper.
paper:
    cargo run -- run experiments/paper.yaml

# The fault tests at full length: ten times the kills of `just test`. Needs root, for small disks.
faults:
    REPLIKAT_FAULTS=nightly cargo test --test suite -- faults:: processes:: store::

# How planning, lookup, verification and reports grow up to a million runs.
scale:
    cargo bench --profile dev --bench scale

# The same job in PyTorch, JAX, candle and burn beside ours; benches/peers/README.md says what they need.
peers *arguments:
    python3 benches/peers/compare.py {{arguments}}

# A program with CUDA, on a machine without a GPU: NVIDIA's compiler comes from PyPI.
cuda-build *arguments:
    tools/cuda-build.sh {{arguments}}

# What clippy says of the CUDA code; needs no compiler of CUDA.
cuda-lint:
    NVCC="$PWD/tools/nvcc-stand-in" CUDA_COMPUTE_CAP=50 CUDARC_CUDA_VERSION=13000 \
        cargo clippy --locked -p replikat --features cuda -- -D warnings

# Licences, advisories and sources of the dependencies (needs cargo-deny and a network).
deny:
    cargo deny check

# Exactly what CI runs.
ci:
    bash .ci/run
