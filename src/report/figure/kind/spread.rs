//! How much the rounds of each config differ: a forest plot of standard deviations.

use crate::{
    random::stream,
    report::figure::{
        axis::number,
        content::Figure,
        fonts::Fonts,
        kind::{
            forest::{self, Claim, Group, Mark, Rows},
            rounds::{self, Of, ROWS, Shown, set_name},
            seam::Kind,
        },
        scene::Scene,
    },
    spec::{Context, FigureSpec, Where, metric_and_split},
    stats,
    yaml::{decode::Decoder, node::Node},
};

/// Resamples for an interval.
const RESAMPLES: usize = 10_000;

/// How much the rounds of each config differ at the last epoch.
#[derive(Debug)]
pub(super) struct Spread(Of);

impl Kind for Spread {
    const WORDS: &[&str] = &["spread"];
    const CAPTION: &str =
        "Each row is one source of chance, varied alone: how far its rounds' last epochs spread.";

    fn decode(d: &mut Decoder, c: &Context<'_>, node: &Node, _: &Where) -> Option<Self> {
        metric_and_split(d, c, node).map(Self)
    }

    fn draw(&self, figure: &FigureSpec, shown: &Shown<'_>, fonts: &Fonts) -> Scene {
        forest::lay_out(&data(figure, self.0, shown), fonts)
    }
}

/// How much the rounds of each config differ at the last epoch.
fn data(figure: &FigureSpec, (metric, split): Of, shown: &Shown<'_>) -> Figure<Rows> {
    let unit = metric.unit_of_differences();
    let (configs, left_out) = shown.chosen(figure, ROWS);
    let claims = configs.into_iter().map(|config| {
        let all = &shown.rounds[config];
        let values = rounds::last_epoch(all, (metric, split));
        let std = Some(stats::std(&values)).filter(|std| std.is_finite());
        Claim {
            name: shown.plan.label(config),
            note: rounds::note(all, &shown.collapsed(config)),
            words: std.map_or(String::new(), |std| number(std, metric.is_accuracy())),
            point: std,
            narrow: std.and_then(|_| std_interval(&values)),
            wide: None,
            mark: Mark::Plain,
        }
    });
    let groups = vec![Group { name: String::new(), claims: claims.collect() }];
    let (zero, narrow) = (Some("no difference".to_owned()), "95 % interval".to_owned());
    let metric = metric.phrase();
    let label =
        format!("Standard deviation of the rounds' {metric}, {}, last epoch ({unit})", set_name(split));
    Figure { label, ..shown.figure(figure, Rows { zero, narrow, groups, ..Rows::default() }) }
        .warning(left_out)
}

/// Returns the 95 % BCa interval of a standard deviation; nothing for few values.
fn std_interval(values: &[f64]) -> Option<stats::Interval> {
    let count = values.len();
    if count < 5 {
        return None;
    }
    let distribution = stats::resampled_stds(values, RESAMPLES, &mut stream(0, "report/spread"));
    let without = |skip: usize| stats::std(&[&values[..skip], &values[skip + 1..]].concat());
    let left_out: Vec<f64> = (0..count).map(without).collect();
    Some(stats::bca_interval(&distribution, stats::std(values), &left_out, 0.95))
}
