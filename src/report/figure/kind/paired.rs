//! The values of every round, with a line from config to config for each seed.

use crate::{
    report::figure::{
        axis::{self, Axis, drawable, extremes, number, with_air},
        content::Figure,
        fonts::{Fonts, TEXT, Weight},
        kind::{
            rounds::{self, Of, Shown, drawn},
            seam::Kind,
        },
        legend::{self, Key},
        marks,
        palette::{ALERT, GREY, OURS},
        scene::{Anchor, LINE, Letters, MARGIN, NOTHING, PAGE, Pen, Scene},
    },
    spec::{Context, FigureSpec, Where, metric_and_split},
    stats,
    yaml::{decode::Decoder, node::Node},
};

/// Each round's last epoch, with a line from config to config for each seed.
#[derive(Debug)]
pub(super) struct Paired(Of);

impl Kind for Paired {
    const WORDS: &[&str] = &["paired"];
    const CAPTION: &str = "Each line is one seed: its rounds' last epochs, from config to config.";

    fn decode(d: &mut Decoder, c: &Context<'_>, node: &Node, filter: &Where) -> Option<Self> {
        let of = metric_and_split(d, c, node)?;
        if c.grid.count(filter) > 1 {
            return Some(Self(of));
        }
        let message = format!("{}: one config has nothing to be paired with", node.path);
        d.fault(&node.span, message, Some("choose two or more configs, or draw `strip:`".to_owned()))
    }

    fn draw(&self, figure: &FigureSpec, shown: &Shown<'_>, fonts: &Fonts) -> Scene {
        lay_out(&data(figure, self.0, shown), fonts)
    }
}

/// Configs that are drawn side by side.
const MOST: usize = 16;
/// Least width of a config.
const COLUMN: f64 = 100.0;
/// Height of the axes.
const HEIGHT: f64 = 220.0;
/// The line of a seed whose value rises, or of any seed where there are more than two configs.
const RISES: Pen = Pen { alpha: 0.6, ..Pen::solid(OURS, 1.6) };
/// The line of a seed whose value falls.
const FALLS: Pen = Pen { dashes: &[5.0, 4.5], alpha: 0.9, ..Pen::solid(ALERT, 1.6) };

/// Values of every round, by seed.
#[derive(Clone, Debug, Default, PartialEq)]
struct Pairs {
    /// Names of the configs, from the left.
    names: Vec<String>,
    /// The seeds that all configs have.
    seeds: Vec<Seed>,
    /// What is left out, in words.
    missing: String,
}

/// The rounds of one seed.
#[derive(Clone, Debug, Default, PartialEq)]
struct Seed {
    /// One value per config.
    values: Vec<f64>,
    /// Whether each of them is of a collapsed round.
    collapsed: Vec<bool>,
}

/// Every round's last epoch, with the rounds of a seed in a row.
fn data(figure: &FigureSpec, of: Of, shown: &Shown<'_>) -> Figure<Pairs> {
    let (configs, left_out) = shown.chosen(figure, MOST);
    // Value and collapse of each config's round of a seed, if all have one.
    let seed = |seed: u64| -> Option<Seed> {
        let mut found = Seed::default();
        for config in &configs {
            let all = &shown.rounds[*config];
            let round = all.seeds.iter().position(|s| *s == seed)?;
            found.values.push(*rounds::last_epoch(all, of).get(round)?);
            found.collapsed.push(shown.collapsed(*config).contains(&round));
        }
        Some(found)
    };
    let first = configs.first().map(|config| shown.rounds[*config].seeds.clone()).unwrap_or_default();
    let seeds: Vec<Seed> = first.into_iter().filter_map(seed).collect();
    let planned = configs.iter().map(|config| shown.rounds[*config].planned).max().unwrap_or(0);
    let missing = match planned - seeds.len().min(planned) {
        0 => String::new(),
        count => format!("left out: {count} of {planned} seeds that some config lacks"),
    };
    let names = configs.iter().map(|config| shown.plan.label(*config)).collect();
    shown.last_epochs(figure, of, Pairs { names, seeds, missing }).warning(left_out)
}

