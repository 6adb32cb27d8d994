//! What is refused: both parties are told who and why, in the same words, before anything else leaves.

use anchorhold_sdk::lab::{Lab, Rows};
use serde_json::{Value, json};

use crate::{MODELLER, POD, lab, lab_of, numbers, sum, text};

/// Gives both parties the same keys, and exactly these arguments.
fn with_arguments(arguments: &Value) -> Lab {
    let mut lab = lab(&["a", "b"], &["a", "c"], &json!({}));
    lab.arguments(arguments);
    lab
}

#[test]
fn bad_arguments_are_told_to_both() {
    let who = "clinic does not take part: ";
    let lists = "either \"keys\" must be given, or both \"modeller_keys\" and \"pod_keys\"";
    let many = vec!["key"; 65];
    let sums = |change: Value| {
        let mut arguments = sum(0, 100, 0, 1);
        arguments["keys"] = json!(["key"]);
        arguments.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        arguments
    };
    let column = |minimum: i64, maximum: i64, decimals: u32| {
        let bounds = json!({ "minimum": minimum, "maximum": maximum });
        let mut column = json!({ "name": "value", "decimals": decimals });
        column.as_object_mut().unwrap().extend(bounds.as_object().unwrap().clone());
        json!({ "column": column })
    };
    let differ = "the sum of as many values as the smaller set may have can differ by 2^36 or more: \
                  declare narrower bounds, fewer decimals or smaller sets";
    let bad = [
        (json!({}), lists),
        (json!({ "keys": ["key"], "pod_keys": ["key"] }), lists),
        (json!({ "modeller_keys": ["key"] }), lists),
        (
            json!({ "keys": [] }),
            "a key must be of the same number of columns at both parties, 1 to 64, not of 0 and 0",
        ),
        (
            json!({ "keys": many }),
            "a key must be of the same number of columns at both parties, 1 to 64, not of 65 and 65",
        ),
        (
            json!({ "modeller_keys": ["key"], "pod_keys": ["key", "key"] }),
            "a key must be of the same number of columns at both parties, 1 to 64, not of 1 and 2",
        ),
        (
            json!({ "keys": ["key"], "max_modeller": 4_000_001 }),
            "\"max_modeller\" must be at most 4000000, not 4000001",
        ),
        (
            json!({ "keys": ["key"], "max_pod": u32::MAX }),
            "\"max_pod\" must be at most 4000000, not 4294967295",
        ),
        (
            json!({ "keys": ["key"], "kind": "voprf", "output": "count" }),
            "the output \"count\" needs the kind \"ecdh\": in the others replies cannot be permuted",
        ),
        (
            sums(json!({ "kind": "rsa" })),
            "the output \"sum\" needs the kind \"ecdh\": in the others replies cannot be permuted",
        ),
        (
            json!({ "keys": ["key"], "output": "count", "link": true }),
            "\"link\" needs the output \"rows\"",
        ),
        (sums(json!({ "link": true })), "\"link\" needs the output \"rows\""),
        (
            json!({ "keys": ["key"], "minimum_size": 3 }),
            "\"column\" and \"minimum_size\" are for the output \"sum\"",
        ),
        (
            sums(json!({ "output": "rows" })),
            "\"column\" and \"minimum_size\" are for the output \"sum\"",
        ),
        (sums(json!({ "column": null })), "the output \"sum\" needs the argument \"column\""),
        (sums(column(5, 4, 0)), "the column \"value\": the minimum 5 is above the maximum 4"),
        (
            sums(column(0, 1, 19)),
            "the column \"value\": 19 decimals are declared, but at most 18 are possible",
        ),
        (sums(column(0, 68_720, 0)), differ),
        (sums(column(-34_360, 34_360, 0)), differ),
        (sums(column(0, 69, 3)), differ),
    ];
    for (arguments, why) in bad {
        assert_eq!(with_arguments(&arguments).run().refusal(), format!("{who}{why}"));
    }
}

#[test]
fn what_can_just_be_computed_is_not_refused() {
    for (maximum, max) in [(68_719, 1_000_000), ((1 << 36) - 1, 1)] {
        let mut arguments = sum(0, maximum, 0, 1);
        arguments["max_modeller"] = json!(max);
        let pod = text(&["a"]).int64("value", [maximum]);
        let report = lab_of(&text(&["a"]), &pod, &arguments).run();
        assert_eq!(report.result(MODELLER)["sum"], maximum.to_string());
    }
}

