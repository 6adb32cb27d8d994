//! Sums of the pod's column over shared keys.

use anchorhold_sdk::lab::Rows;
use serde_json::json;

use crate::{MODELLER, POD, lab_of, numbers, sum, text};

#[test]
fn values_are_added_exactly() {
    let modeller = text(&["a", "b", "c", "d"]);
    let pod = || text(&["c", "x", "a", "b", "a"]);
    let cases = [
        (pod().int64("value", [1, 100, 20, 3, 4]), sum(0, 200, 0, 1), "28"),
        (pod().int64("value", [-1, 100, -20, 3, -4]), sum(-200, 200, 0, 1), "-22"),
        (pod().float64("value", [0.125, 9.0, 1.5, -2.25, 0.375]), sum(-10, 10, 3, 1), "-0.250"),
        (pod().int64("value", [-7, -9, -3, -7, -2]), sum(-9, -2, 0, 1), "-19"),
        (pod().int64("value", [0, 0, 0, 0, 0]), sum(0, 0, 18, 1), "0.000000000000000000"),
    ];
    for (pod, arguments, expected) in cases {
        let report = lab_of(&modeller, &pod, &arguments).run();
        let result = report.result(MODELLER);
        assert_eq!((&result["shared"], &result["sum"]), (&json!(3), &json!(expected)));
        assert_eq!(report.result(POD), &json!({ "modeller": 4, "pod": 4 }));
    }
}

#[test]
fn the_largest_and_the_smallest_sum_are_found() {
    let bound = 1_000_000_000;
    for value in [bound, -bound] {
        let mut arguments = sum(-bound, bound, 0, 1);
        arguments["max_pod"] = json!(30);
        let pod = numbers(0..30).int64("value", [value; 30]);
        let report = lab_of(&numbers(0..40), &pod, &arguments).run();
        assert_eq!(report.result(MODELLER)["sum"], (30 * value).to_string());
    }
}

#[test]
fn with_fewer_shared_keys_than_required_there_is_no_sum() {
    let pod = || numbers(0..10).int64("value", 0..10);
    for (required, shared, has_sum) in [
        (None, 4, false),
        (None, 5, true),
        (Some(1), 0, false),
        (Some(7), 6, false),
        (Some(0), 0, true),
    ] {
        let mut arguments = sum(0, 10, 0, 0);
        arguments["minimum_size"] = json!(required);
        let report = lab_of(&numbers(10 - shared..15), &pod(), &arguments).run();
        let result = report.result(MODELLER);
        assert_eq!(result["shared"], shared);
        let withheld = "fewer keys are shared than \"minimum_size\" requires, ";
        match has_sum {
            true => {
                assert_eq!(result["sum"], (10 - shared..10).sum::<i64>().to_string());
                assert!(result.get("withheld").is_none());
            }
            false => {
                assert!(result.get("sum").is_none());
                assert_eq!(result["withheld"], format!("{withheld}{}", required.unwrap_or(5)));
            }
        }
    }
}

#[test]
fn a_modeller_of_one_key_would_learn_its_value_and_so_is_told_none() {
    let pod = Rows::new().utf8("key", ["ann", "bob"]).int64("value", [41, 52]);
    let mut arguments = sum(0, 100, 0, 0);
    arguments["minimum_size"] = json!(null);
    let report = lab_of(&text(&["ann"]), &pod, &arguments).run();
    let result = report.result(MODELLER);
    assert_eq!((&result["shared"], result.get("sum")), (&json!(1), None));
    // Where one is enough, it is told.
    arguments["minimum_size"] = json!(1);
    let report = lab_of(&text(&["ann"]), &pod, &arguments).run();
    assert_eq!(report.result(MODELLER)["sum"], "41");
}

#[test]
fn what_the_pod_decrypts_is_nothing_that_it_has_sent() {
    let pod = numbers(0..9).int64("value", 0..9);
    let report = lab_of(&numbers(8..12), &pod, &sum(0, 10, 0, 1)).run();
    assert_eq!(report.result(MODELLER)["sum"], "8");
    let body = |topic: &str| &report.trace().iter().find(|sent| sent.topic == topic).unwrap().body;
    // Of one shared element, the sum of encryptions is one of them; it is masked.
    let (set, asked) = (body("set"), body("sum-asked"));
    assert!(set.windows(32).all(|window| window != &asked[..]));
}
