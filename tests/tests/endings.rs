//! Endings that are not the guest's doing: killed, and faults of the host.

use std::time::Duration;

use anchorhold::local::Event;
use anchorhold_model::{Ending, Fault, Limits, Seat};
use anchorhold_sandbox::{Courier, CourierError, Inbox, Received, Storage, StorageError};
use anchorhold_tests::windows::{InboxOnly, NoStorage, execution};
use anchorhold_tests::{self as guests, Parties, prepare};
use async_trait::async_trait;

fn silent() -> Box<dyn Courier> {
    Box::new(InboxOnly(Inbox::new([Seat(1)], 1_000)))
}

#[tokio::test]
async fn killed_while_it_computes_or_waits() {
    for guest in [guests::ENDLESS_LOOP, guests::WAITS] {
        let algorithm = prepare(guest).await.expect("it is taken");
        let kill = tokio::time::sleep(Duration::from_millis(50));
        let report = algorithm.execute(execution(silent(), Box::new(NoStorage)), kill).await;
        assert_eq!(report.ending, Ending::Killed);
        assert!(report.usage.memory_bytes > 0, "it had begun");
    }
}

#[tokio::test]
async fn killed_before_its_turn_it_never_runs() {
    let algorithm = prepare(guests::ENDLESS_LOOP).await.expect("it is taken");
    let kill = std::future::ready(());
    let report = algorithm.execute(execution(silent(), Box::new(NoStorage)), kill).await;
    assert_eq!((report.ending, report.usage.memory_bytes), (Ending::Killed, 0));
}

/// A host that fails at everything.
struct Failing;

#[async_trait]
impl Courier for Failing {
    async fn send(&mut self, _: Seat, _: String, _: Vec<u8>) -> Result<(), CourierError> {
        Err(CourierError::Failed("no way out".into()))
    }

    async fn receive(
        &mut self,
        _: Option<Seat>,
        _: Option<&str>,
        _: Option<Duration>,
    ) -> Result<Received, CourierError> {
        Err(CourierError::Failed("no way in".into()))
    }
}

#[tokio::test]
async fn a_courier_that_fails_is_a_fault_and_not_the_guests() {
    for guest in [guests::WAITS, guests::MESSAGE_FLOOD] {
        let algorithm = prepare(guest).await.expect("it is taken");
        let execution = execution(Box::new(Failing), Box::new(NoStorage));
        let report = algorithm.execute(execution, std::future::pending()).await;
        assert_eq!(report.ending, Ending::Fault(Fault::Messaging));
    }
}

/// Storage that takes everything and cannot commit it.
struct Uncommitted;

#[async_trait]
impl Storage for Uncommitted {
    async fn get(&mut self, _: &str) -> Result<Option<Vec<u8>>, StorageError> {
        Err(StorageError::Failed("the disk is gone".into()))
    }

    async fn set(&mut self, _: &str, _: Vec<u8>) -> Result<(), StorageError> {
        Ok(())
    }

    async fn delete(&mut self, _: &str) -> Result<bool, StorageError> {
        Ok(false)
    }

    async fn exists(&mut self, _: &str) -> Result<bool, StorageError> {
        Ok(false)
    }

    async fn list_keys(&mut self, _: &str, _: Option<&str>) -> Result<Vec<String>, StorageError> {
        Ok(Vec::new())
    }

    async fn take(&mut self, _: &str) -> Result<Option<Vec<u8>>, StorageError> {
        Ok(None)
    }

    async fn commit(&mut self) -> Result<(), StorageError> {
        Err(StorageError::Failed("the disk is full".into()))
    }
}

#[tokio::test]
async fn a_result_whose_storage_is_not_committed_is_none() {
    let algorithm = prepare(guests::TAKES_THEN_TRAPS).await.expect("it is taken");
    let execution = execution(silent(), Box::new(Uncommitted));
    let report = algorithm.execute(execution, std::future::pending()).await;
    assert_eq!(report.ending, Ending::Fault(Fault::Storage));
}

#[tokio::test]
async fn it_is_told_when_all_wait_for_one_another() {
    let algorithm = prepare(guests::WAITS).await.expect("it is well-behaved");
    let limits = Limits { deadline: Duration::from_secs(6), ..Limits::default() };
    let outcome = Parties::new(2).run(&algorithm, &limits).await;
    assert!(outcome.waited_until_the_deadline(), "{:?}", outcome.endings);
    let told = outcome.events.iter().filter_map(|event| match event {
        Event::Stalled(waiting) => Some(waiting.iter().map(|(seat, _)| *seat).collect::<Vec<_>>()),
        _ => None,
    });
    assert_eq!(told.collect::<Vec<_>>(), [[Seat(0), Seat(1)]]);
}
