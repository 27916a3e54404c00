//! What is printed: data to stdout, talk and errors to stderr.

use std::io::Write;

use crate::{error::Error, text};

pub(super) fn report_error(error: &Error) {
    let red = anstyle::AnsiColor::Red.on_default().bold();
    match error {
        Error::Spec(faults) => tell(format_args!("{}", faults.render(true))),
        error => tell(format_args!("{red}error{red:#}: {}", inert(&error.to_string()))),
    }
    if let Some(hint) = error.hint() {
        tell(format_args!("\nhint: {}", inert(&hint)));
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
    match writeln!(anstream::stdout(), "{}", inert(&line.to_string())) {
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
            $crate::cli::talk::say_line(format_args!($($arg)*));
        }
    };
}
pub(super) use say;

/// Prints a line of talk, whose own colours are kept. That nobody can read it ends no work.
pub(super) fn tell(line: std::fmt::Arguments<'_>) {
    let _ = writeln!(anstream::stderr(), "{line}");
}

/// Prints a line of talk without control characters.
pub(super) fn say_line(line: std::fmt::Arguments<'_>) {
    tell(format_args!("{}", inert(&line.to_string())));
}

/// Replaces what would steer a terminal or turn the direction of a line: names and reasons may come from files of
/// others.
fn inert(line: &str) -> String {
    let steers = |c: char| c.is_control() && c != '\n' && c != '\t';
    line.chars().map(|c| if steers(c) || text::turns(c) { '\u{fffd}' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::inert;

    #[test]
    fn nothing_steers_a_terminal() {
        assert_eq!(
            inert("a\u{1b}]0;t\u{7}\r\u{9b}b\tc\nd\u{202e}é"),
            "a\u{fffd}]0;t\u{fffd}\u{fffd}\u{fffd}b\tc\nd\u{fffd}é"
        );
    }
}
