//! A scene as PNG at twice the size of the page, about 300 dots per inch: pixels by tiny-skia.
//!
//! The file is framed here and compressed by `miniz_oxide`: an encoder that takes whichever zlib the rest of a build has
//! would write other bytes in another build. tiny-skia does without vector instructions for the same reason.

use tiny_skia::{FillRule, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, Stroke, Transform};
use ttf_parser::OutlineBuilder;

use super::{
    fonts::Fonts,
    palette::Color,
    scene::{Anchor, Letters, Point, Scene, Shape},
};
use crate::error::{Error, Result};

/// Pixels per pixel of the page.
const SCALE: f64 = 2.0;
/// The longest side of a picture, in pixels; what would be longer is drawn smaller.
const LONGEST: f64 = 4096.0;
/// Pixels of a file in a metre, when 500 of the page fill a column of 8.5 cm.
const PER_METRE: u32 = 11_765;
/// Level of compression, of ten: 9 takes seven times as long for 4 % fewer bytes.
const LEVEL: u8 = 4;

/// Renders a scene as PNG.
///
/// # Errors
/// Fails if the picture is too large.
pub(super) fn file(scene: &Scene, fonts: &Fonts) -> Result<Vec<u8>> {
    let picture = render(scene, fonts).ok_or_else(|| Error::Figure("it is too large".to_owned()))?;
    Ok(encode(&picture))
}

/// Draws everything, in the order it was added, on white.
fn render(scene: &Scene, fonts: &Fonts) -> Option<Pixmap> {
    let size = scene.size().map(f64::from);
    let scale = SCALE.min(LONGEST / size[0].max(size[1]));
    let [width, height] = size.map(|length| (length * scale).round().max(1.0) as u32);
    let mut picture = Pixmap::new(width, height)?;
    picture.fill(tiny_skia::Color::WHITE);
    let scale = Transform::from_scale(scale as f32, scale as f32);
    for shape in &scene.shapes {
        if let Shape::Stroke(points, pen) = shape {
            let (line_cap, line_join) = (LineCap::Round, LineJoin::Round);
            let stroke = Stroke { width: pen.width as f32, line_cap, line_join, ..Stroke::default() };
            if let Some(path) = through(points).finish() {
                picture.stroke_path(&path, &paint(pen.color, pen.alpha), &stroke, scale, None);
            }
        } else if let Some((path, rule, paint)) = filled(shape, fonts) {
            picture.fill_path(&path, &paint, rule, scale, None);
        }
    }
    Some(picture)
}

/// The inside of a shape, and its colour; nothing for a line.
fn filled(shape: &Shape, fonts: &Fonts) -> Option<(Path, FillRule, Paint<'static>)> {
    match shape {
        Shape::Stroke(..) => None,
        Shape::Area(corners, color, alpha) => {
            let mut path = through(corners);
            path.close();
            Some((path.finish()?, FillRule::EvenOdd, paint(*color, *alpha)))
        }
        Shape::Disc((x, y), radius, color, alpha) => {
            let circle = PathBuilder::from_circle(*x as f32, *y as f32, *radius as f32)?;
            Some((circle, FillRule::Winding, paint(*color, *alpha)))
        }
        Shape::Text(point, text, letters) => {
            let path = outlines(fonts, *point, text, *letters)?;
            Some((path, FillRule::Winding, paint(letters.color, 1.0)))
        }
    }
}

fn paint(Color(red, green, blue): Color, alpha: f64) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color_rgba8(red, green, blue, (alpha.clamp(0.0, 1.0) * 255.0).round() as u8);
    paint
}

/// A line through points.
fn through(points: &[Point]) -> PathBuilder {
    let mut path = PathBuilder::new();
    for (index, (x, y)) in points.iter().enumerate() {
        match index {
            0 => path.move_to(*x as f32, *y as f32),
            _ => path.line_to(*x as f32, *y as f32),
        }
    }
    path
}

/// The outlines of a line of text, all in one path so that letters that touch are filled once.
fn outlines(fonts: &Fonts, (x, y): Point, text: &str, letters: Letters) -> Option<Path> {
    let Letters { size, weight, anchor, .. } = letters;
    let width = fonts.width(text, size, weight);
    let mut pen = match anchor {
        Anchor::Left => x,
        Anchor::Center => x - width / 2.0,
        Anchor::Right => x - width,
    };
    let mut path = PathBuilder::new();
    let mut draw = |letter: char, (x, y): Point, size: f64| {
        let at = (x as f32, y as f32);
        fonts.outline(letter, weight, |units| Glyph { path: &mut path, at, scale: (size / units) as f32 });
    };
    for letter in text.chars() {
        if fonts.has(letter) {
            draw(letter, (pen, y), size);
        } else {
            // Its number in two rows, so that names in other scripts stay different.
            let number = format!("{:04X}", u32::from(letter));
            let (small, across) = (0.44 * size, number.len().div_ceil(2));
            for (i, digit) in number.chars().enumerate() {
                let (row, column) = (i / across, i % across);
                let step = size / (across as f64 + 0.2);
                draw(
                    digit,
                    (pen + 0.05 * size + column as f64 * step, y - (1 - row) as f64 * 0.46 * size),
                    small,
                );
            }
        }
        pen += fonts.advance(letter, weight) * size;
    }
    path.finish()
}

/// Where the outline of a letter goes: from units of the font, upwards, to pixels of the page, downwards.
struct Glyph<'a> {
    path: &'a mut PathBuilder,
    at: (f32, f32),
    scale: f32,
}

impl Glyph<'_> {
    fn place(&self, x: f32, y: f32) -> (f32, f32) {
        (self.at.0 + x * self.scale, self.at.1 - y * self.scale)
    }
}

