//! The one error type of the crate, and what to do about each error.

use std::{io, ops::Range, path::PathBuf};

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
    #[error("cannot {action} `{}`: {source}", path.display())]
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
            Self::Spec(faults) => format!(
                "correct the spec, then see its grid with `replikat plan {}`",
                faults.sources.first().map_or("SPEC", |s| s.name.as_str())
            ),
            Self::NoData { .. } => {
                "put the four files into a folder and name it with `--data-dir DIR`, or let the \
                 spec fall back on drawn digits with `data: {otherwise: glyphs}`"
                    .into()
            }
            Self::Data { .. } => {
                "remove the file and run `replikat data fetch`, or name another `--data-dir`".into()
            }
            Self::Format { .. } => "use the version of replikat that wrote it, or a newer one".into(),
            Self::Damaged { .. } => {
                "restore the file from version control, or remove it to make it anew".into()
            }
            Self::Usage { hint, .. } => hint.clone(),
            Self::File { source, .. } if full(source) => {
                "make room, or choose other folders with `--results` and `--reports`; what is finished is stored, and \
                 the same command goes on"
                    .into()
            }
            Self::File { source, .. } if closed(source) => {
                "choose other folders with `--results` and `--reports`, or make these writable".into()
            }
            Self::Figure(_) => "show fewer configs in it: choose them with `where:`".into(),
            Self::File { .. } | Self::Tensor(_) | Self::Frame(_) => return None,
        })
    }
}

/// Says whether a disk has no room.
fn full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// Says whether a folder cannot be written.
fn closed(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied)
}

/// A text that spec values come from: the spec file, or one `--set`.
#[derive(Debug, Clone)]
pub struct Source {
    /// File name, or `--set`.
    pub name: String,
    /// The text.
    pub text: String,
}

/// A place in one of the sources.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Span {
    /// Index into [`SpecFaults::sources`].
    pub source: usize,
    /// Bytes of the source's text.
    pub bytes: Range<usize>,
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
        for (i, fault) in self.faults.iter().take(Self::SHOWN).enumerate() {
            if i > 0 {
                out.push_str("\n\n");
            }
            out.push_str(&renderer.render(&[self.group(fault, width)]));
        }
        let rest = self.faults.len().saturating_sub(Self::SHOWN);
        if rest > 0 {
            out.push_str(&format!("\n\n… and {rest} more"));
        }
        out
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
