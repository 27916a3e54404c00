//! Names with metacharacters are inert in every output: Markdown, CSV, LaTeX, SVG, XML, HTML, JSON.

use std::{collections::BTreeMap, path::Path};

use replikat::{
    data::mnist,
    device::Device,
    plan::{Plan, Run},
    record::{End, EpochMetrics, Outcome, Provenance, Record, StoredOutcome},
    report::{self, Folders, ReportInputs, Source, junit},
    results,
    spec::Spec,
    task::{
        Measure,
        digit_pairs::{ACCURACY, LOSS, TASK},
    },
    verdict::{self, Word},
};

use crate::support::html;

const NAMES: [&str; 26] = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"><svg onload=alert(1)>",
    "' onmouseover='alert(1)",
    "</text></svg><script>x</script>",
    "<!-- comment",
    "]]><b>",
    "<![CDATA[x",
    "<?xml version=\"1.0\"?>",
    "&lt;b&gt;",
    "&#60;b&#62;",
    "a & b && c",
    "a|b||c",
    "`code` ``more``",
    "**bold** __bold__ *i* _i_",
    "[link](javascript:alert(1))",
    "![image](http://x.invalid/i.png)",
    "# heading",
    "~~gone~~ ~",
    "\\input{/etc/passwd}",
    "$\\write18{ls}$ 1^2_3",
    "50 % of {x} #1",
    "\\\\ \\hline & x",
    "a,\"b\",c",
    "\"\"\"",
    "<a href=\"x\">y</a>",
];

fn spec(name: &str) -> Spec {
    let again = serde_json::to_string(&format!("{name} too")).unwrap();
    let name = serde_json::to_string(name).unwrap();
    let text = format!(
        "
experiment: inert
data: {{source: mnist, pairs: {{train: 10, test: 10}}}}
train: {{epochs: 2, batch: 10}}
architectures: {{{name}: {{pair: [flatten, {{linear: 2}}]}}, other: {{pair: [flatten, {{linear: 2}}]}}}}
grid: {{architecture: [{name}, other], seed: {{count: 6}}, lr: [0.1]}}
tables:
  t: {{caption: {name}, rows: [{{name: {name}, paper: {{mean: 70, max: 90, median: 70, std: 10.5}}}}]}}
figures:
  f: {{title: {name}, dots: {{metric: accuracy, split: test}}}}
  paired: {{title: {name}, paired: {{metric: accuracy, split: test}}}}
  forest: {{title: {name}, forest: numbers}}
  orderings: {{title: {name}, forest: orderings}}
  envelope: {{title: {name}, envelope: {{table: t}}}}
claims:
  rounds: 3
  collapsed: {{below: 60}}
  words:
    - {{name: {name}, greater: {{architecture: {name}}}, less: {{architecture: other}}}}
    - {{name: {again}, where: {{architecture: {name}}}, below: 85}}
ledger:
  data: {{paper: {name}}}
  train: {{code: {name}}}
  grid: {{assumed: {name}}}
  architectures: {{assumed: {name}}}
"
    );
    Spec::parse("inert.yaml", &text, &[]).unwrap_or_else(|e| panic!("{e}"))
}

fn records(plan: &Plan) -> Vec<Option<StoredOutcome>> {
    let record = |(i, run): (usize, &Run)| {
        let accuracy = 0.5 + 0.03 * i as f64;
        let measure = Measure::of(&TASK, &[(ACCURACY, accuracy), (LOSS, 1.0)]);
        let epoch = |epoch| EpochMetrics { epoch, running: measure, train: measure, test: measure };
        let end = End::Finished { weights: i.to_string() };
        let outcome = Outcome { epochs: vec![epoch(1), epoch(2)], end };
        Some(Record::new(run.key, plan.preimage(run), outcome, Provenance::default()).into_stored())
    };
    plan.runs.iter().enumerate().map(record).collect()
}

/// Writes every report of a spec with this name; returns the text files by name.
fn outputs(name: &str, folder: &Path) -> BTreeMap<String, String> {
    let spec = spec(name);
    let plan = Plan::expand(&spec, mnist::SOURCE.id());
    let records = records(&plan);
    let rounds = results::rounds(&plan, &records);
    let folders = Folders { results: folder.join("results"), reports: folder.join("reports"), owner: None };
    let verdicts = &verdict::judge(&spec, &plan, &rounds).unwrap();
    let (file, text, overrides) = (name.replace('/', "_"), name.into(), vec![name.into()]);
    let source = Source { path: file, text, overrides, results: None, reports: None, device: Device::Cpu };
    let lock = (Word::Undecidable, name.to_owned());
    let inputs = ReportInputs {
        spec: &spec,
        plan: &plan,
        records: &records,
        rounds: &rounds,
        source: &source,
        lock: Some(&lock),
    };
    report::write(&inputs, &folders, true).unwrap();
    let case = junit::Case { name: name.into(), failure: Some(name.into()), output: name.into() };
    let suites = [junit::Suite { name: "bands", cases: vec![case] }];
    let mut found = BTreeMap::from([
        ("junit.xml".to_owned(), junit::junit(name, &suites)),
        ("summary.md".to_owned(), report::verdict::summary(name, &suites, Some(verdicts))),
    ]);
    for entry in std::fs::read_dir(folder.join("reports/inert")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e != "png") {
            let file = path.file_name().unwrap().to_string_lossy().into_owned();
            found.insert(file, std::fs::read_to_string(&path).unwrap());
        }
    }
    found
}

