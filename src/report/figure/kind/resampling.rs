//! Where the statistics of a table fall for as many rounds as the paper had, and the paper's numbers.

use crate::report::figure::axis::{drawable, extremes, with_air};
use crate::report::figure::fonts::Fonts;
use crate::report::figure::legend::Key;
use crate::report::figure::marks;
use crate::report::figure::row_chart::{self, Chart, NOTHING, Place, Row, Strip, stretch};
use crate::report::figure::scene::{Pen, Scene, WHITE, box_of};

/// Least height of a row.
const ROW: f64 = 34.0;
/// Half the height of a fan.
const REACH: f64 = 11.0;
/// How dark the outer and the inner part of a fan are.
const SHADES: [f64; 2] = [0.22, 0.4];

/// The statistics of a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Envelopes {
    /// The line above everything.
    pub title: String,
    /// A warning to show under the title.
    pub stamp: Option<String>,
    /// What the values are, and of how many rounds.
    pub x_label: String,
    /// One set of axes each.
    pub statistics: Vec<Statistic>,
}

/// One statistic of every row of a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Statistic {
    /// Its name.
    pub name: String,
    /// The rows.
    pub rows: Vec<Fan>,
}

/// Where a statistic falls.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Fan {
    /// The row of the table.
    pub name: String,
    /// The paper's number, and how it is printed.
    pub paper: (f64, String),
    /// Ours, of all rounds.
    pub ours: Option<f64>,
    /// Quantiles of the sets of our rounds, at 2.5, 25, 50, 75 and 97.5 %.
    pub quantiles: Option<[f64; 5]>,
    /// The 95 % interval for as many new rounds.
    pub interval: Option<[f64; 2]>,
    /// Where the paper's number lies among the sets, in percent.
    pub percentile: Option<f64>,
}

/// Lays the figure out.
pub(super) fn lay_out(figure: &Envelopes, fonts: &Fonts) -> Scene {
    let strips = figure.statistics.iter().map(|statistic| Strip {
        heading: statistic.name.clone(),
        range: range(statistic),
        numbers: true,
        rows: statistic.rows.iter().map(row).collect(),
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
        draw_marks(scene, &figure.statistics[place.strip].rows[place.row], place);
    })
}

fn row(fan: &Fan) -> Row {
    let words = match fan.percentile {
        _ if fan.ours.is_none() => NOTHING.to_owned(),
        Some(percentile) => format!("{} at {percentile:.0} %", fan.paper.1),
        None => fan.paper.1.clone(),
    };
    Row { name: fan.name.clone(), words, ..Row::default() }
}

fn keys(figure: &Envelopes) -> Vec<(Key, String)> {
    let any = |holds: &dyn Fn(&Fan) -> bool| figure.statistics.iter().flat_map(|s| &s.rows).any(holds);
    let mut keys = Vec::new();
    if any(&|_| true) {
        keys.push((Key::Mark(marks::paper), "the paper".to_owned()));
    }
    if any(&|fan| fan.ours.is_some()) {
        keys.push((Key::Mark(marks::ours), "ours".to_owned()));
    }
    if any(&|fan| fan.quantiles.is_some()) {
        keys.push((Key::Shade(marks::OURS, SHADES[0]), "95 % of the sets".to_owned()));
        keys.push((Key::Shade(marks::OURS, SHADES[0] + SHADES[1]), "50 %".to_owned()));
    }
    if any(&|fan| fan.interval.is_some()) {
        keys.push((Key::Mark(marks::thin_interval), "expected (95 %)".to_owned()));
    }
    keys
}

fn range(statistic: &Statistic) -> Option<(f64, f64)> {
    let of_fan = |fan: &Fan| {
        let ends = fan.quantiles.into_iter().flatten().chain(fan.interval.into_iter().flatten());
        ends.chain(fan.ours).chain([fan.paper.0]).collect::<Vec<_>>()
    };
    extremes(statistic.rows.iter().flat_map(of_fan)).map(|range| with_air(range, 0.04, true))
}

fn draw_marks(scene: &mut Scene, fan: &Fan, place: Place) {
    let (axis, middle) = (place.axis, place.middle());
    let quantiles = fan.quantiles.filter(|all| all.iter().all(|value| drawable(*value)));
    if let Some([low, first, median, third, high]) = quantiles {
        for ([from, to], shade) in [[low, high], [first, third]].into_iter().zip(SHADES) {
            // What has no width is still there.
            let (from, to) =
                (axis.at(from).min(axis.at(median) - 1.0), axis.at(to).max(axis.at(median) + 1.0));
            scene.area(box_of(from, middle - REACH, to, middle + REACH), marks::OURS, shade);
        }
        marks::upright(scene, (axis.at(median), middle), REACH, Pen::solid(WHITE, 2.0));
    }
    if let Some(ends) = fan.interval.and_then(|interval| stretch(axis, interval)) {
        marks::whisker(scene, ends, middle, marks::THIN);
    }
    if let Some(ours) = fan.ours.filter(|ours| drawable(*ours)) {
        marks::ours(scene, (axis.at(ours), middle));
    }
    marks::paper(scene, (axis.at(fan.paper.0), middle));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fan(ours: Option<f64>) -> Fan {
        let spread = |m: f64| [m - 4.0, m - 1.0, m, m + 1.0, m + 4.0];
        Fan {
            name: "Testing".into(),
            paper: (71.75, "71.75".into()),
            ours,
            quantiles: ours.map(spread),
            interval: ours.map(|m| [m - 6.0, m + 6.0]),
            percentile: ours.map(|_| 83.4),
        }
    }

    fn figure(rows: Vec<Fan>) -> Envelopes {
        let statistics = vec![Statistic { name: "mean".into(), rows }];
        Envelopes { statistics, ..Envelopes::default() }
    }

    #[test]
    fn the_papers_number_is_always_within_the_axis() {
        let statistic = |fan| Statistic { name: String::new(), rows: vec![fan] };
        let (low, high) = range(&statistic(fan(Some(60.0)))).unwrap();
        assert!(low < 54.0 && high > 71.75, "{low} to {high}");
        let (low, high) = range(&statistic(fan(None))).unwrap();
        assert!(low < 71.75 && 71.75 < high, "{low} to {high}");
        assert_eq!(range(&Statistic::default()), None);
    }

    #[test]
    fn rows_say_the_papers_number_and_its_percentile() {
        let fonts = Fonts::load().unwrap();
        let scene = lay_out(&figure(vec![fan(Some(70.0)), fan(None)]), &fonts);
        let texts = scene.texts();
        assert!(texts.contains(&"71.75 at 83 %") && texts.contains(&NOTHING), "{texts:?}");
        assert!(texts.contains(&"mean") && texts.contains(&"95 % of the sets"), "{texts:?}");
        // The dot of ours with its rim, in the legend and in one row.
        assert_eq!(scene.discs().len(), 4);
    }
}
