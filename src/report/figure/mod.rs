//! Figures as files: one scene, written as SVG or as PNG.
//!
//! A figure is laid out once, in pixels of a page 500 pixels wide that stands for a column of 8.5 cm. The same scene
//! then becomes an SVG, whose text stays text, or a PNG at twice the size, about 300 dots per inch in that column.
//! Nothing depends on the machine: the font is embedded and no function of the platform's maths library is called.

mod axis;
mod clip;
mod content;
pub(super) mod fonts;
pub(super) mod kind;
mod legend;
mod marks;
pub(super) mod palette;
mod png;
mod row_chart;
mod scene;
mod svg;

use std::collections::BTreeSet;

use crate::{error::Result, spec::FigureSpec};
use fonts::Fonts;
use kind::Shown;

/// Draws a figure as SVG and as PNG.
///
/// # Errors
/// Fails if the picture is too large, or if the embedded font cannot be read or a backend gives up, which no data can cause.
pub(super) fn draw(figure: &FigureSpec, shown: &Shown<'_>) -> Result<(String, Vec<u8>)> {
    let fonts = Fonts::load()?;
    let scene = kind::draw(figure, shown, &fonts)?;
    Ok((svg::document(&scene)?, png::file(&scene, &fonts)?))
}

/// Draws a figure as SVG alone.
///
/// # Errors
/// Fails as [`draw`] does.
pub(super) fn svg(figure: &FigureSpec, shown: &Shown<'_>) -> Result<String> {
    svg::document(&kind::draw(figure, shown, &Fonts::load()?)?)
}

