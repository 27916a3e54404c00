//! `ledger:`: where each setting of the spec comes from. Nothing here enters a run key.

use super::{
    grid::Grid,
    outputs::short_text,
    settings::{SETTINGS, Setting},
};
use crate::yaml::{
    decode::Decoder,
    kind::{Entry, Kind, Scalar, Section},
    near::suggest,
    node::Node,
    words::words,
};

words! {
    /// What a setting rests on.
    Basis {
        /// The paper says it.
        Paper = "paper",
        /// The authors' code says it.
        Code = "code",
        /// Neither does; it is our choice.
        Assumed = "assumed",
    }
}

/// `ledger:`.
pub(super) const LEDGER: Section = Section {
    name: "ledger",
    kind: Kind::Paths(&Kind::Map(ENTRY)),
    doc: "What each setting rests on; empty, or complete. A path also stands for every setting below it.",
    example: "ledger:
  data: {paper: \"§II.A\"}
  train: {code: \"train.py, line 40\"}
  architectures: {paper: \"Fig. 2\"}
  grid: {assumed: \"the usual values\"}
",
};

const ENTRY: &[Entry] = &[
    Entry::may("paper", Kind::Text("a line of text"), "", "Where the paper says it."),
    Entry::may("code", Kind::Text("a line of text"), "", "Where the authors' code says it."),
    Entry::may("assumed", Kind::Text("a line of text"), "", "Why it was assumed, where neither does."),
];

/// A setting, what it rests on, and the place or the reason.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct LedgerEntry {
    /// Path and value.
    pub setting: SettingValue,
    /// What it rests on.
    pub basis: Basis,
    /// Where the paper or the code says so, or why it was assumed.
    pub text: String,
}

/// A setting of a spec that can change an outcome.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct SettingValue {
    /// Path in the spec, such as `train.batch`.
    pub path: String,
    /// Its value for people.
    pub value: String,
}

/// Returns every setting that can change an outcome, with its values in the grid.
#[must_use]
pub fn settings(grid: &Grid) -> Vec<SettingValue> {
    let mut found = Vec::new();
    let names: Vec<String> = grid.architectures().collect();
    let (networks, others): (Vec<_>, Vec<_>) =
        SETTINGS.iter().filter(|s| s.key.is_some()).partition(|s| s.path.starts_with("architectures."));
    let (short, plain): (Vec<_>, Vec<_>) = others.into_iter().partition(|s| s.short().is_some());
    let mut tell = |path: String, setting: &Setting, values: Vec<Scalar>| {
        let told = |v: &&Scalar| **v != Scalar::Nothing && !(values.len() == 1 && setting.is_left_out(v));
        let words: Vec<String> = values.iter().filter(told).map(Scalar::to_string).collect();
        if !words.is_empty() {
            found.push(SettingValue { path, value: words.join(", ") });
        }
    };
    for setting in plain {
        tell(setting.path.to_owned(), setting, grid.base_values(setting));
    }
    for (name, setting) in names.iter().flat_map(|name| networks.iter().map(move |s| (name, *s))) {
        tell(setting.path.replacen("NAME", name, 1), setting, grid.network_values(name, setting));
    }
    for setting in short {
        let axis = grid.axis(setting.name()).map(|axis| grid.axes[axis].values.clone());
        tell(setting.path.to_owned(), setting, axis.unwrap_or_default());
    }
    found.push(SettingValue { path: "grid.seed".to_owned(), value: grid.seeds.to_string() });
    found
}

/// Reads `ledger:`, in which a path also stands for every setting below it.
pub(super) fn ledger(d: &mut Decoder, node: Option<&Node>, grid: &Grid) -> Vec<LedgerEntry> {
    let Some((node, entries)) = node.and_then(|n| Some((n, d.entries(n)?))) else { return Vec::new() };
    let settings = settings(grid);
    let mut read = Vec::new();
    let before = d.faults.len();
    for (key, node) in entries {
        if d.is_full() {
            return Vec::new();
        }
        if !settings.iter().any(|s| covers(&key.name, &s.path)) {
            let paths = settings.iter().map(|s| s.path.as_str());
            let paths: Vec<&str> =
                ["data", "train", "architectures", "grid"].into_iter().chain(paths).collect();
            let message = format!("{}: `{}` is no setting of this spec", "ledger", key.name);
            d.fault::<()>(&key.span, message, Some(suggest(&key.name, &paths)));
        }
        read.push((key.name.as_str(), entry(d, node)));
    }
    // What is missing may be meant by what has a fault.
    if d.faults.len() > before {
        return Vec::new();
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
    let fields = d.declared(node, ENTRY)?;
    let given: Vec<(Basis, &Node)> =
        Basis::WORDS.iter().filter_map(|(word, basis)| Some((*basis, fields.get(word)?))).collect();
    if given.is_empty() && fields.has_strange() {
        return None;
    }
    let [(basis, node)] = given[..] else {
        let message = format!("{}: an entry has one of `paper:`, `code:` and `assumed:`", node.path);
        return d.fault(&node.span, message, Some("write `{paper: \"§II.B\"}`".to_owned()));
    };
    let text = short_text(d, node)?;
    if text.trim().is_empty() {
        let message = format!("{}: this says nothing", node.path);
        return d.fault(&node.span, message, Some("say where, or why".to_owned()));
    }
    Some((basis, text))
}
