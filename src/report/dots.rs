//! The values of every round, in one row per config.

use plotters::style::text_anchor::HPos;

use super::axis::{Axis, drawable, extremes, with_air};
use super::lettering::{Fonts, TEXT, Weight};
use super::scene::{GRID, INK, LINE, Letters, MARGIN, PALETTE, Pen, Scene};

/// Width of the page: a column of 8.5 cm.
const PAGE: f64 = 500.0;
/// Least height of a row.
const ROW: f64 = 44.0;
/// Most room for the names of the rows.
const NAMES: f64 = 170.0;
/// How far dots may stray up and down.
const STRAY: f64 = 7.5;
/// What stands where there is nothing to draw.
const NOTHING: &str = "no values";
/// Radius of a dot.
const RADIUS: f64 = 3.4;

/// Values of every round per config, in rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dots {
    /// The line above everything.
    pub title: String,
    /// A warning to show under the title.
    pub stamp: Option<String>,
    /// What the values are, with their unit.
    pub x_label: String,
    /// Whether values are on a scale from 0 to 100.
    pub percent: bool,
    /// The rows, from the top.
    pub groups: Vec<Group>,
}

/// One row of values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Group {
    /// What the row is.
    pub name: String,
    /// One value per round; those that are not finite are left out.
    pub values: Vec<f64>,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation.
    pub std: f64,
}

/// A row, ready to be drawn.
struct Row<'a> {
    group: &'a Group,
    name: Vec<String>,
    summary: String,
    top: f64,
    height: f64,
}

/// Lays the figure out.
pub(super) fn lay_out(figure: &Dots, fonts: &Fonts) -> Scene {
    let mut scene = Scene::new(PAGE);
    let top = scene.heading(fonts, &figure.title, figure.stamp.as_deref());
    let rows = rows(figure, fonts, top);
    let bottom = rows.last().map_or(top, |row| row.top + row.height);

    let width = |text: &String| fonts.width(text, TEXT, Weight::Regular);
    let names = rows.iter().flat_map(|row| &row.name).map(width).fold(0.0, f64::max);
    let summaries = rows.iter().map(|row| width(&row.summary)).fold(0.0, f64::max);
    let ends =
        ((MARGIN + names + 12.0).floor() + 0.5, (scene.width - MARGIN - summaries - 14.0).floor() + 0.5);
    let after_ticks = match range(figure) {
        Some(range) => draw_rows(&mut scene, figure, &rows, Axis { range, ends }, (top, bottom)),
        None => scene.lines(
            MARGIN,
            bottom,
            &[NOTHING.to_owned()][rows.len().min(1)..],
            Letters::faint(HPos::Left),
        ),
    };
    for row in &rows {
        draw_words(&mut scene, row, ends.0 - 12.0);
    }
    let label = fonts.wrap(&figure.x_label, TEXT, Weight::Regular, scene.width - 2.0 * MARGIN, 2);
    let half = label.iter().map(width).fold(0.0, f64::max) / 2.0;
    let middle = f64::midpoint(ends.0, ends.1).clamp(MARGIN + half, scene.width - MARGIN - half);
    scene.height = scene.lines(middle, after_ticks, &label, Letters::plain(HPos::Center)) + MARGIN;
    scene
}

/// Breaks names into lines and gives every row its place.
fn rows<'a>(figure: &'a Dots, fonts: &Fonts, top: f64) -> Vec<Row<'a>> {
    let mut next = top;
    let row = |group: &'a Group| {
        let name = fonts.wrap(&group.name, TEXT, Weight::Regular, NAMES, 4);
        let height = name.iter().fold(10.0, |height, _| height + LINE).max(ROW);
        let top = next;
        next += height;
        Row { group, name, summary: summary(group, figure.percent), top, height }
    };
    figure.groups.iter().map(row).collect()
}

/// Mean and deviation in words: one decimal for percentages, else as many as make four digits.
fn summary(group: &Group, percent: bool) -> String {
    if !drawable(group.mean) || !group.values.iter().any(|value| drawable(*value)) {
        return NOTHING.to_owned();
    }
    let size = group.mean.abs();
    let decimals = match size {
        _ if percent => 1,
        _ if size < 10.0 => 3,
        _ if size < 100.0 => 2,
        _ => 1,
    };
    let number = |value: f64| {
        let text = if value.abs() < 1e6 { format!("{value:.decimals$}") } else { format!("{value:.2e}") };
        text.replace('-', "−")
    };
    if has_spread(group) {
        format!("{} ± {}", number(group.mean), number(group.std))
    } else {
        number(group.mean)
    }
}

