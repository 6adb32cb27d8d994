//! Linked rows: a later task of the run reads them at both parties, in one order.

use std::collections::BTreeSet;

use anchorhold_sdk::lab::{Lab, Rows};
use anchorhold_sdk::{Algorithm, Description, Result, Security, Task, linked_rows};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{KINDS, MODELLER, POD, lab, lab_of, numbers};

fn describe() -> Description {
    let security = Security::semi_honest("None.", "All.");
    Description::new("reader", "1.0.0", "Reads keys in the linked order.", security)
}

/// The keys of the linked rows, in their order.
fn keys(task: &mut Task, _: serde::de::IgnoredAny) -> Result<Option<Vec<Option<String>>>> {
    let table = task.table("records")?;
    let Some(linked) = linked_rows::read(task, &table)? else { return Ok(None) };
    let column = table.utf8("key")?;
    let keys: Vec<_> = column.iter().map(|key| key.map(str::to_lowercase)).collect();
    Ok(Some(linked.rows.iter().map(|row| keys[usize::try_from(*row).unwrap()].clone()).collect()))
}

/// The linked rows.
fn rows(task: &mut Task, _: serde::de::IgnoredAny) -> Result<Option<Vec<u64>>> {
    Ok(linked_rows::read(task, &task.table("records")?)?.map(|linked| linked.rows))
}

/// Lets both parties read the keys of their linked rows.
fn read(lab: &mut Lab) -> [Value; 2] {
    lab.algorithm(Algorithm::new(describe, keys));
    let report = lab.run();
    [MODELLER, POD].map(|seat| report.result(seat).clone())
}

#[test]
fn both_store_the_rows_of_the_same_keys_in_one_order() {
    let modeller = ["ann", "bob", "cy", "-", "dora", "eve", "finn", "gil"];
    let pod = ["Zoe", "gil", "EVE", "", "bob", "Ann", "yan"];
    let mut orders = BTreeSet::new();
    for kind in KINDS {
        for pad in [false, true] {
            let mut arguments = json!({ "kind": kind, "link": true });
            if pad {
                let bounds = json!({ "pad": true, "max_modeller": 9, "max_pod": 12 });
                arguments.as_object_mut().unwrap().extend(bounds.as_object().unwrap().clone());
            }
            let mut lab = lab(&modeller, &pod, &arguments);
            let report = lab.run();
            assert_eq!(report.result(MODELLER)["rows"], json!([0, 1, 5, 7]));
            let of_pod = report.result(POD);
            assert_eq!((&of_pod["rows"], &of_pod["shared"]), (&json!([1, 2, 4, 5]), &json!(4)));
            let [ours, theirs] = read(&mut lab);
            assert_eq!(ours, theirs, "{kind}");
            let mut found: Vec<String> = serde_json::from_value(ours.clone()).unwrap();
            found.sort();
            assert_eq!(found, ["ann", "bob", "eve", "gil"]);
            orders.insert(ours.to_string());
        }
    }
    assert!(orders.len() > 1, "the order is that of tokens under a fresh key, and not of the rows");
}

#[test]
fn without_a_link_nothing_is_stored_and_with_none_shared_no_row_is() {
    let mut unlinked = lab(&["a"], &["a"], &json!({}));
    assert_eq!(unlinked.run().result(MODELLER)["shared"], 1);
    assert_eq!(read(&mut unlinked), [Value::Null, Value::Null]);
    let mut apart = lab(&["a"], &["b"], &json!({ "link": true }));
    let report = apart.run();
    assert_eq!(report.result(POD)["rows"], json!([]));
    assert_eq!(read(&mut apart), [json!([]), json!([])]);
}

#[test]
fn keys_of_other_names_and_types_are_linked() {
    let ours = Rows::new()
        .utf8("id", ["0", "7 ", "-3", "+7"])
        .boolean("alive", [true, false, true, false]);
    let theirs = Rows::new().int64("number", [7, 7, -3]).utf8("living", ["FALSE", "true", "True"]);
    let arguments = json!({ "keys": null, "modeller_keys": ["id", "alive"], "pod_keys": ["number", "living"],
                            "link": true });
    let report = lab_of(&ours, &theirs, &arguments).run();
    assert_eq!(report.result(MODELLER)["rows"], json!([1, 2]));
    assert_eq!(report.result(POD)["rows"], json!([0, 2]));
}

#[test]
fn text_can_be_compared_as_it_stands() {
    let report = lab(&["a", "B", " c"], &["A", "B", "c"], &json!({ "exact": true })).run();
    assert_eq!(report.result(MODELLER)["rows"], json!([1]));
    let report = lab(&["a", "B", " c"], &["A", "B", "c"], &json!({})).run();
    assert_eq!(report.result(MODELLER)["rows"], json!([0, 1, 2]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn random_sets_are_linked(
        ours in prop::collection::hash_set(0_i64..30, 0..20),
        theirs in prop::collection::hash_set(0_i64..30, 0..20),
    ) {
        let [ours, theirs] = [ours, theirs].map(|keys| keys.into_iter().collect::<Vec<_>>());
        let [left, right] = [&ours, &theirs].map(|keys| numbers(keys.iter().copied()));
        let mut lab = lab_of(&left, &right, &json!({ "link": true }));
        lab.run();
        lab.algorithm(Algorithm::new(describe, rows));
        let report = lab.run();
        let rows = [MODELLER, POD].map(|seat| -> Vec<usize> {
            serde_json::from_value(report.result(seat).clone()).unwrap()
        });
        let keys = |seat: usize, of: &[i64]| rows[seat].iter().map(|row| of[*row]).collect::<Vec<_>>();
        let linked = keys(MODELLER, &ours);
        prop_assert_eq!(&linked, &keys(POD, &theirs));
        let expected: BTreeSet<_> = ours.iter().filter(|key| theirs.contains(key)).copied().collect();
        prop_assert_eq!(linked.len(), expected.len());
        prop_assert_eq!(linked.into_iter().collect::<BTreeSet<_>>(), expected);
    }
}