/// Lays the figure out.
fn lay_out(figure: &Figure<Pairs>, fonts: &Fonts) -> Scene {
    let seeds: Vec<&Seed> =
        figure.body.seeds.iter().filter(|seed| seed.values.iter().all(|value| drawable(*value))).collect();
    let count = figure.body.names.len().max(1);
    let mut scene = Scene::new(PAGE.max(60.0 + COLUMN * count as f64));
    let room = scene.width - 2.0 * MARGIN;
    let mut top = scene.heading(fonts, &figure.title, figure.caveat.as_deref());
    top = legend::draw(&mut scene, fonts, &keys(figure, &seeds), top) + 4.0;
    for text in [&finding(figure, &seeds), &figure.body.missing, &figure.label] {
        let lines = fonts.wrap(text, TEXT, Weight::Regular, room, 2);
        top = scene.lines(MARGIN, top, &lines, Letters::plain(Anchor::Left));
    }
    top += 9.0;
    let bottom = top + HEIGHT;
    let all = seeds.iter().flat_map(|seed| seed.values.iter().copied());
    let left = if let Some(range) = extremes(all) {
        let range = with_air(range, 0.05, figure.percent);
        let axis = Axis { range, ends: (bottom, top) };
        let left = draw_axis(&mut scene, fonts, axis);
        let places = places(left, scene.width, count);
        draw_seeds(&mut scene, figure, &seeds, axis, places);
        left
    } else {
        let middle = (scene.width / 2.0, f64::midpoint(top, bottom));
        scene.text(middle, NOTHING, Letters::faint(Anchor::Center));
        MARGIN
    };
    scene.height = draw_names(&mut scene, fonts, figure, &seeds, (left, bottom)) + MARGIN;
    scene
}

/// Where the first config stands, and how far it is to the next.
fn places(left: f64, width: f64, count: usize) -> (f64, f64) {
    let step = (width - MARGIN - left) / count as f64;
    (left + step / 2.0, step)
}

fn rises(seed: &Seed) -> bool {
    seed.values.len() != 2 || seed.values[1] >= seed.values[0]
}

fn keys(figure: &Figure<Pairs>, seeds: &[&Seed]) -> Vec<(Key, String)> {
    let mut keys = Vec::new();
    if seeds.iter().any(|seed| rises(seed)) {
        keys.push((Key::Line(RISES), "a seed".to_owned()));
    }
    if seeds.iter().any(|seed| !rises(seed)) {
        keys.push((Key::Line(FALLS), "a seed that falls".to_owned()));
    }
    if seeds.iter().any(|seed| seed.collapsed.contains(&true)) {
        keys.push((Key::Mark(marks::collapsed), format!("collapsed{}", figure.rule)));
    }
    if !seeds.is_empty() {
        keys.push((Key::Mark(marks::level_mean), "mean".to_owned()));
    }
    keys
}

/// What the lines say, where there are two configs.
fn finding(figure: &Figure<Pairs>, seeds: &[&Seed]) -> String {
    let [first, second] = &figure.body.names[..] else {
        return format!("{} seeds", seeds.len());
    };
    if seeds.is_empty() {
        return "no seed has both".to_owned();
    }
    let differences: Vec<f64> = seeds.iter().map(|seed| seed.values[1] - seed.values[0]).collect();
    let wins = differences.iter().filter(|d| **d > 0.0).count();
    let mean = stats::mean(&differences);
    let sign = if mean > 0.0 { "+" } else { "" };
    let mut text = format!("{second} − {first}: {sign}{}", number(mean, figure.percent));
    if differences.len() > 1 {
        text += &format!(" ± {}", number(stats::std(&differences), figure.percent));
    }
    let unit = if figure.percent { " points" } else { "" };
    text + &format!("{unit}, larger in {wins} of {} seeds", seeds.len())
}

/// Draws the grid and the axis with its numbers; gives back where the axis stands.
fn draw_axis(scene: &mut Scene, fonts: &Fonts, axis: Axis) -> f64 {
    let (bottom, top) = axis.ends;
    let ticks = axis.ticks(7, false);
    let ends = (axis::beside(&ticks, fonts, MARGIN), scene.width - MARGIN);
    axis.draw_upright(scene, &ticks, ends);
    axis::frame(scene, ends, (top, bottom));
    ends.0
}

