//! The terminal: how wide it is, and what a tone looks like. Nothing else asks.

use std::io::{IsTerminal, stderr, stdout};

use anstyle::{AnsiColor, Style};

use crate::lines::Tone;

/// Where text goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stream {
    Out,
    Err,
}

/// Terminals that say they are narrower are not believed.
const NARROWEST: usize = 20;

/// Returns how many columns there are: what `COLUMNS` says, else what the terminal says; `None` for a pipe or a file
/// without `COLUMNS`, whose lines are as long as they are.
pub(super) fn width(stream: Stream) -> Option<usize> {
    let set = std::env::var("COLUMNS").ok().and_then(|text| text.trim().parse().ok());
    let columns = set.filter(|columns| *columns > 0).or_else(|| {
        let size = match stream {
            Stream::Out if stdout().is_terminal() => terminal_size::terminal_size_of(stdout()),
            Stream::Err if stderr().is_terminal() => terminal_size::terminal_size_of(stderr()),
            Stream::Out | Stream::Err => None,
        };
        size.map(|(columns, _)| usize::from(columns.0)).filter(|columns| *columns > 0)
    });
    columns.map(|columns| columns.max(NARROWEST))
}

/// Obeys `FORCE_COLOR`, where 0 stands for never. `NO_COLOR`, which is stronger, `CLICOLOR_FORCE`, `CLICOLOR`, `TERM=dumb` and
/// whether there is a terminal are looked at by whatever prints.
pub(super) fn choose_colours() {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    if let (Some(force), None) = (set("FORCE_COLOR"), set("NO_COLOR")) {
        let never = force == "0" || force == "false";
        let choice = if never { anstream::ColorChoice::Never } else { anstream::ColorChoice::Always };
        choice.write_global();
    }
}

/// Returns what a tone looks like, on dark and on light.
pub(super) fn style(tone: Tone) -> Style {
    let bold = |colour: AnsiColor| colour.on_default().bold();
    match tone {
        Tone::Plain => Style::new(),
        Tone::Strong | Tone::Own => Style::new().bold(),
        Tone::Good => bold(AnsiColor::Green),
        Tone::Fair => AnsiColor::Cyan.on_default(),
        Tone::Mixed | Tone::Caveat => bold(AnsiColor::Yellow),
        Tone::Open => AnsiColor::Magenta.on_default(),
        Tone::Bad => bold(AnsiColor::Red),
        Tone::Faint => Style::new().dimmed(),
    }
}
