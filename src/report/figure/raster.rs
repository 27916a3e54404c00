//! A drawing backend that fills pixels with care: round joints, no seams in translucent lines, letters placed to a
//! fraction of a pixel.

use std::convert::Infallible;

use ab_glyph::{Font, PxScale, point};
use plotters_backend::text_anchor::HPos;
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind, FontStyle,
};

use super::fonts::{Fonts, Weight};

/// Rows a pixel is divided into when an area is filled.
const SUBROWS: u32 = 5;

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

/// A picture in RGB.
pub(super) struct Raster {
    size: (u32, u32),
    scale: f64,
    width: usize,
    height: usize,
    pixels: Vec<u8>,
    fonts: Fonts,
}

impl Raster {
    /// A white picture with `scale` pixels per step of the backend's coordinates.
    pub(super) fn new(size: (u32, u32), scale: f64, fonts: Fonts) -> Self {
        let (width, height) = (whole(f64::from(size.0) * scale), whole(f64::from(size.1) * scale));
        Self { size, scale, width, height, pixels: vec![u8::MAX; 3 * width * height], fonts }
    }

    /// Its width and height in pixels.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a page is far smaller than four thousand million pixels"
    )]
    pub(super) fn pixel_size(&self) -> (u32, u32) {
        (self.width as u32, self.height as u32)
    }

    /// Its pixels, row after row.
    pub(super) fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// A place in pixels.
    fn place(&self, (x, y): BackendCoord) -> (f64, f64) {
        (f64::from(x) * self.scale, f64::from(y) * self.scale)
    }

    /// Says whether a polygon is the whole picture.
    fn is_paper(&self, corners: &[(f64, f64)]) -> bool {
        let edge = |at: f64, end: usize| at <= 0.0 || at >= end as f64;
        corners.len() == 4 && corners.iter().all(|(x, y)| edge(*x, self.width) && edge(*y, self.height))
    }

    /// An empty mask over the part of the picture around some points.
    fn mask(&self, points: &[(f64, f64)], reach: f64) -> Mask {
        let over = |low: f64, high: f64, end: usize| {
            let start = whole(low - reach - 1.0).min(end);
            (start, whole(high + reach + 2.0).clamp(start, end))
        };
        let span = |of: fn(&(f64, f64)) -> f64| {
            points.iter().map(of).fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(v), high.max(v)))
        };
        let ((x_low, x_high), (y_low, y_high)) = (span(|p| p.0), span(|p| p.1));
        let ((left, right), (top, bottom)) =
            (over(x_low, x_high, self.width), over(y_low, y_high, self.height));
        let (width, height) = (right - left, bottom - top);
        Mask { left, top, width, height, cover: vec![0.0; width * height] }
    }

    /// Lays a colour over the picture where the mask is set.
    fn blend(&mut self, mask: &Mask, color: BackendColor) {
        let new: [u8; 3] = color.rgb.into();
        for (row, cover) in mask.cover.chunks_exact(mask.width.max(1)).enumerate() {
            let start = 3 * ((mask.top + row) * self.width + mask.left);
            let pixels = self.pixels[start..start + 3 * mask.width].as_chunks_mut::<3>().0;
            for (pixel, cover) in pixels.iter_mut().zip(cover).filter(|(_, cover)| **cover > 0.0) {
                let share = cover.min(1.0) * color.alpha;
                *pixel =
                    if share < 1.0 { std::array::from_fn(|i| mixed(pixel[i], new[i], share)) } else { new };
            }
        }
    }
}

/// How much of each pixel of a part of the picture is covered, from nothing to one.
struct Mask {
    left: usize,
    top: usize,
    width: usize,
    height: usize,
    cover: Vec<f64>,
}

impl Mask {
    /// Covers what lies within `reach` of the line from `a` to `b`.
    fn cover_line(&mut self, a: (f64, f64), b: (f64, f64), reach: f64) {
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let square = dx * dx + dy * dy;
        let most = (2.0 * reach).min(1.0);
        let columns = self.near(a.0.min(b.0), a.0.max(b.0), reach, self.left, self.width);
        for row in self.near(a.1.min(b.1), a.1.max(b.1), reach, self.top, self.height) {
            let y = middle(self.top + row) - a.1;
            for column in columns.clone() {
                let x = middle(self.left + column) - a.0;
                let along = if square > 0.0 { ((x * dx + y * dy) / square).clamp(0.0, 1.0) } else { 0.0 };
                let (off_x, off_y) = (x - along * dx, y - along * dy);
                let cover = (reach + 0.5 - (off_x * off_x + off_y * off_y).sqrt()).clamp(0.0, most);
                let old = &mut self.cover[row * self.width + column];
                *old = old.max(cover);
            }
        }
    }

    /// The rows or columns of the mask that a stretch from `low` to `high` can touch.
    #[expect(clippy::unused_self, reason = "reads better next to its callers")]
    fn near(&self, low: f64, high: f64, reach: f64, start: usize, count: usize) -> std::ops::Range<usize> {
        let first = whole(low - reach - 1.0).saturating_sub(start).min(count);
        first..whole(high + reach + 2.0).saturating_sub(start).clamp(first, count)
    }

    /// Covers the inside of a polygon.
    fn cover_area(&mut self, corners: &[(f64, f64)]) {
        let share = 1.0 / f64::from(SUBROWS);
        for row in 0..self.height {
            for part in 0..SUBROWS {
                let y = middle(self.top + row) - 0.5 + (f64::from(part) + 0.5) * share;
                for pair in crossings(corners, y).chunks_exact(2) {
                    self.cover_span(row, pair[0], pair[1], share);
                }
            }
        }
    }