/// Draws a line and dots for every seed, and the means.
fn draw_seeds(
    scene: &mut Scene,
    figure: &Figure<Pairs>,
    seeds: &[&Seed],
    axis: Axis,
    (first, step): (f64, f64),
) {
    let at = |column: usize, value: f64| (first + column as f64 * step, axis.at(value));
    let shown: Vec<&Seed> = drawn(seeds.len()).map(|i| seeds[i]).collect();
    // The more seeds there are, the fainter each of them.
    let faint = (12.0 / shown.len().max(1) as f64).clamp(0.2, 1.0);
    for seed in &shown {
        let pen = if rises(seed) { RISES } else { FALLS };
        let line = seed.values.iter().enumerate().map(|(column, value)| at(column, *value)).collect();
        scene.stroke(line, Pen { alpha: pen.alpha * faint.max(if rises(seed) { 0.0 } else { 0.7 }), ..pen });
    }
    for fallen in [false, true] {
        for seed in &shown {
            let of_kind = seed.values.iter().zip(&seed.collapsed).enumerate();
            for (column, (value, _)) in of_kind.filter(|(_, (_, collapsed))| **collapsed == fallen) {
                let mark = match (fallen, shown.len() > 40) {
                    (true, _) => marks::collapsed,
                    (false, true) => marks::faint_round,
                    (false, false) => marks::round,
                };
                mark(scene, at(column, *value));
            }
        }
    }
    for column in 0..figure.body.names.len() {
        marks::level_mean(scene, at(column, mean_of(seeds, column)));
    }
}

fn mean_of(seeds: &[&Seed], column: usize) -> f64 {
    stats::mean(&seeds.iter().map(|seed| seed.values[column]).collect::<Vec<_>>())
}

/// Writes each config's name and mean below the axis; gives back where they end.
fn draw_names(
    scene: &mut Scene,
    fonts: &Fonts,
    figure: &Figure<Pairs>,
    seeds: &[&Seed],
    (left, bottom): (f64, f64),
) -> f64 {
    let (first, step) = places(left, scene.width, figure.body.names.len().max(1));
    let mut end = bottom;
    for (column, name) in figure.body.names.iter().enumerate() {
        let at = first + column as f64 * step;
        let lines = fonts.wrap(name, TEXT, Weight::Regular, step - 10.0, 4);
        let mut below = scene.lines(at, bottom + 5.0, &lines, Letters::plain(Anchor::Center));
        if !seeds.is_empty() {
            let mean = format!("mean {}", number(mean_of(seeds, column), figure.percent));
            let grey = Letters { color: GREY, ..Letters::plain(Anchor::Center) };
            below = scene.lines(at, below, &[mean], grey);
        }
        end = end.max(below);
    }
    end.max(bottom + LINE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(values: &[[f64; 2]]) -> Figure<Pairs> {
        let seed = |v: &[f64; 2]| Seed { values: v.to_vec(), collapsed: vec![v[0] < 60.0, v[1] < 60.0] };
        let names = vec!["a".to_owned(), "b".to_owned()];
        let body = Pairs { names, seeds: values.iter().map(seed).collect(), ..Pairs::default() };
        Figure { percent: true, body, ..Figure::default() }
    }

    fn words(figure: &Figure<Pairs>) -> String {
        finding(figure, &figure.body.seeds.iter().collect::<Vec<_>>())
    }

    #[test]
    fn the_finding_counts_ties_as_no_win() {
        let found = figure(&[[70.0, 80.0], [70.0, 70.0], [90.0, 85.0]]);
        assert_eq!(words(&found), "b − a: +1.7 ± 7.6 points, larger in 1 of 3 seeds");
        assert_eq!(words(&figure(&[[70.0, 60.0]])), "b − a: −10.0 points, larger in 0 of 1 seeds");
        assert_eq!(words(&figure(&[])), "no seed has both");
    }

    #[test]
    fn every_seed_has_its_line_and_every_round_its_mark() {
        let fonts = Fonts::load().unwrap();
        let scene = lay_out(&figure(&[[70.0, 80.0], [71.0, 55.0], [72.0, 90.0]]), &fonts);
        let texts = scene.texts();
        assert!(texts.contains(&"mean 71.0") && texts.contains(&"mean 75.0"), "{texts:?}");
        assert!(texts.contains(&"a seed that falls") && texts.contains(&"collapsed"), "{texts:?}");
        // Five rounds that did not collapse.
        assert_eq!(scene.discs().len(), 5);
        let mut places: Vec<f64> = scene.discs().iter().map(|(x, _)| *x).collect();
        places.dedup();
        assert!(places.iter().all(|x| *x == places[0] || *x == places[1]), "{places:?}");
    }

    #[test]
    fn nothing_to_pair_is_said() {
        let fonts = Fonts::load().unwrap();
        assert!(lay_out(&figure(&[]), &fonts).texts().contains(&NOTHING));
        assert!(lay_out(&figure(&[[f64::NAN, 1.0]]), &fonts).texts().contains(&"no seed has both"));
    }
}
