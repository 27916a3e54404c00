//! The kinds of figures as a spec reads them.

use std::sync::Arc;

use super::{
    figures::{FIGURE, FigureOptions, FigureSpec},
    filter::Where,
    named::Named,
    outputs::{Context, filter, named, scored, text_or_empty},
    whole::Spec,
};
use crate::yaml::{
    decode::{Decoder, Fields},
    node::{Node, Value},
    parse::parse,
};

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

/// What a spec without `figures:` has: quantities that each task has.
const DEFAULT: &str = "curves: {title: Curves, curves: [loss, accuracy]}";

/// Reads `figures:`.
pub(super) fn figures(
    d: &mut Decoder,
    c: &Context<'_>,
    node: Option<&Node>,
    kinds: &[FigureKind],
) -> Named<FigureSpec> {
    let words = kinds.iter().flat_map(|kind| kind.words).copied();
    let known: Vec<&str> = FIGURE.iter().map(|e| e.name).chain(words).collect();
    let by_default = parse(DEFAULT, 0).ok();
    named(d, node.or(by_default.as_ref()), |d, node| {
        let fields = d.fields(node, &known)?;
        let title = text_or_empty(d, &fields, "title");
        let filter = filter(d, c, fields.get("where"));
        let kind = kind(d, c, node, &fields, filter.as_ref(), kinds);
        let (word, kind) = kind?;
        let filter = filter?;
        scored(d, c, node, &[&filter])?;
        Some(FigureSpec { title: title?, filter, word, kind })
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
    if given.is_empty() && fields.has_strange() {
        return None;
    }
    if let [(_, first, _), (_, second, n), ..] = given[..] {
        let message = format!("{}: a figure of two kinds, `{first}:` and `{second}:`", node.path);
        return d.fault(&n.span, message, "make two figures, each with a name of its own".to_owned());
    }
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
            // What names the table is nearer than the figure.
            let table = node.get(figure.word).and_then(|node| node.get("table"));
            let at = table.unwrap_or(node);
            d.fault::<()>(&at.span, format!("{}: {message}", at.path), help);
        }
    }
}