    /// Adds `share` to what lies between two places on a row.
    fn cover_span(&mut self, row: usize, from: f64, to: f64, share: f64) {
        let columns = self.near(from, to, 0.0, self.left, self.width);
        // Pixels that the span covers from edge to edge.
        let inner = whole(from.ceil()).saturating_sub(self.left).clamp(columns.start, columns.end);
        let inner = inner..whole(to).saturating_sub(self.left).clamp(inner, columns.end);
        let cover = &mut self.cover[row * self.width..][..self.width];
        cover[inner.clone()].iter_mut().for_each(|cover| *cover += share);
        for column in (columns.start..inner.start).chain(inner.end..columns.end) {
            let start = middle(self.left + column) - 0.5;
            let length = (to.min(start + 1.0) - from.max(start)).max(0.0);
            cover[column] += share * length;
        }
    }
}

/// Where a row at `y` crosses the edges of a polygon, from left to right.
fn crossings(corners: &[(f64, f64)], y: f64) -> Vec<f64> {
    let next = corners.iter().cycle().skip(1);
    let mut places: Vec<f64> = corners
        .iter()
        .zip(next)
        .filter(|(a, b)| (a.1 <= y) != (b.1 <= y))
        .map(|(a, b)| a.0 + (y - a.1) / (b.1 - a.1) * (b.0 - a.0))
        .collect();
    places.sort_by(f64::total_cmp);
    places
}

impl DrawingBackend for Raster {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Drawn {
        let (x, y) = point;
        self.fill_polygon([(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)], &color)
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        let points: Vec<_> = path.into_iter().map(|point| self.place(point)).collect();
        let reach = f64::from(style.stroke_width()) * self.scale / 2.0;
        let mut mask = self.mask(&points, reach);
        for pair in points.windows(2) {
            mask.cover_line(pair[0], pair[1], reach);
        }
        self.blend(&mask, style.color());
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        corners: I,
        style: &S,
    ) -> Drawn {
        let corners: Vec<_> = corners.into_iter().map(|point| self.place(point)).collect();
        if self.is_paper(&corners) && style.color().alpha >= 1.0 {
            let color: [u8; 3] = style.color().rgb.into();
            self.pixels.as_chunks_mut().0.fill(color);
            return Ok(());
        }
        let mut mask = self.mask(&corners, 0.0);
        mask.cover_area(&corners);
        self.blend(&mask, style.color());
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        centre: BackendCoord,
        radius: u32,
        style: &S,
        _: bool,
    ) -> Drawn {
        let (centre, radius) = (self.place(centre), f64::from(radius) * self.scale);
        let mut mask = self.mask(&[centre], radius);
        mask.cover_line(centre, centre, radius);
        self.blend(&mask, style.color());
        Ok(())
    }

    fn draw_text<T: BackendTextStyle>(&mut self, text: &str, style: &T, point: BackendCoord) -> Drawn {
        let weight = if matches!(style.style(), FontStyle::Bold) { Weight::Bold } else { Weight::Regular };
        let em = style.size() / 1.24 * self.scale;
        let (x, top) = self.place(point);
        let width = self.fonts.width(text, em, weight);
        let mut pen = match style.anchor().h_pos {
            HPos::Left => x,
            HPos::Center => x - width / 2.0,
            HPos::Right => x - width,
        };
        for letter in text.chars() {
            let mask = self.letter(letter, weight, em, (pen, top + 0.76 * em));
            self.blend(&mask, style.color());
            pen += self.fonts.advance(letter, weight) * em;
        }
        Ok(())
    }
}

impl Raster {
    /// The mask of one letter whose baseline starts at `place`.
    #[expect(clippy::cast_possible_truncation, reason = "fonts are drawn in single precision")]
    fn letter(&self, letter: char, weight: Weight, em: f64, place: (f64, f64)) -> Mask {
        let font = self.fonts.font(weight);
        let units = f64::from(font.units_per_em().unwrap_or(2048.0));
        let scale = PxScale::from((em * f64::from(font.height_unscaled()) / units) as f32);
        let glyph =
            font.glyph_id(letter).with_scale_and_position(scale, point(place.0 as f32, place.1 as f32));
        let Some(outline) = font.outline_glyph(glyph) else {
            return self.mask(&[], 0.0);
        };
        let bounds = outline.px_bounds();
        let (left, top) = (f64::from(bounds.min.x), f64::from(bounds.min.y));
        let mut mask = self.mask(&[(left, top), (f64::from(bounds.max.x), f64::from(bounds.max.y))], 0.0);
        // The bounds are whole pixels; what lies before the first has a place that no mask reaches.
        let (right, down) = (left as isize - mask.left.cast_signed(), top as isize - mask.top.cast_signed());
        outline.draw(|x, y, cover| {
            let (column, row) = (right + x.cast_signed() as isize, down + y.cast_signed() as isize);
            let (column, row) = (column.cast_unsigned(), row.cast_unsigned());
            if cover > 0.0 && column < mask.width && row < mask.height {
                mask.cover[row * mask.width + column] = f64::from(cover);
            }
        });
        mask
    }
}

/// The middle of a pixel.
#[expect(clippy::cast_precision_loss, reason = "pixels are counted in thousands")]
fn middle(index: usize) -> f64 {
    index as f64 + 0.5
}

/// The pixel a place lies in; nothing lies before the first.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast that stops at zero is meant"
)]
fn whole(place: f64) -> usize {
    place.clamp(0.0, 1e6) as usize
}

/// A value of a channel after a share of another is laid over it.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between two bytes lies a byte")]
fn mixed(old: u8, new: u8, share: f64) -> u8 {
    (f64::from(old) + (f64::from(new) - f64::from(old)) * share + 0.5) as u8
}
