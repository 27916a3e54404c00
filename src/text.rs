//! Characters that show a text as something else than it is.

/// Says whether a character turns the direction of the line that it stands in, invisibly.
#[must_use]
pub fn turns(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
