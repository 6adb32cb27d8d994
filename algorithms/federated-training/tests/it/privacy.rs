//! With differential privacy: what comes of it is gradient descent on clipped gradients, with as much noise as is
//! said, and nothing that has none is told.

use std::time::Duration;

use anchorhold_sdk::lab::{Report, Rows};
use serde_json::{Value, json};

use crate::plain::{Network, scaled};
use crate::{COORDINATOR, small_lab, small_rows, told};

const RATE: f64 = 1.0;
const ROWS: u32 = 50;

/// Arguments that ask for privacy, with more of them.
fn private(epsilon: f64, more: &Value) -> Value {
    let mut whole = json!({
        "privacy": { "epsilon": epsilon, "delta": 1e-6, "clip": 0.5 }, "expected_rows": ROWS,
        "validation": 0, "rounds": 4, "retries": 0,
    });
    whole.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    whole
}

/// By how much parameters change where there is no noise.
fn step(parameters: &[f64], organizations: usize) -> Vec<f64> {
    let rows: Vec<_> = (0..organizations).flat_map(small_rows).collect();
    let mut sum = vec![0.0; parameters.len()];
    for row in &scaled(&rows, &[(-4.0, 4.0); 3]) {
        let mut network = Network::new(&[(3, 1)], parameters);
        network.step(&[row], 1.0);
        let gradient: Vec<f64> =
            network.parameters().iter().zip(parameters).map(|(after, at)| at - after).collect();
        let norm = gradient.iter().map(|number| number * number).sum::<f64>().sqrt();
        let factor = (0.5 / norm).min(1.0);
        sum.iter_mut().zip(gradient).for_each(|(sum, number)| *sum += factor * number);
    }
    sum.iter().map(|number| -RATE * number / f64::from(ROWS)).collect()
}

#[test]
fn a_round_is_a_step_of_clipped_gradients_with_the_noise_that_is_said() {
    let mut squares = Vec::new();
    for seed in 0..20 {
        let mut lab = small_lab(5, &private(4.0, &json!({ "rounds": 40 })));
        lab.seed(seed);
        let report = lab.run();
        let result = report.result(COORDINATOR);
        let (deviation, error) = (&result["privacy"]["deviation"], &result["error"]);
        let (deviation, error) = (deviation.as_f64().unwrap(), error.as_f64().unwrap());
        assert!(error < deviation / 20.0, "{error} {deviation}");
        for pair in told(&report, 4).windows(2) {
            let expected = step(&pair[0], 5);
            for ((after, at), expected) in pair[1].iter().zip(&pair[0]).zip(expected) {
                squares.push(((after - at - expected) / deviation).powi(2));
            }
        }
    }
    // The noise of all five, while two are counted on. Its mean square is off by 0.025 as a rule, and of four
    // it would be 0.8.
    let mean = squares.iter().sum::<f64>() / squares.len() as f64;
    assert!((0.9..1.1).contains(&mean), "{mean} of {}", squares.len());
    let largest = squares.iter().copied().fold(0.0, f64::max);
    assert!(largest < 36.0, "{largest}");
}

#[test]
fn more_privacy_is_more_noise_and_what_is_spent_is_what_was_asked_for() {
    let of = |more: &Value, epsilon: f64| {
        let report = small_lab(5, &private(epsilon, more)).run();
        let privacy = report.result(COORDINATOR)["privacy"].clone();
        let spent = privacy["epsilon"].as_f64().unwrap();
        assert!(spent <= epsilon && spent > 0.99 * epsilon, "{spent} {epsilon}");
        privacy["deviation"].as_f64().unwrap()
    };
    let none = json!({});
    let [little, much] = [8.0, 0.5].map(|epsilon| of(&none, epsilon));
    assert!(much > 8.0 * little, "{much} {little}");
    // Twice as many sums: the square root of two.
    let twice = of(&json!({ "retries": 4 }), 0.5) / much;
    assert!((twice - 2.0_f64.sqrt()).abs() < 0.01, "{twice}");
    // Of three that must stay one is told the sums and knows its own noise; of five, and two who collude, three
    // are left.
    let of_three = of(&json!({ "threshold": 5, "corrupt": 2 }), 0.5) / much;
    assert!((of_three - (2.0_f64 / 3.0).sqrt()).abs() < 0.01, "{of_three}");
    let one_colludes = of(&json!({ "corrupt": 1 }), 0.5);
    assert_eq!(one_colludes, much);
    // With `active` a third may collude where nothing is said: of seven two, of five that must stay.
    let of_seven = |more: &Value| {
        let report = small_lab(7, &private(1.0, more)).run();
        report.result(COORDINATOR)["privacy"]["deviation"].as_f64().unwrap()
    };
    let two = json!({ "active": true, "threshold": 5, "corrupt": 2 });
    assert_eq!(of_seven(&json!({ "active": true })), of_seven(&two));
}

#[test]
fn neither_rows_nor_losses_are_told() {
    let report = small_lab(3, &private(1.0, &json!({}))).run();
    let result = report.result(COORDINATOR);
    assert_eq!(result["rounds"], 4);
    for entry in &result["history"].as_array().unwrap()[1..] {
        let names: Vec<_> = entry.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names.len(), 2, "{names:?}");
        assert_eq!(entry["organizations"].as_array().unwrap().len(), 3);
    }
    // A vector has the parameters and nothing else: of four numbers of the same number of bits.
    let masked = report.trace().iter().filter(|sent| sent.topic.starts_with("masked"));
    assert!(masked.clone().count() >= 12);
    assert!(masked.clone().all(|sent| sent.body.len() <= 8 * 4));
}

