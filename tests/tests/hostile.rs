//! Hostile guests: each ends in its own way, and a well-behaved task beside it completes.
//!
//! All of a test runs on one thread, so a guest that did not yield would starve its neighbour.

use std::time::Duration;

use anchorhold::local::Event;
use anchorhold_model::{Ending, Limit, Limits, Trap};
use anchorhold_sandbox::{LogEntry, PrepareError};
use anchorhold_tests::{self as guests, Outcome, Parties, for_each_guest, prepare};

/// Limits that hostile guests reach soon.
fn tight() -> Limits {
    Limits {
        memory_bytes: 128 << 20,
        cpu_time: Duration::from_millis(500),
        storage_bytes: 8 << 20,
        storage_keys: 500,
        storage_operations: 20_000,
        messages: 1_000,
        sent_bytes: 8 << 20,
        random_bytes: 1 << 20,
        ..Limits::default()
    }
}

/// Runs a guest among two parties while three others run the well-behaved one.
async fn run_beside_neighbours(guest: &str, limits: &Limits) -> Outcome {
    let hostile = prepare(guest).await.expect("only its behaviour is hostile");
    let neighbour = prepare(guests::NEIGHBOUR).await.expect("it is well-behaved");
    let (mut parties, mut neighbours) = (Parties::new(2), Parties::new(3));
    let defaults = Limits::default();
    let (outcome, beside) =
        tokio::join!(parties.run(&hostile, limits), neighbours.run(&neighbour, &defaults));
    assert_eq!(beside.endings, vec![Ending::Finished(b"3".to_vec()); 3]);
    outcome
}

async fn ends(guest: &str, limits: &Limits, ending: Ending) {
    assert_eq!(run_beside_neighbours(guest, limits).await.endings, vec![ending; 2]);
}

async fn reaches(guest: &str, limit: Limit) {
    ends(guest, &tight(), Ending::LimitReached(limit)).await;
}

async fn refusal(guest: &str) -> String {
    prepare(guest).await.expect_err("a host does not take it").to_string()
}

#[tokio::test]
async fn neighbour() {
    ends(guests::NEIGHBOUR, &Limits::default(), Ending::Finished(b"1".to_vec())).await;
}

#[tokio::test]
async fn endless_loop() {
    reaches(guests::ENDLESS_LOOP, Limit::CpuTime).await;
}

#[tokio::test]
async fn an_endless_loop_yields_to_its_neighbours() {
    let hostile = prepare(guests::ENDLESS_LOOP).await.expect("only its behaviour is hostile");
    let neighbour = prepare(guests::NEIGHBOUR).await.expect("it is well-behaved");
    let (mut parties, mut neighbours) = (Parties::new(2), Parties::new(3));
    // The loops go on for longer than the neighbours take on any machine, and end with this test.
    let endless = Limits { cpu_time: Duration::from_secs(300), ..tight() };
    let defaults = Limits::default();
    tokio::select! {
        _ = parties.run(&hostile, &endless) => panic!("the neighbours were kept waiting"),
        beside = neighbours.run(&neighbour, &defaults) => {
            assert_eq!(beside.endings, vec![Ending::Finished(b"3".to_vec()); 3]);
        }
    }
}

#[tokio::test]
async fn memory_bomb() {
    reaches(guests::MEMORY_BOMB, Limit::Memory).await;
}

#[tokio::test]
async fn infinite_recursion() {
    reaches(guests::INFINITE_RECURSION, Limit::Stack).await;
}

#[tokio::test]
async fn log_flood() {
    let outcome = run_beside_neighbours(guests::LOG_FLOOD, &tight()).await;
    assert_eq!(outcome.endings, vec![Ending::LimitReached(Limit::Log); 2]);
    let line = |event: &&Event| matches!(event, Event::Logged(_, LogEntry::Output(line)) if line.starts_with("all work"));
    let lines = outcome.events.iter().filter(line).count();
    assert!((1..1_000).contains(&lines), "{lines} lines were logged");
}

