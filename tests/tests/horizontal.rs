//! Rows and models that several organizations hold alike, through a server and nodes: what comes of them is
//! what comes of the same source in the lab.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::fs;
use std::sync::{Arc, Mutex};

use anchorhold_client::requester::TaskRequest;
use anchorhold_model::layout::{ClosingEnding, Outcome};
use anchorhold_model::link::ToNode;
use anchorhold_node::{Config, DatasetConfig, DatasetKind, Pointers, Rule, Spend};
use anchorhold_sdk::lab::{Lab, Rows};
use anchorhold_sdk::{Column, ColumnType};
use anchorhold_tests::network::{Network, ORGANIZATIONS, Setup, rule};
use anchorhold_tests::requested::Requested;
use anchorhold_tests::tamper::Tamper;
use anchorhold_tests::{COXPH, FEDERATED_TRAINING, GLM, SECURE_AGGREGATION};
use secure_aggregation::tensors::{Precision, StateDictionary, Tensor};
use serde_json::{Value, json};

const COLUMNS: [&str; 3] = ["age", "ill", "time"];

fn records(index: usize) -> String {
    let row = |patient: usize| {
        let (age, time) = (30 + patient * 17 % 41, 1 + patient * 29 % 23);
        format!("{age},{},{time}", patient * 7 % 11 % 2)
    };
    let patients = index * 20..index * 20 + 14 + 2 * index;
    [COLUMNS.join(",")].into_iter().chain(patients.map(row)).collect::<Vec<_>>().join("\n")
}

/// The weights of an organization's model.
fn state(index: usize) -> StateDictionary {
    let tensor = |name: &str, shape: Vec<usize>| {
        let values = 0..shape.iter().product::<usize>();
        let value = |place: usize| ((index + 1) * (place + 3) % 16) as f64 / 4.0 - 2.0;
        let values = values.map(value).collect();
        (name.to_owned(), Tensor::of_precision(name, shape, values, Precision::Single).unwrap())
    };
    let tensors = [tensor("layer.weight", vec![300, 1_000]), tensor("layer.bias", vec![300])];
    StateDictionary::new(tensors.into()).unwrap()
}

fn configure(index: usize, mut config: Config) -> Config {
    let dataset = &mut config.datasets[0];
    fs::write(&dataset.file, records(index)).unwrap();
    dataset.name = "records".into();
    let file = dataset.file.with_file_name("state.safetensors");
    fs::write(&file, state(index).to_safetensors().unwrap()).unwrap();
    let state = DatasetConfig {
        name: "state".into(),
        file,
        kind: DatasetKind::File,
        ..config.datasets[0].clone()
    };
    config.datasets.push(state);
    let rule = |path| {
        let mut rule =
            Rule { minimum_rows: 10, minimum_parties: 3, ..rule(path, "records", &COLUMNS) };
        rule.datasets.insert("state".to_owned(), Vec::new());
        Rule { error_text: true, ..rule }
    };
    config.datasets[0].privacy_budget = Some(Spend { epsilon: 3.0, delta: 1e-4 });
    config.rules = [GLM, COXPH, SECURE_AGGREGATION].map(rule).into();
    let (epsilon, delta) = ("/privacy/epsilon".into(), "/privacy/delta".into());
    let private = Rule { privacy: Some(Pointers { epsilon, delta }), ..rule(FEDERATED_TRAINING) };
    config.rules.push(private);
    config
}

/// Runs a task and returns the bytes of all results.
async fn task(
    network: &Network,
    path: &str,
    parties: &[(&str, &[&str])],
    arguments: &Value,
) -> Vec<Vec<u8>> {
    let outcomes = outcomes(network, path, parties, arguments).await.into_iter().map(|outcome| {
        assert_eq!(outcome.ending, ClosingEnding::Finished, "{outcome:?}");
        outcome.result
    });
    outcomes.collect()
}

/// Describes the next task of a run.
fn request(run: &mut Requested, parties: &[(&str, &[&str])], arguments: &Value) -> TaskRequest {
    let mut request = run.next(&arguments.to_string(), &[]);
    for (party, (role, datasets)) in request.parties.iter_mut().zip(parties) {
        party.role = (*role).into();
        party.datasets = datasets.iter().map(|name| (*name).to_owned()).collect();
    }
    request
}

