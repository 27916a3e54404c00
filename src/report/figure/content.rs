//! What figures of every kind say.

/// A figure, before it is laid out; `B` is what only its kind has.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Figure<B> {
    /// The line above everything.
    pub title: String,
    /// A warning to show under the title.
    pub caveat: Option<String>,
    /// What the values are, with their unit.
    pub label: String,
    /// Whether values are on a scale from 0 to 100.
    pub percent: bool,
    /// What makes a round collapsed, in words.
    pub rule: String,
    /// What there is to draw.
    pub body: B,
}

impl<B> Figure<B> {
    /// Adds a warning, if there is one.
    pub(crate) fn warning(mut self, warning: Option<String>) -> Self {
        let all: Vec<String> = self.caveat.into_iter().chain(warning).collect();
        self.caveat = Some(all.join("; ")).filter(|text| !text.is_empty());
        self
    }
}
