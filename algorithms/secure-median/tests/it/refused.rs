//! Input that is refused before any share leaves, and too few values.

use super::*;

fn three() -> Vec<Vec<Option<i64>>> {
    some(&[&[1, 2], &[3], &[4, 5]])
}

#[test]
fn values_that_are_not_as_declared() {
    let mut values = three();
    values[1].push(Some(1_001));
    assert_eq!(
        lab(&values, false, &arguments(&json!("median"))).run().refusal(),
        "clinic-1 does not take part: the column \"age\" of the dataset \"patients\": a value is outside \
         the declared bounds -1000 to 1000",
    );
    for number in [f64::NAN, f64::INFINITY] {
        let mut lab = lab(&three(), true, &arguments(&json!("median")));
        lab.dataset(2, "patients", &Rows::new().float64("age", [1.0, number]));
        assert_eq!(
            lab.run().refusal(),
            "clinic-2 does not take part: the column \"age\" of the dataset \"patients\": a value is \
             outside the declared bounds -1000 to 1000",
        );
    }
    let many = some(&[&[1; 21], &[2], &[3]]);
    assert_eq!(
        lab(&many, false, &arguments(&json!("median"))).run().refusal(),
        "clinic-0 does not take part: the dataset \"patients\" has more rows than \"max_rows\" allows, 20",
    );
}

#[test]
fn arguments_that_make_no_sense_or_differ() {
    for (name, value, expected) in [
        ("find", json!({ "kth": 0 }), "\"kth\" must be from 1 to 2^40, not 0"),
        (
            "find",
            json!({ "quantile": 1.5 }),
            "\"quantile\" must be from 0 to 1 with up to six decimals, not 1.5",
        ),
        (
            "find",
            json!({ "quantile": 0.123_456_7 }),
            "\"quantile\" must be from 0 to 1 with up to six decimals, not 0.1234567",
        ),
        ("max_rows", json!(0), "\"max_rows\" must be from 1 to 1000000, not 0"),
        ("minimum_count", json!(0), "\"minimum_count\" must be from 1 to 2^40, not 0"),
        ("minimum", json!(1_001), "the minimum 1001 is above the maximum 1000"),
        (
            "decimals",
            json!(15),
            "there are more than 2^60 values from -1000 to 1000 with 15 decimals: declare narrower \
             bounds or fewer decimals",
        ),
    ] {
        let mut arguments = arguments(&json!("median"));
        arguments[name] = value;
        let expected = format!("clinic-0 does not take part: {expected}");
        assert_eq!(lab(&three(), false, &arguments).run().refusal(), expected);
    }
    let mut large = arguments(&json!("median"));
    large["max_rows"] = json!(1_000_000);
    assert_eq!(
        lab(&three(), false, &large).run().refusal(),
        "clinic-0 does not take part: a median of 1000000 rows of each party, of 12 bits each, is more \
         than 5000000 bits: declare fewer \"max_rows\" or narrower bounds",
    );
    let mut differ = lab(&three(), true, &arguments(&json!("median")));
    differ.arguments_of(3, arguments(&json!({ "kth": 1 })));
    assert_eq!(differ.run().refusal(), "dealer was given other arguments than clinic-0");
}

#[test]
fn two_parties_without_a_provider() {
    assert_eq!(
        lab(&three()[..2], false, &arguments(&json!("median"))).run().refusal(),
        "clinic-0 does not take part: the task has 2 parties: two that have data need a third one, in the role \"provider\" or one that \
         computes with them",
    );
}

#[test]
fn too_few_values_are_told_to_all_and_nothing_else_is() {
    for (has_provider, find, minimum, expected) in [
        (false, json!("median"), 6, 6),
        (true, json!({ "quantile": 0.5 }), 6, 6),
        (false, json!({ "kth": 7 }), 2, 7),
    ] {
        let mut arguments = arguments(&find);
        arguments["minimum_count"] = json!(minimum);
        let mut lab = lab(&three(), has_provider, &arguments);
        let expected = format!("all parties together have fewer than {expected} values");
        let report = lab.run();
        (0..3).for_each(|seat| assert_eq!(report.error(seat), expected));
    }
    let mut enough = arguments(&json!("median"));
    enough["minimum_count"] = json!(5);
    assert_eq!(found(&lab(&three(), false, &enough).run(), 3), "3.0");
}
