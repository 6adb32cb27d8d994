//! The algorithm in the lab, against a plaintext oracle, in each kind and with each output.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod faults;
mod left;
mod link;
mod messages;
mod oracle;
mod refused;
mod sums;

use std::collections::{BTreeMap, BTreeSet};

use anchorhold_sdk::lab::{Lab, Rows};
use serde_json::{Value, json};

/// The seat of the modeller.
const MODELLER: usize = 0;
/// The seat of the pod.
const POD: usize = 1;

/// Each kind.
const KINDS: [&str; 3] = ["ecdh", "voprf", "rsa"];

/// Prepares a modeller and a pod with these keys.
fn lab(modeller: &[&str], pod: &[&str], arguments: &Value) -> Lab {
    lab_of(&text(modeller), &text(pod), arguments)
}

/// Prepares a modeller and a pod with these rows.
fn lab_of(modeller: &Rows, pod: &Rows, arguments: &Value) -> Lab {
    let mut lab = Lab::new(psi::algorithm());
    lab.party("clinic", "modeller").party("registry", "pod");
    let mut whole = json!({ "keys": ["key"], "max_modeller": 20_000, "max_pod": 20_000 });
    whole.as_object_mut().unwrap().extend(arguments.as_object().unwrap().clone());
    lab.arguments(whole);
    lab.dataset(MODELLER, "records", modeller).dataset(POD, "records", pod);
    lab
}

/// Rows with these keys; an empty one is none.
fn text(keys: &[&str]) -> Rows {
    Rows::new().utf8("key", keys.iter().map(|key| (*key != "-").then_some(*key)))
}

/// Rows with these numbers as keys.
fn numbers(keys: impl IntoIterator<Item = i64>) -> Rows {
    Rows::new().int64("key", keys)
}

/// The arguments for a sum of the column `value`.
fn sum(minimum: i64, maximum: i64, decimals: u32, minimum_size: u32) -> Value {
    let column =
        json!({ "name": "value", "minimum": minimum, "maximum": maximum, "decimals": decimals });
    json!({ "output": "sum", "column": column, "minimum_size": minimum_size })
}

/// The distinct keys among these.
fn distinct<'a>(keys: &[&'a str]) -> BTreeSet<&'a str> {
    keys.iter().copied().filter(|key| !["", "-"].contains(key)).collect()
}

/// The rows whose key is among these.
fn rows_with(keys: &[&str], among: &BTreeSet<&str>) -> Vec<usize> {
    (0..keys.len()).filter(|row| among.contains(keys[*row])).collect()
}

/// The sum over shared keys of the pod's values, and how many keys those are.
fn total(modeller: &[&str], pod: &[(&str, i64)]) -> (usize, i64) {
    let modeller = distinct(modeller);
    let mut of_key = BTreeMap::new();
    for (key, value) in pod.iter().filter(|(key, _)| modeller.contains(key)) {
        *of_key.entry(*key).or_insert(0) += value;
    }
    (of_key.len(), of_key.values().sum())
}
