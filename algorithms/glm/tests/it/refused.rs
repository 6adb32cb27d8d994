//! What is refused at all parties before anything about the rows is sent, and what cannot be fitted.

use anchorhold_sdk::lab::{Lab, Rows};
use serde_json::{Value, json};

use crate::{Columns, lab, rows, split, study, table};

/// Checks what all parties say.
fn refused(lab: &mut Lab, expected: &str) {
    let said = lab.run().refusal();
    assert!(said.contains(expected), "{said}");
}

fn stopped(arguments: &Value, parts: &[Columns], expected: &str) {
    let said = lab(arguments, parts).run().common_error();
    assert!(said.contains(expected), "{said}");
}

#[test]
fn rows_that_do_not_suit_are_told_without_a_value() {
    let (arguments, parts) = study(3);
    let change = |name: &str, value: Option<f64>| {
        let mut part = parts[1].clone();
        part.iter_mut().find(|(column, _)| column == name).unwrap().1[2] = value;
        part
    };
    let outside = "a value is outside the declared bounds";
    for (part, expected) in [
        (change("age", Some(f64::NAN)), outside),
        (change("age", Some(f64::INFINITY)), outside),
        (change("dose", Some(f64::NEG_INFINITY)), outside),
        (change("age", Some(123.456)), outside),
        (
            change("dose", None),
            "the column \"dose\" of the dataset \"records\" has a null in row 2",
        ),
        (
            change("ill", Some(0.5)),
            "the column \"ill\" of the dataset \"records\": a value is neither 0 nor 1",
        ),
        (parts[1][1..].to_vec(), "has no column \"age\""),
    ] {
        refused(lab(&arguments, &parts).dataset(1, "records", &rows(&part)), expected);
    }
    let text = parts[1][0].1.iter().map(|_| "x");
    let text = rows(&parts[1][1..].to_vec()).utf8("age", text);
    refused(lab(&arguments, &parts).dataset(1, "records", &text), "is not of numbers");
    let none =
        Rows::new().float64("age", [0.0; 0]).float64("dose", [0.0; 0]).float64("ill", [0.0; 0]);
    refused(lab(&arguments, &parts).dataset(1, "records", &none), "\"min_party_rows\" asks for, 1");
}

#[test]
fn arguments_without_sense_are_refused() {
    let (arguments, parts) = study(3);
    let bounds = |minimum: f64, maximum: f64| json!([{ "name": "age", "minimum": minimum, "maximum": maximum }]);
    for (name, value, expected) in [
        ("features", json!([]), "there must be 1 to 64 features, not 0"),
        ("features", bounds(1.0, 1.0), "bounds of which the maximum is above the minimum"),
        ("features", bounds(1.0, 1e13), "bounds of which the maximum is above the minimum"),
        (
            "features",
            json!([{ "name": "ill", "minimum": 0, "maximum": 1 }]),
            "\"ill\" is named twice",
        ),
        ("max_rows", json!(0), "\"max_rows\" must be from 1 to 1048576, not 0"),
        ("max_rows", json!(19), "more rows than \"max_rows\" allows, 19"),
        ("max_steps", json!(101), "\"max_steps\" must be from 2 to 100, not 101"),
        ("min_party_rows", json!(21), "\"min_party_rows\" asks for, 21"),
        ("dataset", json!("records"), "unknown field `dataset`"),
    ] {
        let mut arguments = arguments.clone();
        arguments[name] = value;
        refused(&mut lab(&arguments, &parts), expected);
    }
    let mut poisson = arguments.clone();
    poisson["model"] = "poisson".into();
    poisson["outcome"]["minimum"] = (-1).into();
    refused(&mut lab(&poisson, &parts), "its minimum must not be below 0");
    poisson["outcome"] = json!({ "name": "ill", "minimum": 0, "maximum": 1e12 });
    poisson["max_rows"] = 1_048_576.into();
    refused(&mut lab(&poisson, &study(10).1), "have no place in 128 bits");
    poisson["outcome"]["maximum"] = 1.into();
    let mut part = parts[1].clone();
    part[2].1[0] = Some(0.5);
    refused(
        lab(&poisson, &parts).dataset(1, "records", &rows(&part)),
        "a value is no whole number",
    );
}

