//! Text → tree → [`Spec`].

use super::{
    axes, blame, claims,
    figure_kind::{self, FigureKind},
    ledger, outputs, paper, settings, tables,
    whole::Spec,
};
use crate::{
    error::{Error, Fault, Result, Source, Span, SpecFaults},
    task,
    yaml::{
        decode::Decoder,
        node::{Node, Value},
        parse::parse,
        path::equals_in,
    },
};

/// The largest spec, in bytes.
pub const MAX_BYTES: usize = 1 << 20;

impl Spec {
    /// Parses a spec, whose figures are of `kinds`; see [`Spec::parse`].
    pub(crate) fn parse_with(
        name: &str,
        text: &str,
        overrides: &[String],
        kinds: &[FigureKind],
    ) -> Result<Self> {
        let mut sources = vec![Source { name: name.to_owned(), text: text.to_owned() }];
        let parsed = Self::tree(text, overrides, &mut sources).and_then(|root| spec(&root, kinds));
        parsed.map_err(|mut faults| {
            blame::blame(&mut faults, overrides, |overrides| {
                let root = Self::tree(text, overrides, &mut vec![sources[0].clone()]);
                root.and_then(|root| spec(&root, kinds)).err().unwrap_or_default()
            });
            let dotted = |f: &&mut Fault| f.span.source > 0 && f.message.starts_with("architectures");
            for fault in faults.iter_mut().filter(dotted).filter(|f| f.message.contains("unknown key")) {
                let quotes = "a name with a dot stands in quotes: `architectures.\"net.v1\".pair=…`";
                fault.help =
                    Some(fault.help.take().map_or(quotes.to_owned(), |help| format!("{help}; {quotes}")));
            }
            for fault in
                faults.iter_mut().filter(|f| f.span.source == 0 && f.message.starts_with("spec: unknown key"))
            {
                if let Some(help) = fault.help.as_mut().filter(|help| help.starts_with("known here")) {
                    help.push_str("; a key that begins with `x-` is for an anchor alone");
                }
            }
            faults.sort_by_key(|f| (f.span.source, f.span.bytes.start));
            Error::Spec(Box::new(SpecFaults { sources, faults, all: false }))
        })
    }

    fn tree(
        text: &str,
        overrides: &[String],
        sources: &mut Vec<Source>,
    ) -> std::result::Result<Node, Vec<Fault>> {
        if text.len() > MAX_BYTES {
            let message = format!("the spec has {} bytes; the limit is {MAX_BYTES}", text.len());
            sources[0].text.truncate(0);
            return Err(vec![Fault {
                span: Span::default(),
                message,
                help: Some("is this the right file?".into()),
            }]);
        }
        let mut root = parse(text, 0).map_err(|f| vec![f])?;
        if root.has("sweep") && !root.has("experiment") {
            let message = "this is a sweep of another spec".to_owned();
            let help = Some("`replikat sweep` runs it".into());
            return Err(vec![Fault { span: root.span, message, help }]);
        }
        root.without_anchors();
        for text in overrides {
            let source = sources.len();
            sources.push(Source::set(text));
            replace(&mut root, text, source).map_err(|fault| vec![fault])?;
        }
        Ok(root)
    }
}

/// Puts the value of one `path=value` at its path.
fn replace(root: &mut Node, text: &str, source: usize) -> std::result::Result<(), Fault> {
    const EXAMPLE: &str = "write `--set path=value`, such as `--set grid.seed.count=3`";
    let before = Source::SET.len();
    let Some((path, value)) = equals_in(text).map(|at| (&text[..at], &text[at + 1..])) else {
        let span = Span { source, bytes: before..before + text.len() };
        return Err(Fault { span, message: format!("`{text}` has no `=`"), help: Some(EXAMPLE.to_owned()) });
    };
    if let Some((message, help)) = slip(path, value) {
        let span = Span { source, bytes: before..before + text.len() };
        return Err(Fault { span, message, help: Some(help) });
    }
    let begin = before + path.len() + 1;
    let mut value = parse(value, source).map_err(|mut fault| {
        fault.span.shift(begin);
        fault
    })?;
    value.shift(begin);
    let place = Span { source, bytes: before..before + path.len() };
    root.insert(path, &place, value).map_err(|blocked| {
        let help = blocked.help.unwrap_or_else(|| EXAMPLE.to_owned());
        Fault { span: place.clone(), message: blocked.message, help: Some(help) }
    })
}