/// Runs a task and returns what each party told.
async fn outcomes(
    network: &Network,
    path: &str,
    parties: &[(&str, &[&str])],
    arguments: &Value,
) -> Vec<Outcome> {
    let mut run = network.run(path).await;
    let request = request(&mut run, parties, arguments);
    let task = run.submit(&request).await;
    run.wait(task).await;
    let outcomes = run.outcomes(&request, task).await.into_iter();
    let outcomes = outcomes.map(|outcome| outcome.expect("it was told")).collect();
    run.close().await;
    outcomes
}

#[tokio::test(flavor = "multi_thread")]
async fn three_organizations_fit_models_as_in_the_lab() {
    let network = Network::set_up(Setup::new(3), configure).await;
    let age = json!({ "name": "age", "minimum": 0, "maximum": 100 });
    let logistic = json!({
        "model": "logistic", "features": [age], "min_rows": 9,
        "outcome": { "name": "ill", "minimum": 0, "maximum": 1 },
    });
    let hazards = json!({
        "time": { "name": "time", "maximum": 30 }, "event": "ill", "features": [age], "min_leaving": 1,
    });
    let columns = COLUMNS.map(|name| Column::new(name, ColumnType::Int64));
    for (path, algorithm, arguments) in
        [(GLM, glm::algorithm(), logistic), (COXPH, coxph::algorithm(), hazards)]
    {
        let mut lab = Lab::new(algorithm);
        lab.parties(3).arguments(&arguments);
        for seat in 0..3 {
            lab.dataset(seat, "records", &Rows::from_csv(&records(seat), &columns).unwrap());
        }
        let report = lab.run();
        let expected = report.common_result();
        let parties: [(&str, &[&str]); 3] = [("party", &["records"]); 3];
        for result in task(&network, path, &parties, &arguments).await {
            let result: Value = serde_json::from_slice(&result).unwrap();
            assert_eq!(result["rows"], 48);
            close(&result, expected);
        }
    }
}

