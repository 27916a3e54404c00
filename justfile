# List the recipes.
default:
    @just --list

# Format everything.
fmt:
    cargo fmt

# What clippy says, as strict as CI.
lint:
    cargo clippy --all-targets -- -D warnings

# All tests.
test:
    cargo test

# A few seconds on drawn digits.
smoke:
    cargo run -- run experiments/smoke.yaml

# The paper.
paper:
    cargo run -- run experiments/paper.yaml

# The same job in PyTorch, JAX, candle and burn beside ours; benches/peers/README.md says what they need.
peers *arguments:
    python3 benches/peers/compare.py {{arguments}}

# Licences, advisories and sources of the dependencies (needs cargo-deny and a network).
deny:
    cargo deny check

# Exactly what CI runs.
ci:
    bash .ci/run
