//! `figures:`: what is drawn of which configs. Nothing here enters a run key.
//!
//! The kinds themselves are a list of `report::figure::kind`; each reads what a spec says of it.

use std::{any::Any, collections::BTreeMap, fmt::Debug, sync::Arc};

use super::{
    Spec,
    outputs::{Context, METRIC, SPLIT, Split, WHERE, Where, filter, metric, named, text_or_empty},
};
use crate::{
    task::Metric,
    yaml::{
        decode::{Decoder, Fields},
        kind::{Entry, Kind, Section},
        node::{Node, Value},
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

/// Reads what stands behind a kind's key.
type Decode = fn(&mut Decoder, &Context<'_>, &Node, &Where) -> Option<Arc<dyn FigureOptions>>;

/// A kind of figure, as far as a spec goes.
#[derive(Clone, Copy)]
pub(crate) struct FigureKind {
    /// The key that asks for it, and older keys for the same.
    pub(crate) words: &'static [&'static str],
    /// Whether it shows what is claimed, of whatever config.
    pub(crate) of_claims: bool,
    /// Reads what stands behind its key.
    pub(crate) decode: Decode,
    /// Returns what it lacks in a spec, and the remedy.
    pub(crate) missing: fn(&dyn FigureOptions, &Spec) -> Option<(String, String)>,
}

/// `figures:`.
pub(super) const FIGURES: Section = Section {
    name: "figures",
    kind: Kind::Named(&Kind::Either(&[Kind::Map(FIGURE), Kind::Any("one kind of figure")])),
    doc: "Figures by name, each with a title, a choice of configs and one of the kinds: `curves: [loss, accuracy]` against \
          epochs; `strip:`, `paired:` and `spread:` of `{metric: accuracy, split: test}`, the rounds' last epochs; \
          `heat-map: {metric: …, split: …, statistic: mean, x: lr, y: dropout}` over any two axes of the grid; \
          `forest: numbers` or `forest: orderings`, the claims against ours; `resampling: {table: …}`, where a table's \
          statistics fall. Drawn as SVG and PNG.",
    example: "figures:
  curves: {title: \"Test set\", where: {lr: 0.01}, curves: [loss, accuracy]}
  map: {where: {architecture: simple}, heat-map: {statistic: mean, x: train.batch, y: lr}}
",
};

const FIGURE: &[Entry] =
    &[Entry::may("title", Kind::Text("a line of text"), "", "Shown above the figure."), WHERE];

/// Reads `figures:`.
pub(super) fn figures(
    d: &mut Decoder,
    c: &Context<'_>,
    node: Option<&Node>,
    kinds: &[FigureKind],
) -> BTreeMap<String, FigureSpec> {
    let words = kinds.iter().flat_map(|kind| kind.words).copied();
    let known: Vec<&str> = FIGURE.iter().map(|e| e.name).chain(words).collect();
    named(d, node, |d, node| {
        let fields = d.fields(node, &known)?;
        let title = text_or_empty(d, &fields, "title");
        let filter = filter(d, c, fields.get("where"));
        let kind = kind(d, c, node, &fields, filter.as_ref(), kinds);
        let (word, kind) = kind?;
        Some(FigureSpec { title: title?, filter: filter?, word, kind })
    })
}

fn kind(
    d: &mut Decoder,
    c: &Context<'_>,
    node: &Node,
    fields: &Fields<'_>,
    filter: Option<&Where>,
    kinds: &[FigureKind],
) -> Option<(&'static str, Arc<dyn FigureOptions>)> {
    let every = kinds.iter().flat_map(|kind| kind.words.iter().map(move |word| (kind, *word)));
    let given: Vec<(&FigureKind, &'static str, &Node)> =
        every.filter_map(|(kind, word)| Some((kind, word, fields.get(word)?))).collect();
    let [(kind, word, n)] = given[..] else {
        let words: Vec<&str> = kinds.iter().map(|kind| kind.words[0]).collect();
        let message = format!("{}: a figure has one of `{}:`", node.path, words.join(":`, `"));
        return d.fault(&node.span, message, Some("write `curves: [loss, accuracy]`".to_owned()));
    };
    if let (true, Some(filter)) = (kind.of_claims, fields.get("where")) {
        let message = format!("{}: `{word}:` shows what is claimed, of whatever config", filter.path);
        return d.fault(&filter.span, message, Some("remove `where:`".to_owned()));
    }
    Some((word, (kind.decode)(d, c, n, filter?)?))
}

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

/// Checks that claims that are to be drawn are there.
pub(super) fn check(d: &mut Decoder, node: Option<&Node>, spec: &Spec, kinds: &[FigureKind]) {
    // Faulty tables and claims were left out; what is missing because of that is no fault of its own.
    if !d.faults.is_empty() {
        return;
    }
    let Some(Value::Map(figures)) = node.map(|node| &node.value) else { return };
    for (key, node) in figures {
        let Some(figure) = spec.figures.get(&key.name) else { continue };
        let Some(kind) = kinds.iter().find(|kind| kind.words.contains(&figure.word)) else { continue };
        let missing = if kind.of_claims && spec.claims.is_none() {
            let message = format!("`{}:` shows claims, and the spec has no `claims:`", figure.word);
            Some((message, "add `claims: {rounds: 10}`".to_owned()))
        } else {
            (kind.missing)(&*figure.kind, spec)
        };
        if let Some((message, help)) = missing {
            d.fault::<()>(&node.span, format!("{}: {message}", node.path), help);
        }
    }
}
