//! Secure computation as components: the same bytes on every message as the same source in the lab, with
//! the same seed; and through a server and nodes.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::fs;

use anchorhold::Cli;
use anchorhold_model::layout::ClosingEnding;
use anchorhold_sdk::lab::{Lab, Report, Rows};
use anchorhold_sdk::{Algorithm, Column, ColumnType};
use anchorhold_tests::network::{Network, ages};
use anchorhold_tests::{
    COXPH, FEDERATED_TRAINING, GLM, MILLIONAIRES, PRIVATE_INFERENCE, PSI, SECURE_AGGREGATION,
    SECURE_DOT, SECURE_MEDIAN, SECURE_REGRESSION,
};
use clap::Parser as _;
use serde_json::{Value, json};

/// A party's role, the names of its datasets, with commas between them, and the rows that they all have; of a
/// party without data there are none.
type Party = (&'static str, Option<(&'static str, String)>);

/// Runs a component among parties, and returns all results and messages.
fn component(path: &str, parties: &[Party], arguments: &Value) -> (Vec<Value>, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let mut line: Vec<String> =
        ["anchorhold", "algorithm", "run", path, "--json", "--seed", "7"].map(str::to_owned).into();
    line.extend(["--arguments".into(), arguments.to_string()]);
    for (seat, (role, data)) in parties.iter().enumerate() {
        line.extend(["--role".into(), (*role).to_owned(), "--data".into()]);
        let file = folder.path().join(format!("party-{seat}.csv"));
        line.push(match data {
            Some((names, rows)) => {
                fs::write(&file, rows).unwrap();
                let dataset = |name| format!("{name}={}", file.to_str().unwrap());
                names.split(',').map(dataset).collect::<Vec<_>>().join(",")
            }
            None => "-".to_owned(),
        });
    }
    let mut out = Vec::new();
    Cli::try_parse_from(line).unwrap().run(&mut out).expect("it finishes");
    let output: Value = serde_json::from_slice(&out).unwrap();
    let messages = output["messages"].as_array().unwrap().iter().map(|sent| {
        let (from, to) = (&sent["from"], &sent["to"]);
        format!("{from} {to} {} {} {}", sent["round"], sent["bytes"], sent["sha256"])
    });
    let mut messages: Vec<_> = messages.collect();
    messages.sort();
    let results = output["tasks"][0].as_array().unwrap();
    (results.iter().map(|party| party["result"].clone()).collect(), messages)
}

/// Runs the same natively.
fn lab(algorithm: Algorithm, parties: &[Party], columns: &[Column], arguments: &Value) -> Report {
    let mut lab = Lab::new(algorithm);
    for (seat, (role, _)) in parties.iter().enumerate() {
        lab.party(&format!("party-{seat}"), role);
    }
    lab.seed(7).arguments(arguments);
    for (seat, (_, data)) in parties.iter().enumerate() {
        if let Some((names, rows)) = data {
            let header = rows.lines().next().unwrap();
            let is_there = |column: &&Column| header.split(',').any(|name| name == column.name);
            let columns: Vec<_> = columns.iter().filter(is_there).cloned().collect();
            for name in names.split(',') {
                lab.dataset(seat, name, &Rows::from_csv(rows, &columns).unwrap());
            }
        }
    }
    lab.run()
}

/// Expects the same of both.
fn alike(
    algorithm: Algorithm,
    path: &str,
    parties: &[Party],
    columns: &[Column],
    arguments: &Value,
) -> Vec<Value> {
    let (results, inside) = component(path, parties, arguments);
    let report = lab(algorithm, parties, columns, arguments);
    let outside = report.trace().iter().map(|sent| {
        let hash = anchorhold_model::Digest::of(&sent.body);
        format!("{} {} {} {} \"{hash}\"", sent.from, sent.to, sent.round, sent.body.len())
    });
    let mut outside: Vec<_> = outside.collect();
    outside.sort();
    assert_eq!(inside, outside);
    for (seat, result) in results.iter().enumerate() {
        assert_eq!(result, report.result(seat), "seat {seat}");
    }
    results
}

