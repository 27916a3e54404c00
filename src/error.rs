//! The one error type of the crate, and what to do about each error.

use std::{
    io,
    ops::Range,
    path::{Path, PathBuf},
};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::lines::folded;

/// Shorthand for results of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Everything that can go wrong; each message says what, where and, through [`Error::hint`], what next.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The spec has faults; all that were found, each with its place.
    #[error("the spec has faults\n{}", .0.render(false))]
    Spec(Box<SpecFaults>),
    /// A file or folder could not be read or written.
    #[error("cannot {action} `{}`: {}", path.display(), reason(source))]
    File {
        /// What was tried, such as `read`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A data file is not what it should be.
    #[error("`{}` is not a good data file: {reason}", path.display())]
    Data {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The data set was found nowhere and could not be fetched.
    #[error("{title} is not at hand\n{tried}")]
    NoData {
        /// Name of the data set.
        title: &'static str,
        /// One line for each place that was tried.
        tried: String,
    },
    /// A stored file has a format that this version does not read.
    #[error("`{}` has format {found}; this version reads format {known}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u64,
        /// The newest format that is known here.
        known: u64,
    },
    /// A stored file is damaged or malformed.
    #[error("`{}` is damaged: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// How it was noticed.
        reason: String,
    },
    /// The tensor library refused an operation.
    #[error("tensor error: {0}")]
    Tensor(#[from] candle_core::Error),
    /// A frame could not be built or written.
    #[error("table error: {0}")]
    Frame(#[from] polars::error::PolarsError),
    /// A figure could not be drawn.
    #[error("cannot draw the figure: {0}")]
    Figure(String),
    /// The user asked for something that does not exist or does not fit.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// The next step.
        hint: String,
    },
}

impl Error {
    /// Makes an [`Error::File`] from an I/O error.
    pub fn file(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { action, path, source }
    }

    /// Returns the next step for the user, if there is a good one.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Spec(faults) => return faults.hint(),
            Self::NoData { .. } => {
                "put the four files into a folder and name it with `--data-dir DIR`, or let the \
                 spec fall back on drawn digits with `data: {otherwise: glyphs}`"
                    .into()
            }
            Self::Data { .. } => {
                "remove the file and run `replikat data fetch`, or name another `--data-dir`".into()
            }
            Self::Format { .. } => "use the version of replikat that wrote it, or a newer one".into(),
            Self::Damaged { path, .. } => mend(path),
            Self::Usage { hint, .. } => hint.clone(),
            Self::File { source, .. } if full(source) => {
                "make room, or choose other folders with `--results` and `--reports`; what is finished is stored, and \
                 the same command goes on"
                    .into()
            }
            Self::File { source, action, .. } if closed(source) && action.starts_with("read") => {
                "make it readable for you, or name another one".into()
            }
            Self::File { source, .. } if closed(source) => {
                "choose other folders with `--results` and `--reports`, or make these writable".into()
            }
            Self::File { source, .. } if source.kind() == io::ErrorKind::CrossesDevices => {
                "store, quarantine and trash lie on several file systems, between which only plain files are moved: move or \
                 remove it yourself"
                    .into()
            }
            Self::File { source, .. } if source.kind() == io::ErrorKind::FileTooLarge => {
                "allow larger files (`ulimit -f`), or choose other folders with `--results` and `--reports`".into()
            }
            Self::File { source, .. } if too_many_open(source) => {
                "allow more open files (`ulimit -n 1024`), or train fewer runs at once with `--jobs`".into()
            }
            Self::File { source, .. } if is_something_else(source) => {
                "something of another kind has this name: move it away, or name another place".into()
            }
            Self::Figure(_) => "show fewer configs in it: choose them with `where:`".into(),
            Self::File { .. } | Self::Tensor(_) | Self::Frame(_) => return None,
        })
    }
}

/// Returns the system's reason without its number.
pub(crate) fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error") {
        Some((reason, _)) => reason.to_lowercase(),
        None => text,
    }
}

/// Says how a damaged file is mended: records are made by training, locks are kept in version control.
fn mend(path: &Path) -> String {
    // A record is named after its key.
    let is_record = path.file_name().is_some_and(|name| {
        name.to_string_lossy().get(..64).is_some_and(|key| key.bytes().all(|c| c.is_ascii_hexdigit()))
    });
    if is_record {
        return "`replikat store fsck --repair` sets it aside; `replikat run SPEC` trains it again".into();
    }
    if path.to_string_lossy().ends_with(".lock.json") {
        return "restore it from version control, or write it anew with `replikat lock SPEC --force`".into();
    }
    "remove it; `replikat report SPEC` makes what reports are made of anew".into()
}

/// Says whether a disk has no room.
fn full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// Says whether a file or folder may not be written.
pub(crate) fn closed(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied)
}

/// Says whether a name is taken by a thing of another kind: a folder where a file is meant, or a file where a folder is.
fn is_something_else(error: &io::Error) -> bool {
    use io::ErrorKind::{AlreadyExists, InvalidInput, IsADirectory, NotADirectory};
    matches!(error.kind(), AlreadyExists | InvalidInput | IsADirectory | NotADirectory)
}

