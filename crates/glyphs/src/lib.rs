//! Drawn digits: a built-in stand-in for MNIST that needs no network.
//!
//! Each image starts from a hand-made skeleton, a few pen strokes given by the points they pass
//! through. The points are jittered, joined by splines, bent, slanted, turned and stretched, fitted
//! into a 20×20 box around the centre as MNIST's digits are, and inked with a soft round pen. All
//! numbers come from one named stream per image, and all arithmetic is `f64` with `+ - * /`, `sqrt`
//! and the `libm` crate, so the bytes are the same on every machine.

use replikat_stats::random::{Stream, stream};

/// Pixels along one side of an image.
const SIDE: usize = 28;
/// Pixels of one image.
const AREA: usize = SIDE * SIDE;
/// Straight pieces that stand for the curve between two skeleton points.
const PIECES: usize = 4;

/// A position: x to the right, y downwards.
type Point = [f64; 2];

/// The pen strokes of one way to write a digit, each a list of points that the pen passes through.
///
/// In percent of the digit's box, x to the right and y downwards; a point given twice is a corner.
type Skeleton = &'static [&'static [[u8; 2]]];

/// The ways to write each digit, from 0 to 9; the ways of a digit are equally likely.
#[rustfmt::skip]
const SKELETONS: [&[Skeleton]; 10] = [
    &[ // 0: round, begun inside, narrow
        &[&[[60, 4], [30, 9], [14, 42], [20, 80], [46, 98], [78, 82], [86, 45], [72, 12], [52, 3]]],
        &[&[[44, 14], [26, 18], [14, 52], [26, 88], [56, 97], [82, 70], [82, 30], [58, 4], [34, 10]]],
        &[&[[56, 3], [34, 22], [28, 64], [44, 97], [66, 78], [73, 36], [62, 7], [48, 8]]],
    ],
    &[ // 1: bare, with a serif, with serif and foot
        &[&[[51, 2], [50, 50], [50, 98]]],
        &[&[[28, 26], [42, 15], [54, 3], [54, 3], [52, 50], [51, 98]]],
        &[&[[30, 24], [52, 3], [52, 3], [51, 50], [51, 96]], &[[26, 97], [50, 97], [77, 96]]],
    ],
    &[ // 2: angular foot, looped foot, wavy foot
        &[&[[18, 24], [40, 3], [74, 12], [72, 40], [45, 70], [14, 96], [14, 96], [50, 95], [88, 94]]],
        &[&[[16, 22], [42, 3], [74, 18], [66, 52], [36, 88], [16, 92], [20, 76], [42, 80], [64, 94], [90, 90]]],
        &[&[[20, 14], [48, 4], [76, 24], [60, 58], [14, 94], [14, 94], [44, 88], [66, 97], [90, 88]]],
    ],
    &[ // 3: round, flat top, small loop in the middle
        &[&[[18, 14], [48, 2], [76, 20], [64, 42], [40, 48], [40, 48], [70, 54], [82, 76], [54, 98], [14, 88]]],
        &[&[[18, 6], [50, 4], [78, 5], [78, 5], [58, 25], [42, 42], [42, 42], [72, 50], [80, 76], [52, 98], [16, 88]]],
        &[&[[20, 12], [52, 3], [74, 22], [54, 46], [38, 50], [50, 44], [80, 60], [74, 90], [44, 98], [14, 84]]],
    ],
    &[ // 4: open, closed, in one stroke
        &[&[[24, 5], [18, 34], [20, 54], [20, 54], [50, 56], [86, 52]], &[[70, 8], [66, 50], [62, 98]]],
        &[&[[62, 2], [40, 30], [12, 62], [12, 62], [50, 62], [90, 60]], &[[64, 2], [64, 50], [62, 98]]],
        &[&[[22, 6], [16, 38], [38, 54], [64, 42], [76, 8], [76, 8], [70, 50], [66, 98]]],
    ],
    &[ // 5: cap drawn last, cap drawn first, without corners
        &[&[[30, 6], [24, 44], [24, 44], [58, 40], [82, 66], [62, 94], [16, 92]], &[[30, 6], [56, 7], [86, 4]]],
        &[&[[84, 4], [32, 8], [32, 8], [24, 46], [24, 46], [60, 44], [78, 70], [54, 97], [12, 86]]],
        &[&[[82, 6], [46, 6], [26, 26], [44, 46], [74, 62], [66, 90], [36, 98], [14, 84]]],
    ],
    &[ // 6: round, straight back, curled head
        &[&[[66, 2], [34, 26], [18, 64], [36, 96], [72, 88], [74, 62], [46, 54], [22, 74]]],
        &[&[[52, 2], [30, 38], [19, 76], [44, 98], [78, 80], [62, 56], [34, 66], [22, 84]]],
        &[&[[80, 14], [56, 4], [26, 34], [18, 72], [46, 98], [78, 78], [58, 52], [24, 66]]],
    ],
    &[ // 7: plain, with a bar, with a serif, round shoulder
        &[&[[14, 10], [50, 8], [84, 5], [84, 5], [60, 45], [40, 98]]],
        &[&[[14, 8], [50, 9], [84, 6], [84, 6], [62, 45], [42, 98]], &[[34, 52], [56, 50], [80, 48]]],
        &[&[[15, 28], [17, 8], [17, 8], [50, 10], [84, 6], [84, 6], [58, 42], [46, 98]]],
        &[&[[14, 16], [40, 6], [74, 10], [78, 30], [56, 62], [46, 98]]],
    ],
    &[ // 8: as an S and back, two rings, open at the top
        &[&[[72, 14], [46, 2], [24, 20], [46, 46], [76, 74], [52, 98], [22, 78], [46, 48], [76, 22], [66, 8]]],
        &[&[[50, 3], [26, 22], [48, 46], [72, 24], [52, 3]], &[[50, 46], [18, 74], [50, 98], [82, 74], [52, 46]]],
        &[&[[82, 12], [50, 4], [28, 22], [50, 46], [72, 76], [48, 98], [28, 76], [50, 50], [80, 18]]],
    ],
    &[ // 9: straight back, curved tail, in one sweep
        &[&[[74, 18], [46, 3], [20, 24], [40, 48], [72, 30], [76, 8], [76, 8], [74, 50], [68, 98]]],
        &[&[[74, 16], [44, 3], [22, 28], [46, 50], [74, 24], [74, 24], [78, 60], [58, 96], [22, 90]]],
        &[&[[72, 12], [40, 6], [22, 32], [50, 46], [76, 14], [76, 14], [70, 50], [46, 98]]],
    ],
];

