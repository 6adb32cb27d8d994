//! Executions that wait for a message hold no thread.

use anchorhold_model::{Ending, Message, Seat};
use anchorhold_sandbox::{Engine, EngineConfig, Inbox};
use anchorhold_tests::windows::{InboxOnly, NoStorage, execution};
use anchorhold_tests::{self as guests, prepare};

const EXECUTIONS: usize = 1_000;

#[tokio::test]
async fn a_thousand_waiting_executions_hold_no_thread() {
    let algorithm = prepare(guests::WAITS).await.expect("it is well-behaved");
    let before = threads();
    let inboxes: Vec<_> = (0..EXECUTIONS).map(|_| Inbox::new([Seat(1)], 1_000)).collect();
    let waiting: Vec<_> = inboxes
        .iter()
        .map(|inbox| {
            let (algorithm, execution) = (algorithm.clone(), waiting_on(inbox));
            tokio::spawn(async move { algorithm.execute(execution, std::future::pending()).await })
        })
        .collect();
    // On this one thread each execution runs until it waits, and only then the next; after a few
    // it is this function's turn again.
    for _ in 0..EXECUTIONS {
        tokio::task::yield_now().await;
    }
    assert!(inboxes.iter().all(|inbox| inbox.awaited().is_some()), "every execution waits");
    assert!(threads() <= before, "{} threads, {before} before", threads());
    for (inbox, number) in inboxes.iter().zip(0_u32..) {
        let body = number.to_le_bytes().to_vec();
        inbox.put(Message { sender: Seat(1), topic: "go".into(), body });
    }
    for (execution, number) in waiting.into_iter().zip(0_u32..) {
        let ending = execution.await.expect("no panic").ending;
        assert_eq!(ending, Ending::Finished(number.to_le_bytes().to_vec()));
    }
}

#[tokio::test]
async fn an_algorithm_is_prepared_while_all_executions_wait() {
    let config = EngineConfig { executions: 1, ..EngineConfig::default() };
    let engine = Engine::new(config).expect("this machine runs WebAssembly");
    let prepare = async |path: &str| {
        let bytes = std::fs::read(path).expect("it was built with the tests");
        engine.prepare(bytes).await
    };
    let waits = prepare(guests::WAITS).await.expect("it is well-behaved");
    let inbox = Inbox::new([Seat(1)], 1_000);
    let execution = waiting_on(&inbox);
    let waiting =
        tokio::spawn(async move { waits.execute(execution, std::future::pending()).await });
    while inbox.awaited().is_none() {
        tokio::task::yield_now().await;
    }
    prepare(guests::NEIGHBOUR).await.expect("what describes itself takes nobody's place");
    inbox.put(Message { sender: Seat(1), topic: "go".into(), body: b"on".to_vec() });
    assert_eq!(waiting.await.expect("no panic").ending, Ending::Finished(b"on".to_vec()));
}

fn waiting_on(inbox: &Inbox) -> anchorhold_sandbox::Execution {
    execution(Box::new(InboxOnly(inbox.clone())), Box::new(NoStorage))
}

/// Counts the threads of this process.
fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").expect("this is Linux").count()
}
