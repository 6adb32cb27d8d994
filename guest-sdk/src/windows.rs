//! The windows of the cell as an algorithm's code reaches them.
//!
//! Implemented by the component's imports and by the lab: what is above this line is the same code
//! in both.

use crate::Ending;

/// A message as it came.
pub(crate) struct RawMessage {
    pub sender: u32,
    pub topic: String,
    pub body: Vec<u8>,
}

/// There is no such seat, or it is the party's own.
#[derive(Debug)]
pub(crate) struct NoSuchParty;

/// The key belongs to a dataset.
#[derive(Debug)]
pub(crate) struct ReadOnly;

/// Why no message was received.
#[derive(Debug)]
pub(crate) enum ReceiveError {
    NoSuchParty,
    TimedOut,
    PeerEnded(Ending),
}

/// The functions of `wit/messaging.wit` and `wit/storage.wit`, the random seed and the log.
pub(crate) trait Windows {
    fn send_message(&self, receiver: u32, topic: &str, body: &[u8]) -> Result<(), NoSuchParty>;
    fn receive_message(
        &self,
        sender: Option<u32>,
        topic: Option<&str>,
        timeout_ms: Option<u64>,
    ) -> Result<RawMessage, ReceiveError>;

    fn get(&self, key: &str) -> Option<Vec<u8>>;
    fn set(&self, key: &str, value: &[u8]) -> Result<(), ReadOnly>;
    fn delete(&self, key: &str) -> Result<bool, ReadOnly>;
    fn exists(&self, key: &str) -> bool;
    fn list_keys(&self, prefix: &str, after: Option<&str>) -> Vec<String>;
    fn take(&self, key: &str) -> Result<Option<Vec<u8>>, ReadOnly>;

    /// Returns the next 32 bytes of the host's generator.
    fn random_seed(&self) -> [u8; 32];
    /// Writes one line, without a line break in it, to the execution's log.
    fn log(&self, line: &str);
}