fn rows(column: &str, values: &[i64]) -> String {
    let values: String = values.iter().map(|value| format!("{value}\n")).collect();
    format!("{column}\n{values}")
}

#[test]
fn medians_are_alike_in_the_lab_and_as_components() {
    let arguments = json!({
        "column": "age", "minimum": 0, "maximum": 100, "minimum_count": 3, "max_rows": 9,
    });
    let of = |ages: &[i64]| Some(("patients", rows("age", ages)));
    let columns = [Column::new("age", ColumnType::Int64)];
    let third: [Party; 2] = [("party", of(&[50])), ("provider", None)];
    for third in third {
        let expected = if third.0 == "party" { "50.0" } else { "45.0" };
        let parties = [("party", of(&[61, 70])), ("party", of(&[10, 29])), third];
        let algorithm = secure_median::algorithm();
        let results = alike(algorithm, SECURE_MEDIAN, &parties, &columns, &arguments);
        assert_eq!(results[0]["value"], expected);
    }
}

#[test]
fn predictions_are_alike_in_the_lab_and_as_components() {
    let arguments = json!({
        "layers": [2, 3, 2], "output": "class", "feature_bound": 8, "weight_bound": 4,
    });
    let model = "layer,input,output,weight\n1,0,0,1.5\n1,0,1,-1\n1,0,2,0.5\n1,1,0,2\n1,1,1,1\n\
                 1,1,2,-3\n1,,0,0\n1,,1,0.25\n1,,2,1\n2,0,0,1\n2,0,1,-1\n2,1,0,-2\n2,1,1,2\n\
                 2,2,0,0.5\n2,2,1,1\n2,,0,0\n2,,1,0\n";
    let records = "height,width\n1.5,2\n-1,4.25\n0,-2\n";
    let columns = [
        Column::new("layer", ColumnType::Int64),
        Column::new("input", ColumnType::Int64).nullable(),
        Column::new("output", ColumnType::Int64),
        Column::new("weight", ColumnType::Float64),
        Column::new("height", ColumnType::Float64),
        Column::new("width", ColumnType::Float64),
    ];
    for third in ["provider", "helper"] {
        let parties: [Party; 3] = [
            ("model", Some(("model", model.to_owned()))),
            ("records", Some(("records", records.to_owned()))),
            (third, None),
        ];
        let algorithm = private_inference::algorithm();
        let results = alike(algorithm, PRIVATE_INFERENCE, &parties, &columns, &arguments);
        assert_eq!(results[1]["predictions"], json!([0, 1, 1]));
    }
}

#[test]
fn dot_products_are_alike_in_the_lab_and_as_components() {
    let column = json!({ "name": "age", "minimum": -9, "maximum": 9 });
    let arguments = json!({ "columns": [column, column], "max_rows": 10 });
    let of = |values: &[i64]| Some(("records", rows("age", values)));
    let columns = [Column::new("age", ColumnType::Int64)];
    for third in ["provider", "helper"] {
        let parties: [Party; 3] =
            [("holder", of(&[1, -2, 3])), ("holder", of(&[4, 5, 6])), (third, None)];
        let results = alike(secure_dot::algorithm(), SECURE_DOT, &parties, &columns, &arguments);
        assert_eq!(results[0]["products"][0]["dot"], "12");
    }
}

#[test]
fn shared_keys_are_alike_in_the_lab_and_as_components() {
    let of = |keys: &[&str]| Some(("records", format!("patient\n{}\n", keys.join("\n"))));
    let columns = [Column::new("patient", ColumnType::Utf8)];
    for kind in ["ecdh", "voprf", "rsa"] {
        let arguments = json!({ "kind": kind, "keys": ["patient"] });
        let parties: [Party; 2] =
            [("modeller", of(&["P-1", "P-3", "P-2"])), ("pod", of(&["p-2", "p-4", " P-1"]))];
        let results = alike(psi::algorithm(), PSI, &parties, &columns, &arguments);
        assert_eq!(results[0]["rows"], json!([0, 2]));
    }
}

