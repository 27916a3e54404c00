//! Legends: rows of keys above the axes, where they can cover no data.

use super::{
    fonts::{Fonts, TEXT, Weight},
    marks::Mark,
    palette::{Color, GREY},
    scene::{Anchor, LINE, Letters, MARGIN, Pen, Scene, box_of},
};

/// Width of the sample of a line.
const SAMPLE: f64 = 32.0;
/// Width of the sample of a mark.
const SMALL: f64 = 18.0;
/// Space between the sample and its name.
const GAP: f64 = 7.0;
/// Space between one key and the next.
const BETWEEN: f64 = 20.0;

/// What a key stands for.
pub(super) enum Key {
    /// A line drawn with a pen.
    Line(Pen),
    /// Several thin lines.
    Rounds,
    /// A mark at a place.
    Mark(Mark),
    /// An area of a colour, as strong as this.
    Shade(Color, f64),
}

/// Draws the keys in rows from `top` on; gives back where they end.
pub(super) fn draw(scene: &mut Scene, fonts: &Fonts, keys: &[(Key, String)], top: f64) -> f64 {
    let right = scene.width - MARGIN;
    let room = right - MARGIN - SAMPLE - GAP;
    let across = |key: &Key| match key {
        Key::Mark(_) | Key::Shade(..) => SMALL,
        Key::Line(_) | Key::Rounds => SAMPLE,
    };
    let (mut left, mut row, mut bottom) = (MARGIN, top, top);
    for (key, name) in keys {
        let mut lines = fonts.wrap(name, TEXT, Weight::Regular, room, 2);
        if lines.is_empty() {
            lines.push("(no name)".to_owned());
        }
        let widest = lines.iter().map(|line| fonts.width(line, TEXT, Weight::Regular)).fold(0.0, f64::max);
        let width = across(key) + GAP + widest;
        if left > MARGIN && left + width > right {
            (left, row) = (MARGIN, bottom);
        }
        sample(scene, key, left, row + LINE / 2.0);
        let end = scene.lines(left + across(key) + GAP, row, &lines, Letters::plain(Anchor::Left));
        bottom = bottom.max(end);
        left += width + BETWEEN;
    }
    bottom
}

/// Draws the sample of one key.
fn sample(scene: &mut Scene, key: &Key, left: f64, y: f64) {
    match key {
        Key::Line(pen) => scene.stroke(vec![(left + 1.5, y), (left + SAMPLE - 1.5, y)], *pen),
        Key::Mark(draw) => draw(scene, (left + SMALL / 2.0, y)),
        Key::Shade(color, strength) => {
            scene.area(box_of(left, y - 7.0, left + SMALL, y + 7.0), *color, *strength);
        }
        Key::Rounds => {
            for (from, to) in [(-3.0, -5.0), (1.0, -1.0), (5.0, 2.0)] {
                scene.stroke(
                    vec![(left + 1.0, y + from), (left + SAMPLE - 1.0, y + to)],
                    Pen::solid(GREY, 1.0),
                );
            }
        }
    }
}
