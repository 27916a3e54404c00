//! A statistic over two axes of the grid: a cell for each config, as dark as its value is large.

use std::collections::BTreeSet;

use crate::{
    report::figure::{
        axis::{drawable, extremes, number},
        content::Figure,
        fonts::{Fonts, TEXT, Weight},
        kind::{
            rounds::{Of, Shown, left_out, set_name},
            seam::Kind,
        },
        marks,
        palette::{Color, GREY, INK, WHITE, heat},
        scene::{Anchor, LINE, Letters, MARGIN, NOTHING, PAGE, Pen, Scene, box_of},
    },
    spec::{Axis, Context, FigureSpec, Over, Reading, Statistic, Where, metric_and_split_of},
    verdict::pick,
    yaml::{decode::Decoder, node::Node},
};

/// A statistic of the rounds' last epochs over two axes of the grid.
#[derive(Clone, Copy, Debug)]
pub(super) struct HeatMap {
    of: Of,
    statistic: Statistic,
    /// The axis from left to right.
    x: usize,
    /// The axis from bottom to top.
    y: usize,
}

impl Kind for HeatMap {
    const WORDS: &[&str] = &["heat-map"];
    const CAPTION: &str = "Each field is one config, coloured by a statistic of its rounds' last epochs.";

    fn decode(d: &mut Decoder, c: &Context<'_>, node: &Node, filter: &Where) -> Option<Self> {
        let fields = d.fields(node, &["metric", "split", "statistic", "x", "y"])?;
        let of = metric_and_split_of(d, c, &fields);
        let statistic =
            fields.get("statistic").map_or(Some(Statistic::Mean), |n| d.choice(n, Statistic::WORDS));
        let names: Vec<(&str, usize)> =
            c.grid.axes.iter().enumerate().map(|(i, axis)| (axis.name.as_str(), i)).collect();
        let x = d.required(&fields, "x").and_then(|n| d.choice(n, &names));
        let y = d.required(&fields, "y").and_then(|n| d.choice(n, &names));
        let (of, statistic, x, y) = (of?, statistic?, x?, y?);
        if x == y {
            let message = format!("{}: `x` and `y` are the same axis", node.path);
            return d.fault(&node.span, message, Some("write `x: lr, y: dropout`".to_owned()));
        }
        // Configs without one of the axes have no cell.
        let shown: Vec<String> = c
            .grid
            .architectures()
            .filter(|name| [x, y].iter().all(|a| c.grid.axes[*a].applies_to(name)))
            .collect();
        let most = |axis: usize| match axis {
            0 => c.grid.values_left(filter).filter(|name| shown.contains(name)).count(),
            _ => shown.iter().map(|name| c.grid.left(axis, name, filter)).max().unwrap_or(0),
        };
        if most(0) == 0 {
            let message = format!("{}: no config has both axes", node.path);
            return d.fault(&node.span, message, Some("choose axes that one architecture has".to_owned()));
        }
        let mut rest = names.iter().filter(|(_, axis)| *axis != x && *axis != y);
        if let Some((word, axis)) = rest.find(|(_, axis)| most(*axis) > 1) {
            let message =
                format!("{}: each cell would stand for {} values of `{word}`", node.path, most(*axis));
            return d.fault(&node.span, message, Some(format!("choose one: `where: {{{word}: …}}`")));
        }
        Some(Self { of, statistic, x, y })
    }

    fn draw(&self, figure: &FigureSpec, shown: &Shown<'_>, fonts: &Fonts) -> Scene {
        lay_out(&data(figure, *self, shown), fonts)
    }
}

/// Columns and rows that are drawn.
const MOST: [usize; 2] = [28, 40];
/// Least and most width of a cell.
const CELL: (f64, f64) = (52.0, 110.0);
/// Most room for the names of the rows.
const NAMES: f64 = 120.0;
/// Width of the scale.
const SCALE: f64 = 150.0;
/// A statistic over two axes.
#[derive(Clone, Debug, Default, PartialEq)]
struct Map {
    /// The axis from left to right, and its values.
    x: (String, Vec<String>),
    /// The axis from bottom to top, and its values.
    y: (String, Vec<String>),
    /// One row for each value of `y`, in each one cell for each value of `x`.
    cells: Vec<Vec<Cell>>,
}

/// A config.
#[derive(Clone, Debug, Default, PartialEq)]
struct Cell {
    /// The statistic; nothing if no round has finished.
    value: Option<f64>,
    /// Collapsed rounds.
    collapsed: usize,
    /// What else is to be said, such as missing rounds.
    note: String,
}

