//! Every call against a real server, over TLS with a certificate that only `ca_file` makes trusted:
//! two organizations, of which one asks for a task, and nodes that do what nodes do on a link.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::time::Duration;

use anchorhold_client::{ClientError, CollaborationStatus, Link, LinkError, TaskState};
use anchorhold_identity::Signed;
use anchorhold_model::layout::RunEnd;
use anchorhold_model::link::{Frame, ParcelKind, Stream, ToNode, ToServer};
use anchorhold_model::{Digest, Seat};
use tokio::time::timeout;
use world::{
    NORTH, NOW, PATIENCE, SOUTH, World, component, digest, next, north, organizations, take_part,
    task,
};

#[path = "support/world.rs"]
mod world;

/// Returns the kind and the status of a refusal.
fn refusal<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> (u16, String) {
    match answer.unwrap_err() {
        ClientError::Refused { status, kind, .. } => (status, kind),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn only_a_certificate_that_is_trusted_will_do() {
    let world = World::empty().await;
    let error = world.client(None, None).who().await.unwrap_err();
    assert!(matches!(error, ClientError::Unreachable { .. }), "{error:?}");
    let answer = world.client(None, Some(&world.ca_file)).who().await;
    assert_eq!(refusal(answer), (401, "not-signed-in".into()));
}

#[tokio::test]
async fn members_join_and_their_nodes_are_seen() {
    let world = World::empty().await;
    let admin = world.client(Some(&world.token(None).await), Some(&world.ca_file));
    admin.add_organization(&organizations()[NORTH].statement).await.unwrap();
    let answer = world.member(NORTH).await.join(&world.collaboration).await;
    assert_eq!(refusal(answer), (400, "unknown-organization".into()));
    admin.add_organization(&organizations()[SOUTH].statement).await.unwrap();
    let id = world.collaboration.id();
    let north = world.member(NORTH).await;
    assert_eq!(refusal(north.collaboration(&id).await).0, 404);
    let joined = north.join(&world.collaboration).await.unwrap();
    assert_eq!((joined.id, joined.algorithms.as_slice()), (id, &[digest()][..]));
    let members = |status: &CollaborationStatus| {
        let members = status.members.iter();
        members.map(|member| (member.name.clone(), member.joined, member.node)).collect::<Vec<_>>()
    };
    let expected = |node| [("north".to_owned(), true, node), ("south".to_owned(), false, false)];
    assert_eq!(members(&joined), expected(false));
    let (_sender, _receiver) = world.link(NORTH).await;
    assert_eq!(members(&north.collaboration(&id).await.unwrap()), expected(true));
    assert_eq!(members(&admin.collaborations().await.unwrap()[0]), expected(true));

    let south = Link::connect(&world.member(SOUTH).await, &id).await.map(|_| ()).unwrap_err();
    assert!(matches!(&south, LinkError::Client(error) if error.kind() == Some("not-joined")));
}

#[tokio::test]
async fn components_are_compared_with_their_digest() {
    let world = World::ready().await;
    let north = world.member(NORTH).await;
    assert_eq!(north.component(&digest()).await.unwrap(), component());
    let listed = north.algorithms().await.unwrap();
    assert_eq!((listed.len(), listed[0].digest, listed[0].added), (1, digest(), NOW));
    assert_eq!(listed[0].name, "nothing@0.1.0");
    let answer = north.component(&Digest::of(b"other")).await;
    assert_eq!(refusal(answer), (404, "not-found".into()));
    let answer = north.add_algorithm("nothing@0.1.0", b"text".to_vec()).await;
    assert_eq!(refusal(answer), (400, "refused".into()));
}

#[tokio::test]
async fn a_task_goes_to_its_parties_and_their_results_come_back() {
    let world = World::ready().await;
    let north_client = world.member(NORTH).await;
    let run = world.run(&north_client).await;
    let signed = task(run, 0);
    let added = north_client.add_task(signed.manifest()).await.unwrap();
    assert_eq!((added.id, added.state), (signed.id(), TaskState::Preparing));
    let running = signed.submit(&north_client).await.unwrap();
    assert_eq!(
        (running.state, running.algorithm_name.as_str()),
        (TaskState::Running, "nothing@0.1.0")
    );
    let answer = north_client.result(&signed.id(), Seat(0)).await;
    assert_eq!(refusal(answer), (404, "no-result".into()));
    let end = north().sign_run_end(run, 1);
    assert_eq!(refusal(north_client.close_run(&end).await), (409, "open-tasks".into()));
    let answer = north_client.add_task(task(run, 0).manifest()).await;
    assert_eq!(refusal(answer), (409, "ordinal".into()));

    let (mut sender, mut receiver) = take_part(&world, 0, b"of north").await;
    let _south = take_part(&world, 1, b"of south").await;
    let ended = timeout(PATIENCE, async {
        loop {
            let status = north_client.task(&signed.id()).await.unwrap();
            if status.state.is_final() {
                return status;
            }
            tokio::task::yield_now().await;
        }
    });
    let ended = ended.await.unwrap();
    assert_eq!(ended.state, TaskState::Finished);
    assert!(ended.executions.iter().all(|execution| execution.result));
    assert_eq!(north_client.tasks(Some(&run)).await.unwrap(), [ended]);
    for (seat, result) in [(0, b"of north"), (1, b"of south")] {
        let statement = &organizations()[seat].statement;
        let place = (Seat(u32::try_from(seat).unwrap()), statement);
        let outcome = north().result(&north_client, signed.id(), place).await.unwrap();
        assert_eq!(outcome.result, result);
    }
    let south_client = world.member(SOUTH).await;
    assert_eq!(refusal(south_client.result(&signed.id(), Seat(0)).await).0, 403);

    let closed = north_client.close_run(&end).await.unwrap();
    assert!(closed.closed);
    assert_eq!(south_client.runs().await.unwrap(), [closed]);
    let signed_end = loop {
        match next(&mut receiver).await {
            ToNode::CloseRun(closed, signed) if closed == run => break signed,
            ToNode::Ended(..) => {}
            other => panic!("{other:?}"),
        }
    };
    let signing = organizations()[NORTH].statement.signing();
    assert_eq!(Signed::<RunEnd>::verify(&signed_end, signing).unwrap().value().tasks, 1);
    sender.send(&ToServer::RunClosed(run)).await.unwrap();
    assert_eq!(refusal(north_client.result(&signed.id(), Seat(0)).await).0, 404);
}

#[tokio::test]
async fn a_task_is_killed() {
    let world = World::ready().await;
    let client = world.member(NORTH).await;
    let run = world.run(&client).await;
    let preparing = task(run, 0);
    client.add_task(preparing.manifest()).await.unwrap();
    let killed = client.kill(&preparing.id()).await.unwrap();
    assert_eq!((killed.state, killed.killed), (TaskState::Failed, true));
    let running = task(run, 1);
    running.submit(&client).await.unwrap();
    let (_sender, mut receiver) = world.link(SOUTH).await;
    assert!(
        matches!(next(&mut receiver).await, ToNode::Offer(offer) if offer.task == running.id())
    );
    assert!(client.kill(&running.id()).await.unwrap().killed);
    loop {
        match next(&mut receiver).await {
            ToNode::Kill(id) if id == running.id() => break,
            ToNode::Frame(_) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(client.run(&run).await.unwrap().tasks, 2);
}

#[tokio::test]
async fn a_second_node_of_an_organization_takes_over() {
    let world = World::ready().await;
    let (_sender, mut receiver) = world.link(NORTH).await;
    let (_other_sender, mut other) = world.link(NORTH).await;
    let error = timeout(PATIENCE, receiver.next()).await.unwrap().unwrap_err();
    assert!(matches!(error, LinkError::Fenced), "{error:?}");
    // The other's link goes on: it hears nothing, and is not closed.
    let still = timeout(Duration::from_millis(50), other.next()).await;
    still.expect_err("there is nothing to say");
}

#[tokio::test]
async fn what_a_node_may_not_send_closes_the_link_with_a_reason() {
    let world = World::ready().await;
    let client = world.member(NORTH).await;
    let task = task(world.run(&client).await, 0);
    task.submit(&client).await.unwrap();
    let (mut sender, mut receiver) = world.link(NORTH).await;
    assert!(matches!(next(&mut receiver).await, ToNode::Offer(_)));
    // In the name of the other party.
    let stream = Stream { task: task.id(), sender: Seat(1), receiver: Seat(0) };
    let kind = ParcelKind::Grant;
    let frame = Frame { stream, number: 0, kind, sequence: 0, index: 0, count: 1, bytes: vec![1] };
    sender.send(&ToServer::Frame(frame)).await.unwrap();
    let error = loop {
        match timeout(PATIENCE, receiver.next()).await.unwrap() {
            Ok(ToNode::Frame(_)) => {}
            Ok(other) => panic!("{other:?}"),
            Err(error) => break error,
        }
    };
    assert!(matches!(&error, LinkError::Closed(reason) if reason.contains("seat")), "{error:?}");
}
