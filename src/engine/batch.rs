//! What a network says about a batch.

/// Losses of some pairs and how many answers were correct.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BatchResult {
    /// Loss of the comparison of each pair.
    pub losses: Vec<f32>,
    /// Pairs that were compared correctly.
    pub correct: usize,
    /// Loss of each digit, the first ones of all pairs before the second ones, and how many were
    /// classified correctly; if the network scores digits.
    pub digits: Option<(Vec<f32>, usize)>,
}
