//! Cutting off what lies above or below the axes.

use super::scene::Point;

/// The parts of a line between two heights.
pub(super) fn line(points: &[Point], top: f64, bottom: f64) -> Vec<Vec<Point>> {
    if let [only] = points {
        return if (top..=bottom).contains(&only.1) { vec![vec![*only]] } else { Vec::new() };
    }
    let mut parts: Vec<Vec<Point>> = Vec::new();
    for pair in points.windows(2) {
        let Some((from, to)) = segment(pair[0], pair[1], top, bottom) else { continue };
        match parts.last_mut() {
            Some(part) if part.last() == Some(&from) => part.push(to),
            _ => parts.push(vec![from, to]),
        }
    }
    parts
}

/// The part of a straight line between two heights.
fn segment(a: Point, b: Point, top: f64, bottom: f64) -> Option<(Point, Point)> {
    if a.1.max(b.1) < top || a.1.min(b.1) > bottom {
        return None;
    }
    let pulled = |point: Point| {
        let height = point.1.clamp(top, bottom);
        if height.total_cmp(&point.1).is_eq() { point } else { crossing(a, b, height) }
    };
    Some((pulled(a), pulled(b)))
}

/// The part of a polygon between two heights.
pub(super) fn area(corners: &[Point], top: f64, bottom: f64) -> Vec<Point> {
    let below_top = half(corners, top, |y| y >= top);
    half(&below_top, bottom, |y| y <= bottom)
}

/// The part of a polygon on one side of a height.
fn half(corners: &[Point], height: f64, inside: impl Fn(f64) -> bool) -> Vec<Point> {
    let mut kept = Vec::new();
    for (a, b) in corners.iter().zip(corners.iter().cycle().skip(1)) {
        if inside(a.1) {
            kept.push(*a);
        }
        if inside(a.1) != inside(b.1) {
            kept.push(crossing(*a, *b, height));
        }
    }
    kept
}

/// Where the line through two points has a height.
fn crossing(a: Point, b: Point, height: f64) -> Point {
    (a.0 + (height - a.1) / (b.1 - a.1) * (b.0 - a.0), height)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_leaves_and_comes_back() {
        let points = [(0.0, 5.0), (1.0, 5.0), (2.0, -5.0), (3.0, 5.0), (4.0, 20.0)];
        let parts = line(&points, 0.0, 10.0);
        assert_eq!(parts.len(), 2);
        assert_eq!(parts[0], [(0.0, 5.0), (1.0, 5.0), (1.5, 0.0)]);
        assert_eq!(parts[1][0], (2.5, 0.0));
        assert_eq!(parts[1].len(), 3);
        assert!((parts[1][2].1 - 10.0).abs() < 1e-12);
    }

    #[test]
    fn what_is_all_outside_is_gone() {
        assert!(line(&[(0.0, -5.0), (1.0, -1.0)], 0.0, 10.0).is_empty());
        assert!(line(&[(0.0, -5.0)], 0.0, 10.0).is_empty());
        assert!(area(&[(0.0, -5.0), (1.0, -1.0), (2.0, -3.0)], 0.0, 10.0).is_empty());
    }

    #[test]
    fn a_polygon_is_cut_along_both_edges() {
        let cut = area(&[(0.0, -10.0), (10.0, -10.0), (10.0, 20.0), (0.0, 20.0)], 0.0, 10.0);
        assert_eq!(cut, [(10.0, 0.0), (10.0, 10.0), (0.0, 10.0), (0.0, 0.0)]);
    }
}
