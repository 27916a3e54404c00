//! The values of every round over a box, in one row per config.

use crate::{
    report::figure::{
        axis::{Axis, drawable, extremes, number, with_air},
        content::Figure,
        fonts::Fonts,
        kind::{
            rounds::{self, DRAWN, Of, ROWS, Shown, drawn},
            seam::Kind,
        },
        legend::Key,
        marks,
        row_chart::{self, Chart, Place, Row, Strip},
        scene::{NOTHING, Scene},
    },
    spec::{Context, FigureSpec, Where, metric_and_split},
    stats,
    yaml::{decode::Decoder, node::Node},
};

/// Each round's last epoch as a dot over a box, one row per config.
#[derive(Debug)]
pub(super) struct Dots(Of);

impl Kind for Dots {
    const WORDS: &[&str] = &["strip", "dots"];
    const CAPTION: &str =
        "Each dot is one round's last epoch, over a box of their quartiles; collapsed rounds are marked.";

    fn decode(d: &mut Decoder, c: &Context<'_>, node: &Node, _: &Where) -> Option<Self> {
        metric_and_split(d, c, node).map(Self)
    }

    fn draw(&self, figure: &FigureSpec, shown: &Shown<'_>, fonts: &Fonts) -> Scene {
        lay_out(&data(figure, self.0, shown), fonts)
    }
}

/// Least height of a row.
const ROW: f64 = 54.0;
/// How far dots may stray up and down.
const STRAY: f64 = 9.5;
/// How far below the middle of a row box and dots stand, and how far above it the mean, so that it hides none of them.
const APART: (f64, f64) = (6.0, 15.0);
/// Fewer values than this have no box.
const LEAST_BOX: usize = 5;
/// One row of values.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Group {
    /// What the row is.
    pub name: String,
    /// What is said about it, such as its number of rounds.
    pub note: String,
    /// One value per round; those that are not finite are left out.
    pub values: Vec<f64>,
    /// Indices of the values of collapsed rounds.
    pub collapsed: Vec<usize>,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation.
    pub std: f64,
}

/// Every round's last epoch, one row per config.
fn data(figure: &FigureSpec, of: Of, shown: &Shown<'_>) -> Figure<Vec<Group>> {
    let (configs, left_out) = shown.chosen(figure, ROWS);
    let groups = configs.into_iter().map(|config| {
        let all = &shown.rounds[config];
        let values = rounds::last_epoch(all, of);
        let collapsed = shown.collapsed(config);
        let (mean, std) = (stats::mean(&values), stats::std(&values));
        let note = if values.is_empty() && all.finished() > 0 {
            "not measured".to_owned()
        } else {
            rounds::note(all, &collapsed)
        };
        Group { name: shown.plan.label(config), note, values, collapsed, mean, std }
    });
    shown.last_epochs(figure, of, groups.collect()).warning(left_out)
}

/// Lays the figure out.
pub(crate) fn lay_out(figure: &Figure<Vec<Group>>, fonts: &Fonts) -> Scene {
    let rows = figure.body.iter().map(|group| Row {
        name: group.name.clone(),
        note: group.note.clone(),
        words: summary(group, figure.percent),
    });
    let strip = Strip { range: range(figure), numbers: true, rows: rows.collect(), ..Strip::default() };
    let many = figure.body.iter().map(|group| group.values.len()).max().filter(|most| *most > DRAWN);
    let some = many.map_or(String::new(), |_| format!("; at most {DRAWN} dots in a row"));
    let label = format!("{}{some}", figure.label);
    let chart = Chart { keys: keys(figure), strips: vec![strip], label, row: ROW };
    row_chart::lay_out(figure, &chart, fonts, |scene, place| {
        draw_marks(scene, &figure.body[place.row], place);
    })
}

/// What the legend explains: what is there to be seen.
fn keys(figure: &Figure<Vec<Group>>) -> Vec<(Key, String)> {
    let mut keys = Vec::new();
    let any = |holds: &dyn Fn(&Group) -> bool| figure.body.iter().any(holds);
    if any(&|group| !finite(group).is_empty()) {
        keys.push((Key::Mark(marks::round), "a round".to_owned()));
    }
    if any(&|group| group.collapsed.iter().any(|i| group.values.get(*i).is_some_and(|v| drawable(*v)))) {
        keys.push((Key::Mark(marks::collapsed), format!("collapsed{}", figure.rule)));
    }
    if any(&|group| box_of(group).is_some()) {
        keys.push((Key::Mark(marks::small_box), "quartiles, median, whiskers to 1.5 boxes".to_owned()));
    }
    if any(&|group| drawable(group.mean) && !finite(group).is_empty()) {
        keys.push((Key::Mark(marks::mean), "mean".to_owned()));
    }
    keys
}

/// The values that can be drawn.
fn finite(group: &Group) -> Vec<f64> {
    group.values.iter().copied().filter(|value| drawable(*value)).collect()
}

/// Mean and deviation in words.
fn summary(group: &Group, percent: bool) -> String {
    let count = finite(group).len();
    if !drawable(group.mean) || count == 0 {
        return NOTHING.to_owned();
    }
    if drawable(group.std) && count > 1 {
        format!("{} ± {}", number(group.mean, percent), number(group.std, percent))
    } else {
        number(group.mean, percent)
    }
}

