//! Curves over the epochs, in panels side by side.

use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use crate::report::figure::axis::{Axis, drawable};
use crate::report::figure::clip;
use crate::report::figure::fonts::{Fonts, TEXT, Weight};
use crate::report::figure::legend::{self, Key};
mod range;

use crate::report::figure::scene::{GRID, INK, LINE, Letters, MARGIN, PALETTE, Pen, Point, Scene, WHITE};

/// Width of a page with one or two columns: a column of 8.5 cm.
const PAGE: f64 = 500.0;
/// What a third column adds, so that text keeps its size beside the axes.
const THIRD: f64 = 240.0;
/// Height of the axes.
const HEIGHT: f64 = 176.0;
/// Space between two panels.
const GUTTER: f64 = 14.0;
/// Space between what y is and the axes, where half a tick's label may stand.
const LABEL_GAP: f64 = 9.0;
/// Width of the line of a mean: one and a half points.
const BOLD: f64 = 3.1;
/// Width of the line of a round: half a point.
const THIN: f64 = 1.0;
/// The line of a reference: a row of round dots.
const DOTTED: Pen = Pen { color: INK, alpha: 1.0, width: 2.0, dashes: &[0.1, 5.0] };
/// The line of a collapsed round.
const FALLEN: Pen = Pen { color: INK, alpha: 0.9, width: 1.3, dashes: &[2.6, 3.4] };
/// Dashes that tell series apart without colour.
const DASHES: [&[f64]; 4] = [&[], &[5.5, 5.5], &[9.0, 5.0, 0.1, 5.0], &[14.0, 6.0]];

/// What one figure of curves shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::report::figure) struct Curves {
    /// The line above everything.
    pub title: String,
    /// A warning to show under the title.
    pub stamp: Option<String>,
    /// The axes, from left to right.
    pub panels: Vec<Panel>,
}

/// One set of axes: x are epochs.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::report::figure) struct Panel {
    /// What y is, with its unit.
    pub y_label: String,
    /// Whether y is on a scale from 0 to 100, and thus always shown in full.
    pub percent: bool,
    /// A value to compare with, and what it is.
    pub reference: Option<(String, f64)>,
    /// The quantities shown.
    pub series: Vec<Series>,
}

/// One quantity over the epochs: mean over the rounds, its band, and each round.
///
/// Points whose coordinates are not finite are left out, and the line has a gap there.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::report::figure) struct Series {
    /// What the quantity is; the same name has the same colour in every panel.
    pub name: String,
    /// Epoch and mean.
    pub mean: Vec<(f64, f64)>,
    /// Epoch, and the band's lower and upper end.
    pub band: Vec<(f64, f64, f64)>,
    /// Epoch and value, for each round.
    pub rounds: Vec<Vec<(f64, f64)>>,
    /// Indices of the collapsed ones.
    pub collapsed: Vec<usize>,
}

/// A rectangle on the page in which a panel is drawn.
#[derive(Clone, Copy)]
struct Cell {
    left: f64,
    right: f64,
    top: f64,
}

/// The axes of one panel.
#[derive(Clone, Copy)]
struct Axes {
    x: Axis,
    y: Axis,
}

impl Axes {
    fn place(&self, (x, y): Point) -> Point {
        (self.x.at(x), self.y.at(y))
    }
}