/// Drawn digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawn {
    /// `[image][row][column]`, 28×28 pixels each.
    pub pixels: Vec<u8>,
    /// The digits, 0 to 9.
    pub labels: Vec<u8>,
}

/// Draws the first `count` digits of a split, which is `train` or `test`.
///
/// Image `i` depends on the split and `i` alone, so a longer draw begins with the shorter one.
#[must_use]
pub fn draw(split: &str, count: usize) -> Drawn {
    let mut pixels = Vec::with_capacity(count * AREA);
    let mut labels = Vec::with_capacity(count);
    for i in 0..count {
        let mut random = stream(0, &format!("glyphs/{split}/{i}"));
        let label = random.below(10) as u8;
        labels.push(label);
        pixels.extend(digit(label, &mut random));
    }
    Drawn { pixels, labels }
}

/// Draws one digit; `label` is 0 to 9.
fn digit(label: u8, random: &mut Stream) -> [u8; AREA] {
    let ways = SKELETONS[usize::from(label)];
    let skeleton = ways[random.below(ways.len() as u32) as usize];
    let radius = 1.3 + 0.7 * wobble(random);
    let haste = 0.5 + random.unit_f64();
    let curves = skeleton.iter().map(|points| curve(points, haste, random));
    let mut strokes: Vec<_> = curves.collect();
    bend(&mut strokes, haste, random);
    slant(&mut strokes, random);
    place(&mut strokes, radius, random);
    let ink = ink(&strokes, radius, random);
    let tone = 245.0 + 30.0 * wobble(random);
    // Only ink is noisy: paper stays exactly 0, as in MNIST.
    ink.map(|cover| {
        if cover == 0.0 {
            return 0;
        }
        (cover * (tone + 20.0 * wobble(random))).clamp(0.0, 255.0) as u8
    })
}

