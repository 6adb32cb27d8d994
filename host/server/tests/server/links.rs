//! Who may link, and what a link may say.

use anchorhold_model::layout::REQUESTER;
use anchorhold_model::link::{Frame, ParcelKind, Stream, ToNode, ToServer};
use anchorhold_model::{Collaboration, ExecutionState, RunId, Seat, TaskId, limits};
use tokio_tungstenite::tungstenite::Message;

use crate::http::refused;
use crate::node::{Node, between, frame, report};
use crate::world::{MIDDLE, NORTH, SOUTH, World};

#[tokio::test]
async fn only_nodes_of_members_that_joined_are_linked() {
    let world = World::start().await;
    let path = format!("/v1/link?collaboration={}", world.id());
    let person = &world.organizations[NORTH].token;
    assert_eq!(Node::try_connect(&world, &path, person).await.err(), Some(403));
    assert_eq!(Node::try_connect(&world, &path, &"0".repeat(64)).await.err(), Some(401));
    let token = world.sign_in(NORTH).await;
    for (path, status) in [("/v1/link", 400), ("/v1/link?collaboration=x", 400)] {
        assert_eq!(Node::try_connect(&world, path, &token).await.err(), Some(status));
    }
    let unknown = "/v1/link?collaboration=".to_owned() + &"0".repeat(64);
    assert_eq!(Node::try_connect(&world, &unknown, &token).await.err(), Some(404));

    let two = world.collaboration.members()[..2].to_vec();
    let two = Collaboration::new("two".into(), two, Vec::new()).unwrap();
    world.api(MIDDLE).post("/v1/collaborations", two.encode()).await.json();
    let path_of_two = format!("/v1/link?collaboration={}", two.id());
    assert_eq!(Node::try_connect(&world, &path_of_two, &token).await.err(), Some(409));
    let south = world.sign_in(SOUTH).await;
    assert_eq!(Node::try_connect(&world, &path_of_two, &south).await.err(), Some(403));
    refused(&world.running.api(Some(&token)).get(&path).await, 400, "no-websocket");

    world.until_linked(1, false).await;
    let linked = Node::resume(&world, NORTH, Vec::new()).await;
    world.until_linked(1, true).await;
    drop(linked);
    world.until_linked(1, false).await;
}

#[tokio::test]
async fn a_new_link_takes_over() {
    let (world, _, task) = World::with_task(&[NORTH, MIDDLE]).await;
    let mut old = Node::begin(&world, NORTH, task, Seat(0)).await;
    let (mut new, _) = Node::resume(&world, NORTH, Vec::new()).await;
    assert_eq!(old.closed().await, (4001, "another node of this organization took over".into()));
    // The end of the old one is not the end of the new.
    assert!(matches!(new.next().await, ToNode::Offer(offer) if offer.task == task));
    let stream = between(task, 0, 1);
    new.send(ToServer::Frame(frame(stream, 0))).await;
    new.stored(stream, 1).await;
}

/// Says something that a node may not say, after it took a task on.
async fn closed(world: &World, message: Message) -> (u16, String) {
    let (mut node, _) = Node::resume(world, NORTH, Vec::new()).await;
    node.send_bytes(message).await;
    node.closed().await
}

#[tokio::test]
async fn what_a_node_may_not_say_ends_its_link() {
    let (world, run, task) = World::with_task(&[NORTH, MIDDLE]).await;
    let others = world.task(world.task_manifest(run, 1, &[MIDDLE, SOUTH])).await;
    let of = |message: ToServer| Message::Binary(message.encode().into());
    let mine = between(task, 0, 1);
    let good = frame(mine, 0);
    let send = |frame: Frame| of(ToServer::Frame(frame));
    let seats = "the frame is not one that the node's seat may send";
    let no_seat = "the node has no seat in the task";
    let kinds = "the receiver takes no such parcel";
    let receives = "the stream is not one that the node's seat receives";
    let to_requester = Stream { receiver: REQUESTER, ..mine };
    let number = "there is no frame with such a number";
    for (message, reason) in [
        (send(frame(between(task, 1, 0), 0)), seats),
        (send(frame(between(task, 0, 0), 0)), seats),
        (send(frame(between(task, 0, 2), 0)), seats),
        (send(frame(Stream { sender: REQUESTER, ..mine }, 0)), seats),
        (send(frame(between(others, 0, 1), 0)), no_seat),
        (send(Frame { kind: ParcelKind::Arguments, ..good.clone() }), kinds),
        (send(Frame { kind: ParcelKind::Result, ..good.clone() }), kinds),
        (send(frame(to_requester, 0)), kinds),
        (send(Frame { number: u64::MAX, ..good.clone() }), number),
        (send(Frame { sequence: u64::MAX, ..good.clone() }), number),
        (of(ToServer::Received(mine, 0)), receives),
        (of(ToServer::Received(between(others, 0, 1), 0)), no_seat),
        (
            of(ToServer::Received(between(task, 1, 0), 1)),
            "the node says it received what was never sent",
        ),
        (of(ToServer::State(others, ExecutionState::Running, String::new())), no_seat),
        (of(ToServer::Progress(others, report(0))), no_seat),
        (
            of(ToServer::State(task, ExecutionState::Failed, "A b".into())),
            "a kind has the characters a-z, 0-9 and - only",
        ),
        (of(ToServer::Resume(Vec::new())), "the link has begun already"),
        (Message::Text("text".into()), "a message is binary"),
        (Message::Binary(vec![9].into()), "the message is not one of a node"),
        (Message::Binary(vec![].into()), "the message is not one of a node"),
    ] {
        assert_eq!(closed(&world, message).await, (1008, reason.to_owned()));
    }
    // What is too large is not read to its end, so that the reason may not arrive.
    let (mut node, _) = Node::resume(&world, NORTH, Vec::new()).await;
    node.send_too_much(vec![0; limits::LINK_MESSAGE_BYTES + 1]).await;
    let mut node = Node::connect(&world, NORTH).await;
    node.send(ToServer::Frame(good.clone())).await;
    let first = "the first message is not the one that begins a link";
    assert_eq!(node.closed().await, (1008, first.to_owned()));
    let mut node = Node::connect(&world, NORTH).await;
    node.send(ToServer::Resume(vec![(mine, 0)])).await;
    assert_eq!(node.closed().await, (1008, receives.to_owned()));
    let mut node = Node::connect(&world, NORTH).await;
    node.send(ToServer::Resume(vec![(between(task, 1, 0), u64::MAX)])).await;
    assert_eq!(node.closed().await, (1008, number.to_owned()));
    // Nothing of it did anything.
    let (mut node, welcome) = Node::resume(&world, NORTH, Vec::new()).await;
    assert_eq!(welcome, []);
    node.take_on(task, Seat(0)).await;
}

#[tokio::test]
async fn what_ended_long_ago_is_answered_and_ends_no_link() {
    let world = World::start().await;
    let (mut node, _) = Node::resume(&world, NORTH, Vec::new()).await;
    let task = TaskId::from_bytes([1; 32]);
    let stream = between(task, 0, 1);
    node.send(ToServer::Frame(frame(stream, 7))).await;
    assert_eq!(node.next().await, ToNode::Stored(stream, 8));
    assert_eq!(node.next().await, ToNode::Kill(task));
    node.send(ToServer::Received(stream, 9)).await;
    node.send(ToServer::RunClosed(RunId::from_bytes([1; 32]))).await;
    node.state(task, ExecutionState::Failed).await;
    node.state(task, ExecutionState::Running).await;
    assert_eq!(node.next().await, ToNode::Kill(task));
}
