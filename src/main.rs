//! The `replikat` program: parse, call, exit code.

use std::process::ExitCode;

/// Fresh buffers of training steps cost far less with it than with the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    replikat::cli::main()
}
