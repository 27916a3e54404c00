//! `figures:`: what is drawn of which configs. Nothing here enters a run key.
//!
//! The kinds themselves are a list of `report::figure::kind`; each reads what a spec says of it.

use std::{any::Any, fmt::Debug, sync::Arc};

use super::{
    filter::Where,
    outputs::{Context, METRIC, SPLIT, WHERE, metric},
    words::Split,
};
use crate::{
    task::Metric,
    yaml::{
        decode::{Decoder, Fields},
        kind::{Entry, Kind, Section},
        node::Node,
    },
};

/// A figure.
#[derive(Debug, Clone)]
pub struct FigureSpec {
    /// Shown above the figure.
    pub title: String,
    /// The configs that it shows.
    pub filter: Where,
    /// The word by which the spec asks for its kind.
    pub word: &'static str,
    /// What is drawn, as its kind has read it.
    pub kind: Arc<dyn FigureOptions>,
}

/// What a spec says of a figure of some kind. Its debug output says all of it.
pub trait FigureOptions: Any + Debug + Send + Sync {}

impl<T: Any + Debug + Send + Sync> FigureOptions for T {}

impl PartialEq for FigureSpec {
    fn eq(&self, other: &Self) -> bool {
        format!("{self:?}") == format!("{other:?}")
    }
}

/// `figures:`.
pub(super) const FIGURES: Section = Section {
    name: "figures",
    kind: Kind::Named(&Kind::Either(&[Kind::Map(FIGURE), Kind::Any("one kind of figure")])),
    doc: "Figures by name, each with a title, a choice of configs and one of the kinds: `curves: [loss, accuracy]` against \
          epochs; `strip:`, `paired:` and `spread:` of `{metric: accuracy, split: test}`, the rounds' last epochs; \
          `heat-map: {metric: …, split: …, statistic: mean, x: lr, y: dropout}` over any two axes of the grid; \
          `forest: numbers` or `forest: orderings`, the claims against ours; `resampling: {table: …}`, where a table's \
          statistics fall. Drawn as SVG and PNG. Without `figures:` there is one of all curves, `curves`; with \
          `figures: {}` there is none.",
    example: "figures:
  curves: {title: \"Test set\", where: {lr: 0.01}, curves: [loss, accuracy]}
  map: {where: {architecture: simple}, heat-map: {statistic: mean, x: train.batch, y: lr}}
",
};

pub(super) const FIGURE: &[Entry] =
    &[Entry::may("title", Kind::Text("a line of text"), "", "Shown above the figure."), WHERE];

/// Reads `{metric: accuracy, split: test}`.
pub(crate) fn metric_and_split(d: &mut Decoder, c: &Context<'_>, node: &Node) -> Option<(Metric, Split)> {
    let fields = d.declared(node, &[METRIC, SPLIT])?;
    metric_and_split_of(d, c, &fields)
}

/// Reads `metric` and `split` of a map with further fields.
pub(crate) fn metric_and_split_of(
    d: &mut Decoder,
    c: &Context<'_>,
    fields: &Fields<'_>,
) -> Option<(Metric, Split)> {
    let metric = metric(d, c, fields);
    let split = fields.get("split").map_or(Some(Split::Test), |n| d.choice(n, Split::WORDS));
    Some((metric?, split?))
}