/// Says whether this process, or the system, has no room for another open file.
fn too_many_open(error: &io::Error) -> bool {
    // EMFILE and ENFILE.
    matches!(error.raw_os_error(), Some(23 | 24)) && cfg!(unix)
}

/// A text that spec values come from: the spec file, or one `--set`.
#[derive(Debug, Clone)]
pub struct Source {
    /// File name, or [`Source::COMMAND_LINE`].
    pub name: String,
    /// The text.
    pub text: String,
}

impl Source {
    /// The name of the source of an option.
    pub const COMMAND_LINE: &str = "command line";
    /// What stands before what an option replaces.
    pub const SET: &str = "--set ";

    /// Returns the source of one `--set`, whose text follows [`Source::SET`].
    #[must_use]
    pub fn set(text: &str) -> Self {
        Self { name: Self::COMMAND_LINE.to_owned(), text: format!("{}{text}", Self::SET) }
    }
}

/// A place in one of the sources.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Span {
    /// Index into [`SpecFaults::sources`].
    pub source: usize,
    /// Bytes of the source's text.
    pub bytes: Range<usize>,
}

impl Span {
    /// Moves it by some bytes.
    pub fn shift(&mut self, by: usize) {
        self.bytes = self.bytes.start + by..self.bytes.end + by;
    }

    /// Returns the place of a part of what stands here, if that has the given length as it is written; else this place.
    #[must_use]
    pub fn part(&self, length: usize, part: Range<usize>) -> Self {
        if self.bytes.len() != length {
            return self.clone();
        }
        Self { source: self.source, bytes: self.bytes.start + part.start..self.bytes.start + part.end }
    }
}

/// One fault of a spec.
#[derive(Debug, Clone)]
pub struct Fault {
    /// Where it is.
    pub span: Span,
    /// What is wrong, beginning with the path of the field.
    pub message: String,
    /// The remedy.
    pub help: Option<String>,
}

/// All faults of a spec, with the texts that they point into.
#[derive(Debug)]
pub struct SpecFaults {
    /// The spec file first, then each `--set`.
    pub sources: Vec<Source>,
    /// At least one fault, in order of place.
    pub faults: Vec<Fault>,
    /// Whether all of them are shown, not only the first.
    pub all: bool,
}

/// Columns that are kept for what stands before a text.
const LABEL: usize = 14;

impl SpecFaults {
    /// How many faults are shown in full; the rest are counted.
    const SHOWN: usize = 4;

    /// Renders the faults for a person, each beginning with `error: ` and with its line, a caret and
    /// the remedy.
    #[must_use]
    pub fn render(&self, colour: bool) -> String {
        self.render_within(colour, None)
    }

    /// Renders the faults as [`SpecFaults::render`] does; texts are broken and lines of the spec cut at `width` columns.
    #[must_use]
    pub fn render_within(&self, colour: bool, width: Option<usize>) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        let renderer = width.map_or(renderer.clone(), |width| renderer.term_width(width));
        let mut out = String::new();
        let shown = if self.all { self.faults.len() } else { Self::SHOWN };
        for (i, fault) in self.faults.iter().take(shown).enumerate() {
            if i > 0 {
                out.push_str("\n\n");
            }
            out.push_str(&renderer.render(&[self.group(fault, width)]));
        }
        let rest = self.faults.len().saturating_sub(shown);
        if rest > 0 {
            out.push_str(&format!("\n\n… and {rest} more; `--all-faults` shows them"));
        }
        out
    }

    /// Returns the next step where the faults themselves do not say it: what is wrong in an option is not corrected in the
    /// spec.
    fn hint(&self) -> Option<String> {
        let option = |fault: &Fault| {
            let source = self.sources.get(fault.span.source)?;
            (source.name == Source::COMMAND_LINE).then(|| source.text.clone())
        };
        Some(format!(
            "correct the option `{}`; the spec is not changed by it",
            self.faults.iter().find_map(option)?
        ))
    }

    fn group<'a>(&'a self, fault: &'a Fault, width: Option<usize>) -> Group<'a> {
        // `error: ` and `  = help: ` stand before a text.
        let broken = |text: &str| {
            width.map_or(text.to_owned(), |w| folded(text, w.saturating_sub(LABEL).max(LABEL)).join("\n"))
        };
        let source = &self.sources[fault.span.source.min(self.sources.len() - 1)];
        let end = fault.span.bytes.end.min(source.text.len());
        let start = fault.span.bytes.start.min(end);
        // A block runs over many lines; its first one is enough to point at.
        let first_line = source.text[start..end].lines().next().map_or(0, |l| l.trim_end().len());
        let end = start + first_line;
        let snippet = Snippet::source(&source.text)
            .path(&source.name)
            .annotation(AnnotationKind::Primary.span(start..end));
        let mut group =
            Group::with_title(Level::ERROR.primary_title(broken(&fault.message))).element(snippet);
        if let Some(help) = &fault.help {
            group = group.element(Level::HELP.message(broken(help)));
        }
        group
    }
}
