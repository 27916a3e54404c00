//! Summary → tables (Markdown, CSV, LaTeX), figures (SVG, PNG) and frames (CSV, Parquet) on disk.
//!
//! Every byte is a function of the plan's configs and the stored outcomes: no time, no host, no
//! name of the experiment enters a file; only the page has that name, with the spec's text. An output whose inputs are what they were is not made again; see [`built`].

mod built;
pub mod figure;
mod form;
pub mod judged;
pub mod junit;
pub mod page;
pub mod research_object;
pub mod sweep;
pub mod table;
pub mod tex;
pub mod verdict;

use std::{ops::Deref, path::PathBuf};

use crate::{
    aggregate::{self, ConfigSummary},
    digest::Digest,
    error::Result,
    files, parallel,
    plan::Plan,
    record::StoredOutcome,
    spec::{FigureSpec, Spec, TableSpec},
    verdict::Verdicts,
};
use built::{Built, Inputs};
use figure::kind::{self, Shown};
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
#[derive(Debug, Clone, Default)]
pub struct Written {
    /// The tables, for the terminal.
    pub tables: Vec<Table>,
    /// Every file, with whether its bytes are new.
    pub files: Vec<(PathBuf, bool)>,
    /// What was made again, such as `figure fig3`, with the reason.
    pub rebuilt: Vec<(String, &'static str)>,
    /// Files of outputs that the spec has no more; they were removed.
    pub removed: Vec<String>,
}

/// Drawn images where a paper's data set is meant: in place of the spec's own, or beside numbers of the paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StandIn {
    /// What the images are, in the plural.
    pub these: &'static str,
    /// Name of the data set that is meant.
    pub meant: &'static str,
}

impl StandIn {
    /// Returns the caveat that belongs on everything made of them.
    #[must_use]
    pub fn caveat(self) -> String {
        format!("{}, not {}: not comparable with the paper", self.these, self.meant)
    }

    /// Says why nothing is judged.
    #[must_use]
    pub fn reason(self) -> String {
        format!("these are {} and the paper's data is {}", self.these, self.meant)
    }
}

/// Returns what stands in for the paper's data, if anything does.
#[must_use]
pub fn stand_in(spec: &Spec, plan: &Plan) -> Option<StandIn> {
    let drawn = plan.dataset.source.drawn()?;
    let own = spec.data.source.drawn();
    let beside_the_paper = || spec.tables.values().any(|t| t.rows.iter().any(|row| row.paper.is_some()));
    let meant = own.map_or(spec.data.source, |own| own.stands_in_for).title();
    (own.is_none() || beside_the_paper()).then_some(StandIn { these: drawn.instead, meant })
}

/// Returns the caveat that belongs on everything made of a plan's runs, where drawn images stand in for the paper's data.
#[must_use]
pub fn caveat(spec: &Spec, plan: &Plan) -> Option<String> {
    stand_in(spec, plan).map(StandIn::caveat)
}

/// Returns what is said on everything made of a plan's runs: its caveat, and how their bits compare if they are
/// not everyone's.
fn note(plan: &Plan, stamp: Option<&str>) -> Option<String> {
    let notes: Vec<&str> = stamp.into_iter().chain(plan.numerics.caveat()).collect();
    (!notes.is_empty()).then(|| notes.join("; "))
}

/// Returns the name of the folders for a plan's outputs: the experiment's, or one beside it for the data
/// set that stands in for the spec's own and for bits that are not everyone's, so that none replaces another.
#[must_use]
pub fn folder_name(spec: &Spec, plan: &Plan) -> String {
    let mut name = spec.experiment.clone();
    if plan.dataset.source != spec.data.source {
        name += &format!("-{}", plan.dataset.source.word());
    }
    if let Some(folder) = plan.numerics.folder() {
        name += &format!("-{folder}");
    }
    name
}

/// What reports are made of.
#[derive(Clone, Copy)]
pub struct Material<'a> {
    /// The spec.
    pub spec: &'a Spec,
    /// Its plan.
    pub plan: &'a Plan,
    /// One for each run of the plan.
    pub records: &'a [Option<StoredOutcome>],
    /// One for each config of the plan.
    pub summaries: &'a [ConfigSummary],
    /// What [`config_digests`] returns.
    pub configs: &'a [Digest],
    /// The verdicts: a lazy value, since judging takes longer than all else.
    pub verdicts: &'a (dyn Deref<Target = Option<Verdicts>> + Sync + 'a),
}

