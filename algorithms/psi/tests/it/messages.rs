//! What is sent: as many messages of the sizes that the README says, whatever the sets are; and what a
//! modeller learns by guessing.

use anchorhold_sdk::lab::{Report, Rows};
use serde_json::{Value, json};

use crate::{KINDS, MODELLER, POD, lab_of, numbers, sum};

/// Topic, sender and size of each message after the first two.
fn sizes(report: &Report) -> Vec<(String, usize, usize)> {
    let sent = report.trace().iter().filter(|sent| sent.topic != "agree");
    let mut sizes: Vec<_> =
        sent.map(|sent| (sent.topic.clone(), sent.from, sent.body.len())).collect();
    sizes.sort();
    sizes
}

/// The sizes of the messages on a topic for so many elements of so many bytes, in batches.
fn batches(
    topic: &str,
    from: usize,
    elements: usize,
    bytes: usize,
    proof: usize,
) -> Vec<(String, usize, usize)> {
    let size = |first: usize| 4_096.min(elements - first) * bytes + proof;
    (0..elements).step_by(4_096).map(|first| (topic.to_owned(), from, size(first))).collect()
}

/// What a setting sends for sets of m and n elements, and in how many rounds.
fn stated(arguments: &Value, m: usize, n: usize) -> (Vec<(String, usize, usize)>, u32) {
    let (bytes, proof) = match arguments["kind"].as_str() {
        Some("rsa") => (256, 0),
        Some("voprf") => (32, 64),
        _ => (32, 0),
    };
    let (is_sum, is_linked) = (arguments["output"] == "sum", arguments["link"] == true);
    let mut sizes = batches("asked", MODELLER, m, bytes, 0);
    sizes.extend(batches("replies", POD, m, bytes, proof));
    sizes.extend(batches("set", POD, n, if is_sum { 80 } else { 16 }, 0));
    let mut rounds = 3;
    if is_linked {
        sizes.push(("shared".to_owned(), MODELLER, n.div_ceil(8)));
        rounds += 1;
    }
    if is_sum {
        sizes.push(("sum-asked".to_owned(), MODELLER, 32));
        sizes.push(("sum-reply".to_owned(), POD, 32));
        rounds += 2;
    }
    sizes.sort();
    (sizes, rounds)
}

fn is_as_stated(arguments: &Value, m: i64, n: i64) {
    let expected = stated(arguments, m.try_into().unwrap(), n.try_into().unwrap());
    // None shared, some, all that can be.
    for first in [m, m / 2, 0] {
        let pod = numbers(first..first + n).int64("value", (0..n).map(|value| value % 7));
        let report = lab_of(&numbers(0..m), &pod, arguments).run();
        let result = report.result(MODELLER);
        assert_eq!(result["shared"], m.min(first + n) - first, "{arguments}");
        let rounds = report.traffic().rounds;
        assert_eq!((sizes(&report), rounds), expected, "{arguments} {m} {n} {first}");
    }
}

#[test]
fn messages_have_the_same_number_and_size_for_all_sets_of_a_size() {
    for kind in KINDS {
        is_as_stated(&json!({ "kind": kind, "link": true }), 5, 9);
    }
    for (m, n) in [(5, 9), (4_097, 20), (20, 8_192)] {
        is_as_stated(&json!({}), m, n);
        is_as_stated(&json!({ "kind": "voprf", "link": true }), m, n);
        is_as_stated(&json!({ "output": "count" }), m, n);
        // Also where the sum is withheld, and the pod does not see that.
        is_as_stated(&sum(0, 9, 0, 3), m, n);
    }
}

#[test]
fn sizes_do_not_show_where_sets_are_filled_up() {
    for arguments in
        [json!({}), json!({ "kind": "voprf" }), json!({ "output": "count" }), sum(0, 9, 0, 1)]
    {
        let mut arguments = arguments;
        for (name, value) in
            [("pad", json!(true)), ("max_modeller", json!(20)), ("max_pod", json!(30))]
        {
            arguments[name] = value;
        }
        for (m, n) in [(0, 0), (1, 30), (20, 3), (20, 30)] {
            let pod = numbers(0..n).int64("value", (0..n).map(|_| 2));
            let report = lab_of(&numbers(0..m), &pod, &arguments).run();
            assert_eq!(sizes(&report), stated(&arguments, 20, 30).0);
            let shared = m.min(n);
            let result = report.result(MODELLER);
            assert_eq!((&result["modeller"], &result["pod"]), (&json!(20), &json!(30)));
            assert_eq!(result["shared"], shared);
            if arguments["output"] == "sum" && shared > 0 {
                assert_eq!(result["sum"], (2 * shared).to_string());
            }
            assert_eq!(report.result(POD), &json!({ "modeller": 20, "pod": 30 }));
        }
    }
}

#[test]
fn who_guesses_all_of_a_small_domain_learns_the_set_as_far_as_its_bound_allows() {
    // The pod's patients are of these ages; the modeller asks for every age that there is.
    let ages = [34, 52, 67, 67, 81];
    for kind in KINDS {
        let guess = |bound: i64| {
            let arguments = json!({ "kind": kind, "max_modeller": bound, "max_pod": 10 });
            lab_of(&numbers(0..100), &numbers(ages), &arguments).run()
        };
        assert_eq!(guess(100).result(MODELLER)["rows"], json!([34, 52, 67, 81]));
        let report = guess(99);
        let expected = "clinic does not take part: the set has more elements than \"max_modeller\" \
                        allows, 99";
        assert_eq!(report.refusal(), expected);
    }
}

#[test]
fn a_modeller_that_asks_for_more_than_it_said_is_refused() {
    let lab = || lab_of(&numbers(0..4), &numbers(0..4), &json!({ "max_modeller": 4 }));
    let more = |body: &mut Vec<u8>| body.extend_from_within(..32);
    let report = lab().corrupt_message(MODELLER, POD, 1, more).run();
    let expected = "the message \"asked\" of seat 0 has 160 bytes instead of 128";
    assert_eq!(report.failure(POD).to_string(), expected);
    // Nor can it say that it has more than allowed: the number is before the empty key's length.
    let says_five = |body: &mut Vec<u8>| {
        let number = body.len() - 2;
        body[number] = 5;
    };
    let report = lab().corrupt_message(MODELLER, POD, 0, says_five).run();
    assert_eq!(report.error(POD), "seat 0 says that it has 5 elements, with a bound of 4");
}

#[test]
fn no_key_is_in_any_message() {
    let secret = "a-very-secret-name-of-a-patient";
    let rows = || Rows::new().utf8("key", [secret, "other"]);
    for kind in KINDS {
        let report = lab_of(&rows(), &rows(), &json!({ "kind": kind, "link": true })).run();
        assert_eq!(report.result(MODELLER)["shared"], 2);
        for sent in report.trace() {
            let found = sent
                .body
                .windows(8)
                .any(|window| secret.as_bytes().windows(8).any(|w| w == window));
            assert!(!found, "{}", sent.topic);
        }
    }
}
