//! The kinds of figures: each has a file with what a spec says of it, its data, its layout and its caption.

pub(crate) mod curves;
mod forest;
mod heat_map;
mod judged;
mod paired;
mod resampling;
mod rounds;
mod seam;
mod spread;
pub(crate) mod strip;

use crate::{
    error::{Error, Result},
    report::figure::{fonts::Fonts, scene::Scene},
    spec::{FigureSpec, Spec},
};
pub(crate) use rounds::Shown;
use seam::{Entry, entry};

/// Every kind, in the order in which faults name them.
const KINDS: [Entry; 7] = [
    entry::<curves::Curves>(),
    entry::<strip::Dots>(),
    entry::<paired::Paired>(),
    entry::<spread::Spread>(),
    entry::<forest::Forest>(),
    entry::<resampling::Resampling>(),
    entry::<heat_map::HeatMap>(),
];

impl Spec {
    /// Parses a spec from `text`, which came from the file `name`; each of `overrides` is a
    /// `path=value` of `--set`.
    ///
    /// It stands here since a kind of figure reads what a spec says of it.
    ///
    /// # Errors
    /// Returns [`Error::Spec`] with every fault that was found.
    pub fn parse(name: &str, text: &str, overrides: &[String]) -> Result<Self> {
        Self::parse_with(name, text, overrides, &KINDS.map(|kind| kind.spec))
    }
}

fn of(figure: &FigureSpec) -> Option<Entry> {
    KINDS.into_iter().find(|kind| kind.spec.words.contains(&figure.word))
}

/// Says whether a figure shows what is claimed, and needs verdicts for that.
pub(crate) fn of_claims(figure: &FigureSpec) -> bool {
    of(figure).is_some_and(|kind| kind.spec.of_claims)
}

/// Says what the marks of a figure mean.
pub(crate) fn caption(figure: &FigureSpec) -> &'static str {
    of(figure).map_or("", |kind| kind.caption)
}

/// Lays a figure out.
pub(crate) fn draw(figure: &FigureSpec, shown: &Shown<'_>, fonts: &Fonts) -> Result<Scene> {
    let drawn = of(figure).and_then(|kind| (kind.draw)(figure, shown, fonts));
    drawn.ok_or_else(|| Error::Figure(format!("`{}` is no kind of figure", figure.word)))
}
