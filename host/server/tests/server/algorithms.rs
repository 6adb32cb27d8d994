//! Components that are uploaded and fetched.

use anchorhold_model::{Digest, limits};

use crate::http::refused;
use crate::running::Running;
use crate::world::{MIDDLE, NORTH, World, component};

#[tokio::test]
async fn a_component_is_uploaded_once_listed_and_fetched() {
    let world = World::start().await;
    let digest = world.digest();
    let path = format!("/v1/algorithms/{digest}");
    // Another name does not replace the first.
    let answer = world.api(MIDDLE).put(&format!("{path}?name=other@1.2.3"), component()).await;
    assert_eq!(answer.status, 201);
    let added = answer.json();
    assert_eq!(
        (&added["digest"], &added["name"]),
        (&digest.to_string().into(), &"nothing@0.1.0".into())
    );
    assert_eq!(added["bytes"], component().len());
    let list = world.api(MIDDLE).get("/v1/algorithms").await.json();
    let listed = &list["algorithms"][0];
    assert_eq!(listed["organization"], world.fingerprint(NORTH).to_string());
    assert_eq!(listed["added"], crate::running::NOW);
    assert_eq!(list["algorithms"].as_array().unwrap().len(), 1);
    assert_eq!(world.api(MIDDLE).get(&path).await.body, component());
}

#[tokio::test]
async fn a_component_of_several_pieces_comes_back_whole() {
    let running = Running::start().await;
    let admin = running.api(Some(&running.token(None).await));
    // A custom section pads the component beyond a piece.
    let mut large = component();
    let padding: Vec<u8> = (0..1_200_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    let name = b"\x01x";
    let mut length = name.len() + padding.len();
    large.push(0);
    while length >= 128 {
        large.push(u8::try_from(length % 128).unwrap() | 128);
        length /= 128;
    }
    large.push(u8::try_from(length).unwrap());
    large.extend_from_slice(name);
    large.extend_from_slice(&padding);
    let path = format!("/v1/algorithms/{}", Digest::of(&large));
    admin.put(&format!("{path}?name=large@1.0.0"), large.clone()).await.json();
    assert_eq!(admin.get(&path).await.body, large);
    let list = admin.get("/v1/algorithms").await.json();
    assert_eq!(list["algorithms"][0]["organization"], serde_json::Value::Null);
}

#[tokio::test]
async fn what_is_no_component_or_another_is_refused() {
    let world = World::start().await;
    let api = world.api(NORTH);
    let other = Digest::of(b"other");
    let named = |digest: Digest, name: &str| format!("/v1/algorithms/{digest}?name={name}");
    let answer = api.put(&named(other, "a@1.0.0"), component()).await;
    refused(&answer, 400, "other-digest");
    let text = api.put(&named(Digest::of(b"text"), "a@1.0.0"), "text").await;
    refused(&text, 400, "refused");
    assert!(String::from_utf8(text.body).unwrap().contains("this is not WebAssembly"));
    for name in ["", "a", "@1", "a@", "A@1", "a%20b@1", &format!("{}@1", "a".repeat(65))] {
        refused(&api.put(&named(world.digest(), name), component()).await, 400, "name");
    }
    let unnamed = format!("/v1/algorithms/{other}");
    refused(&api.put(&unnamed, component()).await, 400, "malformed");
    refused(&api.get(&unnamed).await, 404, "not-found");
    refused(&api.get("/v1/algorithms/x").await, 400, "malformed");
    let large = vec![0; usize::try_from(limits::COMPONENT_BYTES).unwrap() + 1];
    refused(&api.put(&named(other, "a@1.0.0"), large).await, 413, "too-large");
    let nobody = world.running.api(None);
    refused(&nobody.get("/v1/algorithms").await, 401, "not-signed-in");
    refused(
        &nobody.put(&named(world.digest(), "a@1.0.0"), component()).await,
        401,
        "not-signed-in",
    );
}
