//! The least that an execution needs for windows, where a test is about something else.

use std::time::{Duration, SystemTime};

use anchorhold_model::{Limits, Message, Party, RunId, Seat, Task, TaskId};
use anchorhold_sandbox::{
    Courier, CourierError, Execution, Inbox, Received, Storage, StorageError,
};
use async_trait::async_trait;

/// Makes an execution of the first of two parties with these windows, and the usual limits.
pub fn execution(courier: Box<dyn Courier>, storage: Box<dyn Storage>) -> Execution {
    let party = Party { organization: "one".into(), role: "party".into() };
    let ids = (RunId::from_bytes([0; 32]), TaskId::from_bytes([0; 32]));
    let parties = vec![party.clone(), party];
    Execution {
        task: Task::new(ids, Seat(0), parties, b"{}".to_vec(), Vec::new()).expect("it is small"),
        limits: Limits::default(),
        random_key: [0; 32],
        created: SystemTime::UNIX_EPOCH,
        courier,
        storage,
        log: Box::new(|_| ()),
    }
}

/// A courier that returns what was sent.
#[derive(Default)]
pub struct Echo(Option<Message>);

#[async_trait]
impl Courier for Echo {
    async fn send(&mut self, to: Seat, topic: String, body: Vec<u8>) -> Result<(), CourierError> {
        self.0 = Some(Message { sender: to, topic, body });
        Ok(())
    }

    async fn receive(
        &mut self,
        _: Option<Seat>,
        _: Option<&str>,
        _: Option<Duration>,
    ) -> Result<Received, CourierError> {
        Ok(self.0.take().map_or(Received::TimedOut, Received::Message))
    }
}

/// A courier that receives from an inbox and sends to nobody.
pub struct InboxOnly(pub Inbox);

#[async_trait]
impl Courier for InboxOnly {
    async fn send(&mut self, _: Seat, _: String, _: Vec<u8>) -> Result<(), CourierError> {
        Ok(())
    }

    async fn receive(
        &mut self,
        sender: Option<Seat>,
        topic: Option<&str>,
        timeout: Option<Duration>,
    ) -> Result<Received, CourierError> {
        self.0.receive(sender, topic, timeout).await
    }
}

/// Storage that holds nothing and takes nothing.
pub struct NoStorage;

#[async_trait]
impl Storage for NoStorage {
    async fn get(&mut self, _: &str) -> Result<Option<Vec<u8>>, StorageError> {
        Ok(None)
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
        Ok(())
    }
}
