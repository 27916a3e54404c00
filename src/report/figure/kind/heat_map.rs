//! A statistic over two axes of the grid: a cell for each config, as dark as its value is large.

use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use super::curves::small;
use crate::report::figure::axis::{drawable, extremes};
use crate::report::figure::fonts::{Fonts, TEXT, Weight};
use crate::report::figure::marks;
use crate::report::figure::row_chart::{NOTHING, number};
use crate::report::figure::scene::{GREY, INK, LINE, Letters, MARGIN, Pen, Scene, WHITE, box_of};

/// Width of the page: a column of 8.5 cm.
const PAGE: f64 = 500.0;
/// Least and most width of a cell.
const CELL: (f64, f64) = (52.0, 110.0);
/// Most room for the names of the rows.
const NAMES: f64 = 120.0;
/// Width of the scale.
const SCALE: f64 = 150.0;
/// The colours of the smallest and the largest value.
const ENDS: [(f64, f64, f64); 2] = [(236.0, 243.0, 250.0), (8.0, 56.0, 104.0)];

/// A statistic over two axes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct HeatMap {
    /// The line above everything.
    pub title: String,
    /// A warning to show under the title.
    pub stamp: Option<String>,
    /// What the values are, with their unit.
    pub label: String,
    /// Whether values are on a scale from 0 to 100.
    pub percent: bool,
    /// What makes a round collapsed, in words.
    pub rule: String,
    /// The axis from left to right, and its values.
    pub x: (String, Vec<String>),
    /// The axis from bottom to top, and its values.
    pub y: (String, Vec<String>),
    /// One row for each value of `y`, in each one cell for each value of `x`.
    pub cells: Vec<Vec<Cell>>,
}

/// A config.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Cell {
    /// The statistic; nothing if no round has finished.
    pub value: Option<f64>,
    /// Collapsed rounds.
    pub collapsed: usize,
    /// What else is to be said, such as missing rounds.
    pub note: String,
}

/// Where the cells are.
struct Table {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

/// Lays the figure out.
pub(super) fn lay_out(figure: &HeatMap, fonts: &Fonts) -> Scene {
    let wide = |text: &String| fonts.width(text, TEXT, Weight::Regular);
    let names: Vec<Vec<String>> =
        figure.y.1.iter().map(|name| fonts.wrap(name, TEXT, Weight::Regular, NAMES, 2)).collect();
    let left = MARGIN + names.iter().flatten().map(wide).fold(0.0, f64::max) + 10.0;
    let columns = small(figure.x.1.len().max(1));
    let width = ((PAGE - MARGIN - left) / columns).clamp(CELL.0, CELL.1).floor();
    let mut scene = Scene::new(PAGE.max(left + columns * width + MARGIN));
    let mut top = scene.heading(fonts, &figure.title, figure.stamp.as_deref());
    let room = scene.width - 2.0 * MARGIN;
    top = scene.lines(
        MARGIN,
        top,
        &fonts.wrap(&figure.label, TEXT, Weight::Regular, room, 3),
        Letters::plain(HPos::Left),
    );
    let range = range(figure);
    top = draw_scale(&mut scene, fonts, figure, range, top + 4.0);
    top = scene.lines(
        MARGIN,
        top,
        &fonts.wrap(&figure.y.0, TEXT, Weight::Regular, room, 1),
        Letters::plain(HPos::Left),
    ) + 5.0;

    let noted = figure.cells.iter().flatten().any(|cell| cell.collapsed > 0 || !cell.note.is_empty());
    let table = Table { left, top, width, height: if noted { 52.0 } else { 40.0 } };
    for (from_below, (row, name)) in figure.cells.iter().zip(&names).enumerate() {
        let above = small(figure.cells.len() - 1 - from_below);
        let y = table.top + above * table.height;
        let middle = name.iter().fold(y + table.height / 2.0, |middle, _| middle - LINE / 2.0);
        scene.lines(left - 10.0, middle, name, Letters::plain(HPos::Right));
        for (column, cell) in row.iter().enumerate() {
            draw_cell(&mut scene, fonts, figure, cell, range, (left + small(column) * width, y), &table);
        }
    }
    let bottom = top + small(figure.cells.len()) * table.height;
    scene.height = draw_columns(&mut scene, fonts, figure, &table, bottom) + MARGIN;
    scene
}

/// The smallest and the largest value.
fn range(figure: &HeatMap) -> Option<(f64, f64)> {
    extremes(figure.cells.iter().flatten().filter_map(|cell| cell.value))
}

/// Where a value lies between the smallest and the largest; half-way if these are equal.
fn share(value: f64, (low, high): (f64, f64)) -> f64 {
    if high - low > 1e-9 * low.abs().max(high.abs()) { (value - low) / (high - low) } else { 0.5 }
}

/// The colour for a share.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between two colours")]
fn color(share: f64) -> RGBColor {
    let [from, to] = ENDS;
    let mix = |a: f64, b: f64| (a + share.clamp(0.0, 1.0) * (b - a)).round() as u8;
    RGBColor(mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2))
}

