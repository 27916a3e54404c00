//! Every colour of a figure, and what the page shows in its place where it is dark.

/// Red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Color(pub u8, pub u8, pub u8);

/// Colours for series, from Okabe and Ito's palette, which colour-blind readers can tell apart.
pub(crate) const SERIES: [Color; 6] = [
    Color(0x00, 0x72, 0xB2),
    Color(0xD5, 0x5E, 0x00),
    Color(0x00, 0x9E, 0x73),
    Color(0xCC, 0x79, 0xA7),
    Color(0xE6, 0x9F, 0x00),
    Color(0x56, 0xB4, 0xE9),
];
/// Ours.
pub(crate) const OURS: Color = SERIES[0];
/// What needs attention.
pub(crate) const ALERT: Color = SERIES[1];
/// Text, axes, and marks that belong to no series.
pub(crate) const INK: Color = Color(0x22, 0x22, 0x22);
/// What should stay in the background but be readable.
pub(crate) const GREY: Color = Color(0x66, 0x66, 0x66);
/// Lines of a grid.
pub(crate) const GRID: Color = Color(0xE4, 0xE4, 0xE4);
/// The page, and rims around lines.
pub(crate) const WHITE: Color = Color(0xFF, 0xFF, 0xFF);
/// The text of a caveat.
pub(crate) const CAVEAT_INK: Color = Color(0x8F, 0x3F, 0x00);
/// What a caveat stands on.
pub(crate) const CAVEAT_PAPER: Color = Color(0xFD, 0xF0, 0xE2);
/// The smallest and the largest value of a heat map.
const HEAT: [Color; 2] = [Color(236, 243, 250), Color(8, 56, 104)];

/// The colour of a heat map for a share from 0 to 1.
pub(crate) fn heat(share: f64) -> Color {
    let mix = |of: fn(Color) -> u8| {
        let [from, to] = HEAT.map(|end| f64::from(of(end)));
        (from + share.clamp(0.0, 1.0) * (to - from)).round() as u8
    };
    Color(mix(|c| c.0), mix(|c| c.1), mix(|c| c.2))
}

/// The page's own colours that take the place of a figure's on it.
const ON_THE_PAGE: [(Color, &str); 9] = [
    (WHITE, "card"),
    (INK, "ink"),
    (GREY, "quiet"),
    (GRID, "line"),
    (SERIES[0], "blue"),
    (SERIES[1], "orange"),
    (SERIES[2], "green"),
    (CAVEAT_PAPER, "mixed-back"),
    (CAVEAT_INK, "mixed"),
];

/// Returns the rules by which figures on the page follow its colours; a caveat has no lines.
pub(crate) fn css() -> String {
    let mut rules = String::new();
    for (Color(red, green, blue), name) in ON_THE_PAGE {
        let lines = if name.starts_with("mixed") { &["fill"][..] } else { &["fill", "stroke"] };
        for property in lines {
            rules += &format!(
                "figure [{property}=\"#{red:02X}{green:02X}{blue:02X}\"] {{ {property}: var(--{name}); }}\n"
            );
        }
    }
    rules
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_a_heat_map_are_its_extremes() {
        assert_eq!([heat(-1.0), heat(0.0), heat(1.0), heat(2.0)], [HEAT[0], HEAT[0], HEAT[1], HEAT[1]]);
    }
}