/// Drops every escaped character, so that what remains has its meaning.
fn without_escapes(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c == '\\' {
            let _ = chars.next();
        } else {
            out.push(c);
        }
    }
    out
}

fn check_markdown(what: &str, text: &str) {
    // An empty comment keeps a name from becoming a link.
    let plain = without_escapes(&text.replace("@<!-- -->", "@"));
    for link in ["://", "www."] {
        assert!(!plain.contains(link), "{what}: a link");
    }
    for line in plain.lines() {
        let own = line.trim_start_matches("**").trim_start_matches("- **").replace("**", "");
        let own = own.trim_start_matches('#');
        for active in ['<', '>', '`', '[', '~', '*', '_'] {
            assert!(!own.contains(active), "{what}: `{active}` is active in {line}");
        }
    }
    let tables = plain.split("\n\n").filter(|block| block.starts_with('|'));
    for table in tables {
        let columns: Vec<usize> = table.lines().map(|line| line.matches('|').count()).collect();
        assert!(columns.iter().all(|c| *c == columns[0]), "{what}: {columns:?} in\n{table}");
    }
}

/// Checks that every line defines a macro whose value is a number, with the name in a comment.
fn check_macros(what: &str, text: &str) {
    for line in text.lines().filter(|line| !line.starts_with("% ")) {
        let (name, rest) = line.strip_prefix("\\newcommand{\\").unwrap().split_once("}{").unwrap();
        let (value, comment) = rest.split_once("} % ").unwrap();
        assert!(name.chars().all(|c| c.is_ascii_alphabetic()), "{what}: {line}");
        assert!(value == "--" || value.parse::<f64>().is_ok(), "{what}: {line}");
        assert!(!comment.is_empty(), "{what}: {line}");
    }
}

fn check_latex(what: &str, text: &str) {
    const OWN: [&str; 15] = [
        "begin",
        "end",
        "centering",
        "caption",
        "toprule",
        "midrule",
        "bottomrule",
        "textbackslash",
        "textbar",
        "textgreater",
        "textless",
        "textasciitilde",
        "textasciicircum",
        "times",
        "le",
    ];
    for (at, _) in text.match_indices('\\') {
        let command: String = text[at + 1..].chars().take_while(char::is_ascii_alphabetic).collect();
        let escaped = at > 0 && text[..at].ends_with('\\');
        assert!(command.is_empty() || escaped || OWN.contains(&command.as_str()), "{what}: \\{command}");
    }
    let plain = without_escapes(&text.replace("\\\\\n", "\n"));
    for line in plain.lines() {
        assert!(!line.contains(['%', '$', '#', '_', '^', '~']), "{what}: {line}");
        assert!([0, 6].contains(&line.matches('&').count()), "{what}: {line}");
    }
    let depth = plain.chars().fold(0, |depth, c| depth + i32::from(c == '{') - i32::from(c == '}'));
    assert_eq!(depth, 0, "{what}: braces");
}

/// Checks that tags are ours, nest, and have quoted attributes, and that every `&` begins an entity; returns the texts.
fn check_xml(what: &str, text: &str) -> String {
    let (mut open, mut shown) = (Vec::new(), String::new());
    let mut rest = text.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>").unwrap_or(text);
    while let Some(at) = rest.find('<') {
        shown.push_str(&rest[..at]);
        let end = at + rest[at..].find('>').unwrap_or_else(|| panic!("{what}: an open tag"));
        let tag = &rest[at + 1..end];
        rest = &rest[end + 1..];
        let name: String =
            tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
        let own = [
            "svg",
            "rect",
            "text",
            "polyline",
            "line",
            "circle",
            "path",
            "polygon",
            "g",
            "tspan",
            "title",
            "desc",
            "style",
            "defs",
            "testsuites",
            "testsuite",
            "testcase",
            "failure",
            "system",
        ];
        assert!(own.contains(&name.as_str()), "{what}: a tag <{tag}>");
        let outside: String = tag.split('"').step_by(2).collect();
        assert!(tag.matches('"').count().is_multiple_of(2) && !outside.contains(" on"), "{what}: <{tag}>");
        match (tag.starts_with('/'), tag.ends_with('/')) {
            (true, _) => assert_eq!(open.pop().as_deref(), Some(name.as_str()), "{what}: </{name}>"),
            (false, false) => open.push(name),
            (false, true) => {}
        }
    }
    assert!(open.is_empty(), "{what}: {open:?} stay open");
    for (at, _) in text.match_indices('&') {
        let entity = text[at + 1..].split(';').next().unwrap();
        let known = ["lt", "gt", "amp", "quot", "apos"].contains(&entity) || entity.starts_with('#');
        assert!(known && entity.len() < 8, "{what}: &{entity}");
    }
    shown
}