/// Returns a random number in (-1, 1) that is more often near 0.
fn wobble(random: &mut Stream) -> f64 {
    random.unit_f64() - random.unit_f64()
}

/// Joins the jittered points of one stroke by a Catmull–Rom spline, as a line of short pieces.
///
/// Takes percent, returns positions in a box that reaches from -1 to 1. `haste` is about 1; more
/// makes an untidier stroke.
fn curve(points: &[[u8; 2]], haste: f64, random: &mut Stream) -> Vec<Point> {
    let shake = 0.18 * haste;
    let mut knots: Vec<Point> = Vec::with_capacity(points.len());
    for (i, point) in points.iter().enumerate() {
        let knot = match knots.last() {
            Some(&last) if points[i - 1] == *point => last,
            _ => point.map(|percent| f64::from(percent) / 50.0 - 1.0 + shake * wobble(random)),
        };
        knots.push(knot);
    }
    let end = knots.len() - 1;
    let mut line = vec![knots[0]];
    for i in 0..end {
        if points[i] == points[i + 1] {
            continue; // a corner: the spline stops here and starts again
        }
        let (from, to) = (knots[i], knots[i + 1]);
        let (before, after) = (knots[i.saturating_sub(1)], knots[(i + 2).min(end)]);
        for piece in 1..=PIECES {
            let t = piece as f64 / PIECES as f64;
            line.push([0, 1].map(|axis| {
                let (leave, arrive) = (to[axis] - before[axis], after[axis] - from[axis]);
                let step = to[axis] - from[axis];
                let square = 3.0 * step - leave - 0.5 * arrive;
                let cube = 0.5 * (leave + arrive) - 2.0 * step;
                from[axis] + t * (0.5 * leave + t * (square + t * cube))
            }));
        }
    }
    line
}

/// Bends the strokes by one slow random wave along each axis, more so in more haste.
fn bend(strokes: &mut [Vec<Point>], haste: f64, random: &mut Stream) {
    let [across, down] = [0, 1].map(|_| {
        let (height, phase) = (0.32 * haste * wobble(random), 6.3 * random.unit_f64());
        let turn = [3.0 * wobble(random), 3.0 * wobble(random)];
        move |[x, y]: Point| height * libm::sin(turn[0] * x + turn[1] * y + phase)
    });
    for point in strokes.iter_mut().flatten() {
        *point = [point[0] + across(*point), point[1] + down(*point)];
    }
}

/// Makes the strokes narrower or wider, slants them, mostly to the right, and turns them.
fn slant(strokes: &mut [Vec<Point>], random: &mut Stream) {
    let width = 0.78 + 0.3 * wobble(random);
    let shear = 0.15 + 0.55 * wobble(random);
    let angle = 0.35 * wobble(random);
    let (sin, cos) = (libm::sin(angle), libm::cos(angle));
    for point in strokes.iter_mut().flatten() {
        let (x, y) = (width * point[0] - shear * point[1], point[1]);
        *point = [cos * x - sin * y, sin * x + cos * y];
    }
}

/// Fits the strokes into a box of about 20 pixels and centres them roughly by their weight.
///
/// `radius` is the pen's, in pixels. Leaves every point far enough inside the image for the pen.
fn place(strokes: &mut [Vec<Point>], radius: f64, random: &mut Stream) {
    let points = || strokes.iter().flatten();
    let low = [0, 1].map(|axis| points().map(|p| p[axis]).fold(f64::INFINITY, f64::min));
    let high = [0, 1].map(|axis| points().map(|p| p[axis]).fold(f64::NEG_INFINITY, f64::max));
    let count = points().count() as f64;
    let mean = [0, 1].map(|axis| points().map(|p| p[axis]).sum::<f64>() / count);
    let longer = (high[0] - low[0]).max(high[1] - low[1]);
    let scale = (19.5 + 1.5 * wobble(random) - 2.0 * radius) / longer;
    let reach = 2.0 + 1.4 * radius; // the pen at its widest, and a margin
    let shift = [0, 1].map(|axis| {
        let middle = 0.5 * (mean[axis] + 0.5 * (low[axis] + high[axis]));
        let wanted = 0.5 * SIDE as f64 - scale * middle + 1.2 * wobble(random);
        let least = reach - scale * low[axis];
        let most = SIDE as f64 - reach - scale * high[axis];
        wanted.min(most).max(least)
    });
    for point in strokes.iter_mut().flatten() {
        *point = [scale * point[0] + shift[0], scale * point[1] + shift[1]];
    }
}

