//! What is printed: data to stdout, talk and errors to stderr; lines end where the terminal does.

use std::{
    io::Write,
    sync::{Mutex, PoisonError},
};

use indicatif::ProgressBar;

use super::screen::{self, Stream};
use crate::{
    error::Error,
    lines::{Line, Piece, Tone},
    text,
};

pub(super) fn report_error(error: &Error) {
    match error {
        Error::Spec(faults) => tell_as_it_is(&faults.render_within(true, screen::width(Stream::Err))),
        error => say_line(format_args!("error: {error}")),
    }
    if let Some(hint) = error.hint() {
        tell_as_it_is("");
        say_line(format_args!("hint: {hint}"));
    }
}

/// Prints lines of data to stdout.
macro_rules! out {
    ($($arg:tt)*) => { $crate::cli::talk::print_line(format_args!($($arg)*)) };
}
pub(super) use out;

/// Prints lines to stdout, broken at the width of the terminal.
pub(super) fn print_line(lines: std::fmt::Arguments<'_>) {
    lines.to_string().split('\n').for_each(|line| show(Line::plain(line)));
}

/// Prints a line to stdout, broken at the width of the terminal.
pub(super) fn show(line: Line) {
    print_text(&styled(line, Stream::Out));
}

/// Prints a text to stdout, broken as [`show`] does it, beside a label of at most 8 letters on its first line.
pub(super) fn labelled(label: &str, text: &str) {
    const ROOM: usize = 9;
    let line = Line::plain(text);
    let lines = match screen::width(Stream::Out) {
        Some(width) => line.wrapped(width.saturating_sub(ROOM)),
        None => vec![line],
    };
    for (i, line) in lines.iter().enumerate() {
        show(Line::plain(format!("{:ROOM$}{}", if i == 0 { label } else { "" }, line.text())));
    }
}

/// Prints a line to stdout that is one line however long it is.
pub(super) fn show_one(line: Line) {
    print_text(&painted(&inert_line(line)));
}

/// Prints lines to stdout, as [`show`] does.
pub(super) fn show_all(lines: impl IntoIterator<Item = Line>) {
    lines.into_iter().for_each(show);
}

/// Prints a text that programs read to stdout, whose lines are left as they are.
pub(super) fn print_data(text: &str) {
    print_text(&inert(text));
}

/// Prints to stdout; ends the program if it cannot be written. If nobody reads any more, the work goes on, and its exit
/// code is what it would have been.
fn print_text(text: &str) {
    match writeln!(anstream::stdout(), "{text}") {
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

/// Prints a line of talk to stderr if much is to be said.
macro_rules! detail {
    ($talk:expr, $($arg:tt)*) => {
        if $talk.verbose {
            $crate::cli::talk::say_line(format_args!($($arg)*));
        }
    };
}
pub(super) use detail;

/// The bar that is drawn at the end of stderr, if one is.
static BAR: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// Keeps a bar whole from now on: what is said stands above it.
pub(super) fn spare(bar: &ProgressBar) {
    *BAR.lock().unwrap_or_else(PoisonError::into_inner) = Some(bar.clone());
}

/// Prints a text with its own colours to stderr. That nobody can read it ends no work.
fn tell_as_it_is(text: &str) {
    let tell = || {
        let _ = writeln!(anstream::stderr(), "{text}");
    };
    match &*BAR.lock().unwrap_or_else(PoisonError::into_inner) {
        Some(bar) if !bar.is_finished() => bar.suspend(tell),
        _ => tell(),
    }
}

/// What begins a line of talk that is more than news, and how it is meant.
const HEADS: [(&str, Tone); 5] = [
    ("error", Tone::Bad),
    ("ALARM", Tone::Bad),
    ("warning", Tone::Caveat),
    ("note", Tone::Caveat),
    ("hint", Tone::Strong),
];

/// Prints lines of talk to stderr, broken at the width of the terminal.
pub(super) fn say_line(lines: std::fmt::Arguments<'_>) {
    for line in lines.to_string().split('\n') {
        let head =
            HEADS.iter().find(|(head, _)| line.strip_prefix(head).is_some_and(|l| l.starts_with(": ")));
        let line = match head {
            Some((head, tone)) => Line::of(*tone, *head).and(Tone::Plain, &line[head.len()..]),
            None => Line::plain(line),
        };
        tell_as_it_is(&styled(line, Stream::Err));
    }
}

/// Returns a line with its colours, broken where the terminal ends. A stream that shows no colours takes them out again.
fn styled(line: Line, stream: Stream) -> String {
    let line = inert_line(line);
    let lines = match screen::width(stream) {
        Some(width) => line.wrapped(width),
        None => vec![line],
    };
    lines.iter().map(painted).collect::<Vec<_>>().join("\n")
}

fn inert_line(mut line: Line) -> Line {
    line.0.iter_mut().for_each(|piece| piece.text = inert(&piece.text));
    line
}

fn painted(line: &Line) -> String {
    let paint = |piece: &Piece| {
        let style = screen::style(piece.tone);
        format!("{style}{}{style:#}", piece.text)
    };
    line.0.iter().map(paint).collect()
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
