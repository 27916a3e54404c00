//! What curves are drawn of.

/// One set of axes: x are epochs.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Panel {
    /// What y is, with its unit.
    pub y_label: String,
    /// Whether y is on a scale from 0 to 100, and thus always shown in full.
    pub percent: bool,
    /// A value to compare with, and what it is.
    pub reference: Option<(String, f64)>,
    /// The quantities shown.
    pub series: Vec<Series>,
}

/// One quantity over the epochs: mean over the rounds, its band, and each round.
///
/// Points whose coordinates are not finite are left out, and the line has a gap there.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Series {
    /// What the quantity is; the same name has the same colour in every panel.
    pub name: String,
    /// Epoch and mean.
    pub mean: Vec<(f64, f64)>,
    /// Epoch, and the band's lower and upper end.
    pub band: Vec<(f64, f64, f64)>,
    /// Epoch and value, for each round.
    pub rounds: Vec<Vec<(f64, f64)>>,
    /// Indices of the collapsed ones.
    pub collapsed: Vec<usize>,
}