/// Where the cells are.
struct Table {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

/// A statistic of the rounds' last epochs over two axes of the grid.
fn data(figure: &FigureSpec, map: HeatMap, shown: &Shown<'_>) -> Figure<Map> {
    let configs: Vec<usize> = shown.plan.chosen(&figure.filter).collect();
    let values = |axis: usize| {
        let found: BTreeSet<u32> =
            configs.iter().filter_map(|c| shown.plan.configs[*c].point[axis]).collect();
        found.into_iter().collect::<Vec<u32>>()
    };
    let (mut x, mut y) = (values(map.x), values(map.y));
    let left = [(&x, MOST[0], "columns"), (&y, MOST[1], "rows")]
        .map(|(v, most, what)| left_out(v.len(), most, what));
    let left =
        Some(left.into_iter().flatten().collect::<Vec<_>>().join("; ")).filter(|text| !text.is_empty());
    x.truncate(MOST[0]);
    y.truncate(MOST[1]);
    let cell = |x: &u32, y: &u32| {
        let here = |config: &&usize| {
            let point = &shown.plan.configs[**config].point;
            point[map.x] == Some(*x) && point[map.y] == Some(*y)
        };
        configs.iter().find(here).map_or(Cell::default(), |config| cell(*config, map, shown))
    };
    let cells = y.iter().map(|y| x.iter().map(|x| cell(x, y)).collect()).collect();
    let planned = configs.iter().map(|config| shown.rounds[*config].planned).max().unwrap_or(0);
    let each = if planned == 1 { "1 round".to_owned() } else { format!("{planned} rounds") };
    let label = format!(
        "{}, {}, last epoch: {} of {each} each",
        map.of.0.axis(),
        set_name(map.of.1),
        name(map.statistic)
    );
    let (x, y) = (names(&shown.plan.axes[map.x], &x), names(&shown.plan.axes[map.y], &y));
    Figure { label, ..shown.last_epochs(figure, map.of, Map { x, y, cells }) }.warning(left)
}

fn cell(config: usize, map: HeatMap, shown: &Shown<'_>) -> Cell {
    let all = &shown.rounds[config];
    let (metric, split) = map.of;
    let statistics = all.statistics(split, Reading { metric, over: Over::Rounds });
    let value = statistics.map(|s| pick(&s, map.statistic) * metric.scale()).filter(|v| v.is_finite());
    let complete = all.unfinished() == 0;
    let note = if complete { String::new() } else { format!("{} of {}", all.finished(), all.planned) };
    Cell { value, collapsed: shown.collapsed(config).len(), note }
}

/// Names an axis and those of its values that are shown.
fn names(axis: &Axis, values: &[u32]) -> (String, Vec<String>) {
    (axis.label.clone(), values.iter().map(|value| axis.value(Some(*value)).to_string()).collect())
}

fn name(statistic: Statistic) -> &'static str {
    match statistic {
        Statistic::Mean => "mean",
        Statistic::Max => "largest",
        Statistic::Median => "median",
        Statistic::Std => "standard deviation",
        Statistic::Min => "smallest",
    }
}

/// Lays the figure out.
fn lay_out(figure: &Figure<Map>, fonts: &Fonts) -> Scene {
    let wide = |text: &String| fonts.width(text, TEXT, Weight::Regular);
    let names: Vec<Vec<String>> =
        figure.body.y.1.iter().map(|name| fonts.wrap(name, TEXT, Weight::Regular, NAMES, 2)).collect();
    let left = MARGIN + names.iter().flatten().map(wide).fold(0.0, f64::max) + 10.0;
    let columns = figure.body.x.1.len().max(1) as f64;
    let width = ((PAGE - MARGIN - left) / columns).clamp(CELL.0, CELL.1).floor();
    let mut scene = Scene::new(PAGE.max(left + columns * width + MARGIN));
    let mut top = scene.heading(fonts, &figure.title, figure.caveat.as_deref());
    let room = scene.width - 2.0 * MARGIN;
    top = scene.lines(
        MARGIN,
        top,
        &fonts.wrap(&figure.label, TEXT, Weight::Regular, room, 3),
        Letters::plain(Anchor::Left),
    );
    let range = range(figure);
    top = draw_scale(&mut scene, fonts, figure, range, top + 4.0);
    top = scene.lines(
        MARGIN,
        top,
        &fonts.wrap(&figure.body.y.0, TEXT, Weight::Regular, room, 1),
        Letters::plain(Anchor::Left),
    ) + 5.0;

    let noted = figure.body.cells.iter().flatten().any(|cell| cell.collapsed > 0 || !cell.note.is_empty());
    let table = Table { left, top, width, height: if noted { 52.0 } else { 40.0 } };
    for (from_below, (row, name)) in figure.body.cells.iter().zip(&names).enumerate() {
        let above = (figure.body.cells.len() - 1 - from_below) as f64;
        let y = table.top + above * table.height;
        let middle = name.iter().fold(y + table.height / 2.0, |middle, _| middle - LINE / 2.0);
        scene.lines(left - 10.0, middle, name, Letters::plain(Anchor::Right));
        for (column, cell) in row.iter().enumerate() {
            draw_cell(&mut scene, fonts, figure, cell, range, (left + column as f64 * width, y), &table);
        }
    }
    let bottom = top + figure.body.cells.len() as f64 * table.height;
    scene.height = draw_columns(&mut scene, fonts, figure, &table, bottom) + MARGIN;
    scene
}

/// The smallest and the largest value.
fn range(figure: &Figure<Map>) -> Option<(f64, f64)> {
    extremes(figure.body.cells.iter().flatten().filter_map(|cell| cell.value))
}

