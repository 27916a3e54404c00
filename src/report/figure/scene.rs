//! What stands where on a figure, in pixels of the page, before any format comes in.

use super::{
    fonts::{Fonts, TEXT, TITLE, Weight},
    palette::{ALERT, CAVEAT_INK, CAVEAT_PAPER, Color, GREY, INK},
};

/// Width of the page: a column of 8.5 cm.
pub(crate) const PAGE: f64 = 500.0;
/// Space between the edge of a figure and what is on it.
pub(crate) const MARGIN: f64 = 8.0;
/// Height of one line of text.
pub(crate) const LINE: f64 = 19.0;
/// What stands where there is nothing to draw.
pub(crate) const NOTHING: &str = "no values";

/// A place on the page: to the right, and down.
pub(crate) type Point = (f64, f64);

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Pen {
    pub color: Color,
    pub alpha: f64,
    pub width: f64,
    /// Lengths drawn and left out in turn; nothing for a solid line. Ends are round and reach half a width further.
    pub dashes: &'static [f64],
}

impl Pen {
    /// A solid, opaque pen.
    pub(crate) const fn solid(color: Color, width: f64) -> Self {
        Self { color, alpha: 1.0, width, dashes: &[] }
    }
}

/// One thing to draw.
pub(crate) enum Shape {
    /// A line through points.
    Stroke(Vec<Point>, Pen),
    /// A polygon of a colour, as strong as this.
    Area(Vec<Point>, Color, f64),
    /// A circle of a radius and a colour, as strong as this.
    Disc(Point, f64, Color, f64),
    /// One line of text.
    Text(Point, String, Letters),
}

/// Which part of a line of text stands at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    Left,
    Center,
    Right,
}

/// How text is set: `point` is the left end, the middle or the right end of its baseline.
#[derive(Clone, Copy)]
pub(crate) struct Letters {
    pub size: f64,
    pub weight: Weight,
    pub color: Color,
    pub anchor: Anchor,
}

impl Letters {
    /// Regular text in ink.
    pub(crate) const fn plain(anchor: Anchor) -> Self {
        Self { size: TEXT, weight: Weight::Regular, color: INK, anchor }
    }

    /// Regular text that stays in the background.
    pub(crate) const fn faint(anchor: Anchor) -> Self {
        Self { color: GREY, ..Self::plain(anchor) }
    }
}

/// A figure, laid out.
pub(crate) struct Scene {
    pub title: String,
    pub width: f64,
    pub height: f64,
    /// What there is to draw, from the back to the front.
    pub shapes: Vec<Shape>,
}

impl Scene {
    /// An empty page; its height is set when it is known.
    pub(crate) fn new(width: f64) -> Self {
        Self { title: String::new(), width, height: 0.0, shapes: Vec::new() }
    }

    /// Adds a line through points; a single point becomes a disc as wide as the line.
    pub(crate) fn stroke(&mut self, points: Vec<Point>, pen: Pen) {
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
    pub(crate) fn area(&mut self, points: Vec<Point>, color: Color, alpha: f64) {
        if points.len() > 2 {
            self.shapes.push(Shape::Area(points, color, alpha));
        }
    }

    /// Adds a filled circle.
    pub(crate) fn disc(&mut self, centre: Point, radius: f64, color: Color, alpha: f64) {
        self.shapes.push(Shape::Disc(centre, radius, color, alpha));
    }

    /// Adds one line of text.
    pub(crate) fn text(&mut self, point: Point, text: &str, letters: Letters) {
        self.shapes.push(Shape::Text(point, text.to_owned(), letters));
    }

    /// Adds lines of text below each other, the first one's top at `top`; gives back where they end.
    pub(crate) fn lines(&mut self, x: f64, top: f64, lines: &[String], letters: Letters) -> f64 {
        lines.iter().fold(top, |top, line| {
            self.text((x, top + 0.76 * LINE), line, letters);
            top + LINE
        })
    }

    /// Adds the title and a caveat at the top of the page; gives back where they end.
    pub(crate) fn heading(&mut self, fonts: &Fonts, title: &str, caveat: Option<&str>) -> f64 {
        title.clone_into(&mut self.title);
        let room = self.width - 2.0 * MARGIN;
        let bold = Letters { size: TITLE, weight: Weight::Bold, ..Letters::plain(Anchor::Left) };
        let mut top = MARGIN;
        for line in fonts.wrap(title, TITLE, Weight::Bold, room, 3) {
            self.text((MARGIN, top + 16.0), &line, bold);
            top += 22.0;
        }
        let caveat = fonts.wrap(caveat.unwrap_or_default(), TEXT, Weight::Regular, room - 16.0, 3);
        if !caveat.is_empty() {
            top += 3.0;
            let bottom = caveat.iter().fold(top + 6.0, |bottom, _| bottom + LINE);
            self.area(box_of(MARGIN, top, self.width - MARGIN, bottom), CAVEAT_PAPER, 1.0);
            self.area(box_of(MARGIN, top, MARGIN + 4.0, bottom), ALERT, 1.0);
            let letters = Letters { color: CAVEAT_INK, ..Letters::plain(Anchor::Left) };
            self.lines(MARGIN + 12.0, top + 3.0, &caveat, letters);
            top = bottom;
        }
        top + 6.0
    }

    /// Every line of text, in the order of drawing.
    #[cfg(test)]
    pub(crate) fn texts(&self) -> Vec<&str> {
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
    pub(crate) fn height_of(&self, line: &str, nth: usize) -> f64 {
        let height = |shape: &Shape| match shape {
            Shape::Text((_, y), text, _) if text == line => Some(*y),
            _ => None,
        };
        self.shapes.iter().filter_map(height).nth(nth).unwrap_or(f64::NAN)
    }

    /// The centre of every disc, in the order of drawing.
    #[cfg(test)]
    pub(crate) fn discs(&self) -> Vec<Point> {
        let centre = |shape: &Shape| if let Shape::Disc(at, ..) = shape { Some(*at) } else { None };
        self.shapes.iter().filter_map(centre).collect()
    }

    /// Its width and height in whole pixels of the page.
    pub(crate) fn size(&self) -> [u32; 2] {
        [self.width, self.height].map(|length| length.ceil().clamp(1.0, 100_000.0) as u32)
    }
}

/// The nearest place at which a thin line fills whole pixels.
pub(crate) fn crisp(place: f64) -> f64 {
    place.floor() + 0.5
}

/// The corners of a box.
pub(crate) fn box_of(left: f64, top: f64, right: f64, bottom: f64) -> Vec<Point> {
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