/// Expects the same values, and of numbers that these differ little.
fn close(value: &Value, expected: &Value) {
    match (value, expected) {
        (Value::Object(values), Value::Object(others)) => {
            assert!(values.keys().all(|key| others.contains_key(key)), "{value} {expected}");
            others.iter().for_each(|(key, other)| close(&values[key], other));
        }
        (Value::Array(values), Value::Array(others)) => {
            assert_eq!(values.len(), others.len());
            values.iter().zip(others).for_each(|(value, other)| close(value, other));
        }
        (Value::Number(value), Value::Number(other)) => {
            let [value, other] = [value, other].map(|number| number.as_f64().unwrap());
            assert!((value - other).abs() <= 1e-9 * (1.0 + other.abs()), "{value} {other}");
        }
        _ => assert_eq!(value, expected),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_organizations_average_models_in_files_for_a_fourth() {
    let network = Network::set_up(Setup::new(4), configure).await;
    let worker = ("worker", &["records", "state"][..]);
    let parties = [worker, worker, ("modeller", &[][..]), worker];
    let arguments = json!({
        "clip": 4, "bits": 20, "weights": "rows", "max_weight": 100, "format": "safetensors",
    });
    let results = task(&network, SECURE_AGGREGATION, &parties, &arguments).await;
    let average = StateDictionary::from_safetensors(&results[2]).unwrap();
    assert_eq!(average.layout(), state(0).layout());
    let members = [0, 1, 3].map(|index| (state(index), (14 + 2 * index) as f64));
    let weight: f64 = members.iter().map(|(_, rows)| rows).sum();
    for (name, tensor) in average.tensors() {
        let of_members = members.iter().map(|(state, rows)| {
            let (_, tensor) = state.tensors().find(|(other, _)| *other == name).unwrap();
            (tensor.values().to_vec(), rows)
        });
        let of_members: Vec<_> = of_members.collect();
        for (place, value) in tensor.values().iter().enumerate() {
            let sum: f64 = of_members.iter().map(|(values, rows)| values[place] * **rows).sum();
            assert!((value - sum / weight).abs() < 1e-5, "{name} {place}: {value}");
        }
    }
    for seat in [0, 1, 3] {
        let result: Value = serde_json::from_slice(&results[seat]).unwrap();
        assert_eq!(result["workers"].as_array().unwrap().len(), 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_is_trained_with_differential_privacy_until_the_budget_is_spent() {
    let network = Network::set_up(Setup::new(4), configure).await;
    let organization = ("organization", &["records"][..]);
    let parties = [("coordinator", &[][..]), organization, organization, organization];
    let arguments = |epsilon: f64| {
        json!({
            "model": "logistic", "label": "ill", "rounds": 3, "learning_rate": 0.5, "validation": 0,
            "features": [{ "name": "age", "minimum": 0, "maximum": 100 }],
            "privacy": { "epsilon": epsilon, "delta": 1e-5, "clip": 0.5 }, "expected_rows": 54,
        })
    };
    let results = task(&network, FEDERATED_TRAINING, &parties, &arguments(2.0)).await;
    let trained: Value = serde_json::from_slice(&results[0]).unwrap();
    assert_eq!(trained["rounds"], 3);
    assert_eq!(
        trained["history"].as_array().unwrap()[3]["organizations"].as_array().unwrap().len(),
        3
    );
    assert!(trained["privacy"]["epsilon"].as_f64().unwrap() <= 2.0);
    let refused = outcomes(&network, FEDERATED_TRAINING, &parties, &arguments(2.0)).await;
    for outcome in &refused[1..] {
        assert_eq!((outcome.ending, outcome.kind.as_str()), (ClosingEnding::Refused, "budget"));
        assert!(outcome.text.contains("epsilon 2, delta 1e-5 are spent"), "{}", outcome.text);
    }
    let results = task(&network, FEDERATED_TRAINING, &parties, &arguments(1.0)).await;
    let trained: Value = serde_json::from_slice(&results[0]).unwrap();
    assert!(trained["privacy"]["epsilon"].as_f64().unwrap() <= 1.0);
}

/// What is held back on its way to a node, from one of its frames to another. Between them are fewer than
/// the server sends before some are received.
#[derive(Default)]
struct Held {
    frames: usize,
    messages: Vec<ToNode>,
}

impl Held {
    const FRAMES: std::ops::Range<usize> = 30..39;

    fn pass(&mut self, message: ToNode) -> Vec<ToNode> {
        self.frames += usize::from(matches!(message, ToNode::Frame(_)));
        self.messages.push(message);
        match Self::FRAMES.contains(&self.frames) {
            true => Vec::new(),
            false => std::mem::take(&mut self.messages),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organization_that_hears_nothing_for_a_while_is_in_later_rounds_again() {
    let tamper = Tamper::start().await;
    let without_privacy = |index, config| {
        let mut config = configure(index, config);
        config.rules.iter_mut().for_each(|rule| rule.privacy = None);
        config
    };
    let network = tamper.set_up(5, without_privacy).await;
    let held = Mutex::new(Held::default());
    tamper.change(Arc::new(move |whose, message| match *whose == ORGANIZATIONS[4].fingerprint() {
        true => held.lock().unwrap().pass(message),
        false => vec![message],
    }));
    let organization = ("organization", &["records"][..]);
    let parties =
        [("coordinator", &[][..]), organization, organization, organization, organization];
    let arguments = json!({
        "model": "logistic", "label": "ill", "rounds": 30, "learning_rate": 0.5, "validation": 0,
        "features": [{ "name": "age", "minimum": 0, "maximum": 100 }], "round_seconds": 1,
    });
    let results = task(&network, FEDERATED_TRAINING, &parties, &arguments).await;
    let trained: Value = serde_json::from_slice(&results[0]).unwrap();
    let took_part = |round: usize| trained["history"][round]["organizations"].clone();
    let (all, others) =
        (json!(["middle", "south", "east", "west"]), json!(["middle", "south", "east"]));
    assert_eq!((took_part(1), took_part(30)), (all.clone(), all));
    assert!((2..30).any(|round| took_part(round) == others), "{trained}");
}
