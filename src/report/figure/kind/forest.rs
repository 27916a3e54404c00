//! What is claimed against ours: a row for each claim, with a point and intervals around it.

use crate::report::figure::axis::{Axis, drawable, extremes, with_air};
use crate::report::figure::fonts::Fonts;
use crate::report::figure::legend::Key;
use crate::report::figure::marks;
use crate::report::figure::row_chart::{self, Chart, NOTHING, Place, Row, Strip, stretch};
use crate::report::figure::scene::{INK, Pen, Scene, box_of};

/// Least height of a row.
const ROW: f64 = 30.0;
/// The line at zero.
const ZERO: Pen = Pen { dashes: &[0.1, 5.0], ..Pen::solid(INK, 2.0) };

/// Claims against ours.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Forest {
    /// The line above everything.
    pub title: String,
    /// A warning to show under the title.
    pub stamp: Option<String>,
    /// What the points are, with their unit.
    pub x_label: String,
    /// What zero is; nothing if it is not marked.
    pub zero: Option<String>,
    /// How far from zero counts as equal.
    pub margin: Option<f64>,
    /// What the thick interval is.
    pub narrow: String,
    /// What the thin interval is.
    pub wide: String,
    /// The claims, in groups.
    pub groups: Vec<Group>,
}

/// Claims with a common heading.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Group {
    /// What they are about.
    pub name: String,
    /// The claims.
    pub claims: Vec<Claim>,
}

/// A row.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Claim {
    /// What is claimed.
    pub name: String,
    /// Stands below, in grey.
    pub note: String,
    /// Stands on the right.
    pub words: String,
    /// Where ours is.
    pub point: Option<f64>,
    /// The thick interval.
    pub narrow: Option<[f64; 2]>,
    /// The thin interval.
    pub wide: Option<[f64; 2]>,
    /// What is said about it.
    pub mark: Mark,
}

/// The kinds of verdict that a reader should tell apart at a glance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mark {
    /// Came out.
    For,
    /// Nothing speaks against it.
    #[default]
    Open,
    /// Did not come out.
    Against,
    /// Undecidable.
    Unknown,
    /// Not judged.
    Plain,
}

impl Mark {
    const ALL: [Self; 5] = [Self::For, Self::Open, Self::Against, Self::Unknown, Self::Plain];

    fn drawing(self) -> (marks::Mark, &'static str) {
        match self {
            Self::For => (marks::ours, "ours: replicated"),
            Self::Open => (marks::ours_open, "ours: consistent"),
            Self::Against => (marks::ours_against, "ours: not replicated"),
            Self::Unknown => (marks::ours_unknown, "ours: undecidable"),
            Self::Plain => (marks::ours, "ours"),
        }
    }
}

/// Lays the figure out.
pub(super) fn lay_out(figure: &Forest, fonts: &Fonts) -> Scene {
    let range = range(figure);
    let last = figure.groups.len().saturating_sub(1);
    let strips = figure.groups.iter().enumerate().map(|(index, group)| Strip {
        heading: group.name.clone(),
        range,
        numbers: index == last,
        rows: group.claims.iter().map(row).collect(),
    });
    let chart = Chart {
        title: &figure.title,
        stamp: figure.stamp.as_deref(),
        keys: keys(figure),
        strips: strips.collect(),
        x_label: figure.x_label.clone(),
        row: ROW,
    };
    row_chart::lay_out(&chart, fonts, |scene, place| {
        draw_marks(scene, figure, &figure.groups[place.strip].claims[place.row], place);
    })
}

fn row(claim: &Claim) -> Row {
    let words = if claim.point.is_some_and(drawable) { claim.words.clone() } else { NOTHING.to_owned() };
    Row { name: claim.name.clone(), note: claim.note.clone(), words }
}

fn claims(figure: &Forest) -> impl Iterator<Item = &Claim> {
    figure.groups.iter().flat_map(|group| &group.claims).filter(|claim| claim.point.is_some_and(drawable))
}

