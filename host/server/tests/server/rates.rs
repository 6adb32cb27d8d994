//! Who asks too much waits.

use crate::http::refused;
use crate::running::Running;
use crate::world::{NORTH, World};

#[tokio::test]
async fn a_caller_that_asks_too_much_is_told_when_to_try_again() {
    let world = World::registered(Running::start().await).await;
    let api = world.api(NORTH);
    let mut answered = 0_u32;
    let refusal = loop {
        let answer = api.get("/v1/me").await;
        if answer.status == 429 {
            break answer;
        }
        answered += 1;
    };
    assert!(answered >= 2_000, "{answered} were answered");
    refused(&refusal, 429, "too-many-requests");
    assert_eq!(refusal.retry_after, Some(1));
    // Others are not concerned.
    world.api(1).get("/v1/me").await.json();
}

#[tokio::test]
async fn whoever_tries_tokens_is_slowed_down() {
    let running = Running::start().await;
    let stranger = running.api(Some(&"0".repeat(64)));
    let nobody = running.api(None);
    for _ in 0..200 {
        refused(&stranger.get("/v1/me").await, 401, "not-signed-in");
    }
    // Signing in counts with it; from time to time there is room for one.
    let mut refusal = None;
    for _ in 0..2_000 {
        stranger.get("/v1/me").await.refusal();
        let answer = nobody.post("/v1/sign-in/challenge", "").await;
        if answer.status != 200 {
            refusal = Some(answer);
            break;
        }
    }
    refused(&refusal.unwrap(), 429, "too-many-requests");
    let admin = running.api(Some(&running.token(None).await));
    admin.get("/v1/me").await.json();
}
