//! How executions, tasks and runs end.

use anchorhold_model::layout::{REQUESTER, TaskManifest};
use anchorhold_model::link::{Frame, ParcelKind, Stream, ToNode, ToServer};
use anchorhold_model::{ExecutionState, Seat};

use crate::http::refused;
use crate::node::{Node, between, frame};
use crate::running::NOW;
use crate::world::{KEYS, MIDDLE, NORTH, SOUTH, World};

#[tokio::test]
async fn an_end_is_told_after_everything_that_was_sent_is_taken() {
    let (world, _, task) = World::with_task(&[NORTH, MIDDLE, SOUTH]).await;
    let mut north = Node::begin(&world, NORTH, task, Seat(0)).await;
    let mut middle = Node::begin(&world, MIDDLE, task, Seat(1)).await;
    let mut south = Node::begin(&world, SOUTH, task, Seat(2)).await;
    let stream = between(task, 0, 1);
    for number in 0..2 {
        north.send(ToServer::Frame(frame(stream, number))).await;
    }
    north.state(task, ExecutionState::Finished).await;
    let ended = ToNode::Ended(task, Seat(0), ExecutionState::Finished);
    // To the south it sent nothing.
    assert_eq!(south.next().await, ended);
    for _ in 0..2 {
        middle.frame().await;
    }
    middle.send(ToServer::Received(stream, 1)).await;
    let other = between(task, 2, 1);
    south.send(ToServer::Frame(frame(other, 0))).await;
    assert_eq!(middle.frame().await, frame(other, 0), "not everything is taken yet");
    middle.send(ToServer::Received(stream, 2)).await;
    assert_eq!(middle.next().await, ended);
    // It is told again at the next link.
    drop(middle);
    let (mut middle, _) = Node::resume(&world, MIDDLE, Vec::new()).await;
    assert!(matches!(middle.next().await, ToNode::Offer(_)));
    assert_eq!(middle.next().await, ended);
    assert_eq!(middle.frame().await, frame(other, 0));
}

#[tokio::test]
async fn after_its_end_a_seat_sends_nothing_but_receipts() {
    let (world, _, task) = World::with_task(&[NORTH, MIDDLE]).await;
    let mut north = Node::begin(&world, NORTH, task, Seat(0)).await;
    let mut middle = Node::begin(&world, MIDDLE, task, Seat(1)).await;
    north.state(task, ExecutionState::Finished).await;
    assert!(matches!(middle.next().await, ToNode::Ended(..)));
    middle.state(task, ExecutionState::Finished).await;
    let stream = between(task, 0, 1);
    north.send(ToServer::Frame(frame(stream, 0))).await;
    north.stored(stream, 1).await;
    let receipt = Frame { kind: ParcelKind::Receipt, ..frame(stream, 1) };
    north.send(ToServer::Frame(receipt.clone())).await;
    assert_eq!(middle.frame().await, receipt);
    middle.send(ToServer::Received(stream, 2)).await;
    north.stored(stream, 2).await;
    let shown = world.until(&task, |task| task["state"] == "finished").await;
    assert_eq!(shown["executions"][0]["state"], "finished");
    // Nothing follows an end.
    north.state(task, ExecutionState::Failed).await;
    let (mut north, _) = Node::resume(&world, NORTH, Vec::new()).await;
    north.send(ToServer::Frame(frame(stream, 0))).await;
    north.stored(stream, 2).await;
    assert_eq!(world.show(&task).await["executions"][0]["state"], "finished");
}

