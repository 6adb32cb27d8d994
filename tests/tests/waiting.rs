//! Executions that wait for a message hold no thread.

use anchorhold_model::{Ending, Message, Seat};
use anchorhold_sandbox::Inbox;
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

fn waiting_on(inbox: &Inbox) -> anchorhold_sandbox::Execution {
    execution(Box::new(InboxOnly(inbox.clone())), Box::new(NoStorage))
}

/// Counts the threads of this process.
fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").expect("this is Linux").count()
}