#[test]
fn models_are_alike_in_the_lab_and_as_components() {
    let arguments = json!({
        "model": "logistic", "penalty": 0.1, "iterations": 3,
        "outcome": { "holder": "party-0", "name": "ill" },
        "features": [[{ "name": "age", "minimum": 0, "maximum": 100 }],
                     [{ "name": "dose", "minimum": 0, "maximum": 9 }]],
    });
    let of = |rows: &str| Some(("records", rows.to_owned()));
    let columns = ["age", "ill", "dose"].map(|name| Column::new(name, ColumnType::Int64));
    for third in ["provider", "helper"] {
        let parties: [Party; 3] = [
            ("holder", of("age,ill\n61,1\n50,0\n44,0\n70,1\n66,0\n")),
            ("holder", of("dose\n7\n2\n4\n5\n6\n")),
            (third, None),
        ];
        let algorithm = secure_regression::algorithm();
        let results = alike(algorithm, SECURE_REGRESSION, &parties, &columns, &arguments);
        assert_eq!(results[2], json!({ "rows": 5 }));
    }
}

#[test]
fn who_has_the_most_is_alike_in_the_lab_and_as_a_component() {
    let arguments = json!({ "column": "worth", "minimum": 0, "maximum": 1_000 });
    let of = |worth: i64| ("party", Some(("value", rows("worth", &[worth]))));
    let parties: Vec<Party> = [3, 7, 1, 7].map(of).into();
    let columns = [Column::new("worth", ColumnType::Int64)];
    let algorithm = millionaires::algorithm();
    let results = alike(algorithm, MILLIONAIRES, &parties, &columns, &arguments);
    assert_eq!(results[0]["most"], json!(["party-1", "party-3"]));
}

/// The rows of one of three parties: patients with an age, an outcome and a time.
fn patients(party: i64) -> String {
    let row = |patient: i64| {
        let (age, time) = (30 + patient * 17 % 41, 1 + patient * 29 % 23);
        format!("{age},{},{},{time}\n", patient * 7 % 11 % 2, patient % 5)
    };
    let rows: String = (party * 20..party * 20 + 15 + party).map(row).collect();
    format!("age,ill,visits,time\n{rows}")
}

fn of_patients() -> ([Party; 3], [Column; 4]) {
    let party = |party| ("party", Some(("records", patients(party))));
    let columns = ["age", "ill", "visits", "time"];
    ([0, 1, 2].map(party), columns.map(|name| Column::new(name, ColumnType::Int64)))
}

#[test]
fn models_of_pooled_rows_are_alike_in_the_lab_and_as_components() {
    let (parties, columns) = of_patients();
    let age = json!({ "name": "age", "minimum": 0, "maximum": 100 });
    for (model, outcome) in [("linear", "time"), ("logistic", "ill"), ("poisson", "visits")] {
        let maximum = if outcome == "ill" { 1 } else { 30 };
        let outcome = json!({ "name": outcome, "minimum": 0, "maximum": maximum });
        let arguments =
            json!({ "model": model, "outcome": outcome, "features": [age], "min_rows": 9 });
        let results = alike(glm::algorithm(), GLM, &parties, &columns, &arguments);
        assert_eq!(results[0]["rows"], 48);
    }
    let arguments = json!({
        "time": { "name": "time", "maximum": 30 }, "event": "ill", "features": [age], "min_leaving": 1,
    });
    let results = alike(coxph::algorithm(), COXPH, &parties, &columns, &arguments);
    assert_eq!(results[0]["rows"], 48);
}

