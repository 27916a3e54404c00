//! A scene as SVG, by plotters' backend; nothing else names plotters.

use plotters::{
    prelude::SVGBackend,
    style::{
        Color as _, FontStyle, IntoFont, RGBColor, ShapeStyle, TextStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};
use plotters_backend::{DrawingBackend, DrawingErrorKind};

use super::{
    fonts::{self, FAMILY, Weight},
    palette::{Color, WHITE},
    scene::{Anchor, Letters, Point, Scene, Shape, box_of},
};
use crate::error::{Error, Result};

/// Steps the backend divides a pixel of the page into; it knows whole numbers only.
const UNITS: f64 = 10.0;

/// Writes a scene as SVG, with its fonts inside.
///
/// # Errors
/// Fails if the backend gives up, which no data can cause.
pub(super) fn document(scene: &Scene) -> Result<String> {
    let [width, height] = scene.size().map(|length| length * UNITS as u32);
    let mut drawn = String::new();
    {
        let mut backend = SVGBackend::with_string(&mut drawn, (width, height));
        paint(scene, (width, height), &mut backend).map_err(|error| Error::Figure(error.to_string()))?;
    }
    // The backend's own opening tag knows neither the size on the page nor round line ends.
    let shapes = drawn.split_once('\n').map_or("", |(_, rest)| rest);
    let title = escape(&fonts::clean(&scene.title));
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" viewBox=\"0 0 {width} {height}\" \
         role=\"img\" stroke-linecap=\"round\" stroke-linejoin=\"round\">\n<title>{title}</title>\n\
         <style>\n{}</style>\n{shapes}",
        f64::from(width) / UNITS,
        f64::from(height) / UNITS,
        fonts::css(),
    ))
}

/// Draws everything, in the order it was added, on white.
fn paint<B: DrawingBackend>(
    scene: &Scene,
    (width, height): (u32, u32),
    backend: &mut B,
) -> std::result::Result<(), DrawingErrorKind<B::ErrorType>> {
    let paper = box_of(0.0, 0.0, f64::from(width) / UNITS, f64::from(height) / UNITS);
    backend.fill_polygon(paper.into_iter().map(steps), &style(WHITE, 1.0, 0.0))?;
    for shape in &scene.shapes {
        match shape {
            Shape::Stroke(points, pen) => {
                let style = style(pen.color, pen.alpha, pen.width);
                backend.draw_path(points.iter().copied().map(steps), &style)?;
            }
            Shape::Area(points, color, alpha) => {
                backend.fill_polygon(points.iter().copied().map(steps), &style(*color, *alpha, 0.0))?;
            }
            Shape::Disc(centre, radius, color, alpha) => {
                let style = style(*color, *alpha, 0.0);
                backend.draw_circle(steps(*centre), step_count(*radius), &style, true)?;
            }
            Shape::Text(point, text, letters) => paint_text(backend, *point, text, *letters)?,
        }
    }
    backend.present()
}

/// Draws one line of text.
///
/// The backend puts the baseline 0.76 em below a point anchored at the top, and its sizes are 1.24 times too large.
fn paint_text<B: DrawingBackend>(
    backend: &mut B,
    (x, y): Point,
    text: &str,
    letters: Letters,
) -> std::result::Result<(), DrawingErrorKind<B::ErrorType>> {
    let weight = match letters.weight {
        Weight::Bold => FontStyle::Bold,
        Weight::Regular => FontStyle::Normal,
    };
    let anchor = match letters.anchor {
        Anchor::Left => HPos::Left,
        Anchor::Center => HPos::Center,
        Anchor::Right => HPos::Right,
    };
    let font = (FAMILY, letters.size * UNITS * 1.24).into_font().style(weight);
    let color = rgb(letters.color);
    let style = TextStyle::from(font).color(&color).pos(Pos::new(anchor, VPos::Top));
    backend.draw_text(text, &style, steps((x, y - 0.76 * letters.size)))
}

fn rgb(Color(red, green, blue): Color) -> RGBColor {
    RGBColor(red, green, blue)
}

/// A colour and a width as the backend takes them.
fn style(color: Color, alpha: f64, width: f64) -> ShapeStyle {
    ShapeStyle { color: rgb(color).mix(alpha), filled: true, stroke_width: step_count(width) }
}

/// A place in steps of the backend.
fn steps((x, y): Point) -> (i32, i32) {
    let whole = |length: f64| (length * UNITS).round().clamp(-1e6, 1e6) as i32;
    (whole(x), whole(y))
}

/// A length in steps of the backend.
fn step_count(length: f64) -> u32 {
    (length * UNITS).round().clamp(0.0, 1e6) as u32
}

/// Writes text so that XML reads it as text.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