#[tokio::test]
async fn a_result_is_fetched_by_the_requester_until_the_run_is_closed() {
    let (world, run, task) = World::with_task(&[MIDDLE]).await;
    let path = format!("/v1/tasks/{task}/results/0");
    refused(&world.api(NORTH).get(&path).await, 404, "no-result");
    let mut middle = Node::begin(&world, MIDDLE, task, Seat(0)).await;
    let stream = Stream { task, sender: Seat(0), receiver: REQUESTER };
    let piece = |number, kind, index, count, bytes: &[u8]| {
        let bytes = bytes.to_vec();
        ToServer::Frame(Frame { stream, number, kind, sequence: 0, index, count, bytes })
    };
    middle.send(piece(0, ParcelKind::Grant, 0, 1, b"grant")).await;
    middle.send(piece(1, ParcelKind::Result, 0, 2, b"first ")).await;
    middle.stored(stream, 2).await;
    refused(&world.api(NORTH).get(&path).await, 404, "no-result");
    assert_eq!(world.show(&task).await["executions"][0]["result"], false);
    middle.send(piece(2, ParcelKind::Result, 1, 2, b"second")).await;
    middle.state(task, ExecutionState::Finished).await;
    let shown = world.until(&task, |task| task["state"] == "finished").await;
    assert_eq!(shown["executions"][0]["result"], true);
    let sealed = crate::world::sealed(b"grant", b"first second");
    assert_eq!(world.api(NORTH).get(&path).await.body, sealed);
    refused(&world.api(MIDDLE).get(&path).await, 403, "not-allowed");
    let other = format!("/v1/tasks/{task}/results/1");
    refused(&world.api(NORTH).get(&other).await, 404, "no-result");

    // What passed between parties is forgotten after an hour, and the result is not.
    world.running.pass(3_600);
    let world = world.again(false).await;
    assert_eq!(world.api(NORTH).get(&path).await.body, sealed);
    world.close(run, 1).await.json();
    refused(&world.api(NORTH).get(&path).await, 404, "no-result");
}

#[tokio::test]
async fn an_hour_after_its_end_a_task_is_forgotten() {
    for restart in [false, true] {
        let (world, _, task) = World::with_task(&[NORTH, MIDDLE]).await;
        let mut north = Node::begin(&world, NORTH, task, Seat(0)).await;
        let stream = between(task, 0, 1);
        north.send(ToServer::Frame(frame(stream, 0))).await;
        north.stored(stream, 1).await;
        north.state(task, ExecutionState::Finished).await;
        let mut middle = Node::begin(&world, MIDDLE, task, Seat(1)).await;
        assert_eq!(middle.frame().await, frame(stream, 0));
        middle.state(task, ExecutionState::Finished).await;
        world.until(&task, |task| task["state"] == "finished").await;

        let world = if restart { world.again(false).await } else { world };
        let (mut middle, _) = Node::resume(&world, MIDDLE, Vec::new()).await;
        assert_eq!(middle.frame().await, frame(stream, 0), "it is kept for an hour");
        world.running.pass(3_600);
        let world = if restart { world.again(false).await } else { world };
        let (mut north, _) = Node::resume(&world, NORTH, Vec::new()).await;
        // Of a task that is forgotten nothing runs.
        for number in 1.. {
            north.state(task, ExecutionState::Running).await;
            let receipt = Frame { kind: ParcelKind::Receipt, ..frame(stream, number) };
            north.send(ToServer::Frame(receipt)).await;
            match north.next().await {
                ToNode::Kill(_) => break,
                other => assert_eq!(other, ToNode::Stored(stream, number + 1)),
            }
        }
        let (mut middle, welcome) = Node::resume(&world, MIDDLE, Vec::new()).await;
        assert_eq!(welcome, []);
        middle.state(task, ExecutionState::Running).await;
        assert_eq!(middle.next().await, ToNode::Kill(task), "nothing came before");
    }
}