/// What a reader of XML sees.
fn unescaped(text: &str) -> String {
    let known = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    known.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// Splits CSV into cells (RFC 4180).
fn cells(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, quoted) {
            ('"', true) if chars.peek() == Some(&'"') => cell.extend(chars.next()),
            ('"', _) => quoted = !quoted,
            (',', false) => row.push(std::mem::take(&mut cell)),
            ('\n', false) => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            _ => cell.push(c),
        }
    }
    assert!(!quoted && cell.is_empty(), "the last line ends");
    rows
}

#[test]
fn metacharacters_in_names_are_inert_in_every_output() {
    for name in NAMES {
        let folder = tempfile::tempdir().unwrap();
        let outputs = outputs(name, folder.path());
        assert_eq!(outputs.len(), 18, "{:?}", outputs.keys());
        for (file, text) in &outputs {
            let what = format!("{file} of {name:?}");
            match file.rsplit('.').next().unwrap() {
                "md" => check_markdown(&what, text),
                "html" => {
                    html::check(&what, text);
                    let shown: String = html::tags(text).into_iter().map(|tag| tag.before).collect();
                    assert!(shown.contains(name), "{what}: the name is gone");
                }
                "json" => {
                    let metadata: serde_json::Value = serde_json::from_str(text).unwrap();
                    let entities = metadata["@graph"].as_array().unwrap();
                    assert_eq!(entities[1]["name"], "replikat report: inert");
                    let run = entities.iter().find(|entity| entity["@id"] == "#run").unwrap();
                    let quoted = format!(" --set '{}'", name.replace('\'', "'\\''"));
                    let command = run["name"].as_str().unwrap();
                    assert!(command.contains(&quoted), "{what}: {quoted} is gone from {command}");
                }
                "txt" => {
                    assert!(text.contains(name), "{what}: the name is gone");
                    assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{what}");
                }
                "yaml" => assert_eq!(text, name, "the spec is copied as it is"),
                "tex" if file == "numbers.tex" => check_macros(&what, text),
                "tex" if file == "tables.tex" => {
                    let (_, body) = text.split_once("\\begin{document}\n").unwrap();
                    let body = body.strip_suffix("\\clearpage\n\\end{document}\n").unwrap();
                    check_latex(&what, body);
                }
                "tex" => check_latex(&what, text),
                "svg" => {
                    // As the document's title, and in the heading, which may be broken into lines.
                    let squeezed = |text: &str| text.split_whitespace().collect::<String>();
                    let shown = squeezed(&unescaped(&check_xml(&what, text)));
                    let count = shown.matches(&squeezed(name)).count();
                    assert!(count >= 2, "{what}: the name is gone from {shown}");
                }
                "xml" => {
                    let shown = unescaped(&check_xml(&what, text));
                    assert!(shown.contains(name), "{what}: the name is gone from {shown}");
                }
                "csv" => {
                    let rows = cells(text);
                    assert!(rows.iter().all(|row| row.len() == rows[0].len()), "{what}");
                    assert!(rows.iter().any(|row| row[0].contains(name)), "{what}: the name is gone");
                }
                other => panic!("{other} is not checked"),
            }
        }
    }
}

#[test]
fn control_characters_do_not_reach_a_report() {
    let text =
        "experiment: x\ndata: {source: glyphs, pairs: {train: 10, test: 10}}\ntrain: {epochs: 1, batch: 10}
architectures: {\"a\\u001bb\": {pair: [flatten, {linear: 2}]}}
grid: {architecture: [\"a\\u001bb\"], lr: [0.1]}
claims: {rounds: 3, words: [{name: \"a\\tb\", where: {}, below: 85}]}";
    let error = Spec::parse("x.yaml", text, &[]).unwrap_err().to_string();
    assert!(error.contains("cannot be a name"), "{error}");
    let case = junit::Case { name: "a\u{1b}b\u{0}\n".into(), failure: None, output: String::new() };
    let suite = junit::Suite { name: "bands", cases: vec![case] };
    assert!(junit::junit("x", &[suite]).contains("name=\"a?b?&#10;\""));
}
