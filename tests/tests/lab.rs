//! The same source in the lab and as a component: the same seed gives the same bytes on every
//! message, and both give the plaintext sum.

use std::fs;

use anchorhold::Cli;
use anchorhold_sdk::lab::{Lab, Rows};
use anchorhold_tests::SECURE_SUM;
use clap::Parser as _;
use proptest::prelude::*;
use serde_json::{Value, json};

type Party = Vec<(Option<i64>, Option<f64>)>;

fn arguments() -> Value {
    json!({
        "columns": [
            { "name": "age", "minimum": -1000, "maximum": 1000 },
            { "name": "dose", "minimum": -1000, "maximum": 1000, "decimals": 2 },
        ],
        "where": [{ "column": "age", "minimum": 0 }],
    })
}

/// Runs the component and returns its result and its messages.
fn component(parties: &[Party], seed: u64) -> (Value, Vec<String>) {
    let folder = tempfile::tempdir().expect("there is room");
    let mut line: Vec<String> = ["anchorhold", "algorithm", "run", SECURE_SUM, "--json", "--types"]
        .map(str::to_owned)
        .to_vec();
    line.extend(["age:int64?,dose:float64?".into(), "--seed".into(), seed.to_string()]);
    line.extend(["--arguments".into(), arguments().to_string()]);
    for (seat, party) in parties.iter().enumerate() {
        let text = |value: Option<String>| value.unwrap_or_default();
        let rows = party.iter().map(|(age, dose)| {
            format!("{},{}\n", text(age.map(|v| v.to_string())), text(dose.map(|v| v.to_string())))
        });
        let path = folder.path().join(format!("{seat}.csv"));
        fs::write(&path, format!("age,dose\n{}", rows.collect::<String>())).expect("there is room");
        line.extend(["--data".into(), path.to_str().expect("it is text").into()]);
    }
    let mut out = Vec::new();
    let cli = Cli::try_parse_from(line).expect("it is a command line");
    cli.run(&mut out).expect("it finishes");
    let output: Value = serde_json::from_slice(&out).expect("it is JSON");
    let messages = output["messages"].as_array().expect("there is a list");
    let messages = messages.iter().map(|sent| {
        let (from, to) = (&sent["from"], &sent["to"]);
        format!("{from} {to} {} {} {}", sent["round"], sent["bytes"], sent["sha256"])
    });
    let mut messages: Vec<_> = messages.collect();
    messages.sort();
    (output["tasks"][0][0]["result"].clone(), messages)
}

/// Runs the same natively.
fn lab(parties: &[Party], seed: u64) -> (Value, Vec<String>) {
    let mut lab = Lab::new(secure_sum::algorithm());
    for seat in 0..parties.len() {
        lab.party(&seat.to_string(), "party");
    }
    lab.seed(seed).arguments(arguments());
    for (seat, party) in parties.iter().enumerate() {
        let (ages, doses): (Vec<_>, Vec<_>) = party.iter().copied().unzip();
        lab.dataset(seat, "patients", &Rows::new().int64("age", ages).float64("dose", doses));
    }
    let report = lab.run();
    let messages = report.trace().iter().map(|sent| {
        let hash = anchorhold_model::Digest::of(&sent.body);
        format!("{} {} {} {} \"{hash}\"", sent.from, sent.to, sent.round, sent.body.len())
    });
    let mut messages: Vec<_> = messages.collect();
    messages.sort();
    (report.common_result().clone(), messages)
}

/// Adds in plain text.
fn oracle(parties: &[Party]) -> Value {
    let rows = || parties.iter().flatten().filter(|(age, _)| age.is_some_and(|age| age >= 0));
    let age: i64 = rows().filter_map(|(age, _)| *age).sum();
    let hundredths = rows().filter_map(|(_, dose)| *dose).map(|dose| (dose * 100.0).round() as i64);
    let (doses, dose) = (hundredths.clone().count(), hundredths.sum::<i64>());
    let sign = if dose < 0 { "-" } else { "" };
    let (whole, rest) = (dose.abs() / 100, dose.abs() % 100);
    json!({
        "rows": rows().count(),
        "age": [rows().count(), age.to_string()],
        "dose": [doses, format!("{sign}{whole}.{rest:02}")],
    })
}

fn totals(result: &Value) -> Value {
    let column = |name: &str| {
        let column = &result["columns"][name];
        json!([column["non_null"], column["sum"]])
    };
    json!({ "rows": result["rows"], "age": column("age"), "dose": column("dose") })
}

fn a_party() -> impl Strategy<Value = Party> {
    let age = proptest::option::weighted(0.8, -1000_i64..=1000);
    let dose =
        proptest::option::weighted(0.8, (-100_000_i64..=100_000).prop_map(|v| v as f64 / 100.0));
    proptest::collection::vec((age, dose), 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn lab_and_component_send_the_same_bytes_and_find_the_sum(
        parties in proptest::collection::vec(a_party(), 3..=6),
        seed: u64,
    ) {
        let (inside, sent_inside) = component(&parties, seed);
        let (outside, sent_outside) = lab(&parties, seed);
        prop_assert_eq!(sent_inside, sent_outside);
        prop_assert_eq!(totals(&inside), oracle(&parties));
        prop_assert_eq!(inside, outside);
    }
}
