//! Collaborations: who joins, who reads.

use anchorhold_model::{Collaboration, Digest, Member};

use crate::http::refused;
use crate::running::Running;
use crate::world::{MIDDLE, NORTH, SOUTH, World};

#[tokio::test]
async fn members_join_one_after_the_other_and_all_see_who_did() {
    let world = World::registered(Running::start().await).await;
    let bytes = world.collaboration.encode();
    for _ in 0..2 {
        let answer = world.api(MIDDLE).post("/v1/collaborations", bytes.clone()).await;
        assert_eq!(answer.status, 201);
        let joined = answer.json();
        assert_eq!(
            (&joined["id"], &joined["name"]),
            (&world.id().to_string().into(), &"lung".into())
        );
        let members: Vec<_> = joined["members"].as_array().unwrap().iter().collect();
        let joined: Vec<_> =
            members.iter().map(|m| (&m["name"], &m["joined"], &m["node"])).collect();
        let expected = [("middle", true), ("north", false), ("south", false)];
        for ((name, is), (expected_name, expected_is)) in joined
            .iter()
            .map(|(name, is, node)| {
                assert_eq!(**node, false);
                (name.as_str().unwrap(), is.as_bool().unwrap())
            })
            .zip(expected)
        {
            assert_eq!((name, is), (expected_name, expected_is));
        }
        assert_eq!(members[1]["fingerprint"], world.fingerprint(NORTH).to_string());
    }
    world.api(SOUTH).post("/v1/collaborations", bytes).await.json();
    let shown = world.api(NORTH).get(&format!("/v1/collaborations/{}", world.id())).await.json();
    assert_eq!(shown["members"][2]["joined"], true);
    for api in [world.api(NORTH), world.running.api(Some(&world.running.token(None).await))] {
        let list = api.get("/v1/collaborations").await.json();
        assert_eq!(list["collaborations"], serde_json::json!([shown]));
    }
}

#[tokio::test]
async fn only_members_join_and_read_and_all_must_be_known() {
    let world = World::start().await;
    let member = |name: &str, organization| Member { name: name.into(), organization };
    let [north, middle] = [NORTH, MIDDLE].map(|index| *world.fingerprint(index).as_bytes());
    let two = vec![member("north", north), member("middle", middle)];
    let two = Collaboration::new("two".into(), two, vec![Digest::of(b"x")]).unwrap();
    refused(&world.api(SOUTH).post("/v1/collaborations", two.encode()).await, 403, "not-allowed");
    let joined = world.api(NORTH).post("/v1/collaborations", two.encode()).await.json();
    assert_eq!(joined["algorithms"], serde_json::json!([Digest::of(b"x")]));
    let path = format!("/v1/collaborations/{}", two.id());
    refused(&world.api(SOUTH).get(&path).await, 403, "not-allowed");
    let list = world.api(SOUTH).get("/v1/collaborations").await.json();
    assert_eq!(list["collaborations"].as_array().unwrap().len(), 1);

    let unknown = vec![member("north", north), member("nobody", [8; 32])];
    let unknown = Collaboration::new("two".into(), unknown, Vec::new()).unwrap();
    let answer = world.api(NORTH).post("/v1/collaborations", unknown.encode()).await;
    refused(&answer, 400, "unknown-organization");
    let admin = world.running.api(Some(&world.running.token(None).await));
    refused(&admin.post("/v1/collaborations", two.encode()).await, 403, "not-allowed");
    admin.get(&path).await.json();
    let none = format!("/v1/collaborations/{}", unknown.id());
    refused(&admin.get(&none).await, 404, "not-found");
    refused(&admin.get("/v1/collaborations/x").await, 400, "malformed");
    refused(&world.api(NORTH).post("/v1/collaborations", "{}").await, 400, "malformed");
    let large = vec![0; 100_000];
    refused(&world.api(NORTH).post("/v1/collaborations", large).await, 413, "too-large");
    refused(&world.running.api(None).get(&path).await, 401, "not-signed-in");
}
