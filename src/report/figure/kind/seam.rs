//! What a kind of figure is. A new one is a file that implements [`Kind`] and a line in [`super::KINDS`].

use std::{any::Any, fmt::Debug, sync::Arc};

use super::rounds::Shown;
use crate::{
    report::figure::{fonts::Fonts, scene::Scene},
    spec::{Context, FigureKind, FigureSpec, Spec, Where},
    yaml::{decode::Decoder, node::Node},
};

/// A kind of figure; the value is what a spec says of one.
pub(super) trait Kind: Any + Debug + Send + Sync {
    /// The key that asks for it in specs, and older keys for the same.
    const WORDS: &[&str];
    /// Says on the page what its marks mean.
    const CAPTION: &str;
    /// Whether it shows what is claimed, and needs verdicts for that.
    const OF_CLAIMS: bool = false;

    /// Reads what stands behind its key.
    fn decode(d: &mut Decoder, c: &Context<'_>, node: &Node, filter: &Where) -> Option<Self>
    where
        Self: Sized;

    /// Returns what it lacks in a spec, and the remedy.
    fn missing(&self, _: &Spec) -> Option<(String, String)> {
        None
    }

    /// Lays it out.
    fn draw(&self, figure: &FigureSpec, shown: &Shown<'_>, fonts: &Fonts) -> Scene;
}

/// A kind in the list of all.
pub(super) struct Entry {
    /// What reading a spec needs to know.
    pub spec: FigureKind,
    /// See [`Kind::CAPTION`].
    pub caption: &'static str,
    /// See [`Kind::draw`]; nothing for a figure of another kind.
    pub draw: fn(&FigureSpec, &Shown<'_>, &Fonts) -> Option<Scene>,
}

/// Returns the entry of a kind.
pub(super) const fn entry<K: Kind>() -> Entry {
    Entry {
        spec: FigureKind {
            words: K::WORDS,
            of_claims: K::OF_CLAIMS,
            decode: |d, c, node, filter| Some(Arc::new(K::decode(d, c, node, filter)?)),
            missing: |kind, spec| of::<K>(kind)?.missing(spec),
        },
        caption: K::CAPTION,
        draw: |figure, shown, fonts| Some(of::<K>(&*figure.kind)?.draw(figure, shown, fonts)),
    }
}

fn of<K: Kind>(kind: &dyn crate::spec::FigureOptions) -> Option<&K> {
    (kind as &dyn Any).downcast_ref()
}