#[tokio::test]
async fn a_node_that_does_not_come_is_lost() {
    let (world, run, task) = World::with_task(&[NORTH, MIDDLE]).await;
    let mut north = Node::begin(&world, NORTH, task, Seat(0)).await;
    let middle = Node::begin(&world, MIDDLE, task, Seat(1)).await;
    let never = world.task_manifest(run, 1, &[MIDDLE]);
    let never = world.prepare(TaskManifest { deadline: NOW + 69, ..never }).await;
    world.running.pass(59);
    drop(middle);
    // Its time without a link begins when the link is down.
    world.until_linked(0, false).await;
    world.running.pass(41);
    // Another task ends at the same sweep, and this one does not yet.
    world.until(&never, |task| task["state"] == "failed").await;
    let result = Stream { task, sender: Seat(0), receiver: REQUESTER };
    let grant = Frame { kind: ParcelKind::Grant, ..frame(result, 0) };
    north.send(ToServer::Frame(grant)).await;
    north.stored(result, 1).await;
    // What changed before is committed before, or with it.
    assert_eq!(world.show(&task).await["executions"][1]["state"], "running");
    world.running.pass(19);
    assert_eq!(north.next().await, ToNode::Ended(task, Seat(1), ExecutionState::Lost));

    let (mut middle, _) = Node::resume(&world, MIDDLE, Vec::new()).await;
    assert_eq!(middle.next().await, ToNode::Kill(task));
    middle.state(task, ExecutionState::Finished).await;
    assert_eq!(middle.next().await, ToNode::Kill(task));
    let stream = between(task, 1, 0);
    middle.send(ToServer::Frame(frame(stream, 0))).await;
    middle.stored(stream, 1).await;
    assert_eq!(middle.next().await, ToNode::Kill(task));
    north.state(task, ExecutionState::Failed).await;
    let shown = world.until(&task, |task| task["state"] == "failed").await;
    assert_eq!(shown["executions"][1]["state"], "lost");
}

#[tokio::test]
async fn what_is_open_after_the_deadline_is_lost() {
    let world = World::start().await;
    let run = world.run().await;
    let manifest = world.task_manifest(run, 0, &[NORTH, MIDDLE]);
    let task = world.task(TaskManifest { deadline: NOW + 10, ..manifest }).await;
    let mut north = Node::begin(&world, NORTH, task, Seat(0)).await;
    let mut middle = Node::begin(&world, MIDDLE, task, Seat(1)).await;
    middle.state(task, ExecutionState::Refused).await;
    assert_eq!(north.next().await, ToNode::Ended(task, Seat(1), ExecutionState::Refused));
    world.running.pass(41);
    assert_eq!(north.next().await, ToNode::Kill(task));
    let shown = world.until(&task, |task| task["state"] == "failed").await;
    assert_eq!(shown["executions"][0]["state"], "lost");
    assert_eq!(shown["executions"][1]["state"], "refused");
}

#[tokio::test]
async fn a_task_is_killed_at_the_nodes_that_have_not_ended() {
    let (world, _, task) = World::with_task(&[NORTH, MIDDLE]).await;
    let mut north = Node::begin(&world, NORTH, task, Seat(0)).await;
    let killed = world.api(NORTH).post(&format!("/v1/tasks/{task}/kill"), "").await.json();
    assert_eq!((&killed["killed"], &killed["state"]), (&true.into(), &"running".into()));
    assert_eq!(north.next().await, ToNode::Kill(task));
    let (mut middle, _) = Node::resume(&world, MIDDLE, Vec::new()).await;
    assert!(matches!(middle.next().await, ToNode::Offer(_)));
    assert_eq!(middle.next().await, ToNode::Kill(task));
    middle.send(ToServer::State(task, ExecutionState::Failed, "killed".into())).await;
    north.state(task, ExecutionState::Failed).await;
    let shown = world.until(&task, |task| task["state"] == "failed").await;
    assert_eq!(shown["executions"][1]["kind"], "killed");
    world.api(NORTH).post(&format!("/v1/tasks/{task}/kill"), "").await.json();
}