#[tokio::test]
async fn huge_argument() {
    let limits = Limits { memory_bytes: 3 << 30, cpu_time: Duration::from_secs(60), ..tight() };
    ends(guests::HUGE_ARGUMENT, &limits, Ending::LimitReached(Limit::HostCallBytes)).await;
}

#[tokio::test]
async fn wild_pointer() {
    ends(guests::WILD_POINTER, &tight(), Ending::Trap(Trap::Contract)).await;
}

#[tokio::test]
async fn storage_flood() {
    reaches(guests::STORAGE_FLOOD, Limit::StorageBytes).await;
}

#[tokio::test]
async fn key_flood() {
    reaches(guests::KEY_FLOOD, Limit::StorageKeys).await;
}

#[tokio::test]
async fn storage_operations() {
    reaches(guests::STORAGE_OPERATIONS, Limit::StorageOperations).await;
}

#[tokio::test]
async fn long_key() {
    reaches(guests::LONG_KEY, Limit::KeyBytes).await;
}

#[tokio::test]
async fn large_value() {
    let limits = Limits { memory_bytes: 512 << 20, ..Limits::default() };
    ends(guests::LARGE_VALUE, &limits, Ending::LimitReached(Limit::ValueBytes)).await;
}

#[tokio::test]
async fn read_only_data() {
    ends(guests::READ_ONLY_DATA, &tight(), Ending::Error("read-only: true".into())).await;
}

#[tokio::test]
async fn no_such_party() {
    ends(guests::NO_SUCH_PARTY, &tight(), Ending::Error("no such party: true".into())).await;
}

#[tokio::test]
async fn oversized_message() {
    let limits = Limits { memory_bytes: 512 << 20, ..Limits::default() };
    ends(guests::OVERSIZED_MESSAGE, &limits, Ending::LimitReached(Limit::MessageBytes)).await;
}

#[tokio::test]
async fn long_topic() {
    reaches(guests::LONG_TOPIC, Limit::TopicBytes).await;
}

#[tokio::test]
async fn message_flood() {
    reaches(guests::MESSAGE_FLOOD, Limit::Messages).await;
}

#[tokio::test]
async fn byte_flood() {
    reaches(guests::BYTE_FLOOD, Limit::SentBytes).await;
}

#[tokio::test]
async fn inbox_flood() {
    let limits = Limits { inbox_bytes: 4 << 20, ..tight() };
    let outcome = run_beside_neighbours(guests::INBOX_FLOOD, &limits).await;
    let flooded = Ending::LimitReached(Limit::InboxBytes);
    assert_eq!(outcome.endings, [Ending::Finished(Vec::new()), flooded]);
}

#[tokio::test]
async fn random_flood() {
    reaches(guests::RANDOM_FLOOD, Limit::RandomBytes).await;
}

#[tokio::test]
async fn huge_random() {
    reaches(guests::HUGE_RANDOM, Limit::RandomBytes).await;
}

#[tokio::test]
async fn handle_flood() {
    reaches(guests::HANDLE_FLOOD, Limit::Handles).await;
}

#[tokio::test]
async fn large_result() {
    let limits = Limits { memory_bytes: 512 << 20, ..Limits::default() };
    ends(guests::LARGE_RESULT, &limits, Ending::LimitReached(Limit::ResultBytes)).await;
}

#[tokio::test]
async fn long_error() {
    reaches(guests::LONG_ERROR, Limit::ResultBytes).await;
}

#[tokio::test]
async fn sockets_imported() {
    let text = refusal(guests::SOCKETS_IMPORTED).await;
    assert!(text.contains("wasi:sockets/tcp@") && text.contains("std::net"), "{text}");
}

#[tokio::test]
async fn filesystem_imported() {
    let text = refusal(guests::FILESYSTEM_IMPORTED).await;
    assert!(text.contains("wasi:filesystem/types@") && text.contains("std::fs"), "{text}");
}

#[tokio::test]
async fn early_exit() {
    let left = left_after(guests::EARLY_EXIT, Ending::Trap(Trap::Exit)).await;
    assert_eq!(left, "0");
}

