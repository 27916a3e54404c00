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

# Licences, advisories and sources of the dependencies (needs cargo-deny and a network).
deny:
    cargo deny check

# Exactly what CI runs.
ci:
    bash .ci/run
