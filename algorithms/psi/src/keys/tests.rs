use std::collections::BTreeMap;

use anchorhold_sdk::lab::{Lab, Rows};
use anchorhold_sdk::{Algorithm, Description, Security, Task};
use proptest::prelude::*;

use super::*;

fn describe() -> Description {
    Description::new("keys", "1.0.0", "Digests.", Security::semi_honest("None.", "Everything."))
}

/// Digests the rows of a dataset.
fn digests(rows: &Rows, columns: &[&str], exact: bool) -> Result<Vec<Option<Digest>>, String> {
    let columns: Vec<_> = columns.iter().map(|column| (*column).to_owned()).collect();
    let run = move |task: &mut Task, _: serde::de::IgnoredAny| {
        let table = task.table("records")?;
        let keys = Keys::new(&table, &columns, exact, "task")?;
        let digests: Result<Vec<_>> = table.batches().map(|batch| keys.digests(&batch?)).collect();
        Ok(digests?.concat())
    };
    let mut lab = Lab::new(Algorithm::new(describe, run));
    lab.parties(1).dataset(0, "records", rows);
    let report = lab.run();
    match &report.outcomes()[0] {
        Ok(result) => Ok(serde_json::from_value(result.clone()).unwrap()),
        Err(failure) => Err(failure.to_string()),
    }
}

fn of_text<const N: usize>(values: [&str; N], exact: bool) -> [Option<Digest>; N] {
    digests(&Rows::new().utf8("key", values), &["key"], exact).unwrap().try_into().unwrap()
}

#[test]
fn text_is_normalized() {
    let alike = [
        ["Zoë", "ZOË", " zoë\t", "Zoe\u{308}", "\u{a0}\u{2003}ZOE\u{308}\u{3000}"],
        ["straße", "Straße", "straße\n", "\u{2028}STRAßE", "strAßE"],
        ["ΟΔΟΣ", "οδος", "Οδος", " οδος ", "ΟδΟΣ"],
        // Of this letter with this mark only the small one is a character of its own.
        ["\u{1e96}", "h\u{331}", "H\u{331}", " \u{1e96}", "H\u{331} "],
        ["a b", "A B", "a b ", "\ta b", "A b"],
        ["\u{212b}", "å", "a\u{30a}", "A\u{30a}", "\u{c5}"],
    ];
    for spellings in alike {
        let digests = of_text(spellings, false);
        assert!(
            digests.iter().all(|digest| digest.is_some() && *digest == digests[0]),
            "{spellings:?}"
        );
        let exact = of_text(spellings, true);
        let distinct: std::collections::BTreeSet<_> = exact.iter().collect();
        assert_eq!(distinct.len(), spellings.len(), "{spellings:?}");
    }
    let different = of_text(["a b", "ab", "a  b", "à", "a"], false);
    assert!((0..5).all(|at| !different[..at].contains(&different[at])));
}

#[test]
fn a_row_without_a_key_has_no_digest() {
    let [empty, blank, zero] = of_text(["", " \t\u{2003}\n", "0"], false);
    assert!((empty, blank) == (None, None) && zero.is_some());
    let [empty, blank] = of_text(["", " "], true);
    assert!(empty.is_none() && blank.is_some());
    let rows = Rows::new()
        .utf8("a", [Some("x"), None, Some("x"), Some("x")])
        .int64("b", [Some(1), Some(1), None, Some(1)])
        .boolean("c", [Some(true), Some(true), Some(true), None]);
    let digests = digests(&rows, &["a", "b", "c"], false).unwrap();
    assert!(digests[0].is_some());
    assert_eq!(digests[1..], [None, None, None]);
}

#[test]
fn a_number_is_its_text_and_a_truth_value_too() {
    let numbers = [0, 7, -7, i64::MAX, i64::MIN];
    let of_numbers = digests(&Rows::new().int64("key", numbers), &["key"], true).unwrap();
    let texts = numbers.map(|number| number.to_string());
    let rows = Rows::new().utf8("key", texts.iter().map(|text| &text[..]));
    assert_eq!(digests(&rows, &["key"], true).unwrap(), of_numbers);
    let truth = digests(&Rows::new().boolean("key", [true, false]), &["key"], false).unwrap();
    assert_eq!(of_text(["TRUE", "False"], false)[..], truth);
}

#[test]
fn columns_are_kept_apart_and_in_order() {
    let cells = [("a", "bc"), ("ab", "c"), ("bc", "a"), ("b", "ca"), ("a\0", "bc"), ("a", "\0bc")];
    let rows = Rows::new()
        .utf8("left", cells.map(|(left, _)| left))
        .utf8("right", cells.map(|(_, right)| right));
    let of = |columns: &[&str]| digests(&rows, columns, true).unwrap();
    let (one_way, other_way) = (of(&["left", "right"]), of(&["right", "left"]));
    let mut seen = BTreeMap::new();
    for (row, digest) in one_way.iter().chain(&other_way).enumerate() {
        if let Some(before) = seen.insert(digest, row) {
            // ("a", "bc") is ("bc", "a") the other way round.
            assert!([(0, 8), (2, 6)].contains(&(before, row)), "{before} {row}");
        }
    }
    assert_eq!(seen.len(), 10);
}

#[test]
fn columns_that_are_no_keys_are_refused() {
    let rows = Rows::new().float64("key", [1.0]).utf8("other", ["a"]);
    let refused = digests(&rows, &["key"], false).unwrap_err();
    assert!(refused.starts_with("the column \"key\" is of floating-point numbers"), "{refused}");
    let refused = digests(&rows, &["name"], false).unwrap_err();
    assert!(refused.contains("has no column \"name\""), "{refused}");
}

#[test]
fn each_character_alone_and_after_another_is_normalized_once_for_all() {
    for character in '\0'..=char::MAX {
        for text in [format!("{character}"), format!("A{character}")] {
            let once = normalized(&text).into_owned();
            assert_eq!(normalized(&once), once, "{text:?}");
        }
    }
}

proptest! {
    #[test]
    fn what_is_normalized_stays(text in "\\PC{0,12}") {
        let once = normalized(&text).into_owned();
        prop_assert_eq!(normalized(&once), &once[..]);
        prop_assert_eq!(once.trim(), &once[..]);
    }

    #[test]
    fn spaces_around_and_composition_do_not_count(text in "[ -~àéîõü\u{300}-\u{310}α-ωΑ-Ω]{0,12}") {
        let decomposed: String = text.nfd().collect();
        let spaced = format!("\u{2003}{decomposed} \n");
        prop_assert_eq!(normalized(&spaced), normalized(&text));
    }
}