#[test]
fn the_same_rows_and_seed_give_the_same_and_another_row_something_else() {
    let run = |seed| {
        let mut lab = small_lab(3, &private(1.0, &json!({})));
        lab.seed(seed);
        lab.run().result(COORDINATOR)["model"].clone()
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

#[test]
fn an_organization_gives_no_more_sums_than_the_noise_is_for() {
    let arguments = private(1.0, &json!({ "retries": 1, "round_seconds": 5, "rounds": 2 }));
    // The last message of a sum comes late: it is tried again, once in each round, and there is noise for one.
    let late = |of_sums: &[usize]| {
        let mut lab = small_lab(3, &arguments);
        for at in of_sums {
            lab.delay_message(1, COORDINATOR, *at, Duration::from_secs(7));
        }
        lab.run()
    };
    let shares = |report: &Report, sum: usize| {
        let sent = report.trace().iter().filter(|sent| (sent.from, sent.to) == (1, COORDINATOR));
        let mut sent = sent.enumerate().filter(|(_, sent)| sent.topic.starts_with("shares"));
        sent.nth(sum).unwrap().0
    };
    let given = |report: &Report| {
        let sent = report.trace().iter().filter(|sent| (sent.from, sent.to) == (2, COORDINATOR));
        sent.filter(|sent| sent.topic.starts_with("masked")).count()
    };
    let first = shares(&late(&[]), 0);
    let report = late(&[first]);
    assert_eq!((given(&report), &report.result(COORDINATOR)["rounds"]), (3, &json!(2)));
    let report = late(&[first, shares(&report, 2)]);
    assert_eq!(given(&report), 3);
    let result = report.result(COORDINATOR);
    assert_eq!(result["rounds"], 1);
    let stopped = result["stopped"].as_str().unwrap();
    assert!(stopped.contains("the privacy is spent: it is for 3 sums"), "{stopped}");
}

#[test]
fn what_a_row_is_does_not_end_the_training() {
    // With privacy whatever is told of a row has noise: why one is refused would have none.
    let odd = [Some(0.0), Some(99.0), None, Some(-4.0)];
    let class = [Some(0.0), Some(1.0), Some(1.0), Some(7.0)];
    let of = |odd: &[Option<f64>], class: &[Option<f64>]| {
        let mut rows = Rows::new().float64("x0", odd.to_vec());
        for name in ["x1", "x2"] {
            rows = rows.float64(name, vec![1.0; odd.len()]);
        }
        rows.float64("class", class.to_vec())
    };
    for rows in [of(&odd, &class), of(&[], &[]), of(&[None], &[Some(0.5)])] {
        let more = json!({ "max_rows": 20, "min_party_rows": 9 });
        let mut lab = small_lab(5, &private(1.0, &more));
        lab.dataset(2, "records", &rows);
        let report = lab.run();
        assert_eq!(report.result(COORDINATOR)["rounds"], 4);
        let took_part = &report.result(2)["rounds"];
        assert_eq!(took_part, &json!([1, 2, 3, 4]));
    }
}

#[test]
fn a_row_that_does_not_fit_changes_nothing() {
    let model = |rows: &[(f64, f64)]| {
        let table = ["x1", "x2"]
            .iter()
            .fold(Rows::new(), |table, name| table.float64(name, vec![1.0; rows.len()]));
        let table = table.float64("x0", rows.iter().map(|(x, _)| *x));
        let mut lab = small_lab(3, &private(1.0, &json!({})));
        lab.dataset(2, "records", &table.float64("class", rows.iter().map(|(_, class)| *class)));
        lab.run().result(COORDINATOR)["model"].clone()
    };
    let clean = model(&[(1.0, 0.0), (-4.0, 1.0), (4.0, 1.0)]);
    for (x, class) in [
        (-4.000_001, 1.0),
        (4.000_001, 1.0),
        (f64::NAN, 1.0),
        (f64::INFINITY, 1.0),
        (f64::NEG_INFINITY, 1.0),
        (1.0, 2.0),
        (1.0, -1.0),
        (1.0, 0.5),
        (1.0, f64::NAN),
    ] {
        let rows = [(1.0, 0.0), (x, class), (-4.0, 1.0), (4.0, 1.0)];
        assert_eq!(model(&rows), clean, "{x} {class}");
    }
    assert_ne!(model(&[(1.0, 0.0), (1.0, 1.0), (-4.0, 1.0), (4.0, 1.0)]), clean);
}

#[test]
fn what_has_no_place_beside_privacy_is_refused() {
    let sentence = |more: &Value| {
        let report = small_lab(3, &private(1.0, more)).run();
        report.failure(COORDINATOR).to_string()
    };
    for more in [
        json!({ "epochs": 2 }),
        json!({ "batch": 4 }),
        json!({ "row_clip": 1.0 }),
        json!({ "validation": 0.2 }),
    ] {
        let sentence = sentence(&more);
        assert!(sentence.contains("a round is one step of all rows"), "{sentence}");
    }
    for more in [json!({ "expected_rows": null }), json!({ "expected_rows": 0 })] {
        assert!(sentence(&more).contains("needs \"expected_rows\""));
    }
    assert!(sentence(&json!({ "privacy": null })).contains("is for \"privacy\""));
    for (name, value) in [("epsilon", 0.0), ("epsilon", 33.0), ("delta", 1.0), ("clip", -1.0)] {
        let mut privacy = json!({ "epsilon": 1.0, "delta": 1e-6, "clip": 0.5 });
        privacy[name] = json!(value);
        let sentence = sentence(&json!({ "privacy": privacy }));
        assert!(sentence.contains(name), "{sentence}");
    }
}