/// Lays the figure out.
pub(in crate::report::figure) fn lay_out(figure: &Curves, fonts: &Fonts) -> Scene {
    let columns = match figure.panels.len() {
        4 => 2,
        count => count.clamp(1, 3),
    };
    let mut scene = Scene::new(if columns > 2 { PAGE + THIRD } else { PAGE });
    let names = names(figure);
    let mut bottom = scene.heading(fonts, &figure.title, figure.stamp.as_deref());
    bottom = legend::draw(&mut scene, fonts, &keys(figure, &names), bottom) + 8.0;

    let (count, gaps) = (small(columns), small(columns - 1));
    let width = (scene.width - 2.0 * MARGIN - gaps * GUTTER) / count;
    for row in figure.panels.chunks(columns) {
        let labels: Vec<_> =
            row.iter().map(|panel| fonts.wrap(&panel.y_label, TEXT, Weight::Regular, width, 3)).collect();
        let lines = labels.iter().map(Vec::len).max().unwrap_or(0);
        let top = bottom + small(lines) * LINE + LABEL_GAP;
        for (index, (panel, label)) in row.iter().zip(&labels).enumerate() {
            let left = MARGIN + small(index) * (width + GUTTER);
            scene.lines(left, top - LABEL_GAP - small(label.len()) * LINE, label, Letters::plain(HPos::Left));
            draw_panel(&mut scene, fonts, panel, &names, Cell { left, right: left + width, top });
        }
        bottom = top + HEIGHT + 2.0 * LINE + 12.0;
    }
    if figure.panels.is_empty() {
        bottom = scene.lines(MARGIN, bottom, &["no values".to_owned()], Letters::faint(HPos::Left)) + MARGIN;
    }
    scene.height = bottom;
    scene
}

/// A small count as a number to multiply lengths with.
pub(super) fn small(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// The names of all series, in order of first appearance.
fn names(figure: &Curves) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for series in figure.panels.iter().flat_map(|panel| &panel.series) {
        if !names.contains(&series.name.as_str()) {
            names.push(&series.name);
        }
    }
    names
}

/// The pen for the mean of the series with a name.
fn pen(names: &[&str], name: &str) -> Pen {
    let index = names.iter().position(|known| *known == name).unwrap_or(0);
    let (color, dashes) = (PALETTE[index % PALETTE.len()], DASHES[index % DASHES.len()]);
    Pen { dashes, ..Pen::solid(color, BOLD) }
}

/// What the legend explains: each series, single rounds if there are several, and references.
fn keys(figure: &Curves, names: &[&str]) -> Vec<(Key, String)> {
    let mut keys: Vec<_> =
        names.iter().map(|name| (Key::Line(pen(names, name)), (*name).to_owned())).collect();
    if figure.panels.iter().flat_map(|panel| &panel.series).any(|series| series.rounds.len() > 1) {
        keys.push((Key::Rounds, "single rounds".to_owned()));
    }
    if figure.panels.iter().flat_map(|panel| &panel.series).any(|series| !series.collapsed.is_empty()) {
        keys.push((Key::Line(FALLEN), "collapsed round".to_owned()));
    }
    let mut references: Vec<_> = figure.panels.iter().filter_map(reference).collect();
    references.dedup();
    keys.extend(references.into_iter().map(|(label, _)| (Key::Line(DOTTED), label.clone())));
    keys
}

/// The value a panel compares with, if it can be drawn.
fn reference(panel: &Panel) -> Option<&(String, f64)> {
    panel.reference.as_ref().filter(|(_, value)| drawable(*value))
}

/// Draws one panel: axes, bands, rounds, the reference and means, in this order.
fn draw_panel(scene: &mut Scene, fonts: &Fonts, panel: &Panel, names: &[&str], cell: Cell) {
    let Some(axes) = draw_axes(scene, fonts, panel, cell) else {
        let middle = (f64::midpoint(cell.left, cell.right), cell.top + HEIGHT / 2.0);
        scene.text(middle, "no values", Letters::faint(HPos::Center));
        return;
    };
    for series in &panel.series {
        draw_band(scene, &series.band, axes, pen(names, &series.name).color);
    }
    for series in &panel.series {
        let color = pen(names, &series.name).color;
        // The more rounds there are, the fainter each of them.
        let alpha = (8.0 / small(series.rounds.len().max(1))).clamp(0.15, 0.4);
        for (index, round) in series.rounds.iter().enumerate() {
            let fallen = series.collapsed.contains(&index);
            draw_line(
                scene,
                round,
                axes,
                if fallen { FALLEN } else { Pen { alpha, ..Pen::solid(color, THIN) } },
            );
        }
    }
    if let Some((_, value)) = reference(panel) {
        let (left, right) = axes.x.range;
        draw_line(scene, &[(left, *value), (right, *value)], axes, DOTTED);
    }
    for series in &panel.series {
        let pen = pen(names, &series.name);
        // A white rim keeps the mean apart from its rounds.
        draw_line(scene, &series.mean, axes, Pen { color: WHITE, alpha: 0.75, width: BOLD + 2.0, ..pen });
        draw_line(scene, &series.mean, axes, pen);
    }
}

