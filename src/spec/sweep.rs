//! `experiments/assumptions.yaml`: one spec, and what becomes of its verdicts if a setting is another.

use super::outputs::every;
use crate::{
    error::{Error, Fault, Result, Source, Span, SpecFaults},
    yaml::{
        decode::{Advice, Decoder},
        kind::{Entry, Kind, Section},
        node::Node,
        parse::parse,
    },
};

/// A spec and its variants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sweep {
    /// Name of the sweep; its report's folder and files are named after it.
    pub name: String,
    /// The spec's file, relative to the sweep's.
    pub base: String,
    /// What is replaced in the spec itself and in every variant, each as `--set` takes it.
    pub set: Vec<String>,
    /// The variants in order.
    pub variants: Vec<Variant>,
    /// Where all that is written.
    pub places: Places,
}

/// Where the parts of a sweep are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The name of the spec's file.
    pub base: Span,
    /// What is replaced everywhere, in order.
    pub set: Vec<Span>,
    /// What each variant replaces, in order.
    pub variants: Vec<Vec<Span>>,
}

/// A file of its own.
pub(super) const SWEEP: Section = Section {
    name: "sweep",
    kind: Kind::Map(FIELDS),
    doc: "A sweep is a file of its own: one spec with some settings replaced, and which verdicts move. Axes of a grid are \
          judged together; each variant of a sweep is a whole spec with verdicts of its own.",
    example: "sweep: assumptions
base: paper.yaml
set: [grid.seed.count=30]
variants:
  no momentum: [train.optimizer.sgd.momentum=0]
  large batches: [train.batch=64, train.shuffle=false]
",
};

const SET: Kind = Kind::List(&Kind::Text("`path=value`, as for `--set`"));

const FIELDS: &[Entry] = &[
    Entry::must("sweep", Kind::Text("a name"), "Its report's folder and files are named after it."),
    Entry::must("base", Kind::Text("a file"), "The spec, relative to this file."),
    Entry::may("set", SET, "", "Replaced in the spec itself and in every variant."),
    Entry::must("variants", Kind::Named(&SET), "The variants by name, with what each replaces."),
];

/// What the spec itself is called among its variants.
pub const ITSELF: &str = "as in the spec";

/// A spec with some settings replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// Name for people.
    pub name: String,
    /// What is replaced, each as `--set` takes it, such as `train.batch=64`.
    pub set: Vec<String>,
}

impl Sweep {
    /// Says whether `text` is a sweep and no spec.
    #[must_use]
    pub fn is_one(text: &str) -> bool {
        parse(text, 0).is_ok_and(|root| root.has("sweep"))
    }

    /// Parses a sweep from `text`, which came from the file `name`.
    ///
    /// # Errors
    /// Returns [`Error::Spec`] with every fault that was found.
    pub fn parse(name: &str, text: &str) -> Result<Self> {
        read(text).map_err(|faults| {
            let sources = vec![Source { name: name.to_owned(), text: text.to_owned() }];
            Error::Spec(Box::new(SpecFaults { sources, faults, all: false }))
        })
    }
}

fn read(text: &str) -> std::result::Result<Sweep, Vec<Fault>> {
    let mut root = parse(text, 0).map_err(|fault| vec![fault])?;
    root.without_anchors();
    if root.has("experiment") {
        let message = "this is a spec and no sweep".to_owned();
        return Err(vec![Fault { span: root.span, message, help: Some("`replikat run` trains it".into()) }]);
    }
    let advice = Advice { form: Some(form), required: Some(|path| path != "set"), ..Advice::default() };
    let mut decoder = Decoder { advice, ..Decoder::default() };
    match sweep(&mut decoder, &root) {
        Some(sweep) if decoder.faults.is_empty() => Ok(sweep),
        _ => Err(decoder.faults),
    }
}

const ONE: &str = "add one: `NAME: [train.batch=64]`";

/// Says how variants are written.
fn form(node: &Node) -> Option<String> {
    (node.path == "variants").then(|| "write `variants: {NAME: [train.batch=64]}`".to_owned())
}

fn sweep(d: &mut Decoder, root: &Node) -> Option<Sweep> {
    let fields = d.declared(root, FIELDS)?;
    let name = d.required(&fields, "sweep").and_then(|n| {
        let text = d.text(n)?.to_owned();
        d.name(&n.span, &n.path, &text)
    });
    let replaced = |d: &mut Decoder, n: &Node| {
        every(d, n, "[train.batch=64]", |d, n| Some((d.text(n)?.to_owned(), n.span.clone())))
            .map(|all| all.into_iter().unzip())
    };
    let base = d.required(&fields, "base").and_then(|n| Some((d.text(n)?.to_owned(), n.span.clone())));
    let set: Option<(Vec<String>, Vec<Span>)> =
        fields.get("set").map_or_else(|| Some(Default::default()), |n| replaced(d, n));
    let variants = d.required(&fields, "variants").and_then(|n| {
        let entries = d.entries(n)?;
        if entries.is_empty() {
            let message = format!("{}: there are none", n.path);
            return d.fault(&n.span, message, ONE.to_owned());
        }
        let mut found = Vec::new();
        for (key, node) in entries {
            if key.name == ITSELF {
                let message = format!("{}: `{ITSELF}` is what the spec itself is called", n.path);
                d.fault::<()>(&key.span, message, "give the variant another name".to_owned());
            }
            let set = replaced(d, node);
            found.extend(d.label(key).zip(set).map(|(name, (set, spans))| (Variant { name, set }, spans)));
        }
        (found.len() == entries.len()).then_some(found)
    });
    let (base, (set, set_spans)) = (base?, set?);
    let (variants, variant_spans) = variants?.into_iter().unzip();
    let places = Places { base: base.1, set: set_spans, variants: variant_spans };
    Some(Sweep { name: name?, base: base.0, set, variants, places })
}
