//! Tasks: what a requester may ask for.

use anchorhold_model::layout::{Layout as _, TaskManifest};
use anchorhold_model::{Digest, RunId, TaskId};
use anchorhold_server::Store;
use serde_json::json;

use crate::http::{Answer, refused};
use crate::running::{NOW, Running, VALID};
use crate::world::{KEYS, MIDDLE, NORTH, SOUTH, World, arguments, sealed};

async fn add(world: &World, manifest: TaskManifest) -> Answer {
    world.api(NORTH).post("/v1/tasks", KEYS[NORTH].sign(manifest).encode()).await
}

#[tokio::test]
async fn a_task_is_added_once_and_read_by_requester_and_parties() {
    let world = World::start().await;
    let run = world.run().await;
    let signed = KEYS[NORTH].sign(world.task_manifest(run, 0, &[MIDDLE, SOUTH]));
    let answer = world.api(NORTH).post("/v1/tasks", signed.encode()).await;
    assert_eq!(answer.status, 201);
    let id = TaskId::from_bytes(signed.hash());
    let task = answer.json();
    let execution = |seat: u32, index| {
        json!({
            "seat": seat, "organization": world.fingerprint(index), "role": "party",
            "state": "offered", "kind": "", "result": false,
        })
    };
    let expected = json!({
        "id": id, "run": run, "ordinal": 0, "collaboration": world.id(),
        "requester": world.fingerprint(NORTH), "algorithm": world.digest(),
        "algorithm_name": "nothing@0.1.0", "created": NOW, "deadline": NOW + 5_000,
        "state": "preparing", "killed": false, "progress": 0,
        "executions": [execution(0, MIDDLE), execution(1, SOUTH)],
    });
    assert_eq!(task, expected);
    assert_eq!(world.api(NORTH).post("/v1/tasks", signed.encode()).await.json(), task);
    assert_eq!(world.api(SOUTH).get(&format!("/v1/tasks/{id}")).await.json(), task);
    // The id is the hash of this.
    let manifest = world.api(SOUTH).get(&format!("/v1/tasks/{id}/manifest")).await;
    assert_eq!(manifest.body, signed.value().encode());
    let second = world.prepare(world.task_manifest(run, 1, &[MIDDLE])).await;
    let path = format!("/v1/tasks?run={run}");
    let list = world.api(NORTH).get(&path).await.json();
    assert_eq!(list["tasks"][0]["id"], second.to_string());
    assert_eq!(list["tasks"][1], task);
    let list = world.api(SOUTH).get(&path).await.json();
    assert_eq!(list["tasks"], json!([task]));
    let shown = world.api(SOUTH).get(&format!("/v1/runs/{run}")).await.json();
    assert_eq!(shown["tasks"], 2);
    assert_eq!(world.api(SOUTH).get("/v1/runs").await.json()["runs"], json!([shown]));
    refused(&world.api(SOUTH).get(&format!("/v1/tasks/{second}")).await, 403, "not-allowed");
    let manifest = format!("/v1/tasks/{second}/manifest");
    refused(&world.api(SOUTH).get(&manifest).await, 403, "not-allowed");
    refused(&world.api(SOUTH).get("/v1/tasks?run=x").await, 400, "malformed");
    let none = format!("/v1/tasks/{}", TaskId::from_bytes([0; 32]));
    refused(&world.api(NORTH).get(&none).await, 404, "not-found");
}

#[tokio::test]
async fn a_task_that_is_wrong_is_refused_with_the_reason() {
    let world = World::start().await;
    let run = world.run().await;
    let manifest = world.task_manifest(run, 0, &[NORTH, MIDDLE]);
    let signed = KEYS[NORTH].sign(manifest.clone()).encode();
    refused(&world.api(MIDDLE).post("/v1/tasks", signed).await, 403, "not-allowed");
    let by_other = KEYS[MIDDLE].sign(manifest.clone()).encode();
    refused(&world.api(NORTH).post("/v1/tasks", by_other).await, 400, "signature");
    let wrong = |change: fn(&mut TaskManifest)| {
        let mut wrong = manifest.clone();
        change(&mut wrong);
        add(&world, wrong)
    };
    let no_run = wrong(|task| task.run = RunId::from_bytes([0; 32])).await;
    refused(&no_run, 404, "not-found");
    refused(&wrong(|task| task.ordinal = 1).await, 409, "ordinal");
    refused(&wrong(|task| task.requester = [3; 32]).await, 409, "other-statement");
    refused(&wrong(|task| task.parties[1].statement = [3; 32]).await, 409, "other-statement");
    refused(&wrong(|task| task.parties[1] = task.parties[0].clone()).await, 400, "repeated-party");
    refused(&wrong(|task| task.parties.clear()).await, 400, "no-parties");
    refused(&wrong(|task| task.parties[1].organization = [3; 32]).await, 409, "not-joined");
    refused(&wrong(|task| task.deadline = NOW).await, 400, "expired");
    let other = wrong(|task| task.digest = Digest::of(b"other")).await;
    refused(&other, 400, "algorithm-not-allowed");
    refused(&world.api(NORTH).post("/v1/tasks", "text").await, 400, "malformed");

    let next = world.organizations[MIDDLE].root.state("middle", 2, &KEYS[MIDDLE], VALID);
    world.running.admin().await.add_statement(&next).await.unwrap();
    refused(&add(&world, manifest.clone()).await, 409, "other-statement");
    world.running.pass(10_000);
    let manifest = TaskManifest { deadline: NOW + 20_000, ..world.task_manifest(run, 0, &[NORTH]) };
    refused(&add(&world, manifest).await, 409, "expired");
}

