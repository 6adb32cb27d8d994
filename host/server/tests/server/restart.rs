//! What is stored is there after the server's end, however it ended.

use anchorhold_model::link::{ToNode, ToServer};
use anchorhold_model::{ExecutionState, Seat};

use crate::node::{Node, between, frame};
use crate::world::{MIDDLE, NORTH, World};

async fn stored_is_there(crash: bool) {
    let (world, _, task) = World::with_task(&[NORTH, MIDDLE]).await;
    let mut north = Node::begin(&world, NORTH, task, Seat(0)).await;
    let stream = between(task, 0, 1);
    for number in 0..3 {
        north.send(ToServer::Frame(frame(stream, number))).await;
    }
    north.stored(stream, 3).await;

    let world = world.again(crash).await;
    let (_north, welcome) = Node::resume(&world, NORTH, Vec::new()).await;
    assert!(welcome.contains(&(stream, 3)), "{welcome:?}");
    let mut middle = Node::begin(&world, MIDDLE, task, Seat(1)).await;
    for number in 0..3 {
        assert_eq!(middle.frame().await, frame(stream, number));
    }
    middle.send(ToServer::Received(stream, 2)).await;
    // A frame of its own that is stored was committed with what came before, or after it.
    let back = between(task, 1, 0);
    middle.send(ToServer::Frame(frame(back, 0))).await;
    middle.stored(back, 1).await;

    let world = world.again(crash).await;
    // It says that it has nothing, and is sent only what it did not take.
    let (mut middle, welcome) = Node::resume(&world, MIDDLE, Vec::new()).await;
    assert_eq!(welcome, [(back, 1)]);
    assert!(matches!(middle.next().await, ToNode::Offer(_)));
    assert_eq!(middle.frame().await, frame(stream, 2));
    middle.send(ToServer::Frame(frame(back, 1))).await;
    middle.stored(back, 2).await;
}

#[tokio::test]
async fn what_is_stored_is_there_after_a_stop() {
    stored_is_there(false).await;
}

#[tokio::test]
async fn after_a_stop_the_database_is_one_file() {
    let folder = World::start().await.running.stop().await;
    let files = std::fs::read_dir(folder.path()).unwrap();
    let names: Vec<_> = files.map(|file| file.unwrap().file_name()).collect();
    assert_eq!(names, ["server.db"]);
}

#[tokio::test]
async fn what_is_stored_is_there_after_a_crash() {
    stored_is_there(true).await;
}

#[tokio::test]
async fn a_receiver_knows_better_than_a_server_that_forgot() {
    let (world, _, task) = World::with_task(&[NORTH, MIDDLE]).await;
    let stream = between(task, 0, 1);
    // As after a crash before the commit of five frames that the receiver has.
    let (_middle, _) = Node::resume(&world, MIDDLE, vec![(stream, 5)]).await;
    let (mut north, welcome) = Node::resume(&world, NORTH, Vec::new()).await;
    assert_eq!(welcome, [(stream, 5)]);
    north.take_on(task, Seat(0)).await;
    north.send(ToServer::Frame(frame(stream, 4))).await;
    north.stored(stream, 5).await;
    north.send(ToServer::Frame(frame(stream, 5))).await;
    north.stored(stream, 6).await;
}

#[tokio::test]
async fn ends_kills_and_closings_are_told_again_after_a_restart() {
    let (world, run, task) = World::with_task(&[NORTH, MIDDLE]).await;
    let mut north = Node::begin(&world, NORTH, task, Seat(0)).await;
    let mut middle = Node::begin(&world, MIDDLE, task, Seat(1)).await;
    let stream = between(task, 0, 1);
    north.send(ToServer::Frame(frame(stream, 0))).await;
    assert_eq!(middle.frame().await, frame(stream, 0));
    middle.send(ToServer::Received(stream, 1)).await;
    let back = between(task, 1, 0);
    middle.send(ToServer::Frame(frame(back, 0))).await;
    middle.stored(back, 1).await;
    north.state(task, ExecutionState::Finished).await;
    world.until(&task, |task| task["executions"][0]["state"] == "finished").await;
    world.api(NORTH).post(&format!("/v1/tasks/{task}/kill"), "").await.json();

    let world = world.again(true).await;
    let (mut middle, _) = Node::resume(&world, MIDDLE, Vec::new()).await;
    assert!(matches!(middle.next().await, ToNode::Offer(_)));
    assert_eq!(middle.next().await, ToNode::Kill(task));
    assert_eq!(middle.next().await, ToNode::Ended(task, Seat(0), ExecutionState::Finished));
    middle.state(task, ExecutionState::Failed).await;
    world.until(&task, |task| task["state"] == "failed").await;
    world.close(run, 1).await.json();

    let world = world.again(true).await;
    let (mut middle, _) = Node::resume(&world, MIDDLE, Vec::new()).await;
    assert!(matches!(middle.next().await, ToNode::CloseRun(closed, _) if closed == run));
}