/// Inks the strokes with a soft round pen whose pressure changes slowly; 0 is paper, 1 full ink.
fn ink(strokes: &[Vec<Point>], radius: f64, random: &mut Stream) -> [f64; AREA] {
    let mut cover = [0.0; AREA];
    let softness = 1.3 + 0.5 * wobble(random);
    let swing = 0.25 * random.unit_f64();
    for stroke in strokes {
        let mut phase = 6.3 * random.unit_f64();
        for ends in stroke.windows(2) {
            phase += 0.2;
            let pressed = radius * (1.0 + swing * libm::sin(phase));
            ink_piece(&mut cover, ends[0], ends[1], pressed, softness);
        }
    }
    cover
}

/// Inks the straight piece between two points: full up to the pen's edge, fading across it.
fn ink_piece(cover: &mut [f64; AREA], from: Point, to: Point, radius: f64, softness: f64) {
    let reach = radius + 0.5 * softness;
    // The pixels along one axis whose centres, at half-integers, can be reached.
    let span = |axis: usize| {
        let first = (from[axis].min(to[axis]) - reach - 0.5).max(0.0) as usize;
        let end = (from[axis].max(to[axis]) + reach + 0.5).clamp(0.0, SIDE as f64) as usize;
        first..end
    };
    let along = [to[0] - from[0], to[1] - from[1]];
    let per_square = 1.0 / (along[0] * along[0] + along[1] * along[1]).max(1e-9);
    for row in span(1) {
        let y = row as f64 + 0.5 - from[1];
        for column in span(0) {
            let x = column as f64 + 0.5 - from[0];
            let nearest = ((x * along[0] + y * along[1]) * per_square).clamp(0.0, 1.0);
            let (dx, dy) = (x - nearest * along[0], y - nearest * along[1]);
            let square = dx * dx + dy * dy;
            if square < reach * reach {
                let pixel = &mut cover[row * SIDE + column];
                *pixel = pixel.max(((reach - square.sqrt()) / softness).min(1.0));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    #[test]
    fn classes_are_about_balanced() {
        let mut counts = [0; 10];
        for label in draw("train", 2000).labels {
            counts[usize::from(label)] += 1;
        }
        let balanced = counts.iter().all(|count| (150..=250).contains(count));
        assert!(balanced, "{counts:?}");
    }

    #[test]
    fn a_longer_draw_begins_with_the_shorter() {
        let (short, long) = (draw("test", 20), draw("test", 50));
        assert_eq!(short.pixels, long.pixels[..20 * AREA]);
        assert_eq!(short.labels, long.labels[..20]);
        assert_ne!(short.pixels, draw("train", 20).pixels);
    }

    #[test]
    fn the_bytes_stay_the_same() {
        // This code's own number, kept to notice a change; a new one needs a new VERSION.
        let golden = "c4a4be759a3f0d04dc80efab046948c1bd1d592e35434689329a1a1698bfb3a2";
        let digest = Sha256::digest(draw("train", 200).pixels);
        let hex = |hex, byte: &u8| format!("{hex}{byte:02x}");
        assert_eq!(digest.iter().fold(String::new(), hex), golden);
    }

    #[test]
    fn every_image_has_ink_inside_a_clean_border() {
        for image in draw("train", 3000).pixels.chunks_exact(AREA) {
            let ink: u32 = image.iter().map(|&pixel| u32::from(pixel)).sum();
            assert!((15 * 255..300 * 255).contains(&ink), "{ink}");
            let edge = |i: usize| i == 0 || i == SIDE - 1;
            let clean = |i: usize| image[i] == 0 || !(edge(i / SIDE) || edge(i % SIDE));
            assert!((0..AREA).all(clean));
        }
    }
}
