//! Lines of text for a terminal: pieces that have a tone, wrapped at words.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How a piece of a line is meant; what it looks like is the terminal's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// Nothing special.
    #[default]
    Plain,
    /// Has weight.
    Strong,
    /// It came out.
    Good,
    /// Nothing speaks against it.
    Fair,
    /// It is half true.
    Mixed,
    /// It is not known.
    Open,
    /// It did not come out.
    Bad,
    /// Of our own program, not of the paper.
    Own,
    /// What has to be known before all else is read.
    Caveat,
    /// Of less weight.
    Faint,
}

/// A part of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The text, without a line's end.
    pub text: String,
    /// How it is meant.
    pub tone: Tone,
}

/// A line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line(pub Vec<Piece>);

/// Columns by which what follows a break stands further to the right.
const HANG: usize = 2;

impl Line {
    /// Returns a line of one tone.
    #[must_use]
    pub fn of(tone: Tone, text: impl Into<String>) -> Self {
        Self(vec![Piece { text: text.into(), tone }])
    }

    /// Returns a line of no special tone.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self::of(Tone::Plain, text)
    }

    /// Returns it with another piece.
    #[must_use]
    pub fn and(mut self, tone: Tone, text: impl Into<String>) -> Self {
        self.0.push(Piece { text: text.into(), tone });
        self
    }

    /// Returns its text.
    #[must_use]
    pub fn text(&self) -> String {
        self.0.iter().map(|piece| piece.text.as_str()).collect()
    }

    /// Returns the columns that it takes.
    #[must_use]
    pub fn width(&self) -> usize {
        self.0.iter().map(|piece| piece.text.width()).sum()
    }

    /// Returns it in lines of at most `width` columns, broken at spaces, the later ones indented. What stands in
    /// backticks is not broken, so that it can be copied, nor is a word; either may be wider.
    #[must_use]
    pub fn wrapped(self, width: usize) -> Vec<Self> {
        self.broken(width, HANG)
    }

    /// Breaks it as [`Line::wrapped`] does; later lines stand `hang` columns further to the right.
    fn broken(self, width: usize, hang: usize) -> Vec<Self> {
        if self.width() <= width {
            return vec![self];
        }
        let letters: Vec<(char, Tone)> =
            self.0.iter().flat_map(|piece| piece.text.chars().map(|c| (c, piece.tone))).collect();
        let begin = letters.iter().take_while(|(c, _)| *c == ' ').count();
        let indent = (begin + hang).min(width / 2);
        let mut lines: Vec<Vec<(char, Tone)>> = vec![letters[..begin].to_vec()];
        let mut filled = begin;
        for (space, word) in words(&letters[begin..]) {
            let taken: usize = word.iter().map(|(c, _)| c.width().unwrap_or(0)).sum();
            let last = lines.len() - 1;
            let blank = lines[last].iter().all(|(c, _)| *c == ' ');
            if blank || filled + space.len() + taken <= width {
                lines[last].extend(space);
                filled += space.len() + taken;
                lines[last].extend(word);
            } else {
                filled = indent + taken;
                lines.push([&vec![(' ', Tone::Plain); indent][..], word].concat());
            }
        }
        lines.into_iter().map(|letters| Self::joined(&letters)).collect()
    }

    fn joined(letters: &[(char, Tone)]) -> Self {
        let mut line = Self::default();
        for (letter, tone) in letters {
            match line.0.last_mut() {
                Some(piece) if piece.tone == *tone => piece.text.push(*letter),
                _ => line.0.push(Piece { text: letter.to_string(), tone: *tone }),
            }
        }
        line
    }
}

type Letters<'a> = &'a [(char, Tone)];

/// Returns the words, each with the spaces before it; what stands in backticks is one word.
fn words(letters: Letters<'_>) -> Vec<(Letters<'_>, Letters<'_>)> {
    let mut ticks = letters.iter().filter(|(c, _)| *c == '`').count();
    let (mut found, mut at) = (Vec::new(), 0);
    while at < letters.len() {
        let space = letters[at..].iter().take_while(|(c, _)| *c == ' ').count();
        let begin = at + space;
        let (mut end, mut inside) = (begin, false);
        while end < letters.len() && (inside || letters[end].0 != ' ') {
            if letters[end].0 == '`' {
                // The last of an odd number begins nothing.
                inside = !inside && ticks > 1;
                ticks -= 1;
            }
            end += 1;
        }
        if begin < letters.len() {
            found.push((&letters[at..begin], &letters[begin..end]));
        }
        at = end.max(begin);
    }
    found
}

/// Returns a text in rows of at most `width` columns, as [`Line::wrapped`], but longer words are cut where they must be.
#[must_use]
pub fn folded(text: &str, width: usize) -> Vec<String> {
    cut(Line::plain(text).wrapped(width), width)
}

/// Returns the name of a column in rows of at most `width` columns, as [`folded`] does, none of them indented.
#[must_use]
pub fn folded_head(text: &str, width: usize) -> Vec<String> {
    cut(Line::plain(text).broken(width, 0), width)
}

fn cut(lines: Vec<Line>, width: usize) -> Vec<String> {
    let mut rows = Vec::new();
    for line in lines {
        let mut row = String::new();
        for letter in line.text().chars() {
            if row.width() + letter.width().unwrap_or(0) > width && !row.trim().is_empty() {
                rows.push(std::mem::take(&mut row));
            }
            row.push(letter);
        }
        rows.push(row);
    }
    rows
}

