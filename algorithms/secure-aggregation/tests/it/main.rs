//! The algorithm in the lab, against a plaintext oracle, in each kind.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod bounds;
mod cost;
mod faults;
mod files;
mod left;
mod liar;
mod many;
mod oracle;
mod refused;

use std::collections::BTreeMap;

use anchorhold_sdk::lab::Lab;
use serde_json::{Value, json};

/// The seat of the modeller; those of the workers follow.
const MODELLER: usize = 0;

/// Each kind, and the first also against a modeller that lies.
fn settings() -> [Value; 3] {
    [json!({}), json!({ "active": true }), json!({ "kind": "shares" })]
}

/// Prepares a modeller and workers with these state dictionaries.
fn lab(states: &[Value], arguments: &Value) -> Lab {
    let mut lab = Lab::new(secure_aggregation::algorithm());
    lab.party("modeller", "modeller");
    for worker in 1..=states.len() {
        lab.party(&format!("worker-{worker}"), "worker");
    }
    lab.arguments(with(arguments, &json!({})));
    for (worker, state) in states.iter().enumerate() {
        lab.arguments_of(worker + 1, with(arguments, &json!({ "state": state })));
    }
    lab
}

/// Arguments with more of them.
fn with(arguments: &Value, more: &Value) -> Value {
    let mut whole = json!({ "clip": 8.0 });
    for some in [arguments, more] {
        whole.as_object_mut().unwrap().extend(some.as_object().unwrap().clone());
    }
    whole
}

/// A small state dictionary for each of so many workers.
fn states(workers: usize) -> Vec<Value> {
    (0..workers).map(state).collect()
}

fn state(worker: usize) -> Value {
    let number = |place: usize| ((worker * 37 + place * 11) % 100) as f64 / 10.0 - 5.0;
    let row = |row: usize| (0..3).map(|column| number(3 * row + column)).collect::<Vec<_>>();
    json!({ "layer.weight": [row(0), row(1)], "layer.bias": [number(7), number(8)], "scale": number(9) })
}

/// The values of a state dictionary, in the order of its tensors' names.
fn values(state: &Value) -> Vec<f64> {
    match state {
        Value::Object(tensors) => {
            // A map of serde_json keeps another order where a program in the same build asks for it.
            let sorted: BTreeMap<_, _> = tensors.iter().collect();
            sorted.into_values().flat_map(values).collect()
        }
        Value::Array(list) => list.iter().flat_map(values).collect(),
        number => vec![number.as_f64().unwrap()],
    }
}

/// Checks that a result is the average of these state dictionaries with these weights.
fn is_average_of(result: &Value, states: &[&Value], weights: &[u64]) {
    let average = values(&result["average"]);
    let error = result["error"].as_f64().unwrap() * (1.0 + 1e-6);
    let total: u64 = weights.iter().sum();
    assert_eq!(result["weight"], total);
    let states: Vec<_> = states.iter().map(|state| values(state)).collect();
    assert_eq!(average.len(), states[0].len());
    for (place, average) in average.iter().enumerate() {
        let weighted =
            states.iter().zip(weights).map(|(state, weight)| state[place] * *weight as f64);
        let expected = weighted.sum::<f64>() / total as f64;
        assert!((average - expected).abs() <= error, "{place}: {average} instead of {expected}");
    }
}