#[tokio::test]
async fn trap_in_storage_write() {
    let left = left_after(guests::TRAP_IN_STORAGE_WRITE, Ending::Trap(Trap::Unreachable)).await;
    assert_eq!(left, "0");
}

#[tokio::test]
async fn what_is_left() {
    // The counterpart of the tests that find nothing: a key that a finished task stored is found.
    let left = left_after(guests::TAKES_THEN_TRAPS, Ending::Finished(Vec::new())).await;
    assert_eq!(left, "1");
}

#[tokio::test]
async fn takes_then_traps() {
    let guest = prepare(guests::TAKES_THEN_TRAPS).await.expect("only its behaviour is hostile");
    let mut parties = Parties::new(1);
    let made = [Ending::Finished(Vec::new())];
    assert_eq!(parties.run(&guest, &tight()).await.endings, made);
    let trapped = [Ending::Trap(Trap::Unreachable)];
    assert_eq!(parties.run(&guest, &tight()).await.endings, trapped, "the secret was taken");
    assert_eq!(parties.run(&guest, &tight()).await.endings, made, "it is gone for good");
}

/// Runs a guest alone and then counts the keys that later tasks of the run find.
async fn left_after(guest: &str, ending: Ending) -> String {
    let guest = prepare(guest).await.expect("only its behaviour is hostile");
    let counting = prepare(guests::WHAT_IS_LEFT).await.expect("it is well-behaved");
    let mut parties = Parties::new(1);
    assert_eq!(parties.run(&guest, &tight()).await.endings, [ending]);
    let outcome = parties.run(&counting, &tight()).await;
    match outcome.endings.as_slice() {
        [Ending::Finished(count)] => String::from_utf8_lossy(count).into_owned(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn describes_for_ever() {
    assert!(refusal(guests::DESCRIBES_FOR_EVER).await.contains("computing time"));
}

#[tokio::test]
async fn describes_with_windows() {
    assert!(refusal(guests::DESCRIBES_WITH_WINDOWS).await.contains("called a window"));
}

#[tokio::test]
async fn describes_too_much() {
    assert!(refusal(guests::DESCRIBES_TOO_MUCH).await.contains("bytes of one host call"));
}

#[tokio::test]
async fn describes_nonsense() {
    let error = prepare(guests::DESCRIBES_NONSENSE).await.expect_err("nobody takes part");
    assert!(matches!(&error, PrepareError::Describe(text) if text.contains("roles")), "{error}");
}

#[tokio::test]
async fn clocks() {
    // A seeded task was created at the beginning of 2020; each call takes a microsecond; an hour's
    // sleep and a timeout of 5 ms pass in no time.
    ends(guests::CLOCKS, &tight(), Ending::Finished(b"1577836800 1000 3600005".to_vec())).await;
}

#[tokio::test]
async fn waits() {
    // Nobody sends: each waits until the deadline, and holds no thread meanwhile.
    let limits = Limits { deadline: Duration::from_millis(50), ..tight() };
    let outcome = run_beside_neighbours(guests::WAITS, &limits).await;
    assert!(outcome.waited_until_the_deadline(), "{:?}", outcome.endings);
}

#[tokio::test]
async fn wide_arithmetic() {
    let limits = Limits { cpu_time: Duration::from_secs(60), ..tight() };
    ends(guests::WIDE_ARITHMETIC, &limits, Ending::Finished(b"right".to_vec())).await;
}

#[tokio::test]
async fn bulk() {
    // Without arguments it does nothing; what it does with them, the network's tests show.
    ends(guests::BULK, &tight(), Ending::Error("not two numbers".into())).await;
}

#[tokio::test]
async fn ping() {
    ends(guests::PING, &tight(), Ending::Error("not three numbers".into())).await;
}

#[tokio::test]
async fn marked() {
    ends(guests::MARKED, &tight(), Ending::Error("no data".into())).await;
}

/// A guest without a test of its name does not compile.
macro_rules! has_a_test {
    ($guest:ident) => {
        const _: fn() = $guest;
    };
}
for_each_guest!(has_a_test);