/// Names and contents of files.
type Files = Vec<(String, Vec<u8>)>;

/// One output of a spec.
#[derive(Clone, Copy)]
enum Output<'a> {
    Table(&'a str, &'a TableSpec),
    Figure(&'a str, &'a FigureSpec),
    Frame(&'static str),
}

/// Writes every table, figure and frame of the spec whose inputs changed; a file whose bytes stay the same is left alone.
///
/// # Errors
/// Returns an error if a file cannot be written.
pub fn write(material: &Material<'_>, folders: &Folders) -> Result<Written> {
    let Material { spec, plan, summaries, .. } = *material;
    let stamp = caveat(spec, plan);
    let stamp = stamp.as_deref();
    let name = folder_name(spec, plan);
    let (reports, results) = (folders.reports.join(&name), folders.results.join(&name));
    let state = results.join("built.json");
    let (earlier, mut built) = (Built::read(&state), Built::default());
    let tables = spec.tables.iter().map(|(name, table)| Output::Table(name, table));
    let figures = spec.figures.iter().map(|(name, figure)| Output::Figure(name, figure));
    let outputs: Vec<_> = tables.chain(figures).chain(["runs", "epochs"].map(Output::Frame)).collect();
    let folder = |output: Output<'_>| if output.is_frame() { &results } else { &reports };
    let inputs: Vec<Inputs> = outputs.iter().map(|output| output.inputs(material, stamp)).collect();
    let reason = |i: usize| earlier.reason(&outputs[i].name(), &inputs[i], folder(outputs[i]));
    let reasons: Vec<_> = (0..outputs.len()).map(reason).collect();
    let changed: Vec<Output<'_>> = outputs
        .iter()
        .zip(&reasons)
        .filter(|(_, reason)| reason.is_some())
        .map(|(output, _)| *output)
        .collect();
    if changed.iter().any(|output| output.is_judged()) {
        // Before the loop: its threads would wait for each other's loops inside.
        let _: &Option<Verdicts> = material.verdicts;
    }
    let mut produced = parallel::map_all(changed.len(), |i| changed[i].produce(material, stamp)).into_iter();
    let mut written = Written::default();
    for ((output, inputs), reason) in outputs.iter().zip(inputs).zip(reasons) {
        let (name, folder) = (output.name(), folder(*output));
        if let (Some(reason), Some(files)) = (reason, reason.and_then(|_| produced.next())) {
            let files = files?;
            for (file, bytes) in &files {
                let path = folder.join(file);
                let changed = files::write_if_changed(&path, bytes)?;
                written.files.push((path, changed));
            }
            built.note(&name, inputs, &files);
            written.rebuilt.push((name, reason));
        } else {
            written.files.extend(earlier.files(&name).into_iter().map(|file| (folder.join(file), false)));
            built.keep(&name, &earlier);
        }
        if let Output::Table(_, table) = output {
            written.tables.push(table::build(table, plan, summaries, stamp));
        }
    }
    written.removed = earlier.remove_dropped(&built, &reports)?;
    built.write(&state)?;
    Ok(written)
}

/// Calls `make`, which writes verdicts and page and returns their files, unless the runs, `own` (all else that
/// they are made of) and their files are what they were.
///
/// # Errors
/// Returns the error of `make`, or that a file cannot be read back.
pub fn write_page(
    material: &Material<'_>,
    own: &str,
    folders: &Folders,
    make: impl FnOnce() -> Result<Vec<(PathBuf, bool)>>,
) -> Result<Written> {
    const NAME: &str = "page";
    let folder = folder_name(material.spec, material.plan);
    let (reports, state) = (folders.reports.join(&folder), folders.results.join(&folder).join("page.json"));
    let inputs = Inputs::of(material.configs, own);
    let (earlier, mut built) = (Built::read(&state), Built::default());
    let Some(reason) = earlier.reason(NAME, &inputs, &reports) else {
        let files = earlier.files(NAME).into_iter().map(|file| (reports.join(file), false)).collect();
        return Ok(Written { files, ..Written::default() });
    };
    let files = make()?;
    let mut contents = Vec::new();
    for (path, _) in &files {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        contents.push((name, files::read_if_present(path)?.unwrap_or_default()));
    }
    built.note(NAME, inputs, &contents);
    let removed = earlier.remove_dropped(&built, &reports)?;
    built.write(&state)?;
    Ok(Written { files, rebuilt: vec![(NAME.to_owned(), reason)], removed, ..Written::default() })
}

