//! What stands where on a figure, in pixels of the page, before any format comes in.

use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, IntoFont, RGBColor, ShapeStyle, TextStyle};
use plotters_backend::{DrawingBackend, DrawingErrorKind};

use super::fonts::{FAMILY, Fonts, TEXT, TITLE, Weight};

/// Steps a backend divides a pixel of the page into; backends know whole numbers only.
pub(super) const UNITS: f64 = 10.0;
/// Space between the edge of a figure and what is on it.
pub(super) const MARGIN: f64 = 8.0;
/// Height of one line of text.
pub(super) const LINE: f64 = 19.0;

/// Colours for series, from Okabe and Ito's palette, which colour-blind readers can tell apart.
pub(super) const PALETTE: [RGBColor; 6] = [
    RGBColor(0x00, 0x72, 0xB2),
    RGBColor(0xD5, 0x5E, 0x00),
    RGBColor(0x00, 0x9E, 0x73),
    RGBColor(0xCC, 0x79, 0xA7),
    RGBColor(0xE6, 0x9F, 0x00),
    RGBColor(0x56, 0xB4, 0xE9),
];
/// Text, axes, and marks that belong to no series.
pub(super) const INK: RGBColor = RGBColor(0x22, 0x22, 0x22);
/// What should stay in the background but be readable.
pub(super) const GREY: RGBColor = RGBColor(0x66, 0x66, 0x66);
/// Lines of a grid.
pub(super) const GRID: RGBColor = RGBColor(0xE4, 0xE4, 0xE4);
/// The page, and rims around lines.
pub(super) const WHITE: RGBColor = RGBColor(0xFF, 0xFF, 0xFF);
const STAMP_INK: RGBColor = RGBColor(0x8F, 0x3F, 0x00);
const STAMP_PAPER: RGBColor = RGBColor(0xFD, 0xF0, 0xE2);

/// A place on the page: to the right, and down.
pub(super) type Point = (f64, f64);

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pen {
    pub color: RGBColor,
    pub alpha: f64,
    pub width: f64,
    /// Lengths drawn and left out in turn; nothing for a solid line. Ends are round and reach half a width further.
    pub dashes: &'static [f64],
}

impl Pen {
    /// A solid, opaque pen.
    pub(super) const fn solid(color: RGBColor, width: f64) -> Self {
        Self { color, alpha: 1.0, width, dashes: &[] }
    }
}

/// One thing to draw.
enum Shape {
    Stroke(Vec<Point>, Pen),
    Area(Vec<Point>, RGBColor, f64),
    Disc(Point, f64, RGBColor, f64),
    Text(Point, String, Letters),
}

/// How text is set: `point` is the left end, the middle or the right end of its baseline.
#[derive(Clone, Copy)]
pub(super) struct Letters {
    pub size: f64,
    pub weight: Weight,
    pub color: RGBColor,
    pub anchor: HPos,
}

impl Letters {
    /// Regular text in ink.
    pub(super) const fn plain(anchor: HPos) -> Self {
        Self { size: TEXT, weight: Weight::Regular, color: INK, anchor }
    }

    /// Regular text that stays in the background.
    pub(super) const fn faint(anchor: HPos) -> Self {
        Self { color: GREY, ..Self::plain(anchor) }
    }
}

/// A figure, laid out.
pub(super) struct Scene {
    pub width: f64,
    pub height: f64,
    shapes: Vec<Shape>,
}

impl Scene {
    /// An empty page; its height is set when it is known.
    pub(super) fn new(width: f64) -> Self {
        Self { width, height: 0.0, shapes: Vec::new() }
    }

    /// Adds a line through points; a single point becomes a disc as wide as the line.
    pub(super) fn stroke(&mut self, points: Vec<Point>, pen: Pen) {
        match points.as_slice() {
            [] => {}
            [only] => self.disc(*only, pen.width.max(2.0), pen.color, pen.alpha),
            _ if pen.dashes.is_empty() => self.shapes.push(Shape::Stroke(points, pen)),
            _ => {
                let parts = dashed(&points, pen.dashes);
                self.shapes.extend(parts.into_iter().map(|part| Shape::Stroke(part, pen)));
            }
        }
    }