/// What the axis shows: all values and means.
fn range(figure: &Figure<Vec<Group>>) -> Option<(f64, f64)> {
    let of_group = |group: &Group| {
        let values = finite(group);
        let mean = Some(group.mean).filter(|_| !values.is_empty());
        values.into_iter().chain(mean).collect::<Vec<_>>()
    };
    let range = extremes(figure.body.iter().flat_map(of_group))?;
    Some(with_air(range, 0.05, figure.percent))
}

/// The ends of the whiskers, the quartiles and the median; nothing for few values.
fn box_of(group: &Group) -> Option<[f64; 5]> {
    let mut values = finite(group);
    if values.len() < LEAST_BOX {
        return None;
    }
    values.sort_by(f64::total_cmp);
    let [first, median, third] = [0.25, 0.5, 0.75].map(|p| stats::quantile(&values, p));
    let reach = 1.5 * (third - first);
    // A quartile between two values may leave none of them within reach.
    let low = values.iter().copied().find(|v| *v >= first - reach).map_or(first, |v| v.min(first));
    let high = values.iter().rev().copied().find(|v| *v <= third + reach).map_or(third, |v| v.max(third));
    Some([low, first, median, third, high])
}

/// Draws the box of a row, over it the dots, above them the mean.
fn draw_marks(scene: &mut Scene, group: &Group, place: Place) {
    let (middle, axis) = (place.middle() + APART.0, place.axis);
    if let Some(ends) = box_of(group) {
        marks::quartiles(scene, ends.map(|value| axis.at(value)), middle);
    }
    for (index, value, fallen) in shown(group) {
        let at = (axis.at(value), middle + stray(index));
        match fallen {
            true => marks::collapsed(scene, at),
            false if group.values.len() > 40 => marks::faint_round(scene, at),
            false => marks::round(scene, at),
        }
    }
    if drawable(group.mean) && !finite(group).is_empty() {
        marks::mean(scene, (in_range(axis, group.mean), place.middle() - APART.1));
    }
}

fn in_range(axis: Axis, value: f64) -> f64 {
    axis.at(value.clamp(axis.range.0, axis.range.1))
}

/// The dots of a row: index, value, and whether the round collapsed; evenly chosen ones if there are very many, and
/// collapsed ones last so that nothing hides them.
fn shown(group: &Group) -> Vec<(usize, f64, bool)> {
    let dot = |i: usize| (i, group.values[i], group.collapsed.contains(&i));
    let mut dots: Vec<_> = drawn(group.values.len()).map(dot).collect();
    dots.retain(|(_, value, _)| drawable(*value));
    dots.sort_by_key(|(index, _, fallen)| (*fallen, *index));
    dots
}

/// How far the dot of a round lies from the middle of its row: spread evenly, and the same every time.
fn stray(index: usize) -> f64 {
    // Multiples of the golden ratio never come close to each other; here in whole numbers of 32 bits.
    let turn = u32::try_from(index).unwrap_or(u32::MAX).wrapping_mul(2_654_435_769).wrapping_add(1 << 31);
    (f64::from(turn) / f64::from(u32::MAX) - 0.5) * 2.0 * STRAY
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(values: &[f64]) -> Group {
        Group {
            values: values.to_vec(),
            mean: stats::mean(values),
            std: stats::std(values),
            ..Group::default()
        }
    }

    #[test]
    fn a_box_has_quartiles_and_whiskers_within_reach_and_few_values_have_none() {
        let far = group(&[1.0, 2.0, 3.0, 4.0, 5.0, 100.0]);
        assert_eq!(box_of(&far), Some([1.0, 2.25, 3.5, 4.75, 5.0]));
        assert_eq!(box_of(&group(&[7.0; 9])), Some([7.0; 5]));
        assert_eq!(box_of(&group(&[1.0, 2.0, 3.0, 4.0])), None);
    }

    #[test]
    fn of_many_rounds_some_are_drawn_and_collapsed_ones_last() {
        let mut many = group(&(0..1000).map(f64::from).collect::<Vec<_>>());
        many.collapsed = vec![5, 990];
        let dots = shown(&many);
        assert_eq!(dots.len(), DRAWN);
        assert_eq!(dots[DRAWN - 2..], [(5, 5.0, true), (990, 990.0, true)]);
        assert!(shown(&group(&[])).is_empty());
    }

    #[test]
    fn the_legend_explains_what_is_there_and_nothing_else() {
        let words =
            |figure: &Figure<Vec<Group>>| keys(figure).into_iter().map(|(_, text)| text).collect::<Vec<_>>();
        let mut figure =
            Figure { rule: " (below 60 %)".into(), body: vec![group(&[1.0])], ..Figure::default() };
        assert_eq!(words(&figure), ["a round", "mean"]);
        figure.body.push(Group { collapsed: vec![0], ..group(&[50.0, 80.0, 80.0, 80.0, 80.0]) });
        assert_eq!(
            words(&figure),
            ["a round", "collapsed (below 60 %)", "quartiles, median, whiskers to 1.5 boxes", "mean"]
        );
        assert!(words(&Figure::<Vec<Group>>::default()).is_empty());
    }
}
