//! Executions that wait for a message hold no thread.

use std::time::SystemTime;

use anchorhold_model::{Ending, Limits, Message, Party, RunId, Seat, Task, TaskId};
use anchorhold_sandbox::{Execution, Inbox};
use anchorhold_tests::windows::{InboxOnly, NoStorage};
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
            let (algorithm, execution) = (algorithm.clone(), execution(inbox));
            tokio::spawn(async move { algorithm.execute(execution, std::future::pending()).await })
        })
        .collect();
    // On this one thread each execution runs until it waits, and only then the next.
    tokio::task::yield_now().await;
    assert!(waiting.iter().all(|execution| !execution.is_finished()));
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

fn execution(inbox: &Inbox) -> Execution {
    let party = Party { organization: "one".into(), role: "party".into() };
    let ids = (RunId::from_bytes([0; 32]), TaskId::from_bytes([0; 32]));
    let parties = vec![party.clone(), party];
    Execution {
        task: Task::new(ids, Seat(0), parties, b"{}".to_vec(), Vec::new()).expect("it is small"),
        limits: Limits::default(),
        random_key: [0; 32],
        created: SystemTime::UNIX_EPOCH,
        courier: Box::new(InboxOnly(inbox.clone())),
        storage: Box::new(NoStorage),
        log: Box::new(|_| ()),
    }
}

/// Counts the threads of this process.
fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").expect("this is Linux").count()
}