    /// Adds a filled polygon.
    pub(super) fn area(&mut self, points: Vec<Point>, color: RGBColor, alpha: f64) {
        if points.len() > 2 {
            self.shapes.push(Shape::Area(points, color, alpha));
        }
    }

    /// Adds a filled circle.
    pub(super) fn disc(&mut self, centre: Point, radius: f64, color: RGBColor, alpha: f64) {
        self.shapes.push(Shape::Disc(centre, radius, color, alpha));
    }

    /// Adds one line of text.
    pub(super) fn text(&mut self, point: Point, text: &str, letters: Letters) {
        self.shapes.push(Shape::Text(point, text.to_owned(), letters));
    }

    /// Adds lines of text below each other, the first one's top at `top`; gives back where they end.
    pub(super) fn lines(&mut self, x: f64, top: f64, lines: &[String], letters: Letters) -> f64 {
        lines.iter().fold(top, |top, line| {
            self.text((x, top + 0.76 * LINE), line, letters);
            top + LINE
        })
    }

    /// Adds the title and the stamp at the top of the page; gives back where they end.
    pub(super) fn heading(&mut self, fonts: &Fonts, title: &str, stamp: Option<&str>) -> f64 {
        let room = self.width - 2.0 * MARGIN;
        let bold = Letters { size: TITLE, weight: Weight::Bold, ..Letters::plain(HPos::Left) };
        let mut top = MARGIN;
        for line in fonts.wrap(title, TITLE, Weight::Bold, room, 3) {
            self.text((MARGIN, top + 16.0), &line, bold);
            top += 22.0;
        }
        let stamp = fonts.wrap(stamp.unwrap_or_default(), TEXT, Weight::Regular, room - 16.0, 3);
        if !stamp.is_empty() {
            top += 3.0;
            let bottom = stamp.iter().fold(top + 6.0, |bottom, _| bottom + LINE);
            self.area(box_of(MARGIN, top, self.width - MARGIN, bottom), STAMP_PAPER, 1.0);
            self.area(box_of(MARGIN, top, MARGIN + 4.0, bottom), PALETTE[1], 1.0);
            let letters = Letters { color: STAMP_INK, ..Letters::plain(HPos::Left) };
            self.lines(MARGIN + 12.0, top + 3.0, &stamp, letters);
            top = bottom;
        }
        top + 6.0
    }

    /// Every line of text, in the order of drawing.
    #[cfg(test)]
    pub(super) fn texts(&self) -> Vec<&str> {
        let mut found = Vec::new();
        for shape in &self.shapes {
            if let Shape::Text(_, text, _) = shape {
                found.push(text.as_str());
            }
        }
        found
    }

    /// How far down the `nth` occurrence of a line of text stands.
    #[cfg(test)]
    pub(super) fn height_of(&self, line: &str, nth: usize) -> f64 {
        let height = |shape: &Shape| match shape {
            Shape::Text((_, y), text, _) if text == line => Some(*y),
            _ => None,
        };
        self.shapes.iter().filter_map(height).nth(nth).unwrap_or(f64::NAN)
    }

    /// The centre of every disc, in the order of drawing.
    #[cfg(test)]
    pub(super) fn discs(&self) -> Vec<Point> {
        let centre = |shape: &Shape| if let Shape::Disc(at, ..) = shape { Some(*at) } else { None };
        self.shapes.iter().filter_map(centre).collect()
    }