#[test]
fn averages_are_alike_in_the_lab_and_as_components() {
    let of = |factor: i64| {
        let rows = format!("tensor,value\nw,{factor}.5\nw,-{factor}.25\nb,0.{factor}\n");
        ("worker", Some(("state,records", rows)))
    };
    let columns =
        [Column::new("tensor", ColumnType::Utf8), Column::new("value", ColumnType::Float64)];
    let parties: [Party; 4] = [("modeller", None), of(1), of(2), of(3)];
    for kind in [json!({}), json!({ "active": true }), json!({ "kind": "shares" })] {
        let mut arguments = json!({ "clip": 8, "weights": "rows", "max_weight": 5 });
        arguments.as_object_mut().unwrap().extend(kind.as_object().unwrap().clone());
        let algorithm = secure_aggregation::algorithm();
        let results = alike(algorithm, SECURE_AGGREGATION, &parties, &columns, &arguments);
        assert_eq!(results[0]["weight"], 9);
    }
}

#[test]
fn trained_models_are_alike_in_the_lab_and_as_components() {
    let columns = of_patients().1;
    let of = |party| ("organization", Some(("records", patients(party))));
    let parties: [Party; 4] = [("coordinator", None), of(0), of(1), of(2)];
    let arguments = json!({
        "model": "perceptron", "hidden": 3, "classes": 2, "label": "ill", "rounds": 3, "batch": 8,
        "learning_rate": 0.5,
        "features": [{ "name": "age", "minimum": 0, "maximum": 100 }],
    });
    let algorithm = federated_training::algorithm();
    let results = alike(algorithm, FEDERATED_TRAINING, &parties, &columns, &arguments);
    assert_eq!(results[0]["rounds"], 3);
    let private = json!({
        "model": "logistic", "label": "ill", "rounds": 2, "learning_rate": 0.5, "validation": 0,
        "features": [{ "name": "age", "minimum": 0, "maximum": 100 }],
        "privacy": { "epsilon": 2, "delta": 1e-5, "clip": 0.5 }, "expected_rows": 50,
    });
    let algorithm = federated_training::algorithm();
    let results = alike(algorithm, FEDERATED_TRAINING, &parties, &columns, &private);
    assert_eq!(results[0]["privacy"]["delta"], 1e-5);
}

/// The median of the ages of some members, as the algorithm writes it.
fn median_of_ages(members: usize) -> String {
    let mut all: Vec<i64> = (0..members).flat_map(ages).collect();
    all.sort_unstable();
    let twice = all[(all.len() - 1) / 2] + all[all.len() / 2];
    format!("{}.{}", twice / 2, twice % 2 * 5)
}

fn median_arguments() -> String {
    json!({ "column": "age", "minimum": 0, "maximum": 120, "max_rows": 20 }).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn five_organizations_find_their_median_of_whom_three_compute() {
    let network = Network::new(5).await;
    let mut run = network.run(SECURE_MEDIAN).await;
    for outcome in run.task(&median_arguments(), &["patients"]).await {
        let outcome = outcome.expect("it was told");
        assert_eq!(outcome.ending, ClosingEnding::Finished, "{outcome:?}");
        let result: Value = serde_json::from_slice(&outcome.result).unwrap();
        assert_eq!(result, json!({ "value": median_of_ages(5) }));
    }
}

/// What two members with data and a third one without are told of a task.
async fn with_a_third(path: &str, roles: [&str; 3], arguments: &str) -> Vec<Value> {
    let network = Network::new(3).await;
    let mut run = network.run(path).await;
    let mut request = run.next(arguments, &["patients"]);
    for (party, role) in request.parties.iter_mut().zip(roles) {
        party.role = role.into();
    }
    request.parties[2].datasets.clear();
    let task = run.submit(&request).await;
    run.wait(task).await;
    let outcomes = run.outcomes(&request, task).await.into_iter().map(|outcome| {
        let outcome = outcome.expect("it was told");
        assert_eq!(outcome.ending, ClosingEnding::Finished, "{outcome:?}");
        serde_json::from_slice::<Value>(&outcome.result).unwrap()
    });
    outcomes.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_organizations_find_their_median_with_a_provider() {
    let roles = ["party", "party", "provider"];
    let results = with_a_third(SECURE_MEDIAN, roles, &median_arguments()).await;
    let median = json!({ "value": median_of_ages(2) });
    assert_eq!(results, [median.clone(), median, json!({})]);
}