/// Finds what is no path or no single value; what is wrong, and the remedy.
fn slip(path: &str, value: &str) -> Option<(String, String)> {
    let bare = path.trim();
    if bare.is_empty() {
        return Some((
            format!("there is no path before `={value}`"),
            format!("write `train.epochs={value}`"),
        ));
    }
    if bare != path {
        let message = format!("a blank beside the path `{bare}`");
        return Some((message, format!("write `--set '{bare}={}'`", value.trim())));
    }
    if path.contains("..") && !path.contains('"') {
        let names: Vec<&str> = path.split('.').filter(|name| !name.is_empty()).collect();
        let help = format!("write `{}={value}`", names.join("."));
        return Some((format!("two dots in a row in `{path}`"), help));
    }
    let (first, second) = value.split_once(char::is_whitespace)?;
    let section = second.split_once('=')?.0.split_once('.')?.0;
    if !SECTIONS.contains(&section) || value.starts_with(['"', '\'', '{', '[']) {
        return None;
    }
    let help = format!("one `--set` for each: `--set {path}={first} --set {second}`");
    Some(("two settings in one `--set`".to_owned(), help))
}

/// Returns what a spec's text calls its experiment, if it says so.
#[must_use]
pub fn experiment_in(text: &str) -> Option<String> {
    let root = parse(text, 0).ok()?;
    match &root.get("experiment")?.value {
        Value::Text(name) => Some(name.clone()),
        _ => None,
    }
}

/// Reads the whole spec.
///
/// # Errors
/// Returns every fault.
fn spec(root: &Node, kinds: &[FigureKind]) -> std::result::Result<Spec, Vec<Fault>> {
    let mut decoder = Decoder { advice: settings::ADVICE, ..Decoder::default() };
    let found = read(&mut decoder, root, kinds);
    match found {
        Some(spec) if decoder.faults.is_empty() => Ok(spec),
        _ => Err(decoder.faults),
    }
}

const SECTIONS: [&str; 13] = [
    "experiment",
    "title",
    "paper",
    "task",
    "data",
    "train",
    "architectures",
    "grid",
    "tables",
    "figures",
    "expect",
    "claims",
    "ledger",
];

fn read(d: &mut Decoder, root: &Node, kinds: &[FigureKind]) -> Option<Spec> {
    if !matches!(root.value, Value::Map(_)) {
        let message = format!("the spec is not a map of sections, but {}", root.value.kind());
        let help = "begin with `experiment: NAME`; `replikat init` writes a short example";
        return d.fault(&root.span, message, Some(help.to_owned()));
    }
    let fields = d.fields(root, &SECTIONS)?;
    let task = fields.get("task").map_or(Some(task::TASKS[0]), |n| d.choice(n, &task::words()));
    let experiment = d.required(&fields, "experiment").and_then(|n| {
        let text = d.text(n)?.to_owned();
        if ["store", "quarantine", "trash"].contains(&text.as_str()) || text.ends_with(".lock.json") {
            let message = format!("{}: `{text}` is a name of the results folder's own", n.path);
            return d.fault(&n.span, message, Some("choose another name".to_owned()));
        }
        d.name(&n.span, &n.path, &text)
    });
    let title = outputs::text_or_empty(d, &fields, "title");
    let paper = paper::paper(d, fields.get("paper"));
    let sections = ["data", "train", "architectures"].map(|name| d.required(&fields, name));
    let written = d.required(&fields, "grid").and_then(|n| axes::written(d, n));
    let grid = axes::grid(d, root, written).filter(|_| sections.iter().all(Option::is_some));
    // Outputs name points of the grid, so they are read only when there is one.
    let outputs = grid.as_ref().zip(task).map(|(grid, task)| outputs::Context { task, grid });
    let tables = outputs.as_ref().map(|c| tables::tables(d, c, fields.get("tables")));
    let figures = outputs.as_ref().map(|c| figure_kind::figures(d, c, fields.get("figures"), kinds));
    let expect = outputs.as_ref().map(|c| outputs::expect(d, c, fields.get("expect")));
    let claims = outputs.as_ref().map(|c| claims::claims(d, c, fields.get("claims")));
    let mut spec = Spec {
        experiment: experiment?,
        title: title?,
        paper,
        task: task?,
        data: grid.as_ref()?.data(),
        architectures: grid.as_ref()?.first_networks(),
        tables: tables?,
        figures: figures?,
        expect: expect?,
        claims: claims?,
        ledger: Vec::new(),
        grid: grid?,
    };
    figure_kind::check(d, fields.get("figures"), &spec, kinds);
    spec.ledger = ledger::ledger(d, fields.get("ledger"), &spec.grid);
    Some(spec)
}