/// Returns a number with its word: `1 run`, `2 runs`, `2 processes`.
#[must_use]
pub fn counted(count: usize, word: &str) -> String {
    let more = if word.ends_with('s') { "es" } else { "s" };
    format!("{count} {word}{}", if count == 1 { "" } else { more })
}

/// Names seeds: `seed 4`, `seeds 0 to 9`, or the first of many with how many more there are.
#[must_use]
pub fn seeds(all: &[u64]) -> String {
    const NAMED: usize = 6;
    match all {
        [] => "no seed".to_owned(),
        [only] => format!("seed {only}"),
        [first, .., last] if last.checked_sub(*first) == Some(all.len() as u64 - 1) => {
            format!("seeds {first} to {last}")
        }
        _ => {
            let all: Vec<String> = all.iter().map(u64::to_string).collect();
            format!("seeds {}", some_of(&all, NAMED))
        }
    }
}

/// Lists names, of many the first `named` ones and how many more there are.
#[must_use]
pub fn some_of(names: &[impl AsRef<str>], named: usize) -> String {
    let shown: Vec<&str> = names.iter().take(named).map(AsRef::as_ref).collect();
    let more = names.len().saturating_sub(named);
    shown.join(", ") + &if more > 0 { format!(" and {more} more") } else { String::new() }
}

/// Names runs such as `net seed 3`, neighbours of one config together: `net seeds 0 to 3; net, lr 0.1 seed 4`. Of many
/// configs the first `named` ones are named, and how many more there are.
#[must_use]
pub fn runs(names: &[String], named: usize) -> String {
    let mut configs: Vec<(&str, Vec<u64>)> = Vec::new();
    for name in names {
        let parts = name.rsplit_once(" seed ").and_then(|(config, seed)| Some((config, seed.parse().ok()?)));
        match (parts, configs.last_mut()) {
            (Some((config, seed)), Some((last, seeds))) if *last == config => seeds.push(seed),
            (Some((config, seed)), _) => configs.push((config, vec![seed])),
            (None, _) => configs.push((name, Vec::new())),
        }
    }
    let one = |(config, of): &(&str, Vec<u64>)| {
        if of.is_empty() { (*config).to_owned() } else { format!("{config} {}", seeds(of)) }
    };
    let shown: Vec<String> = configs.iter().take(named).map(one).collect();
    let more = configs.len().saturating_sub(named);
    let more = if more > 0 { format!("; and of {}", counted(more, "more config")) } else { String::new() };
    shown.join("; ") + &more
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_a_config_are_named_by_their_seeds() {
        let names = ["a, lr 1 seed 3", "a, lr 1 seed 4", "a, lr 1 seed 5", "b seed 3", "b seed 9", "else"];
        let names = names.map(str::to_owned);
        assert_eq!(runs(&names, 5), "a, lr 1 seeds 3 to 5; b seeds 3, 9; else");
        assert_eq!(runs(&names, 2), "a, lr 1 seeds 3 to 5; b seeds 3, 9; and of 1 more config");
        assert_eq!(counted(1, "process") + &counted(2, "process"), "1 process2 processes");
    }

    fn wrapped(text: &str, width: usize) -> Vec<String> {
        Line::plain(text).wrapped(width).iter().map(Line::text).collect()
    }

    #[test]
    fn lines_break_at_spaces_and_later_ones_are_indented() {
        assert_eq!(wrapped("short", 10), ["short"]);
        assert_eq!(wrapped("note: one two three", 12), ["note: one", "  two three"]);
        assert_eq!(wrapped("  a  aligned b c", 12), ["  a  aligned", "    b c"]);
        assert_eq!(wrapped("averylongword and more", 8), ["averylongword", "  and", "  more"]);
        assert_eq!(wrapped("网络 网络 网络", 9), ["网络 网络", "  网络"], "some letters take two columns");
    }

    #[test]
    fn what_stands_in_backticks_stays_whole() {
        assert_eq!(wrapped("try `run a b` or `go` now", 14), ["try `run a b`", "  or `go` now"]);
        assert_eq!(
            wrapped("a single ` is no quote at all", 12),
            ["a single `", "  is no", "  quote at", "  all"]
        );
    }

    #[test]
    fn a_tone_goes_with_its_words() {
        let line = Line::plain("it is ").and(Tone::Bad, "NOT REPLICATED").and(Tone::Plain, ", alas");
        let lines = line.wrapped(11);
        assert_eq!(
            lines.iter().map(Line::text).collect::<Vec<_>>(),
            ["it is NOT", "  REPLICATED,", "  alas"]
        );
        assert!(lines[1].0.iter().any(|piece| piece.tone == Tone::Bad && piece.text == "REPLICATED"));
    }

    #[test]
    fn a_word_that_has_no_room_is_cut_and_nothing_of_it_is_lost() {
        assert_eq!(folded("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(folded("", 4), [""]);
    }

    #[test]
    fn seeds_in_a_row_are_named_by_their_ends() {
        assert_eq!(seeds(&[4]), "seed 4");
        assert_eq!(seeds(&[3, 4]), "seeds 3 to 4");
        assert_eq!(seeds(&[3, 5]), "seeds 3, 5");
        assert_eq!(seeds(&[0, 1, 2]), "seeds 0 to 2");
        assert_eq!(seeds(&[1, 3, 5, 7, 9, 11, 13, 15]), "seeds 1, 3, 5, 7, 9, 11 and 2 more");
    }
}
