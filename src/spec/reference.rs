//! The reference of a spec, made of the declarations that decode it.

use super::{claims, figures, ledger, outputs, paper, settings::SETTINGS, sweep, tables};
use crate::{
    model::Layer,
    yaml::kind::{Entry, Kind, Section},
};

/// The sections beside `experiment`, `data`, `train`, `architectures` and `grid`.
pub(super) const SECTIONS: [&Section; 6] =
    [&paper::PAPER, &tables::TABLES, &figures::FIGURES, &outputs::EXPECT, &claims::CLAIMS, &ledger::LEDGER];

const HEAD: &str = "# The spec

A spec is one YAML file: what is trained, and what is told of it. Its sections are below, each with what may
be written, what holds if it is left out, and an example. `replikat schema` prints the same as a JSON
Schema, with which editors complete and check specs. This page is made of the program's own declarations by
`replikat schema --markdown`; a test holds both equal.

Every fault is shown with its line and a remedy: the first four, or all with `--all-faults`. A section whose
name begins with `x-` is not read; it is a place for anchors (`x-base: &base {…}`, then `<<: *base`). A value
can be replaced on the command line: `--set train.batch=64`, `--set \"grid.lr=[0.1, 0.2]\"`,
`--set \"architectures.net.pair[0].conv=5\"`.

```yaml
experiment: my-paper
title: Does weight sharing help?
```

`experiment` names the folders of results and reports: letters, digits, `-`, `_` and `.`, at most 64. `title`,
one line that says what is asked, stands at the top of the page; it may be left out.
";

const TASK: &str = "```yaml
task: digit-pairs
```
";

const DATA: &str = "```yaml
data: {source: mnist, otherwise: glyphs, pairs: {train: 1000, test: 1000, draw: fixed}, scale: unit}
```
";

const TRAIN: &str = "```yaml
train: {epochs: 25, batch: 16, optimizer: {sgd: {momentum: 0.5}}}
```
";

const ARCHITECTURES: &str =
    "A network is a list of layers for the pair of images, or one for each image and one for both outputs.

```yaml
architectures:
  simple:
    pair: [{conv: 10}, {max-pool: 2}, relu, flatten, {linear: 2}]
  siamese:
    each: [{conv: {channels: 10, kernel: 5, padding: 2}}, {dropout: channels}, relu, flatten, {linear: 10}]
    digits: {loss_weight: 1.0}
    then: [relu, {linear: 2}]
```
";

const GRID: &str = "The runs are the product of the axes; the runs that differ in the seed alone are the rounds of a config. A
single value stands for a list of one.

```yaml
grid:
  architecture: [simple, siamese]
  seed: {from: 0, count: 10}
  lr: [0.01, 0.1]
  train.batch: [16, 64]
  architectures.siamese.share: [true, false]
```

`seed` is one seed, a list of seeds, or so many from one on, `{from: 0, count: 10}`; 0 if it is left out.

**Any setting of `data`, `train` and `architectures` may be an axis**, by its path; an index such as
`pair[0]` leads into a list, counted from 0; inside `{ }` such a path stands in quotes. The value is put at
its path before the spec is read, as `--set` does. An axis of an architecture varies the configs of that
architecture only, so the others are not there twice. A grid has at most 1,000,000 runs. Axes that vary are
shown in the names of configs, and all are columns of the frames.
";

const WHERE: &str = "## where

Tables, figures, bands and claims choose configs by axes of the grid, each with one of its values; without
it, all are chosen.

```yaml
where: {architecture: siamese, lr: 0.01, train.batch: 16}
```
";

/// Returns the reference as Markdown.
#[must_use]
pub fn reference() -> String {
    let mut out = HEAD.to_owned();
    for (section, text) in
        [("task", TASK), ("data", DATA), ("train", TRAIN), ("architectures", ARCHITECTURES), ("grid", GRID)]
    {
        out += &format!("\n## {section}\n\n{text}\n");
        for s in SETTINGS.iter().filter(|s| s.path.split('.').next() == Some(section)) {
            let path = if section == "grid" { s.name() } else { s.path };
            let default = s.default.as_ref().map(ToString::to_string);
            // A network has one of two forms, which its text tells.
            let default = default.or_else(|| (section == "architectures").then(String::new));
            let axis = s.fixed.map(|reason| format!(" Not an axis: {reason}.")).unwrap_or_default();
            out += &item(0, path, &s.kind, default.as_deref(), &(s.doc.to_owned() + &axis));
        }
        if section == "architectures" {
            out += "\n### Layers\n\n";
            for layer in Layer::KINDS {
                let example = layer.example.map_or(String::new(), |value| format!(": {value}"));
                out += &wrapped("", &format!("- `{}{example}`: {}.", layer.word, layer.summary));
            }
        }
    }
    out += &format!("\n{WHERE}");
    for section in SECTIONS.into_iter().chain([&sweep::SWEEP]) {
        out += &format!(
            "\n## {}\n\n{}\n```yaml\n{}```\n\n",
            section.name,
            wrapped("", section.doc),
            section.example
        );
        out += &items(0, &section.kind);
    }
    out
}

/// Lists the entries of a map, or of the maps in it.
fn items(depth: usize, kind: &Kind) -> String {
    match kind {
        Kind::Map(entries) => {
            entries.iter().map(|e: &Entry| item(depth, e.name, &e.kind, e.default, e.doc)).collect()
        }
        Kind::List(inner) | Kind::Named(inner) | Kind::Paths(inner) => items(depth, inner),
        Kind::Either(kinds) => kinds.iter().map(|kind| items(depth, kind)).collect(),
        Kind::Text(_)
        | Kind::Flag
        | Kind::Integer(..)
        | Kind::Number(..)
        | Kind::Words(_)
        | Kind::Registered(_)
        | Kind::Any(_) => String::new(),
    }
}

/// Tells one entry, and below it what is inside.
fn item(depth: usize, name: &str, kind: &Kind, default: Option<&str>, doc: &str) -> String {
    let default = match default {
        None => "; required".to_owned(),
        Some("") => String::new(),
        Some(default) => format!("; `{default}` if left out"),
    };
    let indent = "  ".repeat(depth);
    wrapped(&indent, &format!("- `{name}` ({}{default}): {doc}", kind.words())) + &items(depth + 1, kind)
}

/// Breaks a paragraph into lines of at most 110 characters; those after the first stand below its text.
fn wrapped(indent: &str, text: &str) -> String {
    let hanging = if text.starts_with("- ") { "  " } else { "" };
    let (mut out, mut line) = (String::new(), indent.to_owned());
    for word in text.split_whitespace() {
        if line.trim().is_empty() {
            line += word;
        } else if line.chars().count() + 1 + word.chars().count() <= 110 {
            line += &format!(" {word}");
        } else {
            out += &format!("{line}\n");
            line = format!("{indent}{hanging}{word}");
        }
    }
    out + &line + "\n"
}
