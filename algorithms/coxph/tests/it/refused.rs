//! What is refused at all parties before anything about the rows is sent, and what cannot be fitted.

use anchorhold_sdk::lab::Lab;
use serde_json::{Value, json};

use crate::{Columns, lab, rows, study};

/// Checks what all parties say.
fn refused(lab: &mut Lab, expected: &str) {
    let said = lab.run().refusal();
    assert!(said.contains(expected), "{said}");
}

/// Checks what all parties say, and returns whether a step was taken.
fn stopped(arguments: &Value, parts: &[Columns], expected: &str) -> bool {
    let report = lab(arguments, parts).run();
    let said = report.common_error();
    assert!(said.contains(expected), "{said}");
    report.trace().iter().any(|sent| sent.topic == "step")
}

fn changed(parts: &[Columns], name: &str, value: impl Fn(&[f64]) -> Option<f64>) -> Vec<Columns> {
    let mut parts = parts.to_vec();
    for part in &mut parts {
        let place = part.iter().position(|(column, _)| column == name).unwrap();
        for row in 0..part[0].1.len() {
            let values: Vec<f64> = part.iter().map(|(_, values)| values[row].unwrap()).collect();
            part[place].1[row] = value(&values);
        }
    }
    parts
}

#[test]
fn rows_that_do_not_suit_are_told_without_a_value() {
    let (arguments, parts) = study(3);
    let outside = "a value is outside the declared bounds";
    for (name, value, expected) in [
        ("time", Some(21.0), outside),
        ("time", Some(-1.0), outside),
        ("time", Some(f64::NAN), outside),
        (
            "time",
            Some(2.5),
            "the column \"time\" of the dataset \"records\": a value is no whole number",
        ),
        (
            "died",
            Some(0.5),
            "the column \"died\" of the dataset \"records\": a value is neither 0 nor 1",
        ),
        ("died", Some(2.0), outside),
        ("age", Some(f64::INFINITY), outside),
        ("dose", None, "the column \"dose\" of the dataset \"records\" has a null in row 0"),
    ] {
        let part = &changed(&parts[1..2], name, |_| value)[0];
        refused(lab(&arguments, &parts).dataset(1, "records", &rows(part)), expected);
    }
    let part = parts[1][1..].to_vec();
    refused(lab(&arguments, &parts).dataset(1, "records", &rows(&part)), "has no column \"time\"");
}

#[test]
fn arguments_without_sense_are_refused() {
    let (arguments, parts) = study(3);
    let times = "times must have a maximum from 1 to 65535 and an interval from 1 to that";
    let time = |maximum: u32, interval: u32| json!({ "name": "time", "maximum": maximum, "interval": interval });
    let many: Vec<_> =
        (0..8).map(|i| json!({ "name": format!("x{i}"), "minimum": 0, "maximum": 1 })).collect();
    for (name, value, expected) in [
        ("features", json!([]), "there must be 1 to 32 features, not 0"),
        ("time", time(0, 1), times),
        ("time", time(65_536, 1), times),
        ("time", time(20, 0), times),
        ("time", time(20, 21), times),
        ("event", json!("time"), "\"time\" is named twice"),
        ("max_rows", json!(1_048_577), "\"max_rows\" must be from 1 to 1048576"),
        ("max_steps", json!(1), "\"max_steps\" must be from 2 to 100, not 1"),
        ("min_party_rows", json!(21), "\"min_party_rows\" asks for, 21"),
    ] {
        let mut arguments = arguments.clone();
        arguments[name] = value;
        refused(&mut lab(&arguments, &parts), expected);
    }
    let mut fine = arguments.clone();
    (fine["time"], fine["features"]) = (time(65_535, 1), json!(many));
    refused(
        &mut lab(&fine, &parts),
        "a grid of 65536 times with 8 features takes more than 1048576 sums",
    );
    let mut others = arguments.clone();
    others["ties"] = "breslow".into();
    refused(lab(&arguments, &parts).arguments_of(2, others), "party-2 was given other arguments");
    let (arguments, parts) = study(2);
    assert!(!stopped(&arguments, &parts, "a model takes at least 3 parties, not 2"));
}

#[test]
fn few_events_and_rows_that_end_alone_are_refused_before_a_step() {
    let (mut arguments, parts) = study(3);
    arguments["min_events"] = 60.into();
    assert!(!stopped(&arguments, &parts, "all parties together have fewer events than 60"));
    let none = changed(&parts, "died", |_| Some(0.0));
    arguments["min_events"] = 1.into();
    assert!(!stopped(&arguments, &none, "all parties together have fewer events than 3"));
    arguments["min_leaving"] = 3.into();
    let few = "fewer than 3 rows end at some time";
    assert!(!stopped(&arguments, &parts, few));
    // Of 60 rows, a third end at each of three times.
    let third = |values: &[f64]| [6.0, 13.0, 20.0][(values[2] / 31.0) as usize];
    let thirds = changed(&parts, "time", |values| Some(third(values)));
    let thirds = changed(&thirds, "died", |values| Some((values[2] * 10.0).floor() % 2.0));
    lab(&arguments, &thirds).run().common_result();
    arguments["min_leaving"] = 50.into();
    assert!(!stopped(&arguments, &thirds, "fewer than 50 rows end at some time"));
}

#[test]
fn columns_that_determine_nothing_and_monotone_likelihoods_are_told_by_name() {
    let (mut arguments, parts) = study(3);
    let constant = changed(&parts, "dose", |_| Some(0.3));
    assert!(stopped(&arguments, &constant, "the coefficient of \"dose\" is not determined"));
    let same = changed(&parts, "dose", |values| Some(values[2] / 100.0));
    assert!(stopped(&arguments, &same, "the coefficient of \"dose\" is not determined"));
    // Nobody without a dose has an event.
    let monotone = changed(&parts, "dose", |values| Some(values[1]));
    for steps in [25, 100] {
        arguments["max_steps"] = steps.into();
        assert!(stopped(&arguments, &monotone, "the coefficient of \"dose\" grows without bounds"));
    }
    arguments["max_steps"] = 2.into();
    assert!(stopped(&arguments, &parts, "2 steps did not converge"));
}

#[test]
fn the_description_is_what_the_contract_wants() {
    let description = coxph::describe();
    let schema: Value = serde_json::from_str(&description.arguments).unwrap();
    assert_eq!(description.name, "coxph");
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(schema["required"], json!(["time", "event", "features"]));
    assert_eq!(description.roles[0].min_parties, 3);
}
