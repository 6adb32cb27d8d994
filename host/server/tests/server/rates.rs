//! Who asks too much waits.

use crate::http::{Answer, refused};
use crate::running::Running;
use crate::world::{NORTH, World};

/// Calls until that is too much.
async fn until_refused(call: impl AsyncFn() -> Answer) -> Answer {
    for _ in 0..20_000 {
        let answer = call().await;
        if answer.status == 429 {
            refused(&answer, 429, "too-many-requests");
            return answer;
        }
    }
    panic!("it is never too much");
}

#[tokio::test]
async fn a_caller_that_asks_too_much_is_told_when_to_try_again() {
    let world = World::registered(Running::start().await).await;
    let api = world.api(NORTH);
    for _ in 0..2_000 {
        api.get("/v1/me").await.json();
    }
    let refusal = until_refused(async || api.get("/v1/me").await).await;
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
    // From time to time there is room for one; signing in counts with it.
    until_refused(async || stranger.get("/v1/me").await).await;
    until_refused(async || nobody.post("/v1/sign-in/challenge", "").await).await;
    let admin = running.api(Some(&running.token(None).await));
    admin.get("/v1/me").await.json();
}
