//! Very many runs and configs: outputs are bounded, and say what they leave out.

use std::path::Path;

use replikat::{
    data::glyphs,
    device::Device,
    plan::{Plan, Run},
    record::{End, EpochMetrics, Outcome, Provenance, Record},
    report::{self, Folders, ReportInputs, Source},
    results,
    spec::Spec,
    task::{
        Measure,
        digit_pairs::{ACCURACY, LOSS, TASK},
    },
};

use crate::support::{
    html,
    place::{Place, TINY},
};

fn spec(values: usize, seeds: usize, outputs: &str) -> Spec {
    let lr: Vec<String> = (1..=values).map(|i| format!("{}", i as f64 / 1e5)).collect();
    let text = format!(
        "experiment: many
data: {{source: glyphs, pairs: {{train: 20, test: 20}}}}
train: {{epochs: 1, batch: 10}}
architectures: {{net: {{pair: [flatten, {{linear: 2}}]}}}}
grid: {{architecture: net, seed: {{count: {seeds}}}, lr: [{}]}}
{outputs}",
        lr.join(", ")
    );
    Spec::parse("many.yaml", &text, &[]).unwrap_or_else(|e| panic!("{e}"))
}

/// Writes the report of a spec of whose runs every so-manieth finished, with values that differ.
fn write(spec: &Spec, folder: &Path, every: usize) {
    let plan = Plan::expand(spec, glyphs::SOURCE.id());
    let record = |(i, run): (usize, &Run)| {
        if i % every > 0 {
            return None;
        }
        let measure = Measure::of(&TASK, &[(ACCURACY, (i * 7919 % 997) as f64 / 997.0), (LOSS, 0.7)]);
        let epochs = vec![EpochMetrics { epoch: 1, running: measure, train: measure, test: measure }];
        let outcome = Outcome { epochs, end: End::Finished { weights: i.to_string() } };
        Some(Record::new(run.key, plan.preimage(run), outcome, Provenance::default()).into_stored())
    };
    let records: Vec<_> = plan.runs.iter().enumerate().map(record).collect();
    let rounds = results::rounds(&plan, &records);
    let source = Source {
        path: "many.yaml".into(),
        text: String::new(),
        overrides: Vec::new(),
        results: None,
        reports: None,
        device: Device::Cpu,
    };
    let folders = Folders { results: folder.join("results"), reports: folder.join("reports"), owner: None };
    let inputs =
        ReportInputs { spec, plan: &plan, records: &records, rounds: &rounds, source: &source, lock: None };
    report::write(&inputs, &folders, false).unwrap();
}

fn page(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("reports/many/index.html")).unwrap()
}

#[test]
fn a_page_of_a_hundred_thousand_runs_has_them_all_in_5_megabytes() {
    let folder = tempfile::tempdir().unwrap();
    write(&spec(1000, 100, "tables: {}\nfigures: {}"), folder.path(), 10);
    let page = page(folder.path());
    assert!(page.len() <= 5_000_000, "{}", page.len());
    let data = html::data(&page);
    assert_eq!(data["rows"]["status"].as_str().unwrap().len(), 100_000);
    assert_eq!(data["columns"][0]["values"].as_array().unwrap().len(), 100_000);
    assert_eq!(html::rows(&page, "run-table").len(), 1 + 50, "a first part without scripts");
}

#[test]
fn outputs_of_a_thousand_configs_are_bounded_and_say_what_they_leave_out() {
    let folder = tempfile::tempdir().unwrap();
    let figures = "figures: {c: {curves: accuracy}, s: {strip: {}}, p: {paired: {}}, d: {spread: {}}}";
    write(&spec(1000, 2, figures), folder.path(), 1);
    let reports = folder.path().join("reports/many");
    let mut all = 0;
    for entry in std::fs::read_dir(&reports).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        all += bytes.len();
        if path.extension().is_some_and(|e| e == "png") {
            let side = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
            assert!(side(16) <= 4096 && side(20) <= 4096, "{}: {} × {}", path.display(), side(16), side(20));
        }
    }
    assert!(all < 50_000_000, "{all}");
    let read = |name: &str| std::fs::read_to_string(reports.join(name)).unwrap();
    for (figure, left) in [("c", 976), ("s", 976), ("p", 984), ("d", 976)] {
        let said = format!("{left} of 1000 configs are left out");
        assert!(read(&format!("{figure}.svg")).contains(&said), "{figure}: {said}");
    }
    assert!(read("results.tex").starts_with("\\begin{longtable}"));
    assert!(read("tables.tex").contains("\\usepackage{longtable}"));
    assert_eq!(read("results.csv").lines().count(), 1001);
    let page = page(folder.path());
    assert!(page.contains("the first 30 of 1000 rows; results.csv has all"));
    assert_eq!(html::rows(&page, "ranking").len(), 31);
}