#[test]
fn parties_with_other_arguments_do_not_compute_together() {
    let (arguments, parts) = study(3);
    let mut others = arguments.clone();
    others["max_steps"] = 24.into();
    refused(lab(&arguments, &parts).arguments_of(2, others), "party-2 was given other arguments");
}

#[test]
fn two_parties_are_refused_with_the_reason() {
    let (arguments, parts) = study(2);
    stopped(&arguments, &parts, "a model takes at least 3 parties, not 2");
}

#[test]
fn fewer_rows_than_asked_for_in_all_are_refused_before_a_step() {
    let (mut arguments, parts) = study(3);
    arguments["min_rows"] = 61.into();
    stopped(&arguments, &parts, "all parties together have fewer rows to use than 61");
    let report = lab(&arguments, &parts).run();
    assert!(report.trace().iter().all(|sent| sent.topic != "step"));
    arguments["min_rows"] = 60.into();
    lab(&arguments, &parts).run().common_result();
    // Whatever is asked for, there are more rows than coefficients.
    arguments["min_rows"] = 1.into();
    stopped(&arguments, &split(&table(3, 1), 3, |row| row), "fewer rows to use than 4");
}

#[test]
fn columns_that_determine_nothing_are_told_by_their_name() {
    let (arguments, parts) = study(3);
    let with = |dose: &dyn Fn(f64) -> f64| -> Vec<Columns> {
        let mut parts = parts.clone();
        for part in &mut parts {
            part[1].1 = part[0].1.iter().map(|age| age.map(dose)).collect();
        }
        parts
    };
    stopped(&arguments, &with(&|_| 0.3), "the coefficient of \"dose\" is not determined");
    stopped(&arguments, &with(&|age| age / 100.0), "the coefficient of \"dose\" is not determined");
    // Constant at one party is fine.
    let mut one = parts.clone();
    one[2][1].1.iter_mut().for_each(|dose| *dose = Some(0.3));
    lab(&arguments, &one).run().common_result();
}

#[test]
fn separated_outcomes_and_outcomes_that_are_all_the_same_are_told() {
    let (mut arguments, parts) = study(3);
    let with = |ill: &dyn Fn(f64, f64, f64) -> f64| -> Vec<Columns> {
        let mut parts = parts.clone();
        for part in &mut parts {
            let rows = 0..part[0].1.len();
            let ill = rows.map(|r| {
                Some(ill(part[0].1[r].unwrap(), part[1].1[r].unwrap(), part[2].1[r].unwrap()))
            });
            part[2].1 = ill.collect();
        }
        parts
    };
    stopped(&arguments, &with(&|_, _, _| 1.0), "the column \"ill\" has the same value");
    arguments["max_steps"] = 100.into();
    // Separated by age; and where the dose is high all are ill, which a column of 0 and 1 shows.
    stopped(&arguments, &with(&|age, _, _| f64::from(age > 50.0)), "grows without bounds");
    let mut high = with(&|_, dose, ill| if dose > 0.5 { 1.0 } else { ill });
    for part in &mut high {
        part[1].1.iter_mut().for_each(|dose| *dose = dose.map(|dose| f64::from(dose > 0.5)));
    }
    for steps in [25, 100] {
        arguments["max_steps"] = steps.into();
        stopped(&arguments, &high, "grows without bounds");
    }
    arguments["max_steps"] = 2.into();
    stopped(&arguments, &parts, "2 steps did not converge");
}

#[test]
fn the_description_is_what_the_contract_wants() {
    let description = glm::describe();
    let schema: Value = serde_json::from_str(&description.arguments).unwrap();
    assert_eq!(description.name, "glm");
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(schema["required"], json!(["model", "outcome", "features"]));
    assert_eq!(description.roles[0].min_parties, 3);
}
