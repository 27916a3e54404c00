//! Text → validated [`Spec`].
//!
//! YAML becomes a tree that knows its places ([`crate::yaml`]), the tree becomes types ([`read`], [`axes`],
//! [`outputs`]), and every fault found on the way is reported at once.

mod axes;
mod blame;
mod claims;
mod combine;
mod config;
mod figure_kind;
mod figures;
mod filter;
mod grid;
mod ledger;
mod named;
mod outputs;
mod paper;
mod read;
mod reference;
mod schema;
mod settings;
mod sweep;
mod tables;
mod values;
mod whole;
mod words;

pub use claims::{ClaimsSpec, CollapseRule, Words, WordsKind};
pub use config::{Config, DataSpec, TrainSpec};
pub(crate) use figure_kind::FigureKind;
pub use figures::{FigureOptions, FigureSpec};
pub(crate) use figures::{metric_and_split, metric_and_split_of};
pub use filter::Where;
pub use grid::{Axis, Grid, Home, MAX_CONFIGS, MAX_RUNS, Seeds};
pub use ledger::{Basis, LedgerEntry, SettingValue, settings};
pub use named::Named;
pub use outputs::Band;
pub(crate) use outputs::{Context, every};
pub use paper::PaperSpec;
pub use read::{MAX_BYTES, experiment_in};
pub use reference::reference;
pub use schema::schema;
pub use settings::{At, SETTINGS, Setting};
pub use sweep::{ITSELF, Sweep, Variant};
pub use tables::{PaperRow, RowSpec, TableSpec};
pub use whole::Spec;
pub use words::{Over, Reading, Split, Statistic, Vary};

pub use crate::engine::optimizer::Optimizer;
pub use crate::model::{Architecture, CLASSES, Cost, DIGITS, Layer, Parameter, SIDE};
pub use crate::task::{
    Metric,
    pairs::{Draw, Pairs, Scale},
};