#[tokio::test]
async fn a_component_must_be_there_and_the_parties_have_joined() {
    let world = World::registered(Running::start().await).await;
    world.api(NORTH).post("/v1/collaborations", world.collaboration.encode()).await.json();
    let run = world.run().await;
    let manifest = world.task_manifest(run, 0, &[NORTH, MIDDLE]);
    refused(&add(&world, manifest.clone()).await, 409, "no-algorithm");
    let path = format!("/v1/algorithms/{}?name=nothing@0.1.0", world.digest());
    world.api(NORTH).put(&path, world.component.clone()).await.json();
    refused(&add(&world, manifest).await, 409, "not-joined");
}

#[tokio::test]
async fn arguments_are_put_while_the_task_is_prepared() {
    let world = World::start().await;
    let run = world.run().await;
    let task = world.prepare(world.task_manifest(run, 0, &[NORTH, MIDDLE])).await;
    let api = world.api(NORTH);
    let put = sealed(b"grant", &[1; 1_000_000]);
    let malformed = [&put[..], &[0]].concat();
    refused(&api.put(&arguments(&task, 0), malformed).await, 400, "malformed");
    refused(&api.put(&arguments(&task, 0), sealed(b"", b"x")).await, 400, "malformed");
    refused(&api.put(&arguments(&task, 2), put.clone()).await, 404, "not-found");
    refused(
        &api.put(&format!("/v1/tasks/{task}/arguments/x"), put.clone()).await,
        400,
        "malformed",
    );
    let large = vec![0; 3 << 20];
    refused(&api.put(&arguments(&task, 0), large).await, 413, "too-large");
    refused(&world.api(MIDDLE).put(&arguments(&task, 0), put.clone()).await, 403, "not-allowed");
    for _ in 0..2 {
        assert_eq!(api.put(&arguments(&task, 0), put.clone()).await.status, 204);
    }
    refused(&api.put(&arguments(&task, 0), sealed(b"a", b"b")).await, 409, "other-arguments");
    assert_eq!(world.state(&task).await, "preparing");
    for _ in 0..2 {
        assert_eq!(api.put(&arguments(&task, 1), put.clone()).await.status, 204);
    }
    assert_eq!(world.state(&task).await, "running");
}

#[tokio::test]
async fn a_task_that_was_not_offered_ends_when_it_is_killed() {
    let world = World::start().await;
    let run = world.run().await;
    let task = world.prepare(world.task_manifest(run, 0, &[NORTH, MIDDLE])).await;
    bring_some(&world, &task).await;
    let path = format!("/v1/tasks/{task}/kill");
    refused(&world.api(MIDDLE).post(&path, "").await, 403, "not-allowed");
    for _ in 0..2 {
        let killed = world.api(NORTH).post(&path, "").await.json();
        assert_eq!((&killed["killed"], &killed["state"]), (&true.into(), &"failed".into()));
        assert_eq!(killed["executions"][1]["state"], "failed");
    }
    let put = world.api(NORTH).put(&arguments(&task, 0), sealed(b"grant", b"envelope")).await;
    refused(&put, 409, "not-preparing");
    assert_eq!(parcels(&world).await, 0);
}

/// Brings the arguments of one of two parties: its task is not offered.
async fn bring_some(world: &World, task: &TaskId) {
    let put = world.api(NORTH).put(&arguments(task, 1), sealed(b"grant", b"envelope")).await;
    assert_eq!((put.status, parcels(world).await), (204, 2));
}

/// Counts the parcels that the server keeps.
async fn parcels(world: &World) -> usize {
    let database = world.running.folder.path().join("server.db");
    Store::open(&database).await.unwrap().parcels().await.unwrap().len()
}

#[tokio::test]
async fn a_task_that_was_never_offered_ends_after_its_deadline() {
    let world = World::start().await;
    let run = world.run().await;
    let manifest = world.task_manifest(run, 0, &[NORTH, MIDDLE]);
    let task = world.prepare(TaskManifest { deadline: NOW + 10, ..manifest }).await;
    bring_some(&world, &task).await;
    world.running.pass(41);
    let ended = world.until(&task, |task| task["state"] == "failed").await;
    assert_eq!(ended["executions"][0]["state"], "lost");
    assert_eq!(parcels(&world).await, 0);
}
