//! The embedded font: how wide text is, how it breaks into lines, and how an SVG carries it.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use ttf_parser::{Face, OutlineBuilder};

use crate::error::{Error, Result};

/// Size of all text but titles: 7.2 points when 500 pixels of the page fill a column of 8.5 cm.
pub(crate) const TEXT: f64 = 15.0;
/// Size of titles.
pub(crate) const TITLE: f64 = 17.0;
/// Fonts an SVG asks for, the embedded one first.
pub(crate) const FAMILY: &str = "replikat Roboto, Roboto, Helvetica, Arial, sans-serif";

const REGULAR: &[u8] = include_bytes!("fonts/Roboto-Regular.subset.ttf");
const BOLD: &[u8] = include_bytes!("fonts/Roboto-Bold.subset.ttf");
const ELLIPSIS: &str = "…";

/// How heavy letters are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    Regular,
    Bold,
}

/// Both weights of the embedded font.
pub(crate) struct Fonts {
    regular: Face<'static>,
    bold: Face<'static>,
}

impl Fonts {
    /// Reads the embedded font.
    pub(crate) fn load() -> Result<Self> {
        let face = |bytes| {
            Face::parse(bytes, 0).map_err(|e| Error::Figure(format!("the embedded font cannot be read: {e}")))
        };
        Ok(Self { regular: face(REGULAR)?, bold: face(BOLD)? })
    }

    fn face(&self, weight: Weight) -> &Face<'static> {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }

    /// Draws the outline of one character; `builder` makes what takes it, of the number of units of the font in an em.
    pub(crate) fn outline<B: OutlineBuilder>(
        &self,
        letter: char,
        weight: Weight,
        builder: impl FnOnce(f64) -> B,
    ) {
        let face = self.face(weight);
        let units = f64::from(face.units_per_em());
        // The glyph of characters that the font lacks is drawn too.
        face.outline_glyph(face.glyph_index(letter).unwrap_or_default(), &mut builder(units));
    }

    /// Whether it has a character; both weights have the same ones.
    pub(crate) fn has(&self, letter: char) -> bool {
        self.regular.glyph_index(letter).is_some()
    }

    /// How far one character moves the pen, in ems. A character the font lacks is taken to be square.
    pub(crate) fn advance(&self, letter: char, weight: Weight) -> f64 {
        let face = self.face(weight);
        let advance = face.glyph_index(letter).and_then(|id| face.glyph_hor_advance(id));
        advance.map_or(1.0, |units| f64::from(units) / f64::from(face.units_per_em()))
    }

    /// Width of one line of text.
    pub(crate) fn width(&self, text: &str, size: f64, weight: Weight) -> f64 {
        text.chars().map(|letter| self.advance(letter, weight) * size).sum()
    }

    /// Breaks text into at most `most` lines no wider than `room`; what does not fit ends in an ellipsis.
    pub(crate) fn wrap(&self, text: &str, size: f64, weight: Weight, room: f64, most: usize) -> Vec<String> {
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
            lines.push(if last { Self::without_middle(rest, line, fits) } else { line.to_owned() });
            rest = rest[end..].trim_start();
        }
        lines
    }
    /// Cuts a text in its middle, since names often differ at their ends; `line` is as much of its beginning as has room.
    fn without_middle(text: &str, line: &str, fits: impl Fn(&str) -> bool) -> String {
        let letters: Vec<char> = text.chars().collect();
        for kept in (2..=line.chars().count()).rev() {
            let (begin, end) = (kept - kept / 2, kept / 2);
            let head: String = letters[..begin].iter().collect();
            let tail: String = letters[letters.len() - end..].iter().collect();
            let short = format!("{}{ELLIPSIS}{}", head.trim_end(), tail.trim_start());
            if fits(&short) {
                return short;
            }
        }
        format!("{line}{ELLIPSIS}")
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
pub(crate) fn clean(text: &str) -> String {
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
pub(crate) fn css() -> String {
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
pub(crate) fn base64(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert!(lines[2].contains('…') && lines[2].ends_with("goes on"), "{lines:?}");
        assert!(lines.iter().all(|line| fonts.width(line, TEXT, Weight::Regular) <= 180.0), "{lines:?}");
        assert_eq!(
            fonts.wrap("WV", TEXT, Weight::Bold, 1.0, 2),
            ["W", "V…"],
            "no room at all still shows something"
        );
        assert!(fonts.wrap("   ", TEXT, Weight::Bold, 100.0, 2).is_empty());
    }
}
