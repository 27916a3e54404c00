//! What is claimed against ours: a row for each claim, with a point and intervals around it.

use crate::{
    lines::counted,
    report::figure::{
        axis::{Axis, drawable, extremes, with_air},
        content::Figure,
        fonts::Fonts,
        kind::{
            judged::{self, count, reading},
            rounds::Shown,
            seam::Kind,
        },
        legend::Key,
        marks,
        palette::INK,
        row_chart::{self, Chart, Place, Row, Strip},
        scene::{NOTHING, Pen, Scene, box_of},
    },
    spec::{ClaimsSpec, Context, FigureSpec, Spec, Where, WordsKind},
    verdict::{Finding, NumberVerdict, RowVerdict, Verdicts, Word, WordsVerdict},
    yaml::{decode::Decoder, node::Node},
};

/// The claims against ours, with intervals.
#[derive(Clone, Copy, Debug)]
pub(super) enum Forest {
    /// The numbers that the paper prints.
    Numbers,
    /// The orderings that it claims in words.
    Orderings,
}

impl Kind for Forest {
    const WORDS: &[&str] = &["forest"];
    const CAPTION: &str = "Each line is one claim: the paper's value beside ours with its interval.";
    const OF_CLAIMS: bool = true;

    fn decode(d: &mut Decoder, _: &Context<'_>, node: &Node, _: &Where) -> Option<Self> {
        d.choice(node, &[("numbers", Self::Numbers), ("orderings", Self::Orderings)])
    }

    fn missing(&self, spec: &Spec) -> Option<(String, String)> {
        let orders = |claims: &ClaimsSpec| {
            claims.words.iter().any(|words| matches!(words.kind, WordsKind::Ordering { .. }))
        };
        match self {
            Self::Numbers => judged::tables(spec)
                .is_empty()
                .then(|| ("no table has accuracies of the paper".to_owned(), judged::PAPER.to_owned())),
            Self::Orderings => (!spec.claims.as_ref().is_some_and(orders)).then(|| {
                (
                    "no claim in words orders two configs".to_owned(),
                    "add `{name: …, greater: {…}, less: {…}}` to `claims.words`".to_owned(),
                )
            }),
        }
    }

    fn draw(&self, figure: &FigureSpec, shown: &Shown<'_>, fonts: &Fonts) -> Scene {
        lay_out(&data(figure, *self, shown), fonts)
    }
}

/// Least height of a row.
const ROW: f64 = 30.0;
/// The line at zero.
const ZERO: Pen = Pen { dashes: &[0.1, 5.0], ..Pen::solid(INK, 2.0) };

/// Claims against ours.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Rows {
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

/// What is claimed against ours.
fn data(figure: &FigureSpec, of: Forest, shown: &Shown<'_>) -> Figure<Rows> {
    let Some(verdicts) = shown.verdicts else {
        let label = "nothing is judged".to_owned();
        return Figure { label, ..shown.figure(figure, Rows::default()) };
    };
    let (label, body) = match of {
        Forest::Numbers => (
            "Ours minus the paper's (percentage points)".to_owned(),
            Rows {
                zero: Some("the paper's".to_owned()),
                margin: Some(verdicts.rule.margin),
                narrow: "ours, 95 % interval".to_owned(),
                wide: format!("{} rounds like ours (95 %)", verdicts.rule.rounds),
                groups: verdicts.rows.iter().map(numbers).collect(),
            },
        ),
        Forest::Orderings => (
            orderings_label(verdicts),
            Rows {
                zero: Some("no difference".to_owned()),
                narrow: "95 % of the mean".to_owned(),
                groups: vec![Group {
                    name: String::new(),
                    claims: verdicts.words.iter().filter_map(ordering).collect(),
                }],
                ..Rows::default()
            },
        ),
    };
    Figure { label, ..shown.figure(figure, body) }
}

/// A printed row: ours minus the paper's.
fn numbers(row: &RowVerdict) -> Group {
    let name = format!("{}: {}, {}", row.row.name, reading(row), count(row));
    Group { name, claims: row.cells.iter().map(number).collect() }
}

fn number(cell: &NumberVerdict) -> Claim {
    let paper = cell.claim.value;
    let apart = |interval: [f64; 2]| interval.map(|end| end - paper);
    let decimals = cell.claim.decimals;
    let ours = cell.ours.map_or(String::new(), |ours| format!("{ours:.decimals$}"));
    Claim {
        name: cell.claim.statistic.word().to_owned(),
        note: String::new(),
        words: format!("{ours} − {}", cell.claim.printed()),
        point: cell.ours.map(|ours| ours - paper),
        narrow: cell.interval.map(apart),
        wide: cell.envelope.as_ref().map(|envelope| apart(envelope.interval)),
        mark: mark(cell.word),
    }
}

/// How a verdict looks.
fn mark(word: Word) -> Mark {
    match word {
        Word::BitIdentical | Word::Replicated => Mark::For,
        Word::Consistent | Word::Partly => Mark::Open,
        Word::NotReplicated => Mark::Against,
        Word::Undecidable => Mark::Unknown,
    }
}

