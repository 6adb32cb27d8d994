//! What an operator's rules and budgets let pass, through a server and nodes.

use anchorhold_node::{Pointers, Rule, Spend};
use anchorhold_tests::SECURE_SUM;
use anchorhold_tests::network::{Network, Setup, rule};
use anchorhold_tests::requested::{failure, result, sum_arguments};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_node_caps_the_arguments_and_the_tasks_of_a_requester_also_after_a_restart() {
    let mut network = Network::set_up(Setup::new(3), |index, mut config| {
        if index == 1 {
            config.rules = vec![Rule {
                arguments: Some(json!({ "properties": { "columns": { "maxItems": 1 } } })),
                maximum_tasks: Some(2),
                ..rule(SECURE_SUM, "patients", &["age"])
            }];
        }
        config
    })
    .await;
    let mut run = network.run(SECURE_SUM).await;
    let column = json!({ "name": "age", "minimum": 0, "maximum": 120 });
    let two = json!({ "columns": [column, column] }).to_string();
    // What is refused does not count.
    for _ in 0..3 {
        let outcomes = run.task(&two, &["patients"]).await;
        assert_eq!(failure(&outcomes[1]).0, "arguments-not-allowed");
    }
    for _ in 0..2 {
        result(&run.task(&sum_arguments(), &["patients"]).await[1]);
        network.stop_node(1).await;
        network.start_node(1);
    }
    let outcomes = run.task(&sum_arguments(), &["patients"]).await;
    let (kind, text) = failure(&outcomes[1]);
    assert_eq!(kind, "often");
    assert!(text.contains("2 tasks of this algorithm on patients in a year"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_privacy_budget_is_spent_by_tasks_whatever_becomes_of_them_also_after_a_restart() {
    let spend = |epsilon| Spend { epsilon, delta: 0.0 };
    let mut network = Network::set_up(Setup::new(3), |index, mut config| {
        if index == 1 {
            config.datasets[0].privacy_budget = Some(spend(300.0));
            // A number that the arguments of this algorithm have.
            let (epsilon, delta) = ("/columns/0/maximum".into(), "/columns/0/minimum".into());
            let privacy = Some(Pointers { epsilon, delta });
            config.rules = vec![Rule { privacy, ..rule(SECURE_SUM, "patients", &["age"]) }];
        }
        config
    })
    .await;
    let mut run = network.run(SECURE_SUM).await;
    for _ in 0..2 {
        result(&run.task(&sum_arguments(), &["patients"]).await[1]);
        network.stop_node(1).await;
        network.start_node(1);
    }
    let outcomes = run.task(&sum_arguments(), &["patients"]).await;
    let (kind, text) = failure(&outcomes[1]);
    assert_eq!(kind, "budget");
    let expected = "epsilon 300, delta 0, of which epsilon 240, delta 0 are spent";
    assert!(text.contains(expected), "{text}");
    let less = json!({ "columns": [{ "name": "age", "minimum": 0, "maximum": 60 }] }).to_string();
    // An age is above 60: the task fails, and has spent.
    failure(&run.task(&less, &["patients"]).await[1]);
    let spent = anchorhold_node::spent(&network.node_folder(1).join("state")).unwrap();
    assert!(spent["patients"].is_within(&spend(300.0)), "{}", spent["patients"]);
    assert!(!spent["patients"].is_within(&spend(299.0)), "{}", spent["patients"]);
}
