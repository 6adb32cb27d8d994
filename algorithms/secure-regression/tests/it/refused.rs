//! What is refused: all parties are told who and why, in the same words, before any share leaves.

use anchorhold_sdk::lab::{Lab, Rows};
use serde_json::{Value, json};

use crate::{SETTINGS, Study, Third, columns, study};

/// A feature of each holder but the first, with values from -1 to 1, of five rows.
fn small(model: &'static str, holders: usize) -> Study {
    let mut study = study(model, 0.1, columns(8, 5.max(holders), holders - 1), 0.5).among(holders);
    study.bounds.iter_mut().skip(1).for_each(|bounds| *bounds = [-1.0, 1.0]);
    if model == "logistic" {
        study.outcome = (0..study.outcome.len()).map(|row| f64::from(row == 1)).collect();
        study.bounds[0] = [-2.0, 2.0];
    }
    study
}

#[test]
fn bad_features_are_told_to_all_in_each_setting() {
    let of_column = "the column \"x0\" of the dataset \"records\"";
    let bounds = format!("{of_column}: a value is outside the declared bounds -1 to 1");
    let rows = |values: [f64; 5]| Rows::new().float64("x0", values);
    let bad = [
        (rows([0.1, 1.01, 0.3, 0.4, 0.5]), bounds.clone()),
        (rows([0.1, 0.2, 0.3, 0.4, f64::NAN]), bounds.clone()),
        (rows([0.1, 0.2, 0.3, 0.4, f64::NEG_INFINITY]), bounds.clone()),
        (Rows::new().int64("x0", [0, 1, 0, i64::MIN, 1]), bounds),
        (Rows::new().int64("x0", [Some(0), None, Some(1), None, Some(1)]), {
            format!("{of_column} has a null in row 1")
        }),
        (rows([0.1; 5]), format!("{of_column}: all values are the same")),
        (
            rows([0.1, 0.1, 0.1, 0.1, 0.1001]),
            format!(
                "{of_column}: its standard deviation is less than a 4096th of its bounds: declare \
                 narrower bounds"
            ),
        ),
        (Rows::new().float64("x0", [0.0; 0]), "the dataset \"records\" has no rows".to_owned()),
        (Rows::new().float64("z", [0.1; 5]), {
            "the dataset \"records\" has no column \"x0\", but [\"z\"]".to_owned()
        }),
        (
            Rows::new().utf8("x0", ["0"; 5]),
            format!(
                "{of_column} is not of numbers: it is of type utf8, as a column is in which not all \
                 values are numbers; the type can be declared"
            ),
        ),
    ];
    for (holders, third) in SETTINGS {
        for model in ["ridge", "logistic"] {
            for (rows, why) in &bad {
                let mut lab = small(model, holders).lab(third);
                lab.dataset(1, "records", rows);
                assert_eq!(lab.run().refusal(), format!("party-1 does not take part: {why}"));
            }
        }
    }
}

#[test]
fn bad_outcomes_are_told_to_all() {
    let of_column = "the column \"y\" of the dataset \"records\"";
    let bad = [
        ("logistic", [0.0, 1.0, 0.5, 1.0, 0.0], "a value is neither 0 nor 1"),
        ("logistic", [0.0, 1.0, -1.0, 1.0, 0.0], "a value is neither 0 nor 1"),
        ("logistic", [0.0; 5], "all values are the same"),
        ("logistic", [1.0; 5], "all values are the same"),
        ("logistic", [0.0, 3.0, 1.0, 1.0, 0.0], {
            "a value is outside the declared bounds -2 to 2"
        }),
        ("ridge", [3.0; 5], "all values are the same"),
        ("ridge", [3.0, 1.0, f64::NAN, 1.0, 0.0], {
            "a value is outside the declared bounds -4 to 4"
        }),
    ];
    for third in [Third::Helper, Third::Provider] {
        for (model, values, why) in bad {
            let mut study = small(model, 2);
            study.outcome = values.to_vec();
            if model == "ridge" {
                study.bounds[0] = [-4.0, 4.0];
            }
            let expected = format!("party-0 does not take part: {of_column}: {why}");
            assert_eq!(study.lab(third).run().refusal(), expected);
        }
    }
}

#[test]
fn another_number_of_rows_and_too_few_or_too_many_are_told_to_all() {
    for (holders, third) in SETTINGS {
        let study = small("ridge", holders);
        let rows = study.outcome.len();
        let mut lab = study.lab(third);
        let values: Vec<_> = (0..=rows).map(|row| (row as f64 / 10.0).min(1.0)).collect();
        lab.dataset(1, "records", &Rows::new().float64("x0", values));
        assert_eq!(
            lab.run().refusal(),
            format!(
                "party-1 has {} rows and party-0 {rows}: all columns must be of the same rows in the \
                 same order",
                rows + 1
            ),
        );
    }
    let mut few = small("logistic", 2);
    few.outcome.truncate(1);
    assert_eq!(
        few.lab(Third::Provider).run().refusal(),
        "party-0 does not take part: the dataset \"records\" has fewer rows than there are \
         coefficients, 2",
    );
    let study = small("ridge", 2);
    let mut arguments = study.arguments();
    arguments["max_rows"] = json!(4);
    assert_eq!(
        study.lab(Third::Helper).arguments(arguments).run().refusal(),
        "party-0 does not take part: the dataset \"records\" has more rows than \"max_rows\" allows, 4",
    );
    // 2^21 values are just too many.
    let mut wide = small("ridge", 2);
    wide.features = vec![columns(1, 40_000, 1).remove(0); 63];
    wide.outcome = columns(2, 40_000, 1).remove(0);
    wide.bounds = vec![[-1.0, 1.0]; 64];
    assert_eq!(
        wide.among(2).lab(Third::Helper).run().refusal(),
        "party-0 does not take part: 40000 rows of 64 columns are more than 2097152 values",
    );
}