impl OutlineBuilder for Glyph<'_> {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.place(x, y);
        self.path.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.place(x, y);
        self.path.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.place(x1, y1), self.place(x, y));
        self.path.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2), (x, y)) = (self.place(x1, y1), self.place(x2, y2), self.place(x, y));
        self.path.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}

/// Encodes a picture without holes.
fn encode(picture: &Pixmap) -> Vec<u8> {
    let (width, height) = (picture.width(), picture.height());
    let length = 3 * width as usize + 1;
    let mut rows = vec![0; length * height as usize]; // a row begins with 0: no filter
    for (row, pixels) in rows.chunks_exact_mut(length).zip(picture.data().chunks_exact(4 * width as usize)) {
        without_alpha(pixels, &mut row[1..]);
    }
    let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
    header.extend_from_slice(&[8, 2, 0, 0, 0]); // eight bits, RGB, not interlaced
    let mut density = [PER_METRE.to_be_bytes(), PER_METRE.to_be_bytes()].concat();
    density.push(1); // per metre

    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut file, *b"IHDR", &header);
    chunk(&mut file, *b"pHYs", &density);
    chunk(&mut file, *b"IDAT", &miniz_oxide::deflate::compress_to_vec_zlib(&rows, LEVEL));
    chunk(&mut file, *b"IEND", &[]);
    file
}

/// Copies red, green and blue of each pixel. Written without iterators, which cost much where nothing is optimised.
fn without_alpha(pixels: &[u8], row: &mut [u8]) {
    let (mut from, mut to) = (0, 0);
    while to < row.len() {
        row[to] = pixels[from];
        row[to + 1] = pixels[from + 1];
        row[to + 2] = pixels[from + 2];
        (from, to) = (from + 4, to + 3);
    }
}

/// Appends one chunk: its length, name, contents and checksum.
fn chunk(file: &mut Vec<u8>, name: [u8; 4], contents: &[u8]) {
    file.extend_from_slice(&u32::try_from(contents.len()).unwrap_or(u32::MAX).to_be_bytes());
    let start = file.len();
    file.extend_from_slice(&name);
    file.extend_from_slice(contents);
    let checksum = crc32fast::hash(&file[start..]);
    file.extend_from_slice(&checksum.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::super::{
        palette::{INK, SERIES},
        scene::{Pen, box_of},
    };
    use super::*;

    /// The red, green and blue of some pixels of a scene of 8 by 8.
    fn pixels<const N: usize>(draw: impl FnOnce(&mut Scene), places: [(u32, u32); N]) -> [[u8; 3]; N] {
        let mut scene = Scene::new(8.0);
        scene.height = 8.0;
        draw(&mut scene);
        let picture = render(&scene, &Fonts::load().unwrap()).unwrap();
        places.map(|(x, y)| {
            let pixel = picture.pixel(x, y).unwrap();
            [pixel.red(), pixel.green(), pixel.blue()]
        })
    }

    const WHITE: [u8; 3] = [255; 3];

    #[test]
    fn a_crisp_line_fills_whole_pixels() {
        let line = |scene: &mut Scene| scene.stroke(vec![(0.0, 2.5), (8.0, 2.5)], Pen::solid(INK, 1.0));
        let ink = [0x22; 3];
        assert_eq!(pixels(line, [(5, 3), (5, 4), (5, 5), (5, 6)]), [WHITE, ink, ink, WHITE]);
    }

    #[test]
    fn a_translucent_corner_is_blended_once() {
        let pen = Pen { alpha: 0.5, ..Pen::solid(Color(0, 0, 0), 2.0) };
        let corner = |scene: &mut Scene| scene.stroke(vec![(1.0, 1.0), (6.0, 1.0), (6.0, 7.0)], pen);
        let [straight, joint] = pixels(corner, [(6, 2), (11, 2)]);
        assert_eq!((straight, joint), ([127; 3], [127; 3]));
    }

    #[test]
    fn areas_and_discs_have_their_colour_inside_and_half_of_it_on_a_half_pixel() {
        let area = |scene: &mut Scene| scene.area(box_of(1.0, 1.0, 4.25, 4.0), Color(0, 0, 0), 1.0);
        assert_eq!(pixels(area, [(2, 2), (8, 4), (9, 4)]), [[0; 3], [127; 3], WHITE]);
        let disc = |scene: &mut Scene| scene.disc((4.0, 4.0), 3.0, SERIES[1], 1.0);
        assert_eq!(pixels(disc, [(8, 8), (1, 1)]), [[0xD5, 0x5E, 0], WHITE]);
    }

    #[test]
    fn letters_stand_on_their_baseline() {
        let text = |scene: &mut Scene| {
            let letters = Letters { size: 8.0, ..Letters::plain(Anchor::Center) };
            scene.text((4.0, 7.0), "I", letters);
        };
        let [above, stem, below] = pixels(text, [(8, 1), (8, 8), (8, 14)]);
        assert_eq!((above, below), (WHITE, WHITE));
        assert!(stem.iter().all(|channel| *channel < 0x80), "{stem:?}");
    }

    #[test]
    fn a_file_holds_its_size_and_pixels() {
        let mut picture = Pixmap::new(2, 1).unwrap();
        picture.fill(tiny_skia::Color::WHITE);
        let file = encode(&picture);
        assert!(file.starts_with(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x01"));
        let data = file.windows(4).position(|name| name == b"IDAT").unwrap() + 4;
        let rows = miniz_oxide::inflate::decompress_to_vec_zlib(&file[data..]).unwrap();
        assert_eq!(rows, [0, 255, 255, 255, 255, 255, 255]);
    }
}
