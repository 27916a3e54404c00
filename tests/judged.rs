//! Rows that were judged are kept: believed as long as nothing they are made of changed, and not a byte longer.

use replikat::{
    aggregate::summarize,
    digest::Digest,
    record::Provenance,
    report::{self, Folders, judged},
    spec::Spec,
    verdict::{self, Verdicts, Word, pick},
};

use crate::page::trained;

#[test]
fn kept_rows_are_those_that_were_judged() {
    let folder = tempfile::tempdir().unwrap();
    let folders = Folders { results: folder.path().join("results"), reports: folder.path().join("reports") };
    let path = folder.path().join("results/page/judged.json");
    let (spec, plan, records) = trained(&Provenance::default());
    let configs = report::config_digests(&plan, &records);
    let judge = |spec: &Spec| judged::judge(spec, &plan, &records, &configs, &folders).unwrap();
    let shown = |verdicts: &Verdicts| format!("{verdicts:?}");
    let truth = shown(&verdict::judge(&spec, &plan, &records, None).unwrap());

    assert_eq!(shown(&judge(&spec)), truth);
    let kept = std::fs::read_to_string(&path).unwrap();
    // Read back, with every bit of every number.
    assert_eq!(shown(&judge(&spec)), truth);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), kept);

    // Other rows are believed if the digest is theirs, which shows that they are read.
    let (seal, rows) = kept.trim_end().split_once('\n').unwrap();
    let other = rows.replacen("one, Testing", "one, Other", 1);
    let digest = |text: &str| Digest::of(text.as_bytes()).to_string();
    std::fs::write(&path, format!("{}\n{other}\n", seal.replace(&digest(rows), &digest(&other)))).unwrap();
    assert_eq!(judge(&spec).rows[0].row.name, "one, Other");
    for damaged in [format!("{seal}\n{other}\n"), String::new(), "{}\n[]\n".to_owned(), seal.to_owned()] {
        std::fs::write(&path, &damaged).unwrap();
        assert_eq!(shown(&judge(&spec)), truth, "{damaged}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), kept);
    }

    // A margin is an input, a title is none.
    let mut wider = spec.clone();
    wider.claims.as_mut().unwrap().margin = 7.0;
    assert_eq!(judge(&wider).rule.margin, 7.0);
    assert_ne!(std::fs::read_to_string(&path).unwrap(), kept);
    let mut titled = spec.clone();
    titled.figures.values_mut().for_each(|figure| figure.title = "Another".into());
    judge(&titled);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), kept);
}

#[test]
fn verdicts_and_tables_print_the_same_digits() {
    let (spec, plan, records) = trained(&Provenance::default());
    let summaries = summarize(&plan, &records);
    let verdicts = verdict::judge(&spec, &plan, &records, None).unwrap();
    let mut compared = 0;
    for row in verdicts.rows.iter().chain(&verdicts.readings) {
        let table = summaries[row.row.config].statistics(row.row.split, row.row.reading).unwrap();
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
        let words = verdict::judge(&spec, &plan, records, None).unwrap().words;
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
