//! With one step of all rows in a round, federated training is gradient descent on the rows of all: this
//! is compared, to the error stated.

use serde_json::{Value, json};

use crate::plain::{Network, Row, Split, scaled, split};
use crate::{COORDINATOR, lab_of, names, small, small_arguments, small_lab, told};

fn compared(layers: &[(usize, usize)], model: &Value, parts: &[Vec<Row>], bits: u32) {
    let bounds = [(-4.0, 4.0); 3];
    let mut arguments = small_arguments(&json!({ "bits": bits, "validation": 0, "rounds": 5 }));
    arguments["min_party_rows"] = json!(1);
    arguments.as_object_mut().unwrap().extend(model.as_object().unwrap().clone());
    let report = lab_of(parts, &names(3), &arguments).run();
    let result = report.result(COORDINATOR);
    let error = result["error"].as_f64().unwrap() * (1.0 + 1e-6);
    let count = layers.iter().map(|(inputs, outputs)| (inputs + 1) * outputs).sum();
    let told = told(&report, count);
    assert_eq!(told.len(), 5);
    let all = scaled(&parts.concat(), &bounds);
    let all: Vec<&Row> = all.iter().collect();
    // Each round from the model that was told, so that errors do not add up.
    for pair in told.windows(2) {
        let mut plain = Network::new(layers, &pair[0]);
        plain.step(&all, 1.0);
        for (found, expected) in pair[1].iter().zip(plain.parameters()) {
            assert!((found - expected).abs() <= error, "{found} {expected} {error}");
        }
        assert_ne!(pair[0], pair[1]);
    }
    // The model that is returned is the last one, for columns as they are.
    let mut last = Network::new(layers, told.last().unwrap());
    last.step(&all, 1.0);
    let returned = Network::from_json(&result["model"]);
    let (expected, found) =
        (last.judge(&scaled(&parts.concat(), &bounds)), returned.judge(&parts.concat()));
    assert!((expected.0 - found.0).abs() < 100.0 * error, "{expected:?} {found:?}");
}

#[test]
fn a_round_of_one_step_is_a_step_of_gradient_descent_on_the_rows_of_all() {
    let rows: Vec<Row> = small(160, 1);
    for how in [Split::Even, Split::Uneven, Split::ByLabel] {
        for organizations in [3, 5, 10] {
            let parts = split(&rows, organizations, how);
            for bits in [12, 20, 32] {
                compared(&[(3, 1)], &json!({}), &parts, bits);
                let perceptron = json!({ "model": "perceptron", "hidden": 4, "classes": 2 });
                compared(&[(3, 4), (4, 2)], &perceptron, &parts, bits);
            }
        }
    }
}

#[test]
fn one_organization_may_have_one_row() {
    let parts = [small(1, 1), small(30, 2), small(7, 3)];
    compared(&[(3, 1)], &json!({}), &parts, 20);
}

#[test]
fn the_loss_and_accuracy_are_those_of_the_rows_that_are_kept() {
    // All rows of an organization are the same: it does not matter which are kept.
    let row = |class: usize, x: f64| (vec![x, -x, 1.0], class);
    let parts = [vec![row(0, 1.0); 10], vec![row(1, 2.0); 21], vec![row(0, -3.0); 8]];
    let more = json!({ "validation": 0.3, "rounds": 4, "bits": 32 });
    let report = lab_of(&parts, &names(3), &small_arguments(&more)).run();
    let kept = [vec![row(0, 1.0); 3], vec![row(1, 2.0); 6], vec![row(0, -3.0); 2]].concat();
    let kept = scaled(&kept, &[(-4.0, 4.0); 3]);
    let history = report.result(COORDINATOR)["history"].as_array().unwrap();
    let told = told(&report, 4);
    assert_eq!((history.len(), told.len()), (5, 5));
    for (entry, parameters) in history.iter().zip(&told) {
        let (loss, accuracy) = Network::new(&[(3, 1)], parameters).judge(&kept);
        assert!((entry["loss"].as_f64().unwrap() - loss).abs() < 1e-6, "{entry} {loss}");
        assert_eq!(entry["accuracy"], accuracy);
        assert_eq!(entry["validation_rows"], 11);
    }
    assert_eq!(history[0]["rows"], 0);
    assert!(history[1..].iter().all(|entry| entry["rows"] == 28));
}

#[test]
fn the_model_with_the_smallest_loss_is_returned_and_training_ends_without_a_smaller_one() {
    // A step so large that the loss grows.
    let more = json!({ "learning_rate": 500, "rounds": 20, "patience": 2, "clip": 1e3, "validation": 0.5 });
    let report = small_lab(3, &more).run();
    let result = report.result(COORDINATOR);
    assert_eq!(result["stopped"], "no smaller validation loss in 2 rounds");
    let history = result["history"].as_array().unwrap();
    let losses: Vec<f64> = history.iter().map(|entry| entry["loss"].as_f64().unwrap()).collect();
    let best = result["best"].as_u64().unwrap() as usize;
    assert_eq!(losses.len(), best + 3);
    assert!(losses.iter().all(|loss| *loss >= losses[best]));
    let told = told(&report, 4);
    let expected = Network::new(&[(3, 1)], &told[best]).parameters();
    let found = Network::from_json(&result["model"]).parameters();
    // Columns from -4 to 4: four times as large, around zero.
    for (found, expected) in found.iter().zip(expected) {
        let of_bias = (found - expected).abs() < 1e-9;
        assert!(of_bias || (4.0 * found - expected).abs() < 1e-9 * expected.abs());
    }
}

#[test]
fn an_update_that_is_larger_than_declared_is_shortened() {
    let more = json!({ "learning_rate": 100, "clip": 0.5, "rounds": 1, "validation": 0 });
    let report = small_lab(3, &more).run();
    let found = Network::from_json(&report.result(COORDINATOR)["model"]).parameters();
    // On the average of three, each with an element of 0.5, and for columns as they are.
    assert!(
        found.iter().all(|found| found.abs() <= 0.5 + 1e-9) && found[0].abs() > 0.05,
        "{found:?}"
    );
}

#[test]
fn the_same_seed_trains_the_same_model_and_another_one_another() {
    let more = json!({ "model": "perceptron", "hidden": 4, "classes": 2, "batch": 3, "epochs": 2 });
    let model = |seed| small_lab(3, &more).seed(seed).run().result(COORDINATOR)["model"].clone();
    assert_eq!(model(1), model(1));
    assert_ne!(model(1), model(2));
}

#[test]
fn all_learn_in_which_rounds_they_were() {
    for active in [false, true] {
        let report = small_lab(4, &json!({ "active": active })).run();
        for organization in 1..=4 {
            assert_eq!(report.result(organization), &json!({ "rounds": [1, 2, 3] }));
        }
        let result = report.result(COORDINATOR);
        assert_eq!(
            (&result["rounds"], &result["stopped"]),
            (&json!(3), &json!("all rounds are done"))
        );
        let names: Vec<_> = (1..=4).map(|number| format!("organization-{number}")).collect();
        assert_eq!(result["history"][3]["organizations"], json!(names));
        assert_eq!(result["history"][0]["organizations"], json!([]));
    }
}

#[test]
fn a_hundred_organizations_train_a_tiny_model() {
    let report = small_lab(100, &json!({ "rounds": 1 })).run();
    let history = &report.result(COORDINATOR)["history"];
    assert_eq!(history[1]["organizations"].as_array().unwrap().len(), 100);
    assert!(history[1]["loss"].as_f64() < history[0]["loss"].as_f64());
}
