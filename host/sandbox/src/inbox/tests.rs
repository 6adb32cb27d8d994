use super::*;

const ALICE: Seat = Seat(1);
const BOB: Seat = Seat(2);

fn message(sender: Seat, topic: &str, body: &str) -> Message {
    Message { sender, topic: topic.into(), body: body.into() }
}

fn inbox(messages: &[(Seat, &str, &str)]) -> Inbox {
    let inbox = Inbox::new([ALICE, BOB], 10_000);
    for (sender, topic, body) in messages {
        inbox.put(message(*sender, topic, body));
    }
    inbox
}

/// Receives without waiting and returns the body, or what came instead.
async fn receive(inbox: &Inbox, sender: Option<Seat>, topic: Option<&str>) -> String {
    match inbox.receive(sender, topic, Some(Duration::ZERO)).await {
        Ok(Received::Message(message)) => String::from_utf8(message.body).expect("text"),
        Ok(other) => format!("{other:?}"),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn the_first_match_comes_and_the_rest_stays() {
    let inbox = inbox(&[(BOB, "x", "1"), (ALICE, "y", "2"), (ALICE, "x", "3"), (ALICE, "y", "4")]);
    assert_eq!(receive(&inbox, Some(ALICE), Some("x")).await, "3");
    assert_eq!(receive(&inbox, Some(ALICE), None).await, "2");
    assert_eq!(receive(&inbox, None, Some("y")).await, "4");
    assert_eq!(receive(&inbox, None, None).await, "1");
    assert_eq!(receive(&inbox, None, None).await, "TimedOut");
}

#[tokio::test]
async fn a_peer_has_ended_only_when_nothing_matches_any_more() {
    let inbox = inbox(&[(ALICE, "x", "1")]);
    inbox.end(ALICE, PeerEnding::Failed);
    inbox.end(ALICE, PeerEnding::Finished);
    assert_eq!(receive(&inbox, Some(ALICE), Some("y")).await, "PeerEnded(Failed)");
    assert_eq!(receive(&inbox, Some(ALICE), Some("x")).await, "1");
    assert_eq!(receive(&inbox, Some(ALICE), None).await, "PeerEnded(Failed)");
    assert_eq!(receive(&inbox, Some(BOB), None).await, "TimedOut");
}

#[tokio::test]
async fn any_sender_waits_for_all_of_them() {
    let inbox = inbox(&[]);
    inbox.end(ALICE, PeerEnding::Finished);
    assert_eq!(receive(&inbox, None, None).await, "TimedOut");
    inbox.end(BOB, PeerEnding::Lost);
    assert_eq!(receive(&inbox, None, None).await, "PeerEnded(Lost)");
}

#[tokio::test]
async fn a_waiting_receive_is_woken() {
    let inbox = inbox(&[]);
    let waiting = tokio::spawn({
        let inbox = inbox.clone();
        async move { inbox.receive(Some(BOB), None, None).await }
    });
    tokio::task::yield_now().await;
    inbox.put(message(ALICE, "", "1"));
    inbox.put(message(BOB, "", "2"));
    let received = waiting.await.expect("no panic").expect("nothing overflowed");
    assert_eq!(received, Received::Message(message(BOB, "", "2")));
}

#[tokio::test]
async fn what_does_not_fit_ends_the_execution() {
    let inbox = Inbox::new([ALICE], 10 + 256);
    inbox.put(message(ALICE, "x", "12345678"));
    assert_eq!(receive(&inbox, None, None).await, "12345678");
    inbox.put(message(ALICE, "x", "123456789"));
    inbox.put(message(ALICE, "x", "1234567890"));
    assert!(receive(&inbox, None, None).await.starts_with("limit reached"));
}
