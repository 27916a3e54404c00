//! Charts of rows: a name on the left, marks along an axis, words on the right.

use super::{
    axis::Axis,
    content::Figure,
    fonts::{Fonts, TEXT, Weight},
    legend::{self, Key},
    palette::{GRID, INK},
    scene::{Anchor, LINE, Letters, MARGIN, NOTHING, PAGE, Pen, Scene, crisp},
};

/// Most room for the names of the rows.
const NAMES: f64 = 170.0;
/// Most room for the words on the right.
const WORDS: f64 = 150.0;
/// A chart, before it is laid out.
pub(super) struct Chart {
    pub keys: Vec<(Key, String)>,
    pub strips: Vec<Strip>,
    /// What the axis shows, and further notes.
    pub label: String,
    /// Least height of a row.
    pub row: f64,
}

/// Rows on one axis.
#[derive(Default)]
pub(super) struct Strip {
    /// Stands above the rows; empty if there is nothing to say.
    pub heading: String,
    /// What the axis shows; nothing if there is nothing to show.
    pub range: Option<(f64, f64)>,
    /// Whether the numbers stand below; not where the next strip has the same axis.
    pub numbers: bool,
    pub rows: Vec<Row>,
}

/// The words of a row.
#[derive(Default)]
pub(super) struct Row {
    pub name: String,
    /// Stands below the name, in grey.
    pub note: String,
    /// Stands on the right.
    pub words: String,
}

/// Where the marks of a row belong.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub strip: usize,
    pub row: usize,
    pub axis: Axis,
    pub top: f64,
    pub height: f64,
}

impl Place {
    /// Half-way down the row.
    pub(super) fn middle(&self) -> f64 {
        self.top + self.height / 2.0
    }
}

/// A row with its words broken into lines.
struct Broken {
    name: Vec<String>,
    note: Vec<String>,
    words: Vec<String>,
    height: f64,
}

/// Lays a chart out; `marks` draws what is on a row.
pub(super) fn lay_out<B>(
    figure: &Figure<B>,
    chart: &Chart,
    fonts: &Fonts,
    mut marks: impl FnMut(&mut Scene, Place),
) -> Scene {
    let mut scene = Scene::new(PAGE);
    let mut top = scene.heading(fonts, &figure.title, figure.caveat.as_deref());
    if !chart.keys.is_empty() {
        top = legend::draw(&mut scene, fonts, &chart.keys, top) + 6.0;
    }
    let broken: Vec<Vec<Broken>> = chart
        .strips
        .iter()
        .map(|strip| strip.rows.iter().map(|row| break_row(row, fonts, chart.row)).collect())
        .collect();
    let width = |text: &String| fonts.width(text, TEXT, Weight::Regular);
    let widest =
        |of: fn(&Broken) -> &[String]| broken.iter().flatten().flat_map(of).map(width).fold(0.0, f64::max);
    let names = widest(|row| &row.name).max(widest(|row| &row.note));
    let words = widest(|row| &row.words);
    let ends = (crisp(MARGIN + names + 12.0), crisp(scene.width - MARGIN - words - 14.0));
    for (index, (strip, rows)) in chart.strips.iter().zip(&broken).enumerate() {
        top = draw_strip(&mut scene, fonts, (index, strip, rows), ends, top, &mut marks);
    }
    if broken.iter().all(Vec::is_empty) {
        top = scene.lines(MARGIN, top, &[NOTHING.to_owned()], Letters::faint(Anchor::Left));
    }
    let label = fonts.wrap(&chart.label, TEXT, Weight::Regular, scene.width - 2.0 * MARGIN, 3);
    let half = label.iter().map(width).fold(0.0, f64::max) / 2.0;
    let middle = f64::midpoint(ends.0, ends.1).clamp(MARGIN + half, scene.width - MARGIN - half);
    scene.height = scene.lines(middle, top, &label, Letters::plain(Anchor::Center)) + MARGIN;
    scene
}

fn break_row(row: &Row, fonts: &Fonts, least: f64) -> Broken {
    let wrap = |text: &str, room, most| fonts.wrap(text, TEXT, Weight::Regular, room, most);
    let (name, note) = (wrap(&row.name, NAMES, 4), wrap(&row.note, NAMES, 2));
    let words = wrap(&row.words, WORDS, 2);
    let left = name.iter().chain(&note).fold(0.0, |height, _| height + LINE);
    let right = words.iter().fold(0.0, |height, _| height + LINE);
    Broken { name, note, words, height: (f64::max(left, right) + 8.0).max(least) }
}

/// Draws one strip: grid, axis, marks and words; gives back where it ends.
fn draw_strip(
    scene: &mut Scene,
    fonts: &Fonts,
    (index, strip, rows): (usize, &Strip, &[Broken]),
    ends: (f64, f64),
    top: f64,
    marks: &mut impl FnMut(&mut Scene, Place),
) -> f64 {
    let bold = Letters { weight: Weight::Bold, ..Letters::plain(Anchor::Left) };
    let heading = fonts.wrap(&strip.heading, TEXT, Weight::Bold, scene.width - 2.0 * MARGIN, 2);
    let top = scene.lines(MARGIN, top, &heading, bold) + if heading.is_empty() { 0.0 } else { 3.0 };
    let bottom = rows.iter().fold(top, |at, row| at + row.height);
    let axis = strip.range.map(|range| Axis { range, ends });
    if let Some(axis) = axis {
        draw_axis(scene, axis, (top, bottom), strip.numbers);
    }
    let mut next = top;
    for (row, broken) in rows.iter().enumerate() {
        let place = |axis| Place { strip: index, row, axis, top: next, height: broken.height };
        if let Some(axis) = axis {
            let edge = crisp(next);
            scene.stroke(vec![(ends.0, edge), (ends.1, edge)], Pen::solid(GRID, 1.0));
            marks(scene, place(axis));
        }
        draw_words(scene, broken, next, ends.0 - 12.0);
        next += broken.height;
    }
    match axis {
        Some(_) if strip.numbers => bottom + 4.0 + 1.1 * LINE + 4.0,
        _ => bottom + 8.0,
    }
}

/// Draws the grid, and the axis below with its numbers.
fn draw_axis(scene: &mut Scene, axis: Axis, (top, bottom): (f64, f64), numbers: bool) {
    let base = crisp(bottom);
    let most = if axis.ends.1 - axis.ends.0 > 200.0 { 6 } else { 4 };
    axis.draw_level(scene, &axis.ticks(most, false), (top, base, bottom), numbers);
    let pen = Pen::solid(if numbers { INK } else { GRID }, 1.0);
    scene.stroke(vec![(axis.ends.0, base), (axis.ends.1, base)], pen);
}

/// Writes a row's name and note on its left, and its words on its right.
fn draw_words(scene: &mut Scene, row: &Broken, top: f64, right: f64) {
    let middle = top + row.height / 2.0;
    let centred = |lines: usize| (0..lines).fold(middle, |top, _| top - LINE / 2.0);
    let below = scene.lines(
        right,
        centred(row.name.len() + row.note.len()),
        &row.name,
        Letters::plain(Anchor::Right),
    );
    scene.lines(right, below, &row.note, Letters::faint(Anchor::Right));
    let nothing = row.words.iter().any(|line| line == NOTHING);
    let letters = if nothing { Letters::faint(Anchor::Right) } else { Letters::plain(Anchor::Right) };
    scene.lines(scene.width - MARGIN, centred(row.words.len()), &row.words, letters);
}