/// Where a value lies between the smallest and the largest; half-way if these are equal.
fn share(value: f64, (low, high): (f64, f64)) -> f64 {
    if high - low > 1e-9 * low.abs().max(high.abs()) { (value - low) / (high - low) } else { 0.5 }
}

/// Draws the scale with its ends, and what a cross means; gives back where they end.
fn draw_scale(
    scene: &mut Scene,
    fonts: &Fonts,
    figure: &Figure<Map>,
    range: Option<(f64, f64)>,
    top: f64,
) -> f64 {
    const STEPS: usize = 50;
    let Some((low, high)) = range else { return top };
    let baseline = top + 0.76 * LINE;
    let (low, high) = (number(low, figure.percent), number(high, figure.percent));
    scene.text((MARGIN, baseline), &low, Letters::plain(Anchor::Left));
    let left = MARGIN + fonts.width(&low, TEXT, Weight::Regular) + 8.0;
    for step in 0..STEPS {
        // Each step reaches to the end, so that no seam shows.
        let from = left + SCALE * step as f64 / STEPS as f64;
        let shade = heat(step as f64 / (STEPS - 1) as f64);
        scene.area(box_of(from, top + 3.0, left + SCALE, top + LINE - 3.0), shade, 1.0);
    }
    scene.text((left + SCALE + 8.0, baseline), &high, Letters::plain(Anchor::Left));
    let mut bottom = top + LINE;
    if figure.body.cells.iter().flatten().any(|cell| cell.collapsed > 0) {
        marks::collapsed(scene, (MARGIN + 6.0, bottom + LINE / 2.0 + 1.0));
        let text = format!("collapsed rounds{}", figure.rule);
        let lines = fonts.wrap(&text, TEXT, Weight::Regular, scene.width - 3.0 * MARGIN - 18.0, 2);
        bottom = scene.lines(MARGIN + 20.0, bottom, &lines, Letters::plain(Anchor::Left));
    }
    bottom + 6.0
}

fn draw_cell(
    scene: &mut Scene,
    fonts: &Fonts,
    figure: &Figure<Map>,
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
        scene.area(corners, heat(share), 1.0);
        let ink = if share > 0.6 { WHITE } else { INK };
        let letters = Letters { color: ink, ..Letters::plain(Anchor::Center) };
        scene.text((middle, baseline), &number(value, figure.percent), letters);
        ink
    } else {
        scene.stroke([corners.clone(), vec![corners[0]]].concat(), Pen::solid(GREY, 1.0));
        scene.text((middle, baseline), "–", Letters::faint(Anchor::Center));
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
    (room, ink): (f64, Color),
) {
    let letters = Letters { color: ink, ..Letters::plain(Anchor::Left) };
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
fn draw_columns(scene: &mut Scene, fonts: &Fonts, figure: &Figure<Map>, table: &Table, bottom: f64) -> f64 {
    let mut end = bottom;
    for (column, name) in figure.body.x.1.iter().enumerate() {
        let lines = fonts.wrap(name, TEXT, Weight::Regular, table.width - 6.0, 3);
        let middle = table.left + (column as f64 + 0.5) * table.width;
        end = end.max(scene.lines(middle, bottom + 4.0, &lines, Letters::plain(Anchor::Center)));
    }
    if figure.body.cells.is_empty() || figure.body.x.1.is_empty() {
        end = scene.lines(MARGIN, end, &[NOTHING.to_owned()], Letters::faint(Anchor::Left));
    }
    let middle = table.left + figure.body.x.1.len() as f64 * table.width / 2.0;
    let half = fonts.width(&figure.body.x.0, TEXT, Weight::Regular) / 2.0;
    let middle = middle.max(MARGIN + half);
    scene.lines(middle, end, std::slice::from_ref(&figure.body.x.0), Letters::plain(Anchor::Center))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(value: f64, collapsed: usize, note: &str) -> Cell {
        Cell { value: Some(value), collapsed, note: note.to_owned() }
    }

    fn figure(cells: Vec<Vec<Cell>>) -> Figure<Map> {
        let names = |count: usize| (0..count).map(|i| format!("0.{i}")).collect::<Vec<_>>();
        let (x, y) = (names(cells.first().map_or(0, Vec::len)), names(cells.len()));
        let (x, y) = (("Learning rate".to_owned(), x), ("Dropout rate".to_owned(), y));
        Figure { percent: true, body: Map { x, y, cells }, ..Figure::default() }
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
        let fonts = Fonts::load().unwrap();
        assert!(lay_out(&Figure::<Map>::default(), &fonts).texts().contains(&NOTHING));
        assert!(!lay_out(&figure(vec![vec![Cell::default()]]), &fonts).texts().contains(&NOTHING));
    }

    #[test]
    fn many_columns_widen_the_page() {
        let fonts = Fonts::load().unwrap();
        let wide = lay_out(&figure(vec![vec![cell(1.0, 0, ""); 30]]), &fonts);
        assert!(wide.width > 30.0 * CELL.0 && wide.width < 31.0 * CELL.0 + 80.0, "{}", wide.width);
    }
}