/// Whether a row has a deviation to speak of.
fn has_spread(group: &Group) -> bool {
    drawable(group.std) && group.values.iter().filter(|value| drawable(**value)).count() > 1
}

/// What the axis shows: all values, means and deviations.
fn range(figure: &Dots) -> Option<(f64, f64)> {
    let of_group = |group: &Group| {
        let spread = if has_spread(group) { group.std } else { 0.0 };
        let (low, high) = (group.mean - spread, group.mean + spread);
        let scale = |value: f64| if figure.percent { value.clamp(0.0, 100.0) } else { value };
        let shown = group.values.iter().any(|value| drawable(*value));
        let marks = if shown { vec![scale(low), scale(high)] } else { Vec::new() };
        group.values.iter().copied().chain(marks).collect::<Vec<_>>()
    };
    let range = extremes(figure.groups.iter().flat_map(of_group))?;
    Some(with_air(range, 0.05, figure.percent))
}

/// Draws the grid and the marks of all rows; gives back where the labels of the ticks end.
fn draw_rows(scene: &mut Scene, figure: &Dots, rows: &[Row], axis: Axis, (top, bottom): (f64, f64)) -> f64 {
    let base = bottom.floor() + 0.5;
    let most = if axis.ends.1 - axis.ends.0 > 200.0 { 6 } else { 4 };
    for tick in axis.ticks(most, false) {
        let at = axis.at(tick.value).floor() + 0.5;
        scene.stroke(vec![(at, top), (at, base)], Pen::solid(GRID, 1.0));
        scene.stroke(vec![(at, base), (at, base + 4.0)], Pen::solid(INK, 1.0));
        scene.text((at, bottom + 4.0 + 0.85 * LINE), &tick.label, Letters::plain(HPos::Center));
    }
    scene.stroke(vec![(axis.ends.0, base), (axis.ends.1, base)], Pen::solid(INK, 1.0));
    for row in rows {
        let edge = row.top.floor() + 0.5;
        scene.stroke(vec![(axis.ends.0, edge), (axis.ends.1, edge)], Pen::solid(GRID, 1.0));
        draw_marks(scene, row, axis, figure.percent);
    }
    bottom + 4.0 + 1.1 * LINE
}

/// Draws the dots of a row, and over them its mean and deviation.
fn draw_marks(scene: &mut Scene, row: &Row, axis: Axis, percent: bool) {
    let middle = row.top + row.height / 2.0;
    // Dots stand below mean and deviation, so that neither hides the other.
    let (above, below) = (middle - 9.0, middle + 8.0);
    let values: Vec<f64> = row.group.values.iter().copied().filter(|value| drawable(*value)).collect();
    let alpha = if values.len() > 40 { 0.3 } else { 0.6 };
    for (index, value) in values.iter().enumerate() {
        scene.disc((axis.at(*value), below + stray(index)), RADIUS, PALETTE[0], alpha);
    }
    let mean = row.group.mean;
    if values.is_empty() || !drawable(mean) {
        return;
    }
    if has_spread(row.group) {
        let thin = Pen::solid(INK, 1.6);
        let end = |value: f64| if percent { value.clamp(axis.range.0, axis.range.1) } else { value };
        let (low, high) = (axis.at(end(mean - row.group.std)), axis.at(end(mean + row.group.std)));
        scene.stroke(vec![(low, above), (high, above)], thin);
        for place in [low, high] {
            scene.stroke(vec![(place, above - 4.5), (place, above + 4.5)], thin);
        }
    }
    let at = axis.at(mean);
    scene.stroke(vec![(at, above - 8.0), (at, above + 8.0)], Pen::solid(INK, 3.4));
}

/// How far the dot of a round lies from the middle of its row: spread evenly, and the same every time.
fn stray(index: usize) -> f64 {
    // Multiples of the golden ratio never come close to each other; here in whole numbers of 32 bits.
    let turn = u32::try_from(index).unwrap_or(u32::MAX).wrapping_mul(2_654_435_769).wrapping_add(1 << 31);
    (f64::from(turn) / f64::from(u32::MAX) - 0.5) * 2.0 * STRAY
}

/// Writes a row's name on its left and its summary on its right.
fn draw_words(scene: &mut Scene, row: &Row, right: f64) {
    let middle = row.top + row.height / 2.0;
    let top = row.name.iter().fold(middle, |top, _| top - LINE / 2.0);
    scene.lines(right, top, &row.name, Letters::plain(HPos::Right));
    let letters =
        if row.summary == NOTHING { Letters::faint(HPos::Right) } else { Letters::plain(HPos::Right) };
    scene.text((scene.width - MARGIN, middle + 5.3), &row.summary, letters);
}
