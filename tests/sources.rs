//! Data sets from the outside: their words, `replikat data`, and sets that are too small.

use crate::support::place::{Place, TINY};

#[test]
fn an_unknown_data_set_is_answered_with_the_one_that_was_meant() {
    let place = Place::with(&TINY.replace("source: glyphs", "source: minst"));
    let (code, said) = place.run(&["plan", "tiny.yaml"]);
    assert!(code == 2 && said.contains("did you mean `mnist`?"), "{said}");
    for command in ["status", "fetch"] {
        let (code, said) = place.run(&["data", command, "glyph"]);
        assert!(code == 2 && said.contains("did you mean `glyphs`?"), "{said}");
    }
}

#[test]
fn only_what_is_drawn_may_stand_in_for_another_data_set() {
    let place = Place::with(&TINY.replace("source: glyphs", "source: glyphs, otherwise: mnist"));
    let (code, said) = place.run(&["plan", "tiny.yaml"]);
    assert!(code == 2 && said.contains("data.otherwise: unknown value `mnist`"), "{said}");
}

#[test]
fn the_state_of_a_data_set_is_told_by_its_name() {
    let place = Place::with(TINY);
    let (code, said) = place.run(&["data", "status"]);
    assert!(code == 1 && said.starts_with("MNIST is not in "), "{said}");
    assert!(said.contains("`replikat data fetch mnist` downloads it"), "{said}");
    assert_eq!(place.run(&["data", "where", "mnist"]), (code, said));
    assert_eq!(place.good(&["data", "status", "glyphs"]), "replikat's drawn digits need no files\n");
    let (code, said) = place.run(&["data", "fetch", "mnist", "--offline"]);
    assert!(
        code == 2 && said.contains("MNIST is not at hand") && said.contains("--offline was given"),
        "{said}"
    );
}