/// Draws the scale with its ends, and what a cross means; gives back where they end.
fn draw_scale(
    scene: &mut Scene,
    fonts: &Fonts,
    figure: &HeatMap,
    range: Option<(f64, f64)>,
    top: f64,
) -> f64 {
    const STEPS: usize = 50;
    let Some((low, high)) = range else { return top };
    let baseline = top + 0.76 * LINE;
    let (low, high) = (number(low, figure.percent), number(high, figure.percent));
    scene.text((MARGIN, baseline), &low, Letters::plain(HPos::Left));
    let left = MARGIN + fonts.width(&low, TEXT, Weight::Regular) + 8.0;
    for step in 0..STEPS {
        // Each step reaches to the end, so that no seam shows.
        let from = left + SCALE * small(step) / small(STEPS);
        let shade = color(small(step) / small(STEPS - 1));
        scene.area(box_of(from, top + 3.0, left + SCALE, top + LINE - 3.0), shade, 1.0);
    }
    scene.text((left + SCALE + 8.0, baseline), &high, Letters::plain(HPos::Left));
    let mut bottom = top + LINE;
    if figure.cells.iter().flatten().any(|cell| cell.collapsed > 0) {
        marks::collapsed(scene, (MARGIN + 6.0, bottom + LINE / 2.0 + 1.0));
        let text = format!("collapsed rounds{}", figure.rule);
        let lines = fonts.wrap(&text, TEXT, Weight::Regular, scene.width - 3.0 * MARGIN - 18.0, 2);
        bottom = scene.lines(MARGIN + 20.0, bottom, &lines, Letters::plain(HPos::Left));
    }
    bottom + 6.0
}

fn draw_cell(
    scene: &mut Scene,
    fonts: &Fonts,
    figure: &HeatMap,
    cell: &Cell,
    range: Option<(f64, f64)>,
    (x, y): (f64, f64),
    table: &Table,
) {
    let corners = box_of(x + 1.0, y + 1.0, x + table.width - 1.0, y + table.height - 1.0);
    let middle = x + table.width / 2.0;
    let below = cell.collapsed > 0 || !cell.note.is_empty();
    let baseline = y + table.height / 2.0 + if below { -4.0 } else { 5.3 };
    let value = cell.value.filter(|value| drawable(*value)).zip(range);
    let ink = if let Some((value, range)) = value {
        let share = share(value, range);
        scene.area(corners, color(share), 1.0);
        let ink = if share > 0.6 { WHITE } else { INK };
        let letters = Letters { color: ink, ..Letters::plain(HPos::Center) };
        scene.text((middle, baseline), &number(value, figure.percent), letters);
        ink
    } else {
        scene.stroke([corners.clone(), vec![corners[0]]].concat(), Pen::solid(GREY, 1.0));
        scene.text((middle, baseline), "–", Letters::faint(HPos::Center));
        GREY
    };
    if below {
        draw_note(scene, fonts, cell, (middle, y + table.height - 9.0), (table.width - 6.0, ink));
    }
}

