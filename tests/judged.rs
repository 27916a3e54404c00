//! Verdicts and what they are made of.

use replikat::{
    record::Provenance,
    results,
    spec::Spec,
    verdict::{self, Word, pick},
};

use crate::page::trained;

#[test]
fn verdicts_and_tables_print_the_same_digits() {
    let (spec, plan, records) = trained(&Provenance::default());
    let rounds = results::rounds(&plan, &records);
    let verdicts = verdict::judge(&spec, &plan, &rounds).unwrap();
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
        let words = verdict::judge(&spec, &plan, &results::rounds(&plan, records)).unwrap().words;
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