/// Returns the characters of some texts that the embedded font lacks, in order; a PNG shows their numbers in their place.
///
/// # Errors
/// Returns an error if the embedded font cannot be read, which no data can cause.
pub fn lacking<'a>(texts: impl Iterator<Item = &'a str>) -> Result<BTreeSet<char>> {
    let fonts = Fonts::load()?;
    Ok(texts
        .flat_map(|text| fonts::clean(text).chars().collect::<Vec<_>>())
        .filter(|c| !fonts.has(*c))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use super::{
        content::Figure,
        kind::{
            curves::{self, Panel, Series},
            strip::{self, Group},
        },
        scene::Scene,
    };

    fn files(lay_out: impl FnOnce(&Fonts) -> Scene) -> (String, Vec<u8>) {
        let fonts = Fonts::load().unwrap();
        let scene = lay_out(&fonts);
        (svg::document(&scene).unwrap(), png::file(&scene, &fonts).unwrap())
    }

    fn curves_drawn(figure: &Figure<Vec<Panel>>) -> (String, Vec<u8>) {
        files(|fonts| curves::lay_out(figure, fonts))
    }

    fn dots_drawn(figure: &Figure<Vec<Group>>) -> (String, Vec<u8>) {
        files(|fonts| strip::lay_out(figure, fonts))
    }

    /// A series of `rounds` rounds over `epochs` epochs, one of them flat.
    fn series(name: &str, rounds: u32, epochs: u32, value: impl Fn(f64) -> f64) -> Series {
        let of = |round: u32| {
            (1..=epochs).map(move |epoch| (f64::from(epoch), f64::from(round), f64::from(epoch)))
        };
        let round = |round| of(round).map(|(x, round, epoch)| (x, value(epoch + round / 7.0))).collect();
        let mean: Vec<_> = (1..=epochs).map(|epoch| (f64::from(epoch), value(f64::from(epoch)))).collect();
        let band = mean.iter().map(|(x, y)| (*x, y * 0.9, y * 1.1)).collect();
        Series {
            name: name.to_owned(),
            mean,
            band,
            rounds: (0..rounds).map(round).collect(),
            ..Series::default()
        }
    }

    fn curves(rounds: u32, epochs: u32) -> Figure<Vec<Panel>> {
        let panel = |label: &str, percent, series| Panel {
            y_label: label.to_owned(),
            percent,
            reference: percent.then(|| ("paper".to_owned(), 85.68)),
            series,
        };
        let loss = series("training", rounds, epochs, |epoch| 0.2 + 2.1 / epoch);
        let accuracy = series("test", rounds, epochs, |epoch| 90.0 - 40.0 / epoch);
        let body = vec![panel("Loss (NLL)", false, vec![loss]), panel("Accuracy (%)", true, vec![accuracy])];
        Figure {
            title: "Curves".to_owned(),
            caveat: Some("drawn digits".to_owned()),
            body,
            ..Figure::default()
        }
    }

    fn dots(groups: Vec<Group>) -> Figure<Vec<Group>> {
        Figure {
            title: "Dots".to_owned(),
            label: "Accuracy (%)".to_owned(),
            percent: true,
            body: groups,
            ..Figure::default()
        }
    }

    fn group(name: &str, values: &[f64], mean: f64, std: f64) -> Group {
        Group { name: name.to_owned(), values: values.to_vec(), mean, std, ..Group::default() }
    }

    /// Checks that tags are balanced, that `<`, `&` and control characters stand only where XML allows them, and that
    /// no number went missing.
    fn assert_xml(svg: &str) {
        let mut open: Vec<&str> = Vec::new();
        for (index, part) in svg.split('<').enumerate().skip(1) {
            let (tag, text) =
                part.split_once('>').unwrap_or_else(|| panic!("tag {index} never ends: {part}"));
            let name = tag.split([' ', '/']).next().unwrap();
            if let Some(closed) = tag.strip_prefix('/') {
                assert_eq!(open.pop(), Some(closed));
            } else if !tag.ends_with('/') {
                open.push(name);
            }
            assert!(!text.contains('>'), "{text}");
            assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        }
        assert!(open.is_empty(), "{open:?}");
        for (at, _) in svg.match_indices('&') {
            let known = ["&lt;", "&gt;", "&amp;", "&quot;", "&apos;"];
            assert!(known.iter().any(|entity| svg[at..].starts_with(entity)), "{}", &svg[at..]);
        }
        assert!(!svg.chars().any(|letter| letter.is_control() && letter != '\n'));
        let shapes = svg.split_once("</style>").unwrap().1;
        assert!(!shapes.contains("\"NaN") && !shapes.contains("inf"));
    }

    fn assert_draws_curves(figure: &Figure<Vec<Panel>>) {
        let (svg, png) = curves_drawn(figure);
        assert_xml(&svg);
        assert!(png.starts_with(b"\x89PNG"));
        assert_eq!((svg, png), curves_drawn(figure));
    }

    fn assert_draws_dots(figure: &Figure<Vec<Group>>) {
        let (svg, png) = dots_drawn(figure);
        assert_xml(&svg);
        assert_eq!((svg, png), dots_drawn(figure));
    }

    #[test]
    fn curves_of_every_size_are_drawn() {
        for (rounds, epochs) in [(10, 25), (0, 5), (1, 1), (1, 25), (10, 1), (200, 3), (3, 0), (0, 0)] {
            assert_draws_curves(&curves(rounds, epochs));
        }
        assert_draws_curves(&Figure::default());
        let many = Figure { body: vec![curves(2, 3).body.remove(0); 7], ..Figure::default() };
        assert_draws_curves(&many);
    }

    #[test]
    fn odd_values_are_left_out_or_leave_the_axes() {
        for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e308, -1e300, 1e300, 0.0, 5e-324] {
            let mut figure = curves(4, 6);
            for panel in &mut figure.body {
                panel.reference = Some(("odd".to_owned(), odd));
                let series = &mut panel.series[0];
                series.mean[2].1 = odd;
                series.band[3].2 = odd;
                series.rounds[1][4] = (odd, odd);
                series.rounds[2].fill((3.0, odd));
            }
            assert_draws_curves(&figure);
            assert_draws_dots(&dots(vec![
                group("odd", &[odd, 1.0], odd, odd),
                group("all", &[odd], 1.0, odd),
            ]));
        }
    }

    #[test]
    fn equal_values_are_drawn() {
        for value in [0.0, 0.7, 100.0, -1e17] {
            let mut figure = curves(3, 5);
            for panel in &mut figure.body {
                panel.series = vec![series("equal", 3, 5, |_| value)];
            }
            assert_draws_curves(&figure);
            assert_draws_dots(&dots(vec![group("equal", &[value; 5], value, 0.0)]));
        }
    }

    #[test]
    fn rows_of_every_kind_are_drawn() {
        assert_draws_dots(&dots(Vec::new()));
        assert_draws_dots(&dots(vec![Group::default(), group("nothing", &[], f64::NAN, f64::NAN)]));
        let values: Vec<f64> = (0..200).map(|value| f64::from(value) / 2.0).collect();
        assert_draws_dots(&dots(vec![group("many", &values, 50.0, 29.0), group("one", &[3.0], 3.0, 0.0)]));
        let svg = dots_drawn(&dots(vec![group("few", &[86.9, 91.3], 89.1, 3.111)])).0;
        assert!(svg.contains("89.1 ± 3.1"));
    }

    #[test]
    fn names_stay_text_whatever_they_hold() {
        let name =
            "</text><script>&\"it's\"\0\u{1b}\u{ffff}\u{202e} 数字 проверка, as long as sixty characters";
        let mut figure = curves(3, 5);
        figure.title = name.to_owned();
        figure.caveat = Some(name.to_owned());
        for panel in &mut figure.body {
            panel.y_label = name.to_owned();
            panel.reference = Some((name.to_owned(), 50.0));
            panel.series[0].name = name.to_owned();
        }
        assert_draws_curves(&figure);
        assert!(curves_drawn(&figure).0.contains("&lt;/text&gt;&lt;script&gt;&amp;&quot;it&apos;s&quot;"));
        assert_draws_dots(&dots(vec![
            group(name, &[1.0, 2.0], 1.5, 0.7),
            group(&"W".repeat(60), &[3.0], 3.0, 0.0),
        ]));
    }

    #[test]
    fn an_svg_carries_its_font_and_says_its_stamp() {
        let svg = curves_drawn(&curves(2, 5)).0;
        assert!(svg.contains("@font-face") && svg.contains("data:font/ttf;base64,"));
        assert!(svg.contains("drawn digits") && svg.contains("<title>Curves</title>"));
    }

    #[test]
    fn a_png_is_twice_the_page() {
        let png = curves_drawn(&curves(2, 5)).1;
        assert_eq!(png[16..20], 1000_u32.to_be_bytes());
    }
}