/// Draws the grid, the axes and their ticks; gives nothing back if there is nothing to show on them.
fn draw_axes(scene: &mut Scene, fonts: &Fonts, panel: &Panel, cell: Cell) -> Option<Axes> {
    let bottom = cell.top + HEIGHT;
    let y = Axis { range: range::of_values(panel)?, ends: (bottom, cell.top) };
    let y_ticks = y.ticks(6, false);
    let widest =
        y_ticks.iter().map(|tick| fonts.width(&tick.label, TEXT, Weight::Regular)).fold(8.0, f64::max);
    let (left, right) = (crisp(cell.left + widest + 7.0), crisp(cell.right - 8.0));
    let x = Axis { range: range::of_epochs(panel)?, ends: (left, right) };

    for tick in y_ticks {
        let at = crisp(y.at(tick.value));
        scene.stroke(vec![(left, at), (right, at)], Pen::solid(GRID, 1.0));
        scene.text((left - 7.0, at + 5.3), &tick.label, Letters::plain(HPos::Right));
    }
    for tick in x.ticks(6, true) {
        let at = crisp(x.at(tick.value));
        scene.stroke(vec![(at, cell.top), (at, bottom)], Pen::solid(GRID, 1.0));
        scene.stroke(vec![(at, crisp(bottom)), (at, crisp(bottom + 4.0))], Pen::solid(INK, 1.0));
        scene.text((at, bottom + 4.0 + 0.85 * LINE), &tick.label, Letters::plain(HPos::Center));
    }
    let base = crisp(bottom);
    scene.stroke(vec![(left, cell.top), (left, base), (right, base)], Pen::solid(INK, 1.0));
    let middle = f64::midpoint(left, right);
    scene.text((middle, bottom + 4.0 + 1.9 * LINE), "Epoch", Letters::plain(HPos::Center));
    Some(Axes { x, y })
}

/// The nearest place at which a thin line fills whole pixels.
fn crisp(place: f64) -> f64 {
    place.floor() + 0.5
}

/// Draws a line through values, as far as it lies within the axes.
fn draw_line(scene: &mut Scene, values: &[Point], axes: Axes, pen: Pen) {
    for run in values.split(|(x, y)| !drawable(*x) || !drawable(*y)) {
        let points: Vec<_> = run.iter().map(|point| axes.place(*point)).collect();
        for part in clip::line(&points, axes.y.ends.1, axes.y.ends.0) {
            scene.stroke(part, pen);
        }
    }
}

/// Draws a band, as far as it lies within the axes.
fn draw_band(scene: &mut Scene, band: &[(f64, f64, f64)], axes: Axes, color: RGBColor) {
    for run in band.split(|(x, low, high)| ![x, low, high].iter().all(|value| drawable(**value))) {
        let upper = run.iter().map(|(x, _, high)| axes.place((*x, *high)));
        let lower = run.iter().rev().map(|(x, low, _)| axes.place((*x, *low)));
        let mut corners: Vec<_> = upper.chain(lower).collect();
        if let [(x, top), (_, bottom)] = corners[..] {
            // A single epoch has no width; a slim bar shows its band.
            corners = vec![(x - 3.0, top), (x + 3.0, top), (x + 3.0, bottom), (x - 3.0, bottom)];
        }
        scene.area(clip::area(&corners, axes.y.ends.1, axes.y.ends.0), color, 0.16);
    }
}
