//! Text → validated [`Spec`].
//!
//! YAML becomes a tree that knows its places ([`crate::yaml`]), the tree becomes types ([`read`],
//! [`outputs`]), and every fault found on the way is reported at once.

mod axes;
mod claims;
mod combine;
mod config;
mod figures;
mod grid;
mod ledger;
mod outputs;
mod read;
mod reference;
mod schema;
mod settings;
mod sweep;
mod tables;

use std::collections::BTreeMap;

pub use claims::{ClaimsSpec, CollapseRule, Words, WordsKind};
pub use config::Config;
pub(crate) use figures::{FigureKind, metric_and_split, metric_and_split_of};
pub use figures::{FigureOptions, FigureSpec};
pub use grid::{Axis, Grid, Home, MAX_RUNS, Seeds};
pub use ledger::{Basis, LedgerEntry, SettingValue, settings};
pub use outputs::{Band, Over, Reading, Split, Statistic, Vary, Where};
pub(crate) use outputs::{Context, every};
pub use reference::reference;
pub use schema::schema;
pub use settings::{At, SETTINGS, Setting};
pub use sweep::{ITSELF, Sweep, Variant};
pub use tables::{PaperRow, RowSpec, TableSpec};

pub use crate::engine::optimizer::Optimizer;
pub use crate::model::{Architecture, CLASSES, Cost, DIGITS, Layer, Parameter, SIDE};
pub use crate::task::{
    Metric,
    pairs::{Draw, Pairs, Scale},
};
use crate::{
    data,
    error::{Error, Fault, Result, Source, Span, SpecFaults},
    task::Task,
    yaml::node,
};

/// What a person wrote in `experiments/*.yaml`, checked and with defaults filled in.
#[derive(Debug, Clone, PartialEq)]
pub struct Spec {
    /// Name of the experiment; output folders are named after it.
    pub experiment: String,
    /// What the networks are trained for.
    pub task: &'static Task,
    /// Where the data comes from.
    pub data: DataSpec,
    /// The networks by name; where axes of the grid vary one, its first.
    pub architectures: BTreeMap<String, Architecture>,
    /// The axes whose product is the runs.
    pub grid: Grid,
    /// Tables to write, by name.
    pub tables: BTreeMap<String, TableSpec>,
    /// Figures to draw, by name.
    pub figures: BTreeMap<String, FigureSpec>,
    /// Intervals that the results must lie in.
    pub expect: Vec<Band>,
    /// How the paper's numbers are judged, and what it claims in words.
    pub claims: Option<ClaimsSpec>,
    /// Where each setting comes from; empty, or complete.
    pub ledger: Vec<LedgerEntry>,
}

/// Where the data comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DataSpec {
    /// The data set.
    pub source: &'static data::Source,
    /// What to use if the data set cannot be had.
    pub otherwise: Option<&'static data::Source>,
}

impl DataSpec {
    /// Returns the other data set that may be used if the spec's own cannot be had.
    #[must_use]
    pub fn fallback(&self) -> Option<&'static data::Source> {
        self.otherwise.filter(|other| *other != self.source)
    }
}

/// How each run is trained; the learning rate and the dropout rate are axes of the grid.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct TrainSpec {
    /// Pairs per step.
    pub batch: usize,
    /// Passes over the training pairs.
    pub epochs: usize,
    /// Both sets are evaluated after every so many epochs, and after the last.
    pub evaluate_every: usize,
    /// How weights are changed; its settings stand in the key beside these.
    pub optimizer: Optimizer,
    /// Whether each epoch visits the pairs in a new random order.
    pub shuffle: bool,
}

/// The largest spec, in bytes.
const MAX_BYTES: usize = 1 << 20;

impl Spec {
    /// Parses a spec, whose figures are of `kinds`; see [`Spec::parse`].
    pub(crate) fn parse_with(
        name: &str,
        text: &str,
        overrides: &[String],
        kinds: &[FigureKind],
    ) -> Result<Self> {
        let mut sources = vec![Source { name: name.to_owned(), text: text.to_owned() }];
        let parsed = Self::tree(text, overrides, &mut sources).and_then(|root| read::spec(&root, kinds));
        parsed.map_err(|mut faults| {
            faults.sort_by_key(|f| (f.span.source, f.span.bytes.start));
            Error::Spec(Box::new(SpecFaults { sources, faults }))
        })
    }

    fn tree(
        text: &str,
        overrides: &[String],
        sources: &mut Vec<Source>,
    ) -> std::result::Result<node::Node, Vec<Fault>> {
        if text.len() > MAX_BYTES {
            let message = format!("the spec has {} bytes; the limit is {MAX_BYTES}", text.len());
            sources[0].text.truncate(0);
            return Err(vec![Fault {
                span: Span::default(),
                message,
                help: Some("is this the right file?".into()),
            }]);
        }
        let mut root = node::parse(text, 0).map_err(|f| vec![f])?;
        if root.has("sweep") && !root.has("experiment") {
            let message = "this is a sweep of another spec".to_owned();
            let help = Some("`replikat sweep` runs it".into());
            return Err(vec![Fault { span: root.span, message, help }]);
        }
        for text in overrides {
            let source = sources.len();
            sources.push(Source { name: "--set".into(), text: text.clone() });
            let fault = |message: String| {
                let help = Some("write `--set path=value`, such as `--set grid.seed.count=3`".to_owned());
                vec![Fault { span: Span { source, bytes: 0..text.len() }, message, help }]
            };
            let Some((path, value)) = text.split_once('=') else {
                return Err(fault(format!("`{text}` has no `=`")));
            };
            let mut value = node::parse(value, source).map_err(|f| fault(f.message))?;
            value.set_span(&Span { source, bytes: path.len() + 1..text.len() });
            root.insert(path, value).map_err(fault)?;
        }
        Ok(root)
    }
}