/// Writes below a value how many rounds collapsed, and what else there is to say.
fn draw_note(
    scene: &mut Scene,
    fonts: &Fonts,
    cell: &Cell,
    (middle, baseline): (f64, f64),
    (room, ink): (f64, RGBColor),
) {
    let letters = Letters { color: ink, ..Letters::plain(HPos::Left) };
    let count = if cell.collapsed > 0 { cell.collapsed.to_string() } else { String::new() };
    let mark = if cell.collapsed > 0 { 17.0 } else { 0.0 };
    let count_width = fonts.width(&count, TEXT, Weight::Regular);
    let gap = if cell.collapsed > 0 && !cell.note.is_empty() { 8.0 } else { 0.0 };
    let rest = (room - mark - count_width - gap).max(1.0);
    let note = fonts.wrap(&cell.note, TEXT, Weight::Regular, rest, 1).into_iter().next().unwrap_or_default();
    let width = mark + count_width + gap + fonts.width(&note, TEXT, Weight::Regular);
    let left = middle - width / 2.0;
    if cell.collapsed > 0 {
        scene.disc((left + 6.0, baseline - 5.0), 7.5, WHITE, 1.0);
        marks::collapsed(scene, (left + 6.0, baseline - 5.0));
        scene.text((left + mark, baseline), &count, letters);
    }
    scene.text((left + mark + count_width + gap, baseline), &note, letters);
}

/// Writes the values and the name of the axis from left to right; gives back where they end.
fn draw_columns(scene: &mut Scene, fonts: &Fonts, figure: &HeatMap, table: &Table, bottom: f64) -> f64 {
    let mut end = bottom;
    for (column, name) in figure.x.1.iter().enumerate() {
        let lines = fonts.wrap(name, TEXT, Weight::Regular, table.width - 6.0, 3);
        let middle = table.left + (small(column) + 0.5) * table.width;
        end = end.max(scene.lines(middle, bottom + 4.0, &lines, Letters::plain(HPos::Center)));
    }
    if figure.cells.is_empty() || figure.x.1.is_empty() {
        end = scene.lines(MARGIN, end, &[NOTHING.to_owned()], Letters::faint(HPos::Left));
    }
    let middle = table.left + small(figure.x.1.len()) * table.width / 2.0;
    let half = fonts.width(&figure.x.0, TEXT, Weight::Regular) / 2.0;
    let middle = middle.max(MARGIN + half);
    scene.lines(middle, end, std::slice::from_ref(&figure.x.0), Letters::plain(HPos::Center))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(value: f64, collapsed: usize, note: &str) -> Cell {
        Cell { value: Some(value), collapsed, note: note.to_owned() }
    }

    fn figure(cells: Vec<Vec<Cell>>) -> HeatMap {
        let names = |count: usize| (0..count).map(|i| format!("0.{i}")).collect::<Vec<_>>();
        let (x, y) = (names(cells.first().map_or(0, Vec::len)), names(cells.len()));
        let (x, y) = (("Learning rate".to_owned(), x), ("Dropout rate".to_owned(), y));
        HeatMap { percent: true, x, y, cells, ..HeatMap::default() }
    }

    #[test]
    fn the_first_row_stands_at_the_bottom_and_every_cell_says_its_value() {
        let fonts = Fonts::load().unwrap();
        let scene = lay_out(
            &figure(vec![
                vec![cell(61.0, 0, ""), cell(99.5, 2, "4 of 5")],
                vec![Cell::default(), cell(70.25, 0, "")],
            ]),
            &fonts,
        );
        let texts = scene.texts();
        let place =
            |text: &str| texts.iter().position(|t| *t == text).unwrap_or_else(|| panic!("{text}: {texts:?}"));
        for text in ["61.0", "99.5", "70.2", "–", "2", "4 of 5", "collapsed rounds", "Learning rate"] {
            assert!(place(text) < texts.len());
        }
        assert!(scene.height_of("0.0", 0) > scene.height_of("0.1", 0), "the first value of y is below");
    }

    #[test]
    fn equal_values_and_no_values_have_a_colour_and_a_page() {
        assert_eq!(share(7.0, (7.0, 7.0)), 0.5);
        assert_eq!((color(0.0), color(1.0)), (RGBColor(236, 243, 250), RGBColor(8, 56, 104)));
        let fonts = Fonts::load().unwrap();
        assert!(lay_out(&HeatMap::default(), &fonts).texts().contains(&NOTHING));
        assert!(!lay_out(&figure(vec![vec![Cell::default()]]), &fonts).texts().contains(&NOTHING));
    }

    #[test]
    fn many_columns_widen_the_page() {
        let fonts = Fonts::load().unwrap();
        let wide = lay_out(&figure(vec![vec![cell(1.0, 0, ""); 30]]), &fonts);
        assert!(wide.width > 30.0 * CELL.0 && wide.width < 31.0 * CELL.0 + 80.0, "{}", wide.width);
    }
}
