//! Runs: what a requester may define.

use anchorhold_identity::OrganizationKey;
use anchorhold_model::layout::{RunEnd, RunManifest};
use anchorhold_model::{Collaboration, CollaborationId, Digest, RunId};

use crate::http::{Answer, refused};
use crate::running::{NOW, Running, VALID};
use crate::world::{KEYS, MIDDLE, NORTH, SOUTH, World};

async fn add(world: &World, manifest: RunManifest) -> Answer {
    add_signed(world, &KEYS[NORTH], manifest).await
}

async fn add_signed(world: &World, key: &OrganizationKey, manifest: RunManifest) -> Answer {
    world.api(NORTH).post("/v1/runs", key.sign(manifest).encode()).await
}

#[tokio::test]
async fn a_run_is_added_once_and_read_by_its_requester() {
    let world = World::start().await;
    let signed = KEYS[NORTH].sign(world.run_manifest());
    let first = world.api(NORTH).post("/v1/runs", signed.encode()).await;
    assert_eq!(first.status, 201);
    let run = first.json();
    assert_eq!(run["id"], RunId::from_bytes(signed.hash()).to_string());
    assert_eq!(run["collaboration"], world.id().to_string());
    assert_eq!(run["requester"], world.fingerprint(NORTH).to_string());
    assert_eq!((&run["created"], &run["expires"]), (&NOW.into(), &(NOW + 10_000).into()));
    assert_eq!((&run["tasks"], &run["closed"]), (&0.into(), &false.into()));
    assert_eq!(run["digests"], serde_json::json!([world.digest()]));
    // Again, whatever has changed meanwhile: it is there.
    let next = world.organizations[NORTH].root.state("north", 2, &KEYS[SOUTH], VALID);
    world.running.admin().await.add_statement(&next).await.unwrap();
    assert_eq!(world.api(NORTH).post("/v1/runs", signed.encode()).await.json(), run);

    let path = format!("/v1/runs/{}", run["id"].as_str().unwrap());
    assert_eq!(world.api(NORTH).get(&path).await.json(), run);
    let list = world.api(NORTH).get("/v1/runs").await.json();
    assert_eq!(list["runs"], serde_json::json!([run]));
    refused(&world.api(MIDDLE).get(&path).await, 403, "not-allowed");
    assert_eq!(world.api(MIDDLE).get("/v1/runs").await.json()["runs"], serde_json::json!([]));
    let admin = world.running.api(Some(&world.running.token(None).await));
    refused(&admin.get("/v1/runs").await, 403, "not-allowed");
    refused(&admin.get(&path).await, 403, "not-allowed");
    let none = format!("/v1/runs/{}", RunId::from_bytes([0; 32]));
    refused(&world.api(NORTH).get(&none).await, 404, "not-found");
}

#[tokio::test]
async fn a_run_that_is_wrong_is_refused_with_the_reason() {
    let world = World::start().await;
    let manifest = world.run_manifest();
    let other = *world.fingerprint(MIDDLE).as_bytes();
    let of_other = RunManifest { requester: other, ..manifest.clone() };
    refused(&add(&world, of_other).await, 403, "not-allowed");
    refused(&add_signed(&world, &KEYS[MIDDLE], manifest.clone()).await, 400, "signature");
    let stale = RunManifest { statement: [5; 32], ..manifest.clone() };
    refused(&add(&world, stale).await, 409, "other-statement");
    let unknown = RunManifest { collaboration: [5; 32], ..manifest.clone() };
    refused(&add(&world, unknown).await, 404, "not-found");
    let expired = RunManifest { expires: NOW, ..manifest.clone() };
    refused(&add(&world, expired).await, 400, "expired");
    refused(&world.api(NORTH).post("/v1/runs", "text").await, 400, "malformed");
    let large = vec![0; 2 << 20];
    refused(&world.api(NORTH).post("/v1/runs", large).await, 413, "too-large");
    world.running.pass(90);
    let root = &world.organizations[NORTH].root;
    let short = root.state("north", 2, &KEYS[NORTH], (NOW, NOW + 95));
    world.running.admin().await.add_statement(&short).await.unwrap();
    world.running.pass(6);
    let late = RunManifest { statement: short.hash(), ..manifest };
    refused(&add(&world, late).await, 409, "other-statement");
}

#[tokio::test]
async fn a_run_is_of_a_collaboration_that_was_joined_and_of_its_algorithms() {
    let world = World::registered(Running::start().await).await;
    let members = world.collaboration.members().to_vec();
    let narrow =
        Collaboration::new("narrow".into(), members, vec![Digest::of(b"allowed")]).unwrap();
    let middle = world.api(MIDDLE).post("/v1/collaborations", narrow.encode()).await.json();
    let id: CollaborationId = middle["id"].as_str().unwrap().parse().unwrap();
    let manifest = RunManifest { collaboration: *id.as_bytes(), ..world.run_manifest() };
    refused(&add(&world, manifest.clone()).await, 409, "not-joined");
    world.api(NORTH).post("/v1/collaborations", narrow.encode()).await.json();
    refused(&add(&world, manifest.clone()).await, 400, "algorithm-not-allowed");
    let allowed = RunManifest { digests: vec![Digest::of(b"allowed")], ..manifest };
    add(&world, allowed).await.json();
}

#[tokio::test]
async fn a_run_is_closed_by_its_requester_when_its_tasks_have_ended() {
    let world = World::start().await;
    let run = world.run().await;
    let task = world.prepare(world.task_manifest(run, 0, &[NORTH, MIDDLE])).await;
    refused(&world.close(run, 1).await, 409, "open-tasks");
    refused(&world.close(run, 0).await, 409, "other-number");
    let path = format!("/v1/runs/{run}/close");
    let end = RunEnd { run, tasks: 1 };
    let signed = KEYS[NORTH].sign(end.clone()).encode();
    refused(&world.api(MIDDLE).post(&path, signed).await, 403, "not-allowed");
    let by_other = KEYS[MIDDLE].sign(end.clone()).encode();
    refused(&world.api(NORTH).post(&path, by_other).await, 400, "signature");
    let other = RunEnd { run: RunId::from_bytes([1; 32]), ..end };
    refused(
        &world.api(NORTH).post(&path, KEYS[NORTH].sign(other).encode()).await,
        400,
        "other-run",
    );
    world.api(NORTH).post(&format!("/v1/tasks/{task}/kill"), "").await.json();
    // The requester's key may have changed meanwhile.
    let next = world.organizations[NORTH].root.state("north", 2, &KEYS[SOUTH], VALID);
    world.running.admin().await.add_statement(&next).await.unwrap();
    let signed = KEYS[SOUTH].sign(RunEnd { run, tasks: 1 }).encode();
    for _ in 0..2 {
        let closed = world.api(NORTH).post(&path, signed.clone()).await.json();
        assert_eq!(closed["closed"], true);
    }
    let mut late = world.task_manifest(run, 1, &[MIDDLE]);
    late.requester = next.hash();
    let late = KEYS[SOUTH].sign(late).encode();
    refused(&world.api(NORTH).post("/v1/tasks", late).await, 409, "closed");
}