/// An ordering in words: the mean difference by seed; nothing for other claims.
fn ordering(words: &WordsVerdict) -> Option<Claim> {
    if !matches!(words.claim.kind, WordsKind::Ordering { .. }) {
        return None;
    }
    let name = words.claim.name.clone();
    let Some(Finding::Ordering(found)) = &words.finding else {
        return Some(Claim {
            name,
            note: "no common seed".to_owned(),
            mark: Mark::Unknown,
            ..Claim::default()
        });
    };
    let scale = if words.claim.metric.is_accuracy() { 1 } else { 3 };
    Some(Claim {
        name,
        note: counted(found.pairs, "seed"),
        words: format!("{:+.scale$}", found.difference).replace('-', "−"),
        point: Some(found.difference),
        narrow: found.interval,
        wide: None,
        mark: mark(words.word),
    })
}

/// What the differences are of; several claims may be of different quantities.
fn orderings_label(verdicts: &Verdicts) -> String {
    let mut kinds: Vec<String> = verdicts
        .words
        .iter()
        .filter(|words| ordering(words).is_some())
        .map(|words| {
            let unit = words.claim.metric.unit_of_differences();
            let metric = words.claim.metric.phrase();
            format!("{} {metric} ({unit})", words.claim.split.word())
        })
        .collect();
    kinds.dedup();
    format!("Mean difference by seed: {}", kinds.join("; "))
}

/// Lays the figure out.
pub(super) fn lay_out(figure: &Figure<Rows>, fonts: &Fonts) -> Scene {
    let range = range(figure);
    let last = figure.body.groups.len().saturating_sub(1);
    let strips = figure.body.groups.iter().enumerate().map(|(index, group)| Strip {
        heading: group.name.clone(),
        range,
        numbers: index == last,
        rows: group.claims.iter().map(row).collect(),
    });
    let strips = strips.collect();
    let chart = Chart { keys: keys(figure), strips, label: figure.label.clone(), row: ROW };
    row_chart::lay_out(figure, &chart, fonts, |scene, place| {
        draw_marks(scene, figure, &figure.body.groups[place.strip].claims[place.row], place);
    })
}

fn row(claim: &Claim) -> Row {
    let words = if claim.point.is_some_and(drawable) { claim.words.clone() } else { NOTHING.to_owned() };
    Row { name: claim.name.clone(), note: claim.note.clone(), words }
}

fn claims(figure: &Figure<Rows>) -> impl Iterator<Item = &Claim> {
    figure
        .body
        .groups
        .iter()
        .flat_map(|group| &group.claims)
        .filter(|claim| claim.point.is_some_and(drawable))
}

fn keys(figure: &Figure<Rows>) -> Vec<(Key, String)> {
    let mut keys: Vec<(Key, String)> = Mark::ALL
        .into_iter()
        .filter(|mark| claims(figure).any(|claim| claim.mark == *mark))
        .map(|mark| (Key::Mark(mark.drawing().0), mark.drawing().1.to_owned()))
        .collect();
    if claims(figure).any(|claim| claim.narrow.is_some()) {
        keys.push((Key::Mark(marks::thick_interval), figure.body.narrow.clone()));
    }
    if claims(figure).any(|claim| claim.wide.is_some()) {
        keys.push((Key::Mark(marks::thin_interval), figure.body.wide.clone()));
    }
    if claims(figure).next().is_some() {
        keys.extend(figure.body.zero.iter().map(|zero| (Key::Line(ZERO), zero.clone())));
        keys.extend(figure.body.margin.map(|m| (Key::Shade(INK, 0.09), format!("within ± {m}"))));
    }
    keys
}

/// What the axis shows: all points and intervals, zero and the margin around it.
fn range(figure: &Figure<Rows>) -> Option<(f64, f64)> {
    claims(figure).next()?;
    let of_claim = |claim: &Claim| {
        let ends = claim.narrow.into_iter().chain(claim.wide).flatten();
        ends.chain(claim.point).collect::<Vec<_>>()
    };
    let margin = figure.body.margin.map_or(0.0, f64::abs);
    let zero = figure.body.zero.iter().flat_map(|_| [-margin, margin]);
    extremes(claims(figure).flat_map(of_claim).chain(zero)).map(|range| with_air(range, 0.04, false))
}

fn draw_marks(scene: &mut Scene, figure: &Figure<Rows>, claim: &Claim, place: Place) {
    let (axis, middle, bottom) = (place.axis, place.middle(), place.top + place.height);
    if let Some(margin) = figure.body.margin {
        let (left, right) = (axis.at(-margin), axis.at(margin));
        scene.area(box_of(left, place.top, right, bottom), INK, 0.06);
    }
    if figure.body.zero.is_some() {
        scene.stroke(vec![(axis.at(0.0), place.top + 2.0), (axis.at(0.0), bottom - 2.0)], ZERO);
    }
    let line = |interval: Option<[f64; 2]>, axis: Axis| interval.and_then(|i| axis.stretch(i));
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

    fn figure(claims: Vec<Claim>) -> Figure<Rows> {
        let groups = vec![Group { name: "Table I".into(), claims }];
        let (zero, margin) = (Some("the paper".into()), Some(5.0));
        Figure {
            body: Rows { zero, margin, wide: "wide".into(), groups, ..Rows::default() },
            ..Figure::default()
        }
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
        assert!(lay_out(&Figure::<Rows>::default(), &fonts).texts().contains(&NOTHING));
    }
}