#[test]
fn other_arguments_are_told_to_all() {
    let study = small("ridge", 3);
    let mut other = study.arguments();
    other["penalty"] = json!(0.2);
    let mut lab = study.lab(Third::Provider);
    assert_eq!(
        lab.arguments_of(1, other).run().refusal(),
        "party-1 was given other arguments than party-0",
    );
}

#[test]
fn bad_arguments_are_told_to_all() {
    let column = |minimum: f64, maximum: f64| json!([[], [{ "name": "x0", "minimum": minimum, "maximum": maximum }]]);
    let bounds = |minimum: &str, maximum: &str| {
        format!(
            "the column \"x0\" must have bounds of which the maximum is above the minimum, not \
             {minimum} and {maximum}"
        )
    };
    let one = json!({ "name": "x0", "minimum": -1, "maximum": 1 });
    let mut huge = String::from("1");
    huge.extend(vec!['0'; 101]);
    let bad: Vec<(&str, Value, String)> = vec![
        ("penalty", json!(0), "\"penalty\" must be from 0.001 to 10, not 0".into()),
        ("penalty", json!(-1), "\"penalty\" must be from 0.001 to 10, not -1".into()),
        ("penalty", json!(10.5), "\"penalty\" must be from 0.001 to 10, not 10.5".into()),
        ("iterations", json!(0), "\"iterations\" must be from 1 to 500, not 0".into()),
        ("iterations", json!(501), "\"iterations\" must be from 1 to 500, not 501".into()),
        ("max_rows", json!(0), "\"max_rows\" must be from 1 to 1048576, not 0".into()),
        (
            "max_rows",
            json!(1_048_577),
            "\"max_rows\" must be from 1 to 1048576, not 1048577".into(),
        ),
        ("receiver", json!("party-9"), "\"receiver\" must name a holder, not \"party-9\"".into()),
        // Who helps has no columns, and learns nothing.
        ("receiver", json!("party-2"), "\"receiver\" must name a holder, not \"party-2\"".into()),
        ("outcome", json!({ "holder": "nobody", "name": "y" }), {
            "the \"holder\" of \"outcome\" must name a holder, not \"nobody\"".into()
        }),
        ("features", json!([[{ "name": "y", "minimum": -1, "maximum": 1 }], [one]]), {
            "the outcome \"y\" is among the features".into()
        }),
        ("outcome", json!({ "holder": "party-0", "name": "y", "minimum": 1 }), {
            "the column \"y\" must have bounds of which the maximum is above the minimum, not 1 and 1"
                .into()
        }),
        ("features", json!([[one]]), {
            "\"features\" must name the columns of each of the 2 holders, not of 1".into()
        }),
        ("features", json!([[], []]), "there must be 1 to 64 features, not 0".into()),
        ("features", json!([vec![&one; 1], vec![&one; 64]]), {
            "there must be 1 to 64 features, not 65".into()
        }),
        ("features", json!([[one], []]), "party-1 has neither a feature nor the outcome".into()),
        ("features", column(1.0, -1.0), bounds("1", "-1")),
        ("features", column(1.0, 1.0), bounds("1", "1")),
        ("features", column(0.0, 1e101), bounds("0", &huge)),
        ("features", column(0.0, 0.0), bounds("0", "0")),
    ];
    for (name, value, why) in bad {
        let study = small("ridge", 2);
        let mut arguments = study.arguments();
        arguments[name] = value;
        let expected = format!("party-0 does not take part: {why}");
        assert_eq!(study.lab(Third::Helper).arguments(arguments).run().refusal(), expected);
    }
}

#[test]
fn arguments_that_are_not_known_are_refused() {
    let study = small("ridge", 2);
    for (name, value) in [("alpha", json!(1)), ("dataset", json!("records"))] {
        let mut arguments = study.arguments();
        arguments[name] = value;
        let report = study.lab(Third::Helper).arguments(arguments).run();
        let failure = report.failure(0).to_string();
        assert!(failure.contains(&format!("unknown field `{name}`")), "{failure}");
        assert!(report.trace().is_empty());
    }
}

#[test]
fn who_takes_part_must_make_sense() {
    let of_roles = |roles: &[&str]| {
        let mut lab = Lab::new(secure_regression::algorithm());
        for (seat, role) in roles.iter().enumerate() {
            lab.party(&format!("party-{seat}"), role);
        }
        let holders = roles.iter().filter(|role| **role == "holder").count();
        let mut arguments = small("ridge", 2).arguments();
        let feature = json!([{ "name": "x0", "minimum": -1, "maximum": 1 }]);
        arguments["features"] = json!(vec![feature; holders]);
        lab.arguments(arguments);
        lab
    };
    let bad: [(&[&str], &str); 6] = [
        (&["holder", "provider"], "a regression takes at least 2 holders, not 1"),
        (&["helper", "provider", "helper"], "a regression takes at least 2 holders, not 0"),
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
