//! The embedded font: how wide text is, how it breaks into lines, and how an SVG carries it.

use ab_glyph::{Font, FontRef, GlyphId};

use super::FigureError;

/// Size of all text but titles: 7.2 points when 500 pixels of the page fill a column of 8.5 cm.
pub(super) const TEXT: f64 = 15.0;
/// Size of titles.
pub(super) const TITLE: f64 = 17.0;
/// Fonts an SVG asks for, the embedded one first.
pub(super) const FAMILY: &str = "replikat Roboto, Roboto, Helvetica, Arial, sans-serif";

const REGULAR: &[u8] = include_bytes!("fonts/Roboto-Regular.subset.ttf");
const BOLD: &[u8] = include_bytes!("fonts/Roboto-Bold.subset.ttf");
const ELLIPSIS: &str = "…";

/// How heavy letters are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    Bold,
}

/// Both weights of the embedded font.
pub(super) struct Fonts {
    regular: FontRef<'static>,
    bold: FontRef<'static>,
}

impl Fonts {
    /// Reads the embedded font.
    pub(super) fn load() -> Result<Self, FigureError> {
        Ok(Self { regular: FontRef::try_from_slice(REGULAR)?, bold: FontRef::try_from_slice(BOLD)? })
    }

    /// The font of one weight.
    pub(super) fn font(&self, weight: Weight) -> &FontRef<'static> {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }

    /// How far one character moves the pen, in ems. A character the font lacks is taken to be square.
    pub(super) fn advance(&self, letter: char, weight: Weight) -> f64 {
        let font = self.font(weight);
        let id = font.glyph_id(letter);
        if id == GlyphId(0) {
            return 1.0;
        }
        f64::from(font.h_advance_unscaled(id)) / f64::from(font.units_per_em().unwrap_or(2048.0))
    }

    /// Width of one line of text.
    pub(super) fn width(&self, text: &str, size: f64, weight: Weight) -> f64 {
        text.chars().map(|letter| self.advance(letter, weight) * size).sum()
    }

    /// Breaks text into at most `most` lines no wider than `room`; what does not fit ends in an ellipsis.
    pub(super) fn wrap(&self, text: &str, size: f64, weight: Weight, room: f64, most: usize) -> Vec<String> {
        let fits = |line: &str| self.width(line, size, weight) <= room;
        let text = clean(text);
        let mut lines: Vec<String> = Vec::new();
        let mut rest = text.as_str();
        while !rest.is_empty() && lines.len() < most {
            if fits(rest) {
                lines.push(rest.to_owned());
                return lines;
            }
            let last = lines.len() + 1 == most;
            let end = break_at(
                rest,
                |line| if last { fits(&format!("{line}{ELLIPSIS}")) } else { fits(line) },
                !last,
            );
            let line = rest[..end].trim_end();
            lines.push(if last { format!("{line}{ELLIPSIS}") } else { line.to_owned() });
            rest = rest[end..].trim_start();
        }
        lines
    }
}

/// Where to break `text` so that what comes before fits: after a word if `words` and that leaves a third of a line or more,
/// else anywhere. At least one character is taken.
fn break_at(text: &str, fits: impl Fn(&str) -> bool, words: bool) -> usize {
    let ends = || text.char_indices().map(|(start, letter)| (start + letter.len_utf8(), letter));
    let first = ends().next().map_or(0, |(end, _)| end);
    let longest = ends().map(|(end, _)| end).take_while(|end| fits(&text[..*end])).last().unwrap_or(first);
    if !words || text[longest..].starts_with(' ') {
        return longest;
    }
    let after_word = |(end, letter): &(usize, char)| {
        *end <= longest && matches!(letter, ' ' | '-' | '/' | '_' | ',' | '+')
    };
    let word = ends().rfind(after_word);
    word.map(|(end, _)| end).filter(|end| 3 * end >= longest).unwrap_or(longest)
}

/// Makes text fit for one line of any format: no control or direction marks, no doubled spaces.
pub(super) fn clean(text: &str) -> String {
    let shown = |letter: &char| {
        !matches!(letter, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
            && !matches!(u32::from(*letter) & 0xFFFF, 0xFFFE | 0xFFFF)
            && !matches!(letter, '\u{FDD0}'..='\u{FDEF}')
    };
    let plain: String =
        text.chars().filter(shown).map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The style sheet that brings the font along.
pub(in crate::report) fn css() -> String {
    let face = |weight: u32, bytes: &[u8]| {
        format!(
            "@font-face{{font-family:'replikat Roboto';font-weight:{weight};\
             src:url(data:font/ttf;base64,{}) format('truetype')}}\n",
            base64(bytes)
        )
    };
    face(400, REGULAR) + &face(700, BOLD)
}

/// Bytes as base64, with padding.
pub(in crate::report) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for part in bytes.chunks(3) {
        let bits =
            (0..3).fold(0, |bits, place| bits << 8 | usize::from(part.get(place).copied().unwrap_or(0)));
        for place in 0..4 {
            let digit = DIGITS[bits >> (18 - 6 * place) & 63];
            text.push(if place <= part.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_pads_like_everyone_else() {
        assert_eq!(
            ["", "f", "fo", "foo", "foob"].map(|text| base64(text.as_bytes())),
            ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg=="]
        );
    }

    #[test]
    fn cleaning_drops_what_xml_forbids() {
        assert_eq!(clean("a\0b\u{1b}[1m\n\n c\u{202e}d\u{ffff} <&>"), "a b [1m cd <&>");
    }

    #[test]
    fn every_line_fits_and_the_cut_shows() {
        let fonts = Fonts::load().unwrap();
        let long =
            "a rather long name of a configuration, with_underscores and 日本語 and Ünïcode, that goes on";
        let lines = fonts.wrap(long, TEXT, Weight::Regular, 180.0, 3);
        assert_eq!(lines.len(), 3);
        assert!(lines[2].ends_with('…'));
        assert!(lines.iter().all(|line| fonts.width(line, TEXT, Weight::Regular) <= 180.0), "{lines:?}");
        assert_eq!(
            fonts.wrap("WV", TEXT, Weight::Bold, 1.0, 2),
            ["W", "V…"],
            "no room at all still shows something"
        );
        assert!(fonts.wrap("   ", TEXT, Weight::Bold, 100.0, 2).is_empty());
    }
}
