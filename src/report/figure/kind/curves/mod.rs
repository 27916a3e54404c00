//! Curves over the epochs, in panels side by side.

mod range;
mod series;

use crate::{
    report::figure::{
        axis::{self, Axis, drawable},
        clip,
        content::Figure,
        fonts::{Fonts, TEXT, Weight},
        kind::{
            rounds::{DRAWN, Shown, drawn},
            seam::Kind,
        },
        legend::{self, Key},
        palette::{Color, INK, SERIES, WHITE},
        scene::{Anchor, LINE, Letters, MARGIN, NOTHING, PAGE, Pen, Point, Scene, crisp},
    },
    results::{Curve, Rounds},
    spec::{Context, FigureSpec, Metric, Over, Split, Where, every},
    stats,
    yaml::{decode::Decoder, node::Node},
};
pub(crate) use series::{Panel, Series};

/// The metrics against epochs, one set of axes each.
#[derive(Debug)]
pub(super) struct Curves(Vec<Metric>);

impl Kind for Curves {
    const WORDS: &[&str] = &["curves"];
    const CAPTION: &str = "The strong line is the mean of the rounds, the shade one standard deviation to either side, each thin line one round.";

    fn decode(d: &mut Decoder, c: &Context<'_>, node: &Node, _: &Where) -> Option<Self> {
        every(d, node, "[loss, accuracy]", |d, n| d.choice(n, &c.task.words())).map(Self)
    }

    fn draw(&self, figure: &FigureSpec, shown: &Shown<'_>, fonts: &Fonts) -> Scene {
        lay_out(&data(figure, &self.0, shown), fonts)
    }
}

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

/// As many series as have lines of their own.
const MOST: usize = SERIES.len() * DASHES.len();

/// Returns the figure with as many series as can be told from each other, and what is said of the others.
fn bounded(figure: &Figure<Vec<Panel>>) -> (Figure<Vec<Panel>>, Option<String>) {
    let all: Vec<String> = names(figure).into_iter().map(str::to_owned).collect();
    let mut figure = figure.clone();
    if all.len() <= MOST {
        return (figure, None);
    }
    for panel in &mut figure.body {
        panel.series.retain(|series| all[..MOST].contains(&series.name));
    }
    let rest = all.len() - MOST;
    (figure, Some(format!("left out: {rest} of {} series; choose some with `where:`", all.len())))
}

/// Lays the figure out.
pub(crate) fn lay_out(figure: &Figure<Vec<Panel>>, fonts: &Fonts) -> Scene {
    let (figure, left_out) = &bounded(figure);
    let columns = match figure.body.len() {
        4 => 2,
        count => count.clamp(1, 3),
    };
    let mut scene = Scene::new(if columns > 2 { PAGE + THIRD } else { PAGE });
    let names = names(figure);
    let mut bottom = scene.heading(fonts, &figure.title, figure.caveat.as_deref());
    bottom = legend::draw(&mut scene, fonts, &keys(figure, &names), bottom) + 8.0;
    if let Some(text) = left_out {
        bottom = scene.lines(MARGIN, bottom, std::slice::from_ref(text), Letters::faint(Anchor::Left)) + 8.0;
    }

    let (count, gaps) = (columns as f64, (columns - 1) as f64);
    let width = (scene.width - 2.0 * MARGIN - gaps * GUTTER) / count;
    for row in figure.body.chunks(columns) {
        let labels: Vec<_> =
            row.iter().map(|panel| fonts.wrap(&panel.y_label, TEXT, Weight::Regular, width, 3)).collect();
        let lines = labels.iter().map(Vec::len).max().unwrap_or(0);
        let top = bottom + lines as f64 * LINE + LABEL_GAP;
        for (index, (panel, label)) in row.iter().zip(&labels).enumerate() {
            let left = MARGIN + index as f64 * (width + GUTTER);
            scene.lines(
                left,
                top - LABEL_GAP - label.len() as f64 * LINE,
                label,
                Letters::plain(Anchor::Left),
            );
            draw_panel(&mut scene, fonts, panel, &names, Cell { left, right: left + width, top });
        }
        bottom = top + HEIGHT + 2.0 * LINE + 12.0;
    }
    if figure.body.is_empty() {
        bottom = scene.lines(MARGIN, bottom, &[NOTHING.to_owned()], Letters::faint(Anchor::Left)) + MARGIN;
    }
    scene.height = bottom;
    scene
}

/// The names of all series, in order of first appearance.
fn names(figure: &Figure<Vec<Panel>>) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for series in figure.body.iter().flat_map(|panel| &panel.series) {
        if !names.contains(&series.name.as_str()) {
            names.push(&series.name);
        }
    }
    names
}

/// The pen for the mean of the series with a name.
fn pen(names: &[&str], name: &str) -> Pen {
    let index = names.iter().position(|known| *known == name).unwrap_or(0);
    // Both come round together after twelve series; from there on the dashes are shifted by one.
    let (color, dashes) = (SERIES[index % SERIES.len()], DASHES[(index + index / 12) % DASHES.len()]);
    Pen { dashes, ..Pen::solid(color, BOLD) }
}

