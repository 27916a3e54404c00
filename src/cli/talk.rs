//! What is printed: data to stdout, talk and errors to stderr.

use crate::error::Error;

pub(super) fn report_error(error: &Error) {
    let red = anstyle::AnsiColor::Red.on_default().bold();
    match error {
        Error::Spec(faults) => anstream::eprintln!("{}", faults.render(true)),
        error => anstream::eprintln!("{red}error{red:#}: {error}"),
    }
    if let Some(hint) = error.hint() {
        anstream::eprintln!("\nhint: {hint}");
    }
}

/// Prints a line of data to stdout.
macro_rules! out {
    ($($arg:tt)*) => { $crate::cli::talk::print_line(format_args!($($arg)*)) };
}
pub(super) use out;

/// Prints a line to stdout; ends the program if it cannot be written. If nobody reads any more, the work goes on, and its
/// exit code is what it would have been.
pub(super) fn print_line(line: std::fmt::Arguments<'_>) {
    use std::io::Write;
    match writeln!(anstream::stdout(), "{line}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            report_error(&Error::File { action: "write", path: "stdout".into(), source: error });
            std::process::exit(2);
        }
        Err(_) | Ok(()) => {}
    }
}

/// Prints a line of talk to stderr, unless it should be quiet.
macro_rules! say {
    ($talk:expr, $($arg:tt)*) => {
        if !$talk.quiet {
            anstream::eprintln!($($arg)*);
        }
    };
}
pub(super) use say;
