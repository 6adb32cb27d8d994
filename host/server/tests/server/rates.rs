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
    assert!(answered >= 500, "{answered} were answered");
    refused(&refusal, 429, "too-many-requests");
    assert_eq!(refusal.retry_after, Some(1));
    // Others are not concerned.
    world.api(1).get("/v1/me").await.json();
}

#[tokio::test]
async fn whoever_tries_tokens_is_slowed_down() {
    let running = Running::start().await;
    let stranger = running.api(Some(&"0".repeat(64)));
    let mut answered = 0_u32;
    while stranger.get("/v1/me").await.status == 401 {
        answered += 1;
    }
    assert!(answered >= 200, "{answered} were answered");
    let answer = running.api(None).post("/v1/sign-in/challenge", "").await;
    refused(&answer, 429, "too-many-requests");
    let admin = running.api(Some(&running.token(None).await));
    admin.get("/v1/me").await.json();
}