#[test]
fn an_experiment_that_claims_nothing_is_ranked_and_speaks_of_no_paper() {
    let place = Place::with(TINY);
    let said = place.good(&["run", "tiny.yaml"]);
    assert!(said.contains("minus the best"), "{said}");
    let page = place.read("reports/tiny/index.html");
    let text: String = html::tags(&page).into_iter().map(|tag| tag.before).collect();
    for word in ["paper", "replicat", "REPLICATED", "verdict", "Verdict"] {
        let text = text.replace("replikat", "");
        assert!(!text.contains(word), "{word}");
    }
    assert!(text.contains("Best of 2 configs: "));
    let ranked = html::rows(&page, "ranking");
    assert_eq!((ranked.len(), ranked[1][0].as_str()), (3, "1"));
    // Two seeds: differences by seed, and Student's t with one degree of freedom.
    let summary = place.read("results/tiny/summary.csv");
    let of = |config: &str| {
        let line =
            summary.lines().find(|line| line.starts_with(config) && line.contains("test,accuracy,rounds"));
        line.unwrap_or_else(|| panic!("{summary}")).to_owned()
    };
    let heads: Vec<&str> = summary.lines().next().unwrap().split(',').collect();
    let at = heads.iter().position(|head| *head == "mean").unwrap();
    let mean = |config: &str| 100.0 * of(config).split(',').nth(at).unwrap().parse::<f64>().unwrap();
    let (a, b) = (mean("0,"), mean("1,"));
    assert_eq!(ranked[1][3], format!("{:.2}", a.max(b)));
    assert_eq!(ranked[2][6], format!("{:.2}", a.min(b) - a.max(b)));
}

#[test]
fn a_spec_without_tables_and_figures_has_one_of_each_and_empty_ones_none() {
    let begin = TINY.split("tables:").next().unwrap();
    let place = Place::with(begin);
    place.good(&["run", "tiny.yaml"]);
    let files = place.files("reports/tiny");
    for name in ["results.md", "results.csv", "results.tex", "curves.svg", "curves.png"] {
        assert!(files.contains_key(name), "{name}");
    }
    place.write("tiny.yaml", &format!("{begin}tables: {{}}\nfigures: {{}}\n"));
    place.good(&["report", "tiny.yaml"]);
    let files = place.files("reports/tiny");
    assert!(!files.contains_key("results.md") && !files.contains_key("curves.svg"));
}

#[test]
fn figures_stand_on_the_page_in_the_order_of_the_spec() {
    let text = TINY.replace("  c: {title", "  z: {title").replace("  d: {dots", "  a: {dots");
    let place = Place::with(&text);
    place.good(&["run", "tiny.yaml"]);
    let page = place.read("reports/tiny/index.html");
    let at = |name: &str| page.find(&format!("id=\"figure-{name}\"")).unwrap();
    assert!(at("z") < at("a"));
}

#[test]
fn files_are_links_that_lead_there_and_commands_are_those_of_the_user() {
    let place = Place::with(TINY);
    std::fs::create_dir(place.path("a b")).unwrap();
    place.write("a b/it's.yaml", TINY);
    place.good(&["run", "a b/it's.yaml", "--results", "other/results"]);
    let page = place.read("reports/tiny/index.html");
    let command = "replikat report 'a b/it'\\''s.yaml' --results other/results";
    let text: String = html::tags(&page).into_iter().map(|tag| tag.before).collect();
    assert!(text.contains(command), "{text}");
    let links: Vec<String> = html::tags(&page)
        .into_iter()
        .flat_map(|tag| tag.attributes)
        .filter(|(key, value)| key == "href" && !value.starts_with('#'))
        .map(|(_, value)| value.replace("%20", " ").replace("%27", "'"))
        .collect();
    assert!(links.len() > 10 && links.iter().any(|link| link.ends_with("runs.csv")), "{links:?}");
    for link in &links {
        assert!(place.path("reports/tiny").join(link).is_file(), "{link}");
    }
    assert!(links.contains(&"../../a b/it's.yaml".to_owned()), "{links:?}");
}
