//! How far executions are: the newest report of each, for the requester alone, until its end.

use anchorhold_model::link::ToServer;
use anchorhold_model::{ExecutionState, Report, Seat, TaskId};

use crate::http::refused;
use crate::node::{Node, report};
use crate::world::{MIDDLE, NORTH, SOUTH, World};

/// Waits until so many reports came, and returns the newest.
async fn newest(world: &World, task: TaskId, came: u64) -> Vec<(Seat, Report)> {
    world.until(&task, |shown| shown["progress"] == came).await;
    let answer = world.api(NORTH).get(&format!("/v1/tasks/{task}/progress")).await;
    Report::decode_all(&answer.body).unwrap()
}

#[tokio::test]
async fn the_requester_has_the_newest_of_each_until_it_ends() {
    let (world, _, task) = World::with_task(&[NORTH, MIDDLE]).await;
    assert_eq!(newest(&world, task, 0).await, []);
    let mut north = Node::begin(&world, NORTH, task, Seat(0)).await;
    let mut middle = Node::begin(&world, MIDDLE, task, Seat(1)).await;
    for number in [0, 1] {
        north.send(ToServer::Progress(task, report(number))).await;
    }
    middle.send(ToServer::Progress(task, report(7))).await;
    let both = [(Seat(0), report(1)), (Seat(1), report(7))];
    assert_eq!(newest(&world, task, 3).await, both);

    // Who takes part hears nothing, nor does anybody else.
    let path = format!("/v1/tasks/{task}/progress");
    for other in [MIDDLE, SOUTH] {
        refused(&world.api(other).get(&path).await, 403, "not-allowed");
    }
    assert_eq!(world.running.api(None).get(&path).await.status, 401);
    let unknown = format!("/v1/tasks/{}/progress", "0".repeat(64));
    refused(&world.api(NORTH).get(&unknown).await, 404, "not-found");

    // Nothing follows an end.
    north.state(task, ExecutionState::Finished).await;
    north.send(ToServer::Progress(task, report(2))).await;
    middle.send(ToServer::Progress(task, report(8))).await;
    assert_eq!(newest(&world, task, 4).await, [(Seat(1), report(8))]);
    // The server keeps none for the next one that runs.
    let world = world.again(false).await;
    assert_eq!(newest(&world, task, 0).await, []);
}
