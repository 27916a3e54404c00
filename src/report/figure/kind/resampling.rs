//! Where the statistics of a table fall for as many rounds as the paper had, and the paper's numbers.

use crate::{
    report::figure::{
        axis::{drawable, extremes, with_air},
        content::Figure,
        fonts::Fonts,
        kind::{
            judged::{self, count, reading},
            rounds::Shown,
            seam::Kind,
        },
        legend::Key,
        marks,
        palette::{OURS, WHITE},
        row_chart::{self, Chart, Place, Row, Strip},
        scene::{NOTHING, Pen, Scene, box_of},
    },
    spec::{Context, FigureSpec, Spec, Where},
    stats,
    verdict::{NumberVerdict, RowVerdict, printed},
    yaml::{decode::Decoder, near::suggest, node::Node},
};

/// Where the statistics of a table fall, and the paper's numbers.
#[derive(Debug)]
pub(super) struct Resampling {
    table: String,
}

impl Kind for Resampling {
    const WORDS: &[&str] = &["resampling", "envelope"];
    const CAPTION: &str =
        "Where the statistics fall for as many rounds as the paper had, and where the paper's numbers lie.";
    const OF_CLAIMS: bool = true;

    fn decode(d: &mut Decoder, _: &Context<'_>, node: &Node, _: &Where) -> Option<Self> {
        let fields = d.fields(node, &["table"])?;
        let table = d.required(&fields, "table").and_then(|n| d.text(n))?;
        Some(Self { table: table.to_owned() })
    }

    fn missing(&self, spec: &Spec) -> Option<(String, String)> {
        let tables = judged::tables(spec);
        let help = if tables.is_empty() { judged::PAPER.to_owned() } else { suggest(&self.table, &tables) };
        let message = if spec.tables.get(&self.table).is_some() {
            format!("the table `{}` has no accuracies of the paper", self.table)
        } else {
            format!("there is no table `{}` with accuracies of the paper", self.table)
        };
        (!tables.contains(&self.table.as_str())).then_some((message, help))
    }

    fn draw(&self, figure: &FigureSpec, shown: &Shown<'_>, fonts: &Fonts) -> Scene {
        lay_out(&data(figure, &self.table, shown), fonts)
    }
}

/// Least height of a row.
const ROW: f64 = 34.0;
/// Half the height of a fan.
const REACH: f64 = 11.0;
/// How dark the outer and the inner part of a fan are.
const SHADES: [f64; 2] = [0.22, 0.4];

/// One statistic of every row of a table.
#[derive(Clone, Debug, Default, PartialEq)]
struct Statistic {
    /// Its name.
    name: String,
    /// The rows.
    rows: Vec<Fan>,
}

/// Where a statistic falls.
#[derive(Clone, Debug, Default, PartialEq)]
struct Fan {
    /// The row of the table.
    name: String,
    /// The paper's number, and how it is printed.
    paper: (f64, String),
    /// Ours, of all rounds.
    ours: Option<f64>,
    /// Quantiles of the sets of our rounds, at 2.5, 25, 50, 75 and 97.5 %.
    quantiles: Option<[f64; 5]>,
    /// The 95 % interval for as many new rounds.
    interval: Option<[f64; 2]>,
    /// Where the paper's number lies among the sets, in percent.
    percentile: Option<f64>,
}

/// Where the statistics of a table fall.
fn data(figure: &FigureSpec, table: &str, shown: &Shown<'_>) -> Figure<Vec<Statistic>> {
    let Some(verdicts) = shown.verdicts else {
        let label = "nothing is judged".to_owned();
        return Figure { label, ..shown.figure(figure, Vec::new()) };
    };
    let rows: Vec<&RowVerdict> = verdicts.rows.iter().filter(|row| row.row.table == table).collect();
    let statistics = printed(rows.iter().copied()).into_iter().map(|statistic| Statistic {
        name: statistic.word().to_owned(),
        rows: rows.iter().filter_map(|row| Some(fan(row, row.cell(statistic)?, table))).collect(),
    });
    let of = rows.first().map_or(String::new(), |row| {
        let choice = row.cells.iter().find_map(|cell| Some(cell.envelope.as_ref()?.choice.word()));
        let choice = choice.map_or(String::new(), |choice| format!(" ({choice})"));
        format!("{}, sets of {} from {}{choice}", reading(row), verdicts.rule.rounds, count(row))
    });
    let label = format!("Percent: {of}; on the right the paper's number and its percentile");
    Figure { label, ..shown.figure(figure, statistics.collect()) }
}

fn fan(row: &RowVerdict, cell: &NumberVerdict, table: &str) -> Fan {
    let envelope = cell.envelope.as_ref();
    let name = row.row.name.strip_prefix(&format!("{table}, ")).unwrap_or(&row.row.name);
    Fan {
        name: name.to_owned(),
        paper: (cell.claim.value, cell.claim.printed()),
        ours: cell.ours,
        quantiles: envelope
            .map(|e| [0.025, 0.25, 0.5, 0.75, 0.975].map(|p| stats::quantile(&e.quantiles, p))),
        interval: envelope.map(|e| e.interval),
        percentile: envelope.map(|e| e.percentile),
    }
}

/// Lays the figure out.
fn lay_out(figure: &Figure<Vec<Statistic>>, fonts: &Fonts) -> Scene {
    let strips = figure.body.iter().map(|statistic| Strip {
        heading: statistic.name.clone(),
        range: range(statistic),
        numbers: true,
        rows: statistic.rows.iter().map(row).collect(),
    });
    let strips = strips.collect();
    let chart = Chart { keys: keys(figure), strips, label: figure.label.clone(), row: ROW };
    row_chart::lay_out(figure, &chart, fonts, |scene, place| {
        draw_marks(scene, &figure.body[place.strip].rows[place.row], place);
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

fn keys(figure: &Figure<Vec<Statistic>>) -> Vec<(Key, String)> {
    let any = |holds: &dyn Fn(&Fan) -> bool| figure.body.iter().flat_map(|s| &s.rows).any(holds);
    let mut keys = Vec::new();
    if any(&|_| true) {
        keys.push((Key::Mark(marks::paper), "the paper".to_owned()));
    }
    if any(&|fan| fan.ours.is_some()) {
        keys.push((Key::Mark(marks::ours), "ours".to_owned()));
    }
    if any(&|fan| fan.quantiles.is_some()) {
        keys.push((Key::Shade(OURS, SHADES[0]), "95 % of the sets".to_owned()));
        keys.push((Key::Shade(OURS, SHADES[0] + SHADES[1]), "50 %".to_owned()));
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
            scene.area(box_of(from, middle - REACH, to, middle + REACH), OURS, shade);
        }
        marks::upright(scene, (axis.at(median), middle), REACH, Pen::solid(WHITE, 2.0));
    }
    if let Some(ends) = fan.interval.and_then(|interval| axis.stretch(interval)) {
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

    fn figure(rows: Vec<Fan>) -> Figure<Vec<Statistic>> {
        Figure { body: vec![Statistic { name: "mean".into(), rows }], ..Figure::default() }
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
