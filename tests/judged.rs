//! Rows that were judged are kept: believed as long as nothing they are made of changed, and not a byte longer.

use replikat::{
    device::Device,
    digest::Digest,
    record::Provenance,
    report::{self, Folders, ReportInputs, Source},
    results,
    spec::Spec,
    verdict::{self, Word, pick},
};

use crate::page::trained;

#[test]
fn kept_rows_are_those_that_were_judged() {
    let folder = tempfile::tempdir().unwrap();
    let folders = Folders {
        results: folder.path().join("results"),
        reports: folder.path().join("reports"),
        owner: None,
    };
    let file = |name: &str| folder.path().join("results/page").join(name);
    let read = |name: &str| std::fs::read_to_string(file(name)).unwrap();
    let verdict = || std::fs::read_to_string(folder.path().join("reports/page/verdict.csv")).unwrap();
    let (spec, plan, records) = trained(&Provenance::default());
    let rounds = results::rounds(&plan, &records);
    let (name, text) = ("page.yaml".to_owned(), crate::page::SPEC.to_owned());
    let source =
        Source { path: name, text, overrides: Vec::new(), results: None, reports: None, device: Device::Cpu };
    let write = |spec: &Spec| {
        let inputs = ReportInputs {
            spec,
            plan: &plan,
            records: &records,
            rounds: &rounds,
            source: &source,
            lock: None,
        };
        report::write(&inputs, &folders, false).unwrap().rebuilt
    };
    let named = |rebuilt: &[(String, String)], name: &str| rebuilt.iter().any(|(n, _)| n == name);

    assert!(named(&write(&spec), "judgement"));
    let (kept, graph, truth) = (read("verdicts.json"), read(report::FILE), verdict());
    let judged = verdict::judge(&spec, &plan, &rounds, None).unwrap();
    let rows: verdict::JudgedRows = serde_json::from_str(&kept).unwrap();
    // Read back, with every bit of every number.
    assert_eq!(rows, (judged.rows, judged.readings));
    assert_eq!(write(&spec), []);

    // Other rows are believed if the digest is theirs, which shows that they are read.
    let other = kept.replacen("one, Testing", "one, Other", 1);
    let digest = |text: &str| Digest::of(text.as_bytes()).to_string();
    std::fs::write(file("verdicts.json"), &other).unwrap();
    std::fs::write(file(report::FILE), graph.replace(&digest(&kept), &digest(&other))).unwrap();
    std::fs::remove_file(folder.path().join("reports/page/verdict.csv")).unwrap();
    assert!(!named(&write(&spec), "judgement"));
    assert!(verdict().contains("one, Other"));
    for damaged in [&other[1..], "", "[]"] {
        std::fs::write(file("verdicts.json"), damaged).unwrap();
        std::fs::remove_file(folder.path().join("reports/page/verdict.csv")).unwrap();
        assert!(named(&write(&spec), "judgement"), "{damaged}");
        assert_eq!((read("verdicts.json"), verdict()), (kept.clone(), truth.clone()));
    }

    // A margin is an input, a title is none.
    let mut titled = spec.clone();
    titled.figures.values_mut().for_each(|figure| figure.title = "Another".into());
    let rebuilt = write(&titled);
    assert!(named(&rebuilt, "figure dots") && !named(&rebuilt, "judgement"), "{rebuilt:?}");
    let mut wider = spec.clone();
    wider.claims.as_mut().unwrap().margin = 7.0;
    let rebuilt = write(&wider);
    assert!(named(&rebuilt, "judgement") && named(&rebuilt, "verdict"), "{rebuilt:?}");
    assert_ne!(read("verdicts.json"), kept);
}

#[test]
fn verdicts_and_tables_print_the_same_digits() {
    let (spec, plan, records) = trained(&Provenance::default());
    let rounds = results::rounds(&plan, &records);
    let verdicts = verdict::judge(&spec, &plan, &rounds, None).unwrap();
    let mut compared = 0;
    for row in verdicts.rows.iter().chain(&verdicts.readings) {
        let table = rounds[row.row.config].statistics(row.row.split, row.row.reading).unwrap();
        for cell in &row.cells {
            let printed = 100.0 * pick(&table, cell.claim.statistic);
            assert_eq!(format!("{:.12}", cell.ours.unwrap()), format!("{printed:.12}"), "{}", row.row.name);
            compared += 1;
        }
    }
    assert_eq!(compared, 20, "three rows, two of them in two readings");
}

#[test]
fn claims_in_words_of_configs_that_lost_rounds_are_at_most_consistent() {
    let (mut spec, plan, mut records) = trained(&Provenance::default());
    let text = crate::page::SPEC.replace(
        "claims: {rounds: 3,",
        "claims: {words: [{name: below, where: {architecture: net1}, below: 101}], rounds: 3,",
    );
    spec.claims = Spec::parse("page.yaml", &text, &[]).unwrap().claims;
    let word = |records: &[_]| {
        let words = verdict::judge(&spec, &plan, &results::rounds(&plan, records), None).unwrap().words;
        (words[0].word, words[0].reason.clone())
    };
    let (found, reason) = word(&records);
    assert_eq!(found, Word::Consistent, "{reason}");
    assert!(reason.contains("2 planned rounds are missing"), "{reason}");
    let whole = records[0].clone();
    for record in &mut records {
        record.clone_from(&whole);
    }
    assert!(!word(&records).1.contains("missing"));
}
