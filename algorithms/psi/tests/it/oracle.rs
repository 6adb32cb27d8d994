//! Results, against what is computed in the clear.

use anchorhold_sdk::lab::Rows;
use proptest::prelude::*;
use serde_json::json;

use crate::{KINDS, MODELLER, POD, distinct, lab, lab_of, numbers, rows_with, sum, text, total};

/// Runs all outputs of a kind on two lists of keys, and compares.
fn is_right(kind: &str, modeller: &[&str], pod: &[&str]) {
    let [ours, theirs] = [modeller, pod].map(distinct);
    let shared = &ours & &theirs;
    let outcome = json!({ "modeller": ours.len(), "pod": theirs.len() });
    let mut learned = outcome.clone();
    learned["shared"] = json!(shared.len());
    if kind == "ecdh" {
        let report = lab(modeller, pod, &json!({ "output": "count" })).run();
        assert_eq!((report.result(MODELLER), report.result(POD)), (&learned, &outcome));
    }
    learned["rows"] = json!(rows_with(modeller, &shared));
    let report = lab(modeller, pod, &json!({ "kind": kind })).run();
    assert_eq!((report.result(MODELLER), report.result(POD)), (&learned, &outcome), "{kind}");
}

#[test]
fn sets_of_each_shape_are_compared_by_each_kind() {
    let cases: [(&[&str], &[&str]); 9] = [
        (&[], &[]),
        (&["a"], &[]),
        (&[], &["a"]),
        (&["a"], &["a"]),
        (&["a"], &["b"]),
        (&["c", "a", "b"], &["b", "c", "a"]),
        (&["a", "b", "c"], &["d", "e"]),
        (&["a", "-", "b", "a", "", "c", "a"], &["-", "c", "", "a", "a", "d", "-"]),
        (&["-", ""], &["", "-", "-"]),
    ];
    for kind in KINDS {
        for (modeller, pod) in cases {
            is_right(kind, modeller, pod);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn random_sets_are_compared(
        modeller in prop::collection::vec("[a-e]{0,2}", 0..40),
        pod in prop::collection::vec("[a-e]{0,2}", 0..40),
        voprf in any::<bool>(),
    ) {
        let [modeller, pod] = [&modeller, &pod].map(|keys| keys.iter().map(|key| &key[..]).collect::<Vec<_>>());
        is_right(if voprf { "voprf" } else { "ecdh" }, &modeller, &pod);
    }

    #[test]
    fn random_columns_are_added(
        modeller in prop::collection::vec("[a-e]{0,1}", 0..12),
        pod in prop::collection::vec(("[a-g]{0,1}", -30_i64..30), 0..12),
    ) {
        let modeller: Vec<_> = modeller.iter().map(|key| &key[..]).collect();
        let pod: Vec<_> = pod.iter().map(|(key, value)| (&key[..], *value)).collect();
        let rows = Rows::new().utf8("key", pod.iter().map(|(key, _)| *key));
        let rows = rows.int64("value", pod.iter().map(|(_, value)| *value));
        let report = lab_of(&text(&modeller), &rows, &sum(-400, 400, 0, 1)).run();
        let (shared, expected) = total(&modeller, &pod);
        let result = report.result(MODELLER);
        prop_assert_eq!(&result["shared"], &json!(shared));
        match shared {
            0 => prop_assert!(result["withheld"].is_string() && result.get("sum").is_none()),
            _ => prop_assert_eq!(&result["sum"], &json!(expected.to_string())),
        }
        prop_assert!(report.result(POD).get("shared").is_none());
    }
}

#[test]
fn a_large_set_and_a_small_one_are_compared_either_way() {
    // 10,000 take three batches.
    let (large, small) = (0..10_000, (9_950..10_050).rev());
    let of_large = json!((9_950..10_000).collect::<Vec<_>>());
    let of_small = json!((50..100).collect::<Vec<_>>());
    for kind in ["ecdh", "voprf"] {
        let arguments = json!({ "kind": kind, "link": true });
        for swapped in [false, true] {
            let mut sets = [numbers(large.clone()), numbers(small.clone())];
            let mut expected = [&of_large, &of_small];
            if swapped {
                sets.reverse();
                expected.reverse();
            }
            let report = lab_of(&sets[0], &sets[1], &arguments).run();
            let found = [MODELLER, POD].map(|seat| &report.result(seat)["rows"]);
            assert_eq!(found, expected, "{kind}");
        }
    }
    let report = lab_of(&numbers(large), &numbers(small), &json!({ "output": "count" })).run();
    assert_eq!(report.result(MODELLER)["shared"], 50);
}
