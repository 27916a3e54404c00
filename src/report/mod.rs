//! Summary → tables (Markdown, CSV, LaTeX), figures (SVG, PNG) and frames (CSV, Parquet) on disk.
//!
//! Every byte is a function of the plan's configs and the stored outcomes: no time, no host, no
//! name of the experiment enters a file.

mod axis;
mod clip;
pub mod curves;
pub mod dots;
mod draw;
pub mod envelope;
pub mod figure;
pub mod forest;
mod form;
pub mod heat_map;
pub mod junit;
mod legend;
mod lettering;
mod marks;
pub mod paired;
mod png;
mod range;
mod raster;
mod rows;
mod scene;
pub mod sweep;
pub mod table;
pub mod verdict;

use std::path::{Path, PathBuf};

use crate::{
    aggregate::{self, ConfigSummary, Frames},
    error::Result,
    files,
    plan::Plan,
    spec::{DataSource, Spec},
    verdict::Verdicts,
};
use draw::Shown;
use table::Table;

/// Where reports and frames go.
#[derive(Debug, Clone)]
pub struct Folders {
    /// Frames go to `<results>/<experiment>/`.
    pub results: PathBuf,
    /// Tables and figures go to `<reports>/<experiment>/`.
    pub reports: PathBuf,
}

/// What was made.
#[derive(Debug, Clone)]
pub struct Written {
    /// The tables, for the terminal.
    pub tables: Vec<Table>,
    /// Every file, with whether its bytes are new.
    pub files: Vec<(PathBuf, bool)>,
}

/// Returns the warning that belongs on everything made of drawn digits where MNIST is meant: in place
/// of the spec's data set, or beside numbers of the paper.
#[must_use]
pub fn stamp(spec: &Spec, plan: &Plan) -> Option<&'static str> {
    let mnist_meant = spec.data.source == DataSource::Mnist
        || spec.tables.values().any(|table| table.rows.iter().any(|row| row.paper.is_some()));
    let drawn = plan.dataset.source == DataSource::Glyphs;
    (drawn && mnist_meant).then_some("drawn digits, not MNIST: not comparable with the paper")
}

/// Returns the name of the folders for a plan's outputs: the experiment's, or one beside it for the data
/// set that stands in for the spec's own, so that neither replaces the other.
#[must_use]
pub fn folder_name(spec: &Spec, plan: &Plan) -> String {
    if plan.dataset.source == spec.data.source {
        return spec.experiment.clone();
    }
    format!("{}-{}", spec.experiment, plan.dataset.source.word())
}

/// Writes every table, figure and frame of the spec; a file whose bytes stay the same is left alone.
///
/// # Errors
/// Returns an error if a file cannot be written.
pub fn write(
    spec: &Spec,
    plan: &Plan,
    frames: &Frames,
    summaries: &[ConfigSummary],
    verdicts: Option<&Verdicts>,
    folders: &Folders,
) -> Result<Written> {
    let stamp = stamp(spec, plan);
    let name = folder_name(spec, plan);
    let (reports, results) = (folders.reports.join(&name), folders.results.join(&name));
    let mut written = Written { tables: Vec::new(), files: Vec::new() };
    let mut save = |folder: &Path, name: String, bytes: &[u8]| -> Result<()> {
        let path = folder.join(name);
        let changed = files::write_if_changed(&path, bytes)?;
        written.files.push((path, changed));
        Ok(())
    };
    for (name, table) in &spec.tables {
        let table = table::build(table, plan, summaries, stamp);
        save(&reports, format!("{name}.md"), table.markdown().as_bytes())?;
        save(&reports, format!("{name}.csv"), table.csv().as_bytes())?;
        save(&reports, format!("{name}.tex"), table.latex().as_bytes())?;
        written.tables.push(table);
    }
    let shown = Shown { spec, plan, summaries, verdicts, stamp };
    for (name, figure) in &spec.figures {
        let (svg, png) = draw::figure(figure, &shown)?;
        save(&reports, format!("{name}.svg"), svg.as_bytes())?;
        save(&reports, format!("{name}.png"), &png)?;
    }
    for (name, frame) in [("runs", &frames.runs), ("epochs", &frames.epochs)] {
        save(&results, format!("{name}.csv"), &aggregate::csv(frame)?)?;
        save(&results, format!("{name}.parquet"), &aggregate::parquet(frame)?)?;
    }
    Ok(written)
}
