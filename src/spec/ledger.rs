//! `ledger:`: where each setting of the spec comes from. Nothing here enters a run key.

use serde::Serialize;

use super::{Architecture, DataSpec, Draw, Grid, Layer, Pairs, Scale, Spec, TrainSpec, Vary};
use crate::yaml::{
    decode::{Decoder, suggest},
    node::Node,
};

/// What a setting rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Basis {
    /// The paper says it.
    Paper,
    /// The authors' code says it.
    Code,
    /// Neither does; it is our choice.
    Assumed,
}

impl Basis {
    /// Every value with its word in specs and reports.
    pub const WORDS: &[(&str, Self)] =
        &[("paper", Self::Paper), ("code", Self::Code), ("assumed", Self::Assumed)];

    /// Returns its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Paper => "paper",
            Self::Code => "code",
            Self::Assumed => "assumed",
        }
    }
}

/// A setting, what it rests on, and the place or the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LedgerEntry {
    /// Path and value.
    pub setting: Setting,
    /// What it rests on.
    pub basis: Basis,
    /// Where the paper or the code says so, or why it was assumed.
    pub text: String,
}

/// A setting of a spec that can change an outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Setting {
    /// Path in the spec, such as `train.batch`.
    pub path: String,
    /// Its value for people.
    pub value: String,
}

/// Returns every setting of a spec; a new field of the spec does not compile until it is dealt with here.
#[must_use]
pub fn settings(spec: &Spec) -> Vec<Setting> {
    let DataSpec { source, otherwise: _, pairs, scale } = &spec.data;
    let Pairs { train, test, draw } = pairs;
    let TrainSpec { epochs, batch, shuffle, optimizer, evaluate_every } = &spec.train;
    let Grid { architecture, lr, dropout, vary, seed_from, seed_count } = &spec.grid;
    let draw = match draw {
        Draw::Fixed => "fixed",
        Draw::PerRound => "per-round",
    };
    let scale = match scale {
        Scale::Raw => "raw",
        Scale::Unit => "unit",
        Scale::Standard => "standard",
    };
    let mut found = vec![
        ("data.source".to_owned(), source.word().to_owned()),
        ("data.pairs.train".to_owned(), train.to_string()),
        ("data.pairs.test".to_owned(), test.to_string()),
        ("data.pairs.draw".to_owned(), draw.to_owned()),
        ("data.scale".to_owned(), scale.to_owned()),
        ("train.epochs".to_owned(), epochs.to_string()),
        ("train.batch".to_owned(), batch.to_string()),
        ("train.shuffle".to_owned(), shuffle.to_string()),
        ("train.loss".to_owned(), "nll".to_owned()),
        ("train.evaluate_every".to_owned(), evaluate_every.to_string()),
    ];
    let of_optimizer = optimizer.settings().into_iter();
    found.splice(8..8, of_optimizer.map(|(path, value)| (format!("train.optimizer.{path}"), value)));
    for name in architecture {
        let path = format!("architectures.{name}");
        found.extend(
            network(&spec.architectures[name]).map(|(part, value)| (format!("{path}.{part}"), value)),
        );
    }
    let list = |values: &[f64]| values.iter().map(f64::to_string).collect::<Vec<_>>().join(", ");
    found.push(("grid.lr".to_owned(), list(lr)));
    found.push(("grid.dropout".to_owned(), list(dropout)));
    if !matches!(vary[..], [Vary::All]) {
        let words: Vec<&str> = vary.iter().map(|v| v.word()).collect();
        found.push(("grid.vary".to_owned(), words.join(", ")));
    }
    found.push(("grid.seed".to_owned(), format!("{seed_count} from {seed_from} on")));
    found.into_iter().map(|(path, value)| Setting { path, value }).collect()
}

/// Returns the settings of a network; the layers count as one each.
fn network(architecture: &Architecture) -> impl Iterator<Item = (&'static str, String)> {
    let weights: usize = architecture.parameters().iter().map(|p| p.shape.iter().product::<usize>()).sum();
    let layers = |layers: &[Layer]| format!("{} layers", layers.len());
    match architecture {
        Architecture::Pair(pair) => vec![("pair", format!("{}, {weights} weights in all", layers(pair)))],
        Architecture::Each { each, share, digit_loss, then } => vec![
            ("each", format!("{}, {weights} weights in all", layers(each))),
            ("share", share.to_string()),
            ("digits.loss_weight", digit_loss.map_or("none".to_owned(), |w| w.to_string())),
            ("then", layers(then)),
        ],
    }
    .into_iter()
}

/// Reads `ledger:`, in which a path also stands for every setting below it.
pub(super) fn ledger(d: &mut Decoder, node: Option<&Node>, spec: &Spec) -> Vec<LedgerEntry> {
    let Some((node, entries)) = node.and_then(|n| Some((n, d.entries(n)?))) else { return Vec::new() };
    let settings = settings(spec);
    let mut read = Vec::new();
    for (key, node) in entries {
        if !settings.iter().any(|s| covers(&key.name, &s.path)) {
            let paths: Vec<&str> = settings.iter().map(|s| s.path.as_str()).collect();
            let message = format!("{}: `{}` is no setting of this spec", "ledger", key.name);
            d.fault::<()>(&key.span, message, Some(suggest(&key.name, &paths)));
        }
        read.push((key.name.as_str(), entry(d, node)));
    }
    let mut found = Vec::new();
    for setting in settings {
        // The longest path is the most particular one.
        let nearest =
            read.iter().filter(|(path, _)| covers(path, &setting.path)).max_by_key(|(path, _)| path.len());
        match nearest {
            Some((_, Some((basis, text)))) => {
                found.push(LedgerEntry { setting, basis: *basis, text: text.clone() });
            }
            Some((_, None)) => {}
            None => {
                let message = format!("ledger: `{}` has no entry", setting.path);
                let help = format!(
                    "add `{}: {{paper: \"§…\"}}`, or `code:` or `assumed:` with the reason",
                    setting.path
                );
                d.fault::<()>(&node.span, message, Some(help));
            }
        }
    }
    found
}

/// Says whether `path` is `setting` or stands above it.
fn covers(path: &str, setting: &str) -> bool {
    setting.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Reads `{paper: "§II.B"}`.
fn entry(d: &mut Decoder, node: &Node) -> Option<(Basis, String)> {
    let known: Vec<&str> = Basis::WORDS.iter().map(|(word, _)| *word).collect();
    let fields = d.fields(node, &known)?;
    let given: Vec<(Basis, &Node)> =
        Basis::WORDS.iter().filter_map(|(word, basis)| Some((*basis, fields.get(word)?))).collect();
    let [(basis, node)] = given[..] else {
        let message = format!("{}: an entry has one of `paper:`, `code:` and `assumed:`", node.path);
        return d.fault(&node.span, message, Some("write `{paper: \"§II.B\"}`".to_owned()));
    };
    let text = super::outputs::short_text(d, node)?;
    if text.trim().is_empty() {
        let message = format!("{}: this says nothing", node.path);
        return d.fault(&node.span, message, Some("say where, or why".to_owned()));
    }
    Some((basis, text))
}
