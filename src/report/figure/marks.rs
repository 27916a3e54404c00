//! Marks that several figures share, so that the same thing looks the same everywhere, also in grey.

use super::{
    palette::{ALERT, Color, GREY, INK, OURS, WHITE},
    scene::{Pen, Point, Scene, box_of},
};

/// Draws a mark at a place.
pub(super) type Mark = fn(&mut Scene, Point);

/// Radius of the dot of a round.
const RADIUS: f64 = 3.4;

/// A round.
pub(super) fn round(scene: &mut Scene, at: Point) {
    scene.disc(at, RADIUS, OURS, 0.6);
}

/// One of very many rounds.
pub(super) fn faint_round(scene: &mut Scene, at: Point) {
    scene.disc(at, RADIUS, OURS, 0.3);
}

/// A collapsed round: a cross.
pub(super) fn collapsed(scene: &mut Scene, (x, y): Point) {
    let (pen, reach) = (Pen::solid(ALERT, 2.4), 4.4);
    scene.stroke(vec![(x - reach, y - reach), (x + reach, y + reach)], pen);
    scene.stroke(vec![(x - reach, y + reach), (x + reach, y - reach)], pen);
}

/// A mean of rounds: a diamond.
pub(super) fn mean(scene: &mut Scene, at: Point) {
    diamond(scene, at, 7.4, WHITE);
    diamond(scene, at, 5.6, INK);
}

fn diamond(scene: &mut Scene, (x, y): Point, reach: f64, color: Color) {
    let corners = vec![(x - reach, y), (x, y - reach), (x + reach, y), (x, y + reach)];
    scene.area(corners, color, 1.0);
}

/// A number of ours: a large dot with a rim.
pub(super) fn ours(scene: &mut Scene, at: Point) {
    scene.disc(at, 6.4, WHITE, 1.0);
    scene.disc(at, 4.8, OURS, 1.0);
}

/// A number of ours that leaves a question open: a ring.
pub(super) fn ours_open(scene: &mut Scene, at: Point) {
    ours(scene, at);
    scene.disc(at, 2.6, WHITE, 1.0);
}

/// A number of ours that refutes: a square.
pub(super) fn ours_against(scene: &mut Scene, (x, y): Point) {
    scene.area(box_of(x - 6.2, y - 6.2, x + 6.2, y + 6.2), WHITE, 1.0);
    scene.area(box_of(x - 4.6, y - 4.6, x + 4.6, y + 4.6), ALERT, 1.0);
}

/// A number of ours about which nothing can be said: a grey ring.
pub(super) fn ours_unknown(scene: &mut Scene, at: Point) {
    scene.disc(at, 6.4, WHITE, 1.0);
    scene.disc(at, 4.8, GREY, 1.0);
    scene.disc(at, 2.6, WHITE, 1.0);
}

/// A number of the paper: an upright stroke.
pub(super) fn paper(scene: &mut Scene, (x, y): Point) {
    upright(scene, (x, y), 8.5, Pen::solid(WHITE, 6.0));
    upright(scene, (x, y), 8.5, Pen::solid(INK, 3.2));
}

/// A mean of rounds that stand above each other: a level stroke.
pub(super) fn level_mean(scene: &mut Scene, (x, y): Point) {
    for pen in [Pen::solid(WHITE, 5.6), Pen::solid(INK, 3.0)] {
        scene.stroke(vec![(x - 9.0, y), (x + 9.0, y)], pen);
    }
}

/// An upright stroke.
pub(super) fn upright(scene: &mut Scene, (x, y): Point, reach: f64, pen: Pen) {
    scene.stroke(vec![(x, y - reach), (x, y + reach)], pen);
}

/// A level line with feet at its ends.
pub(super) fn whisker(scene: &mut Scene, (from, to): (f64, f64), y: f64, pen: Pen) {
    scene.stroke(vec![(from, y), (to, y)], pen);
    for x in [from, to] {
        upright(scene, (x, y), 4.0, pen);
    }
}

/// A small sample of a whisker, for legends.
pub(super) fn thin_interval(scene: &mut Scene, (x, y): Point) {
    whisker(scene, (x - 9.0, x + 9.0), y, THIN);
}

/// A small sample of a thick interval, for legends.
pub(super) fn thick_interval(scene: &mut Scene, (x, y): Point) {
    scene.stroke(vec![(x - 8.0, y), (x + 8.0, y)], THICK);
}

/// The pen of a wider interval.
pub(super) const THIN: Pen = Pen::solid(INK, 1.5);
/// The pen of a narrower interval.
pub(super) const THICK: Pen = Pen { alpha: 0.55, ..Pen::solid(OURS, 6.5) };

/// The box from the first to the third quartile, with the median and the farthest rounds within one and a half boxes of
/// it.
pub(super) fn quartiles(scene: &mut Scene, [low, first, median, third, high]: [f64; 5], y: f64) {
    let reach = 12.0;
    scene.area(box_of(first, y - reach, third, y + reach), OURS, 0.14);
    let edge = Pen::solid(GREY, 1.2);
    let corners = box_of(first, y - reach, third, y + reach);
    scene.stroke([corners.clone(), vec![corners[0]]].concat(), edge);
    for (from, to) in [(low, first), (third, high)] {
        scene.stroke(vec![(from, y), (to, y)], edge);
    }
    upright(scene, (low, y), 4.0, edge);
    upright(scene, (high, y), 4.0, edge);
    upright(scene, (median, y), reach, Pen::solid(INK, 2.6));
}

/// A small box, for legends.
pub(super) fn small_box(scene: &mut Scene, (x, y): Point) {
    let (left, right, reach) = (x - 7.0, x + 7.0, 6.5);
    scene.area(box_of(left, y - reach, right, y + reach), OURS, 0.14);
    let corners = box_of(left, y - reach, right, y + reach);
    scene.stroke([corners.clone(), vec![corners[0]]].concat(), Pen::solid(GREY, 1.2));
    upright(scene, (x, y), reach, Pen::solid(INK, 2.6));
}
