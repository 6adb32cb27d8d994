//! Frames between nodes: at once, in order, and no node holds up another.

use anchorhold_model::Limits;
use anchorhold_model::layout::TaskManifest;
use anchorhold_model::link::{Frame, ParcelKind, ToNode, ToServer};
use anchorhold_model::{ExecutionState, Seat, limits};

use crate::node::{Node, between, frame};
use crate::world::{MIDDLE, NORTH, SOUTH, World};

#[tokio::test]
async fn frames_are_forwarded_in_order_and_stored() {
    let (world, _, task) = World::with_task(&[NORTH, MIDDLE]).await;
    let mut north = Node::begin(&world, NORTH, task, Seat(0)).await;
    let mut middle = Node::begin(&world, MIDDLE, task, Seat(1)).await;
    let stream = between(task, 0, 1);
    for number in 0..5 {
        north.send(ToServer::Frame(frame(stream, number))).await;
    }
    for number in 0..5 {
        assert_eq!(middle.frame().await, frame(stream, number));
    }
    north.stored(stream, 5).await;
    // The other way at the same time.
    let back = between(task, 1, 0);
    middle.send(ToServer::Received(stream, 5)).await;
    middle.send(ToServer::Frame(frame(back, 0))).await;
    assert_eq!(north.frame().await, frame(back, 0));
    middle.stored(back, 1).await;
    let shown = world.until(&task, |task| task["executions"][1]["state"] == "running").await;
    assert_eq!(shown["executions"][0]["state"], "running");
}

#[tokio::test]
async fn a_frame_that_comes_twice_is_forwarded_once_and_answered_twice() {
    let (world, _, task) = World::with_task(&[NORTH, MIDDLE]).await;
    let mut north = Node::begin(&world, NORTH, task, Seat(0)).await;
    let mut middle = Node::begin(&world, MIDDLE, task, Seat(1)).await;
    let stream = between(task, 0, 1);
    north.send(ToServer::Frame(frame(stream, 0))).await;
    north.stored(stream, 1).await;
    north.send(ToServer::Frame(frame(stream, 0))).await;
    north.stored(stream, 1).await;
    // A gap is taken: it is the receiver who notices.
    north.send(ToServer::Frame(frame(stream, 2))).await;
    north.stored(stream, 3).await;
    assert_eq!(middle.frame().await.number, 0);
    assert_eq!(middle.frame().await.number, 2);
}

#[tokio::test]
async fn a_receiver_is_sent_sixteen_frames_of_a_task_and_those_of_others_go_on() {
    let world = World::start().await;
    let run = world.run().await;
    let first = world.task(world.task_manifest(run, 0, &[NORTH, MIDDLE])).await;
    let mut north = Node::begin(&world, NORTH, first, Seat(0)).await;
    let mut middle = Node::begin(&world, MIDDLE, first, Seat(1)).await;
    let stream = between(first, 0, 1);
    for number in 0..20 {
        north.send(ToServer::Frame(frame(stream, number))).await;
    }
    north.stored(stream, 20).await;
    for number in 0..16 {
        assert_eq!(middle.frame().await.number, number);
    }
    let second = world.task(world.task_manifest(run, 1, &[NORTH, MIDDLE])).await;
    north.take_on(second, Seat(0)).await;
    // Were there credit left, frames of the first task would come before.
    middle.take_on(second, Seat(1)).await;
    let other = between(second, 0, 1);
    north.send(ToServer::Frame(frame(other, 0))).await;
    assert_eq!(middle.frame().await, frame(other, 0));
    middle.send(ToServer::Received(stream, 2)).await;
    for number in 16..18 {
        assert_eq!(middle.frame().await.number, number);
    }
    middle.send(ToServer::Received(stream, 18)).await;
    for number in 18..20 {
        assert_eq!(middle.frame().await.number, number);
    }
}

#[tokio::test]
async fn a_receiver_that_does_not_read_holds_up_nobody() {
    let (world, _, task) = World::with_task(&[NORTH, MIDDLE, SOUTH]).await;
    let mut north = Node::begin(&world, NORTH, task, Seat(0)).await;
    let _silent = Node::begin(&world, MIDDLE, task, Seat(1)).await;
    let mut south = Node::begin(&world, SOUTH, task, Seat(2)).await;
    let (to_silent, to_south) = (between(task, 0, 1), between(task, 0, 2));
    let large =
        |stream, number| Frame { bytes: vec![7; limits::FRAME_BYTES], ..frame(stream, number) };
    // More than the server's memory may hold, and more than the sockets do.
    for number in 0..80 {
        north.send(ToServer::Frame(large(to_silent, number))).await;
    }
    north.send(ToServer::Frame(frame(to_south, 0))).await;
    assert_eq!(south.frame().await, frame(to_south, 0));
    north.stored(to_silent, 80).await;
}

#[tokio::test]
async fn what_a_task_may_keep_is_bounded() {
    let world = World::start().await;
    let run = world.run().await;
    let narrow = Limits { sent_bytes: 0, messages: 0, ..Limits::default() };
    let manifest = world.task_manifest(run, 0, &[NORTH, MIDDLE]);
    let task = world.task(TaskManifest { limits: narrow, ..manifest }).await;
    let mut north = Node::begin(&world, NORTH, task, Seat(0)).await;
    let stream = between(task, 0, 1);
    for number in 0..10 {
        let bytes = vec![7; limits::FRAME_BYTES];
        north.send(ToServer::Frame(Frame { bytes, ..frame(stream, number) })).await;
    }
    loop {
        match north.next().await {
            ToNode::Kill(killed) => break assert_eq!(killed, task),
            ToNode::Stored(..) => {}
            other => panic!("{other:?}"),
        }
    }
    // What ends the execution still passes.
    let closing = Frame { kind: ParcelKind::Closing, ..frame(stream, 10) };
    north.send(ToServer::Frame(closing.clone())).await;
    north.state(task, ExecutionState::Failed).await;
    let shown = world.until(&task, |task| task["executions"][0]["state"] == "failed").await;
    assert_eq!(shown["executions"][0]["kind"], "mailbox-full");
    assert_eq!(shown["killed"], true);
    let (mut middle, _) = Node::resume(&world, MIDDLE, Vec::new()).await;
    assert!(matches!(middle.next().await, ToNode::Offer(_)));
    assert_eq!(middle.next().await, ToNode::Kill(task));
    let mut last = None;
    while last.as_ref() != Some(&closing) {
        let came = middle.frame().await;
        middle.send(ToServer::Received(came.stream, came.number + 1)).await;
        last = Some(came);
    }
}
