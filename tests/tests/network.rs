//! A server and nodes over real sockets: results equal the plaintext, whatever is restarted in the
//! middle, and a party that does not come is named.

use anchorhold_model::ExecutionState;
use anchorhold_node::Rule;
use anchorhold_tests::network::{Network, ORGANIZATIONS, Setup, ages, rule};
use anchorhold_tests::requested::{failure, result, sum_arguments};
use anchorhold_tests::{
    BULK, ENDLESS_LOOP, NEIGHBOUR, SECURE_SUM, SHAMIR_SUM, WAITS, WHAT_IS_LEFT, WILD_POINTER,
};
use serde_json::{Value, json};

async fn sums(members: usize) {
    let network = Network::new(members).await;
    let mut run = network.run(SECURE_SUM).await;
    let outcomes = run.task(&sum_arguments(), &["patients"]).await;
    let expected: i64 = (0..members).flat_map(ages).sum();
    assert_eq!(outcomes.len(), members);
    for outcome in &outcomes {
        let result: Value = serde_json::from_slice(result(outcome)).expect("it is JSON");
        assert_eq!(result["columns"]["age"]["sum"], expected.to_string(), "{result}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_organizations_get_the_plaintext_sum() {
    sums(3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn five_and_ten_organizations_get_the_plaintext_sum() {
    sums(5).await;
    sums(10).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn shares_of_three_organizations_open_as_the_plaintext_sum() {
    let network = Network::new(3).await;
    let mut run = network.run(SHAMIR_SUM).await;
    let arguments = json!({ "column": "age", "minimum": 0, "maximum": 120 }).to_string();
    let expected: i64 = (0..3).flat_map(ages).sum();
    for outcome in run.task(&arguments, &["patients"]).await {
        let result: Value = serde_json::from_slice(result(&outcome)).expect("it is JSON");
        assert_eq!(result["sum"], expected.to_string(), "{result}");
        assert_eq!(result["opened_by"], json!(["north", "middle", "south"]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_tasks_at_once() {
    let network = Network::new(3).await;
    let mut tasks = Vec::new();
    for _ in 0..50 {
        let mut run = network.run(NEIGHBOUR).await;
        let request = run.next("{}", &[]);
        let task = run.submit(&request).await;
        tasks.push((run, request, task));
    }
    for (run, request, task) in tasks {
        run.wait(task).await;
        for outcome in run.outcomes(&request, task).await {
            assert_eq!(result(&outcome), b"3");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn others_finish_while_executions_wait_and_the_kill_ends_those() {
    let network = Network::new(3).await;
    let mut waiting = network.run(WAITS).await;
    let request = waiting.next("{}", &[]);
    let task = waiting.submit(&request).await;
    waiting
        .wait_for(task, |status| {
            status.executions.iter().all(|of| of.state == ExecutionState::Running)
        })
        .await;
    let mut run = network.run(NEIGHBOUR).await;
    for outcome in run.task("{}", &[]).await {
        assert_eq!(result(&outcome), b"3");
    }
    waiting.client.kill(&task).await.unwrap();
    let status = waiting.wait(task).await;
    assert!(status.killed);
    for outcome in waiting.outcomes(&request, task).await {
        // Who hears of another's end first may end by that.
        let (kind, text) = failure(&outcome);
        assert!(kind == "killed" || text.contains("PeerEnded"), "{kind}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_of_ten_and_of_a_hundred_megabytes_pass() {
    let network = Network::new(2).await;
    for bytes in [10_000_000_u64, 100_000_000] {
        let mut run = network.run(BULK).await;
        for outcome in run.task(&format!("[1,{bytes}]"), &[]).await {
            assert_eq!(result(&outcome), bytes.to_string().as_bytes());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_send_two_hundred_megabytes_before_they_receive_do_not_block_one_another() {
    let network = Network::new(2).await;
    let mut run = network.run(BULK).await;
    for outcome in run.task("[20,10000000]", &[]).await {
        assert_eq!(result(&outcome), b"200000000");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_party_that_fails_or_refuses_is_named_and_the_others_hear_it() {
    // The first refuses the algorithm that the others would run.
    let network = Network::set_up(Setup::new(3), |index, mut config| {
        if index == 1 {
            let other = Rule { algorithm: "0".repeat(64), ..rule(NEIGHBOUR, "patients", &[]) };
            config.rules = vec![other];
        }
        config
    })
    .await;
    let mut run = network.run(NEIGHBOUR).await;
    let request = run.next("{}", &[]);
    let task = run.submit(&request).await;
    let status = run.wait(task).await;
    assert_eq!(status.executions[1].state, ExecutionState::Refused);
    let outcomes = run.outcomes(&request, task).await;
    assert_eq!(failure(&outcomes[1]).0, "algorithm");
    for index in [0, 2] {
        let (kind, text) = failure(&outcomes[index]);
        assert_eq!(kind, "error");
        assert!(text.contains("PeerEnded(Ending::Refused)"), "{text}");
    }
    let mut run = network.run(WILD_POINTER).await;
    let outcomes = run.task("{}", &[]).await;
    assert_eq!(failure(&outcomes[0]).0, "trap");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dataset_that_is_gone_fails_the_task_and_is_named_and_when_it_is_back_the_next_is_right()
{
    let network = Network::new(3).await;
    let (file, away) = ("patients.csv", "patients.away");
    let (file, away) = (network.node_folder(1).join(file), network.node_folder(1).join(away));
    std::fs::rename(&file, &away).unwrap();
    let mut run = network.run(SECURE_SUM).await;
    let outcomes = run.task(&sum_arguments(), &["patients"]).await;
    let (kind, text) = failure(&outcomes[1]);
    assert_eq!(kind, "dataset");
    assert!(text.starts_with("the dataset patients cannot be read"), "{text}");
    for beside in [&outcomes[0], &outcomes[2]] {
        failure(beside);
    }

    std::fs::rename(&away, &file).unwrap();
    for outcome in run.task(&sum_arguments(), &["patients"]).await {
        let result: Value = serde_json::from_slice(result(&outcome)).unwrap();
        let expected: i64 = (0..3).flat_map(ages).sum();
        assert_eq!(result["columns"]["age"]["sum"], expected.to_string());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_for_a_key_that_the_node_does_not_have_yet_is_refused_in_clear() {
    let network = Network::new(2).await;
    let rotated = &ORGANIZATIONS[1];
    let rotated = rotated.root.state(&rotated.name, 2, &rotated.key, (0, 1 << 40));
    network.client(1).await.add_statement(&rotated).await.unwrap();
    let mut run = network.run(NEIGHBOUR).await;
    let mut request = run.next("{}", &[]);
    request.parties[1].statement = rotated;
    let task = run.submit(&request).await;
    let status = run.wait(task).await;
    let refused = &status.executions[1];
    assert_eq!((refused.state, refused.kind.as_str()), (ExecutionState::Refused, "other-key"));
    let manifest = run.client.manifest(&task).await.unwrap();
    let named = manifest.parties.iter().map(|party| party.statement);
    let asked = request.parties.iter().map(|party| party.statement.hash());
    assert!(named.eq(asked), "who takes part is in what was signed");
    assert_eq!(run.outcomes(&request, task).await[1], None, "its seal would be one of another key");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_killed_ends_its_task_in_a_stated_failure() {
    let mut network = Network::new(3).await;
    let mut run = network.run(WAITS).await;
    let request = run.next("{}", &[]);
    let task = run.submit(&request).await;
    let running = |state| {
        move |status: &anchorhold_client::TaskStatus| {
            status.executions.iter().all(|of| of.state == state)
        }
    };
    run.wait_for(task, running(ExecutionState::Running)).await;
    network.kill_node(1).await;
    network.start_node(1);
    let status = run.wait_for(task, |status| status.executions[1].state.is_final()).await;
    assert_eq!(status.executions[1].state, ExecutionState::Failed);
    assert_eq!(status.executions[1].kind, "restarted");
    // Without arguments of its own it takes further tasks.
    let mut next = network.run(NEIGHBOUR).await;
    for outcome in next.task("{}", &[]).await {
        assert_eq!(result(&outcome), b"3");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_stays_away_is_lost_and_the_others_end() {
    let setup = Setup { lost_after: 2, ..Setup::new(3) };
    let mut network = Network::set_up(setup, |_, config| config).await;
    network.kill_node(2).await;
    let mut run = network.run(NEIGHBOUR).await;
    let request = run.next("{}", &[]);
    let task = run.submit(&request).await;
    let status = run.wait(task).await;
    let states: Vec<_> = status.executions.iter().map(|of| of.state).collect();
    assert_eq!(states, [ExecutionState::Failed, ExecutionState::Failed, ExecutionState::Lost]);
    let outcomes = run.outcomes(&request, task).await;
    assert!(failure(&outcomes[0]).1.contains("PeerEnded(Ending::Lost)"), "{outcomes:?}");
    assert!(outcomes[2].is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_in_the_middle_of_tasks_loses_none() {
    let mut network = Network::new(3).await;
    let mut tasks = Vec::new();
    for _ in 0..5 {
        let mut run = network.run(BULK).await;
        let request = run.next("[5,1000000]", &[]);
        let task = run.submit(&request).await;
        tasks.push((run, request, task));
    }
    for _ in 0..3 {
        network.restart_server().await;
    }
    for (mut run, request, task) in tasks {
        // The old session went with the old server.
        run.client = network.client(0).await.into();
        run.wait(task).await;
        for outcome in run.outcomes(&request, task).await {
            assert_eq!(result(&outcome), b"10000000");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_stopped_says_so() {
    let mut network = Network::new(2).await;
    let mut run = network.run(WAITS).await;
    let request = run.next("{}", &[]);
    let task = run.submit(&request).await;
    run.wait_for(task, |status| {
        status.executions.iter().all(|of| of.state == ExecutionState::Running)
    })
    .await;
    network.stop_node(1).await;
    run.wait(task).await;
    let outcomes = run.outcomes(&request, task).await;
    assert_eq!(failure(&outcomes[1]), ("node-stops", "its node was stopped"));
    assert!(failure(&outcomes[0]).1.contains("PeerEnded(Ending::Failed)"), "{outcomes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_ends_what_computes_for_ever() {
    let network = Network::new(2).await;
    let mut run = network.run(ENDLESS_LOOP).await;
    let mut request = run.next("{}", &[]);
    request.limits.deadline = std::time::Duration::from_secs(1);
    let task = run.submit(&request).await;
    run.wait(task).await;
    for outcome in run.outcomes(&request, task).await {
        assert_eq!(failure(&outcome), ("limit-reached", "reached a limit: deadline"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_task_of_a_run_finds_what_an_earlier_one_stored_until_the_run_is_closed() {
    let network = Network::new(3).await;
    let phase = |phase: &str| {
        let mut arguments: Value = serde_json::from_str(&sum_arguments()).unwrap();
        arguments["phase"] = phase.into();
        arguments.to_string()
    };
    let mut run = network.run(SECURE_SUM).await;
    let first = run.task(&phase("mask"), &["patients"]).await;
    assert!(first.iter().all(|outcome| !result(outcome).is_empty()));
    let second = run.task(&phase("unmask"), &["patients"]).await;
    let expected: i64 = (0..3).flat_map(ages).sum();
    let result: Value = serde_json::from_slice(result(&second[0])).unwrap();
    assert_eq!(result["columns"]["age"]["sum"], expected.to_string());
    run.close().await;
    let runs = run.client.run(&run.run).await.unwrap();
    assert!(runs.closed);
    let mut other = network.run(WHAT_IS_LEFT).await;
    for outcome in other.task("{}", &[]).await {
        assert_eq!(self::result(&outcome), b"0", "another run sees nothing of it");
    }
}