/// What the legend explains: each series, single rounds if there are several, and references.
fn keys(figure: &Figure<Vec<Panel>>, names: &[&str]) -> Vec<(Key, String)> {
    let mut keys: Vec<_> =
        names.iter().map(|name| (Key::Line(pen(names, name)), (*name).to_owned())).collect();
    if figure.body.iter().flat_map(|panel| &panel.series).any(|series| series.rounds.len() > 1) {
        keys.push((Key::Rounds, "single rounds".to_owned()));
    }
    if figure.body.iter().flat_map(|panel| &panel.series).any(|series| !series.collapsed.is_empty()) {
        keys.push((Key::Line(FALLEN), "collapsed round".to_owned()));
    }
    let mut references: Vec<_> = figure.body.iter().filter_map(reference).collect();
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
        scene.text(middle, NOTHING, Letters::faint(Anchor::Center));
        return;
    };
    for series in &panel.series {
        draw_band(scene, &series.band, axes, pen(names, &series.name).color);
    }
    for series in &panel.series {
        let color = pen(names, &series.name).color;
        // The more rounds there are, the fainter each of them.
        let alpha = (8.0 / series.rounds.len().max(1) as f64).clamp(0.15, 0.4);
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
    let ends = (axis::beside(&y_ticks, fonts, cell.left), crisp(cell.right - 8.0));
    let x = Axis { range: range::of_epochs(panel)?, ends };
    y.draw_upright(scene, &y_ticks, ends);
    x.draw_level(scene, &x.ticks(6, true), (cell.top, bottom, bottom), true);
    axis::frame(scene, ends, (cell.top, bottom));
    let middle = f64::midpoint(ends.0, ends.1);
    scene.text((middle, bottom + 4.0 + 1.9 * LINE), "Epoch", Letters::plain(Anchor::Center));
    Some(Axes { x, y })
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
fn draw_band(scene: &mut Scene, band: &[(f64, f64, f64)], axes: Axes, color: Color) {
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

/// One panel per metric; training and test set of one config, or the test set of several.
fn data(spec: &FigureSpec, metrics: &[Metric], shown: &Shown<'_>) -> Figure<Vec<Panel>> {
    let Shown { plan, rounds, .. } = *shown;
    let collapsed = |config: usize| shown.collapsed(config);
    let (configs, left_out) = shown.chosen(spec, MOST);
    let panels = metrics.iter().map(|metric| {
        let series = match configs[..] {
            [config] => [(Split::Train, "training"), (Split::Test, "test")]
                .into_iter()
                .filter_map(|(split, name)| {
                    let curve = rounds[config].curves.get(&(split, *metric))?;
                    Some(series(name.to_owned(), curve, &collapsed(config), metric.scale()))
                })
                .collect(),
            _ => configs
                .iter()
                .filter_map(|config| {
                    let curve = rounds[*config].curves.get(&(Split::Test, *metric))?;
                    Some(series(plan.label(*config), curve, &collapsed(*config), metric.scale()))
                })
                .collect(),
        };
        Panel { y_label: metric.axis(), percent: metric.is_accuracy(), reference: None, series }
    });
    let body = panels.collect();
    Figure { title: with_rounds(&spec.title, &configs, rounds), ..shown.figure(spec, body) }.warning(left_out)
}

/// Says what the lines and the band are.
fn with_rounds(title: &str, configs: &[usize], all: &[Rounds]) -> String {
    let rounds = configs.iter().map(|c| all[*c].finished()).max().unwrap_or(0);
    let planned = configs.iter().map(|c| all[*c].planned).max().unwrap_or(0);
    let separator = if title.is_empty() { "" } else { ": " };
    let of = if rounds < planned { format!("{rounds} of {planned}") } else { rounds.to_string() };
    match rounds {
        0 => format!("{title}{separator}no finished rounds"),
        1 if planned <= 1 => format!("{title}{separator}one round"),
        _ if rounds > DRAWN => format!("{title}{separator}mean ± std of {of} rounds, {DRAWN} of them drawn"),
        _ => format!("{title}{separator}mean ± std of {of} rounds"),
    }
}

fn series(name: String, curve: &Curve, collapsed: &[usize], scale: f64) -> Series {
    let epochs = || curve.epochs.iter().map(|e| *e as f64);
    let mean: Vec<(f64, f64)> =
        epochs().zip(curve.reading(Over::Epochs)).map(|(x, y)| (x, y * scale)).collect();
    let spread = |(epoch, (x, m)): (usize, &(f64, f64))| {
        let std = stats::std(&curve.at(epoch)) * scale;
        let std = if std.is_finite() { std } else { 0.0 };
        (*x, m - std, m + std)
    };
    let band = mean.iter().enumerate().map(spread).collect();
    let rounds = drawn(curve.rounds.len())
        .map(|round| epochs().zip(&curve.rounds[round]).map(|(x, value)| (x, value * scale)).collect())
        .collect();
    let shown = drawn(curve.rounds.len()).enumerate();
    let collapsed = shown.filter(|(_, round)| collapsed.contains(round)).map(|(i, _)| i).collect();
    Series { name, mean, band, rounds, collapsed }
}