fn keys(figure: &Forest) -> Vec<(Key, String)> {
    let mut keys: Vec<(Key, String)> = Mark::ALL
        .into_iter()
        .filter(|mark| claims(figure).any(|claim| claim.mark == *mark))
        .map(|mark| (Key::Mark(mark.drawing().0), mark.drawing().1.to_owned()))
        .collect();
    if claims(figure).any(|claim| claim.narrow.is_some()) {
        keys.push((Key::Mark(marks::thick_interval), figure.narrow.clone()));
    }
    if claims(figure).any(|claim| claim.wide.is_some()) {
        keys.push((Key::Mark(marks::thin_interval), figure.wide.clone()));
    }
    if claims(figure).next().is_some() {
        keys.extend(figure.zero.iter().map(|zero| (Key::Line(ZERO), zero.clone())));
        keys.extend(figure.margin.map(|m| (Key::Shade(INK, 0.09), format!("within ± {m}"))));
    }
    keys
}

/// What the axis shows: all points and intervals, zero and the margin around it.
fn range(figure: &Forest) -> Option<(f64, f64)> {
    claims(figure).next()?;
    let of_claim = |claim: &Claim| {
        let ends = claim.narrow.into_iter().chain(claim.wide).flatten();
        ends.chain(claim.point).collect::<Vec<_>>()
    };
    let margin = figure.margin.map_or(0.0, f64::abs);
    let zero = figure.zero.iter().flat_map(|_| [-margin, margin]);
    extremes(claims(figure).flat_map(of_claim).chain(zero)).map(|range| with_air(range, 0.04, false))
}

fn draw_marks(scene: &mut Scene, figure: &Forest, claim: &Claim, place: Place) {
    let (axis, middle, bottom) = (place.axis, place.middle(), place.top + place.height);
    if let Some(margin) = figure.margin {
        let (left, right) = (axis.at(-margin), axis.at(margin));
        scene.area(box_of(left, place.top, right, bottom), INK, 0.06);
    }
    if figure.zero.is_some() {
        scene.stroke(vec![(axis.at(0.0), place.top + 2.0), (axis.at(0.0), bottom - 2.0)], ZERO);
    }
    let line = |interval: Option<[f64; 2]>, axis: Axis| interval.and_then(|i| stretch(axis, i));
    if let Some((from, to)) = line(claim.narrow, axis) {
        scene.stroke(vec![(from, middle), (to, middle)], marks::THICK);
    }
    if let Some(ends) = line(claim.wide, axis) {
        marks::whisker(scene, ends, middle, marks::THIN);
    }
    if let Some(point) = claim.point.filter(|point| drawable(*point)) {
        claim.mark.drawing().0(scene, (axis.at(point), middle));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(point: Option<f64>, mark: Mark) -> Claim {
        let wide = point.map(|p| [p - 3.0, p + 3.0]);
        Claim { name: "mean".into(), words: "71.75, 70.10".into(), point, wide, mark, ..Claim::default() }
    }

    fn figure(claims: Vec<Claim>) -> Forest {
        let groups = vec![Group { name: "Table I".into(), claims }];
        let (zero, margin) = (Some("the paper".into()), Some(5.0));
        Forest { zero, margin, wide: "wide".into(), groups, ..Forest::default() }
    }

    #[test]
    fn zero_and_the_margin_are_always_within_the_axis() {
        let (low, high) = range(&figure(vec![claim(Some(20.0), Mark::For)])).unwrap();
        assert!(low < -5.0 && high > 23.0, "{low} to {high}");
        assert_eq!(range(&figure(vec![claim(None, Mark::Unknown)])), None);
        assert_eq!(range(&figure(vec![claim(Some(f64::NAN), Mark::For)])), None);
    }

    #[test]
    fn only_verdicts_that_are_there_are_explained() {
        let found = figure(vec![
            claim(Some(1.0), Mark::Open),
            claim(Some(9.0), Mark::Against),
            claim(None, Mark::For),
        ]);
        let texts: Vec<String> = keys(&found).into_iter().map(|(_, text)| text).collect();
        let all = ["ours: consistent", "ours: not replicated", "wide", "the paper", "within ± 5"];
        assert_eq!(texts, all);
    }

    #[test]
    fn a_claim_without_a_number_says_so() {
        let fonts = Fonts::load().unwrap();
        let scene = lay_out(&figure(vec![claim(Some(1.0), Mark::For), claim(None, Mark::For)]), &fonts);
        let count = |text: &str| scene.texts().iter().filter(|t| **t == text).count();
        assert_eq!((count("mean"), count("71.75, 70.10"), count(NOTHING)), (2, 1, 1));
        assert!(lay_out(&Forest::default(), &fonts).texts().contains(&NOTHING));
    }
}