    /// The size of the page in steps of a backend.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a page has a size, and a modest one"
    )]
    pub(super) fn backend_size(&self) -> (u32, u32) {
        let steps = |length: f64| (length.ceil().clamp(1.0, 100_000.0) * UNITS) as u32;
        (steps(self.width), steps(self.height))
    }

    /// Draws everything, in the order it was added, on white.
    pub(super) fn paint<B: DrawingBackend>(
        &self,
        backend: &mut B,
    ) -> Result<(), DrawingErrorKind<B::ErrorType>> {
        let (width, height) = backend.get_size();
        let (right, bottom) = (f64::from(width) / UNITS, f64::from(height) / UNITS);
        let paper = box_of(0.0, 0.0, right, bottom);
        backend.fill_polygon(paper.into_iter().map(steps), &style(WHITE, 1.0, 0.0))?;
        for shape in &self.shapes {
            match shape {
                Shape::Stroke(points, pen) => {
                    backend.draw_path(
                        points.iter().copied().map(steps),
                        &style(pen.color, pen.alpha, pen.width),
                    )?;
                }
                Shape::Area(points, color, alpha) => {
                    backend.fill_polygon(points.iter().copied().map(steps), &style(*color, *alpha, 0.0))?;
                }
                Shape::Disc(centre, radius, color, alpha) => {
                    backend.draw_circle(
                        steps(*centre),
                        step_count(*radius),
                        &style(*color, *alpha, 0.0),
                        true,
                    )?;
                }
                Shape::Text(point, text, letters) => paint_text(backend, *point, text, *letters)?,
            }
        }
        backend.present()
    }
}

/// Draws one line of text.
///
/// The SVG backend puts the baseline 0.76 em below a point anchored at the top, and its sizes are 1.24 times too large.
fn paint_text<B: DrawingBackend>(
    backend: &mut B,
    (x, y): Point,
    text: &str,
    letters: Letters,
) -> Result<(), DrawingErrorKind<B::ErrorType>> {
    let weight = if letters.weight == Weight::Bold { FontStyle::Bold } else { FontStyle::Normal };
    let font = (FAMILY, letters.size * UNITS * 1.24).into_font().style(weight);
    let style = TextStyle::from(font).color(&letters.color).pos(Pos::new(letters.anchor, VPos::Top));
    backend.draw_text(text, &style, steps((x, y - 0.76 * letters.size)))
}

/// A colour and a width as backends take them.
fn style(color: RGBColor, alpha: f64, width: f64) -> ShapeStyle {
    ShapeStyle { color: color.mix(alpha), filled: true, stroke_width: step_count(width) }
}

/// A place in steps of a backend.
#[expect(clippy::cast_possible_truncation, reason = "rounded, and clamped to what fits")]
fn steps((x, y): Point) -> (i32, i32) {
    let whole = |length: f64| (length * UNITS).round().clamp(-1e6, 1e6) as i32;
    (whole(x), whole(y))
}

/// A length in steps of a backend.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rounded, and clamped to what fits"
)]
fn step_count(length: f64) -> u32 {
    (length * UNITS).round().clamp(0.0, 1e6) as u32
}

/// The corners of a box.
pub(super) fn box_of(left: f64, top: f64, right: f64, bottom: f64) -> Vec<Point> {
    vec![(left, top), (right, top), (right, bottom), (left, bottom)]
}

/// Cuts a line into its dashes.
fn dashed(points: &[Point], pattern: &[f64]) -> Vec<Vec<Point>> {
    let mut parts = Vec::new();
    let mut part = vec![points[0]];
    let (mut place, mut left) = (0, pattern[0]);
    for pair in points.windows(2) {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        let length = ((x1 - x0) * (x1 - x0) + (y1 - y0) * (y1 - y0)).sqrt();
        let mut done = 0.0;
        while length - done > left {
            done += left;
            let at = done / length;
            let point = (x0 + (x1 - x0) * at, y0 + (y1 - y0) * at);
            if place % 2 == 0 {
                part.push(point);
                parts.push(std::mem::take(&mut part));
            } else {
                part = vec![point];
            }
            place = (place + 1) % pattern.len();
            left = pattern[place].max(0.1);
        }
        left -= length - done;
        if place % 2 == 0 {
            part.push((x1, y1));
        }
    }
    parts.extend((part.len() > 1).then_some(part));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_go_round_corners() {
        let parts = dashed(&[(0.0, 0.0), (3.0, 0.0), (3.0, 4.0)], &[4.0, 2.0]);
        assert_eq!(parts, [vec![(0.0, 0.0), (3.0, 0.0), (3.0, 1.0)], vec![(3.0, 3.0), (3.0, 4.0)]]);
    }
}