#[tokio::test]
async fn a_closed_run_is_told_until_it_is_answered() {
    let (world, run, task) = World::with_task(&[NORTH, MIDDLE]).await;
    let mut north = Node::begin(&world, NORTH, task, Seat(0)).await;
    let mut middle = Node::begin(&world, MIDDLE, task, Seat(1)).await;
    north.state(task, ExecutionState::Finished).await;
    assert!(matches!(middle.next().await, ToNode::Ended(..)));
    middle.state(task, ExecutionState::Finished).await;
    world.until(&task, |task| task["state"] == "finished").await;
    let closed = world.close(run, 1).await.json();
    assert_eq!((&closed["closed"], &closed["tasks"]), (&true.into(), &1.into()));
    let end = anchorhold_model::layout::RunEnd { run, tasks: 1 };
    let told = ToNode::CloseRun(run, KEYS[NORTH].sign(end).encode());
    assert_eq!(middle.next().await, told);
    assert_eq!(north.next().await, told);
    let (mut middle, _) = Node::resume(&world, MIDDLE, Vec::new()).await;
    assert_eq!(middle.next().await, told, "it was not answered");
    middle.send(ToServer::RunClosed(run)).await;
    // What follows is answered after it.
    let gone = between(anchorhold_model::TaskId::from_bytes([1; 32]), 1, 0);
    middle.send(ToServer::Frame(frame(gone, 0))).await;
    middle.stored(gone, 1).await;
    let world = world.again(false).await;
    let (mut middle, _) = Node::resume(&world, MIDDLE, Vec::new()).await;
    middle.send(ToServer::Frame(frame(gone, 0))).await;
    middle.stored(gone, 1).await;
    let (mut north, _) = Node::resume(&world, NORTH, Vec::new()).await;
    assert_eq!(north.next().await, told, "it has not answered");
}

#[tokio::test]
async fn a_run_that_is_closed_again_under_another_key_is_told_under_that() {
    let (world, run, task) = World::with_task(&[MIDDLE]).await;
    let mut middle = Node::begin(&world, MIDDLE, task, Seat(0)).await;
    middle.state(task, ExecutionState::Finished).await;
    world.until(&task, |task| task["state"] == "finished").await;
    world.close(run, 1).await.json();
    let signed =
        |key: usize| KEYS[key].sign(anchorhold_model::layout::RunEnd { run, tasks: 1 }).encode();
    let told = |key: usize| ToNode::CloseRun(run, signed(key));
    assert_eq!(middle.next().await, told(NORTH));

    let north = &world.organizations[NORTH];
    let rotated = north.root.state("north", 2, &KEYS[SOUTH], crate::running::VALID);
    world.running.client(Some(&north.token)).add_statement(&rotated).await.unwrap();
    let path = format!("/v1/runs/{run}/close");
    world.api(NORTH).post(&path, signed(SOUTH)).await.json();
    assert_eq!(middle.next().await, told(SOUTH));
    // What is signed by neither changes nothing.
    world.api(NORTH).post(&path, signed(MIDDLE)).await.json();
    let (mut middle, _) = Node::resume(&world, MIDDLE, Vec::new()).await;
    assert_eq!(middle.next().await, told(SOUTH));
}

#[tokio::test]
async fn a_node_is_offered_what_it_verifies() {
    let world = World::start().await;
    let run = world.run().await;
    let (mut middle, _) = Node::resume(&world, MIDDLE, Vec::new()).await;
    let manifest = world.task_manifest(run, 0, &[MIDDLE, SOUTH]);
    let task = world.task(manifest.clone()).await;
    let ToNode::Offer(offer) = middle.next().await else { panic!("it is offered") };
    assert_eq!(offer.task, task);
    assert_eq!(offer.run_manifest, KEYS[NORTH].sign(world.run_manifest()).encode());
    assert_eq!(offer.task_manifest, KEYS[NORTH].sign(manifest).encode());
    let mut statements: Vec<_> =
        world.organizations.iter().map(|organization| organization.statement.encode()).collect();
    let mut offered = offer.statements;
    statements.sort_unstable();
    offered.sort_unstable();
    assert_eq!(offered, statements);
}
