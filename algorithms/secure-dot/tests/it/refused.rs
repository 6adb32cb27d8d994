//! What is refused: all parties are told who and why, in the same words, before any share leaves.

use anchorhold_sdk::lab::{Lab, Rows};
use serde_json::{Value, json};

use crate::{SETTINGS, Third, arguments, column, lab, rows};

/// Holders of three rows, of which the second has other data.
fn with_other_rows(holders: usize, third: Third, rows: &Rows) -> Lab {
    let mut lab = lab(&vec![vec![1, 2, 3]; holders], third);
    lab.dataset(1, "records", rows);
    lab
}

#[test]
fn bad_data_is_told_to_all_in_each_setting() {
    let who = "party-1 does not take part: ";
    let of_column = "the column \"x\" of the dataset \"records\"";
    let bounds = "a value is outside the declared bounds -1000 to 1000";
    let columns = "the dataset \"records\" has no column \"x\", but [\"y\"]";
    let kind = format!(
        "{of_column} is not of numbers: it is of type utf8, as a column is in which not all values are \
         numbers; the type can be declared"
    );
    let bad = [
        (rows(&[1, 1_001, 3]), format!("{of_column}: {bounds}")),
        (rows(&[1, 2, i64::MIN]), format!("{of_column}: {bounds}")),
        (Rows::new().float64("x", [1.0, f64::NAN, 3.0]), format!("{of_column}: {bounds}")),
        (Rows::new().float64("x", [1.0, 2.0, f64::NEG_INFINITY]), format!("{of_column}: {bounds}")),
        (Rows::new().int64("x", [Some(1), None, None]), format!("{of_column} has a null in row 1")),
        (Rows::new().float64("x", [None, Some(2.0)]), format!("{of_column} has a null in row 0")),
        (rows(&[]), "the dataset \"records\" has no rows".to_owned()),
        (Rows::new().int64("y", [1, 2, 3]), columns.to_owned()),
        (Rows::new().utf8("x", ["1", "2", "3"]), kind),
    ];
    for (holders, third) in SETTINGS {
        for (rows, why) in &bad {
            assert_eq!(
                with_other_rows(holders, third, rows).run().refusal(),
                format!("{who}{why}"),
            );
        }
    }
}

#[test]
fn another_number_of_rows_is_told_to_all() {
    for (holders, third) in SETTINGS {
        for (other, found) in [(rows(&[1, 2]), 2), (rows(&[1, 2, 3, 4]), 4)] {
            let sentence = format!(
                "party-1 has {found} rows and party-0 3: all columns must be of the same rows in the \
                 same order"
            );
            assert_eq!(with_other_rows(holders, third, &other).run().refusal(), sentence);
        }
    }
    // A provider in the first seat has no rows, and none are asked of it.
    let mut lab = Lab::new(secure_dot::algorithm());
    lab.party("dealer", "provider").party("north", "holder").party("south", "holder");
    lab.arguments(arguments(&[10, 10], 10));
    lab.dataset(1, "records", &rows(&[1; 569])).dataset(2, "records", &rows(&[1; 568]));
    lab.arguments(arguments(&[10, 10], 1_000));
    assert_eq!(
        lab.run().refusal(),
        "south has 568 rows and north 569: all columns must be of the same rows in the same order",
    );
}

#[test]
fn more_rows_than_allowed_are_told_to_all() {
    let mut lab = lab(&[vec![1, 2, 3], vec![4, 5, 6]], Third::Provider);
    lab.arguments(arguments(&[1_000; 2], 2));
    assert_eq!(
        lab.run().refusal(),
        "party-0 does not take part: the dataset \"records\" has more rows than \"max_rows\" allows, 2",
    );
}

#[test]
fn other_arguments_are_told_to_all() {
    let mut lab = lab(&[vec![1], vec![2], vec![3]], Third::Provider);
    lab.arguments_of(1, arguments(&[1_000, 1_000, 999], 1_000));
    assert_eq!(lab.run().refusal(), "party-1 was given other arguments than party-0");
}

/// Lets all parties have these arguments.
fn with_arguments(holders: usize, third: Third, arguments: &Value) -> Lab {
    let mut lab = lab(&vec![vec![1]; holders], third);
    lab.arguments(arguments);
    lab
}

fn columns(columns: &[Value], max_rows: u64) -> Value {
    json!({ "columns": columns, "max_rows": max_rows })
}