impl Output<'_> {
    fn is_frame(self) -> bool {
        matches!(self, Self::Frame(_))
    }

    /// Says whether it shows verdicts.
    fn is_judged(self) -> bool {
        matches!(self, Self::Figure(_, figure) if kind::of_claims(figure))
    }

    fn name(self) -> String {
        match self {
            Self::Table(name, _) => format!("table {name}"),
            Self::Figure(name, _) => format!("figure {name}"),
            Self::Frame(name) => format!("frame {name}"),
        }
    }

    /// Returns the digests of everything that can change a byte of it.
    fn inputs(self, material: &Material<'_>, stamp: Option<&str>) -> Inputs {
        let Material { spec, plan, .. } = *material;
        let (shown, own): (Vec<usize>, String) = match self {
            Self::Table(_, table) => {
                let rows = table.rows.iter().flat_map(|row| plan.chosen(&row.filter));
                (rows.collect(), format!("{table:?}"))
            }
            Self::Figure(_, figure) => {
                let tables = self.is_judged().then_some(&spec.tables);
                let own = format!("{figure:?} {:?} {tables:?}", spec.claims);
                (plan.chosen(&figure.filter).collect(), own)
            }
            Self::Frame(_) => ((0..plan.configs.len()).collect(), String::new()),
        };
        let labels: Vec<String> = shown.iter().map(|c| plan.label(*c)).collect();
        let runs = shown.iter().map(|c| &material.configs[*c]);
        Inputs::of(runs, &format!("{own} {shown:?} {labels:?} {stamp:?} {:?}", plan.dataset))
    }

    /// Makes its files: name and contents.
    fn produce(self, material: &Material<'_>, stamp: Option<&str>) -> Result<Files> {
        let Material { spec, plan, records, summaries, verdicts, .. } = *material;
        Ok(match self {
            Self::Table(name, table) => {
                let table = table::build(table, plan, summaries, stamp);
                vec![
                    (format!("{name}.md"), table.markdown().into_bytes()),
                    (format!("{name}.csv"), table.csv().into_bytes()),
                    (format!("{name}.tex"), table.latex().into_bytes()),
                ]
            }
            Self::Figure(name, figure) => {
                let verdicts = if self.is_judged() { verdicts.as_ref() } else { None };
                let note = note(plan, stamp);
                let shown = Shown { spec, plan, summaries, verdicts, caveat: note.as_deref() };
                let (svg, png) = figure::draw(figure, &shown)?;
                vec![(format!("{name}.svg"), svg.into_bytes()), (format!("{name}.png"), png)]
            }
            Self::Frame(name) => {
                let frame = match name {
                    "runs" => aggregate::runs_frame(plan, records)?,
                    _ => aggregate::epochs_frame(plan, records)?,
                };
                vec![
                    (format!("{name}.csv"), aggregate::csv(&frame)?),
                    (format!("{name}.parquet"), aggregate::parquet(&frame)?),
                ]
            }
        })
    }
}

/// Returns for each config the digest of its runs and their outcomes, by which reports know what changed.
#[must_use]
pub fn config_digests(plan: &Plan, records: &[Option<StoredOutcome>]) -> Vec<Digest> {
    let mut texts = vec![String::new(); plan.configs.len()];
    for (run, record) in plan.runs.iter().zip(records) {
        let text = &mut texts[run.config];
        text.push_str(&run.key.to_string());
        if let Some(record) = record {
            // What a failed run says is no part of its outcome.
            text.push_str(&format!(" {} {:?}", record.digest, record.outcome.detail()));
        }
        text.push('\n');
    }
    texts.iter().map(|text| Digest::of(text.as_bytes())).collect()
}