#[test]
fn bad_data_is_told_to_both() {
    let keys = json!({});
    let large = json!({ "max_pod": 2, "max_modeller": 2 });
    let linked = json!({ "link": true });
    let sum = sum(0, 10, 0, 1);
    let of_value = "the column \"value\"";
    let bounds = "a value is outside the declared bounds 0 to 10";
    let with = |values: [Option<i64>; 3]| text(&["a", "a", "b"]).int64("value", values);
    let no_keys = "the column \"key\" is of floating-point numbers, which are no keys: text, whole \
                   numbers and truth values are";
    let no_column = "the dataset \"records\" has no column";
    let key_missing = format!("{no_column} \"key\", but [\"name\"]");
    let value_missing = format!("{no_column} \"value\", but [\"key\"]");
    let too_large = "the set has more elements than \"max_pod\" allows, 2";
    let repeated = "the rows 0 and 3 have the same key, so that they cannot be linked";
    let of_bounds = format!("{of_value}: {bounds}");
    let of_sum =
        format!("{of_value}: the values of one key come to a sum outside the declared bounds");
    let null = format!("{of_value} of the dataset \"records\" has a null in row 1");
    let no_numbers = format!(
        "{of_value} of the dataset \"records\" is not of numbers: it is of type utf8, as a column is in \
         which not all values are numbers; the type can be declared"
    );
    let bad = [
        (&keys, Rows::new().float64("key", [1.0]), no_keys),
        (&keys, numbers([1]).utf8("other", ["a"]), ""),
        (&keys, Rows::new().utf8("name", ["a"]), &key_missing),
        (&large, text(&["a", "b", "c"]), too_large),
        (&large, text(&["a", "b", "A", " b"]), ""),
        (&linked, text(&["a", "b", "-", "A "]), repeated),
        (&sum, text(&["a"]), &value_missing),
        (&sum, with([Some(1), Some(11), Some(2)]), &of_bounds),
        (&sum, with([Some(1), Some(-1), Some(2)]), &of_bounds),
        (&sum, with([Some(6), Some(5), Some(2)]), &of_sum),
        (&sum, with([Some(6), Some(4), Some(2)]), ""),
        (&sum, with([Some(6), None, Some(2)]), &null),
        (&sum, text(&["a", "-"]).int64("value", [Some(6), None]), ""),
        (&sum, text(&["a", "-"]).int64("value", [6, 999]), ""),
        (&sum, text(&["a"]).utf8("value", ["6"]), &no_numbers),
    ];
    for (arguments, pod, why) in bad {
        let mut lab = lab_of(&text(&["a"]), &pod, arguments);
        match why {
            "" => assert!(lab.run().outcomes().iter().all(Result::is_ok), "it is not bad"),
            why => assert_eq!(lab.run().refusal(), format!("registry does not take part: {why}")),
        }
    }
}

#[test]
fn other_arguments_are_told_to_both() {
    let mut lab = lab(&["a"], &["a"], &json!({}));
    lab.arguments_of(POD, json!({ "keys": ["key"], "kind": "voprf" }));
    assert_eq!(lab.run().refusal(), "registry was given other arguments than clinic");
}

#[test]
fn arguments_that_are_not_known_are_refused() {
    for (name, value) in [("padding", json!(true)), ("dataset", json!("records"))] {
        let report = with_arguments(&json!({ "keys": ["key"], name: value })).run();
        let failure = report.failure(MODELLER).to_string();
        assert!(failure.contains(&format!("unknown field `{name}`")), "{failure}");
        assert!(report.trace().is_empty());
    }
}

#[test]
fn who_takes_part_must_make_sense() {
    let of_roles = |roles: &[&str]| {
        let mut lab = Lab::new(psi::algorithm());
        for (seat, role) in roles.iter().enumerate() {
            lab.party(&format!("party-{seat}"), role);
        }
        lab.arguments(json!({ "keys": ["key"] }));
        for seat in 0..roles.len() {
            lab.dataset(seat, "records", &text(&["a"]));
        }
        lab
    };
    let bad: [(&[&str], &str); 4] = [
        (&["modeller", "modeller"], "there must be exactly one party in the role \"modeller\""),
        (&["pod", "pod"], "there must be exactly one party in the role \"modeller\""),
        (&["modeller", "pod", "pod"], "there must be exactly one party in the role \"pod\""),
        (
            &["pod", "modeller", "watcher"],
            "there are two parties, a modeller and a pod, and no others",
        ),
    ];
    for (roles, why) in bad {
        assert_eq!(of_roles(roles).run().refusal(), format!("party-0 does not take part: {why}"));
    }
    // The pod may sit first.
    let report = of_roles(&["pod", "modeller"]).run();
    assert_eq!(report.result(1)["rows"], json!([0]));
}