#[test]
fn bad_arguments_are_told_to_all() {
    const MOST: i64 = i64::MAX;
    let who = "party-0 does not take part: ";
    let (one, most) = (column(0, 1), column(-MOST, MOST));
    let narrower = "declare narrower bounds, fewer decimals or fewer rows";
    let two = |second: Value, max_rows| columns(&[one.clone(), second], max_rows);
    let bad = [
        (
            columns(std::slice::from_ref(&one), 1),
            "\"columns\" must name a column of each of the 2 holders, not 1".to_owned(),
        ),
        (
            columns(&vec![one.clone(); 3], 1),
            "\"columns\" must name a column of each of the 2 holders, not 3".to_owned(),
        ),
        (two(column(5, 4), 1), "the column \"x\": the minimum 5 is above the maximum 4".to_owned()),
        (
            two(json!({ "name": "y", "minimum": 0, "maximum": 1, "decimals": 19 }), 1),
            "the column \"y\": 19 decimals are declared, but at most 18 are possible".to_owned(),
        ),
        (
            two(json!({ "name": "y", "minimum": 0, "maximum": 10, "decimals": 18 }), 1),
            format!(
                "the column \"y\": a sum of 1 numbers of 0 to 10 with 18 decimals can reach 2^63: \
                 {narrower}"
            ),
        ),
        (
            columns(&[most.clone(), most.clone()], 2),
            format!("the dot product of \"x\" and \"x\" over 2 rows can reach 2^126: {narrower}"),
        ),
        (
            columns(&[column(0, 1 << 62), column(-(1 << 62), 0)], 4),
            format!("the dot product of \"x\" and \"x\" over 4 rows can reach 2^126: {narrower}"),
        ),
        (
            two(most.clone(), u64::MAX),
            format!(
                "the dot product of \"x\" and \"x\" over {} rows can reach 2^126: {narrower}",
                u64::MAX
            ),
        ),
    ];
    for (arguments, why) in bad {
        for third in [Third::Provider, Third::Helper] {
            assert_eq!(with_arguments(2, third, &arguments).run().refusal(), format!("{who}{why}"));
        }
    }
    // Each pair must fit, not the first one only.
    let last = columns(&[one.clone(), most.clone(), most.clone()], 2);
    let why = format!("the dot product of \"x\" and \"x\" over 2 rows can reach 2^126: {narrower}");
    assert_eq!(with_arguments(3, Third::Nobody, &last).run().refusal(), format!("{who}{why}"));
    // Just below it is room.
    let report = with_arguments(2, Third::Helper, &columns(&[most.clone(), most], 1)).run();
    assert_eq!(report.result(0)["products"][0]["dot"], "1");
}

#[test]
fn arguments_that_are_not_known_are_refused() {
    for (name, value) in [("row", json!(1)), ("dataset", json!("records"))] {
        let mut arguments = arguments(&[10, 10], 10);
        arguments[name] = value;
        let report = with_arguments(2, Third::Helper, &arguments).run();
        let failure = report.failure(0).to_string();
        assert!(failure.contains(&format!("unknown field `{name}`")), "{failure}");
        assert!(report.trace().is_empty());
    }
}

#[test]
fn who_takes_part_must_make_sense() {
    let of_roles = |roles: &[&str]| {
        let mut lab = Lab::new(secure_dot::algorithm());
        for (seat, role) in roles.iter().enumerate() {
            lab.party(&format!("party-{seat}"), role);
        }
        let holders = roles.iter().filter(|role| **role == "holder").count();
        lab.arguments(arguments(&vec![10; holders], 10));
        for seat in 0..roles.len() {
            lab.dataset(seat, "records", &rows(&[1]));
        }
        lab
    };
    let bad: [(&[&str], &str); 6] = [
        (&["holder", "provider"], "a dot product takes at least 2 holders, not 1"),
        (&["helper", "provider", "helper"], "a dot product takes at least 2 holders, not 0"),
        (
            &["holder", "holder"],
            "the task has 2 parties: two that have data need a third one, in the role \"provider\" or \
             one that computes with them",
        ),
        (
            &["holder", "holder", "provider", "provider"],
            "there is more than one party in the role \"provider\"",
        ),
        (
            &["holder", "holder", "provider", "helper"],
            "a helper is only for two holders without a provider",
        ),
        (
            &["holder", "helper", "holder", "holder"],
            "a helper is only for two holders without a provider",
        ),
    ];
    for (roles, why) in bad {
        assert_eq!(of_roles(roles).run().refusal(), format!("party-0 does not take part: {why}"));
    }
}
