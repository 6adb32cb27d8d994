//! A requester hears how far each party is: from the parties themselves, and while they are at it.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anchorhold_model::{ExecutionState, Progress, Seat};
use anchorhold_node::{DepartureKind, Ledger};
use anchorhold_tests::SECURE_SUM;
use anchorhold_tests::network::{Network, ORGANIZATIONS, Setup, rule};
use anchorhold_tests::requested::{Requested, result, sum_arguments};

const FIRST: &str = "own vector sent under the mask";
const SECOND: &str = "own vector added under the mask";

/// Three organizations of which the last one's node is away: the others get half way. The second
/// gives no texts away.
async fn half_way() -> (Network, Requested) {
    let mut network = Network::set_up(Setup::new(3), |index, mut config| {
        if index == 1 {
            config.rules = vec![rule(SECURE_SUM, "patients", &["age"])];
        }
        config
    })
    .await;
    network.stop_node(2).await;
    let run = network.run(SECURE_SUM).await;
    (network, run)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_requester_hears_how_far_each_party_is_and_the_ledger_says_so() {
    let (mut network, mut run) = half_way().await;
    let request = run.next(&sum_arguments(), &["patients"]);
    let task = run.submit(&request).await;
    run.wait_for(task, |status| status.progress == 2).await;
    let reports = run.client.progress(&task).await.expect("the server has them");
    let open = |seat: u32, report| {
        let statement = &request.parties[usize::try_from(seat).expect("there are three")].statement;
        ORGANIZATIONS[0].requester().open_report(task, (Seat(seat), statement), report)
    };
    let [(Seat(0), first), (Seat(1), second)] = &reports[..] else { panic!("{reports:?}") };
    assert_eq!((first.number, second.number), (0, 0));
    assert_eq!(open(0, first), Progress::new(1, 2, FIRST));
    assert_eq!(open(1, second), Progress::new(1, 2, ""), "its operator gives no texts away");
    assert_eq!(open(1, first), None, "another seat's");

    network.start_node(2);
    let status = run.wait(task).await;
    assert!(status.executions.iter().all(|of| of.state == ExecutionState::Finished), "{status:?}");
    assert_eq!(run.client.progress(&task).await.expect("the task is there"), []);
    for outcome in run.outcomes(&request, task).await {
        result(&outcome);
    }
    for (index, text) in [(0, format!("1/2 {FIRST}")), (1, "1/2".into())] {
        let mut told = Vec::new();
        let path = network.node_folder(index).join("state/ledger.jsonl");
        let read = Ledger::read(&path, |departure| {
            if departure.kind == DepartureKind::Progress {
                told.push((departure.receiver, departure.topic));
            }
        });
        read.expect("it was written by a node");
        assert_eq!(told.first(), Some(&("north".to_owned(), text)), "{told:?}");
    }
}

/// Returns the command's path: beside the tests, as cargo builds it for those of its own package.
fn anchorhold() -> PathBuf {
    let tests = std::env::current_exe().expect("this is a program");
    tests.parent().and_then(Path::parent).expect("it is in a folder").join("anchorhold")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_shows_how_far_each_party_is() {
    let (mut network, mut run) = half_way().await;
    let request = run.next(&sum_arguments(), &["patients"]);
    let task = run.submit(&request).await;
    let passphrase = network.folder().join("passphrase");
    std::fs::write(&passphrase, "correct horse battery staple\n").expect("there is room");
    let mut wait = Command::new(anchorhold());
    wait.args(["task", "wait", &task.to_string()]);
    wait.arg("--collaboration").arg(network.folder().join("collaboration.toml"));
    wait.arg("--org").arg(network.node_folder(0).join("org"));
    wait.arg("--passphrase-file").arg(passphrase);
    let mut wait = wait.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut said = BufReader::new(wait.stderr.take().expect("it is piped")).lines();
    let mut missing = vec![format!("north: 1/2 {FIRST}"), "middle: 1/2".to_owned()];
    while !missing.is_empty() {
        let line = said.next().expect("it waits").expect("it is text");
        assert!(!line.contains(SECOND), "its operator gives no texts away: {line}");
        missing.retain(|text| *text != line);
    }
    network.start_node(2);
    let rest: Vec<_> = said.map_while(Result::ok).collect();
    let output = wait.wait_with_output().expect("it is ours");
    assert!(output.status.success(), "{rest:?}");
    assert!(rest.contains(&"south: finished".to_owned()), "{rest:?}");
}
