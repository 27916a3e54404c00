//! A number of the paper and ours on one small scale from 0 to 100 %.

use crate::verdict::NumberVerdict;

const WIDTH: f64 = 180.0;

/// Returns the strip: where numbers of the paper are expected, the interval of ours, ours and the paper's.
pub(super) fn strip(cell: &NumberVerdict) -> String {
    let at = |v: f64| 2.0 + (WIDTH - 4.0) * v.clamp(0.0, 100.0) / 100.0;
    let bar = |[low, high]: [f64; 2], class: &str, top: f64, height: f64| {
        format!(
            "<rect class=\"{class}\" x=\"{:.1}\" y=\"{top}\" width=\"{:.1}\" height=\"{height}\"/>",
            at(low),
            (at(high) - at(low)).max(1.0)
        )
    };
    let mut marks = format!("<path class=\"s-axis\" d=\"M2 10H{:.1}\"/>", WIDTH - 2.0);
    marks += &cell.envelope.as_ref().map_or(String::new(), |e| bar(e.interval, "s-band", 3.0, 14.0));
    marks += &cell.interval.map_or(String::new(), |i| bar(i, "s-ours", 8.0, 4.0));
    marks += &cell.ours.map_or(String::new(), |v| {
        format!("<circle class=\"s-ours\" cx=\"{:.1}\" cy=\"10\" r=\"4\"/>", at(v))
    });
    let paper = at(cell.claim.value);
    marks += &format!("<path class=\"s-paper\" d=\"M{paper:.1} 1V19\"/>");
    format!(
        "<svg class=\"strip\" viewBox=\"0 0 {WIDTH} 20\" width=\"{WIDTH}\" height=\"20\" aria-hidden=\"true\">{marks}</svg>"
    )
}

/// Returns the key to the strips.
pub(super) fn key() -> String {
    let mark = |marks: &str, name: &str| {
        format!(
            "<li><svg viewBox=\"0 0 24 20\" width=\"24\" height=\"20\" aria-hidden=\"true\">{marks}</svg> {name}</li>\n"
        )
    };
    format!(
        "<ul class=\"key\" aria-label=\"Marks of the strips\">\n{}{}{}</ul>\n",
        mark("<path class=\"s-paper\" d=\"M12 1V19\"/>", "the paper's number"),
        mark(
            "<rect class=\"s-ours\" x=\"2\" y=\"8\" width=\"20\" height=\"4\"/><circle class=\"s-ours\" cx=\"12\" cy=\"10\" r=\"4\"/>",
            "ours, with its 95 % interval"
        ),
        mark(
            "<rect class=\"s-band\" x=\"2\" y=\"3\" width=\"20\" height=\"14\"/>",
            "where the paper's number is expected, if its rounds are like ours"
        )
    )
}
