//! The limits of an execution: what each one bounds, its default and the reason for the number.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

/// The largest component that is looked at: a component with SQL inside has 8 MB.
pub const COMPONENT_BYTES: u64 = 32 * MIB;
/// How long a component may take to compile: a component of 1 MB takes about a second.
pub const COMPILE_TIME: Duration = Duration::from_secs(60);
/// The most core instances of a component: one of the Rust compiler has about four.
pub const INSTANCES: u32 = 32;
/// The most linear memories of a component: one of the Rust compiler has one, and the address
/// space that is set aside for each is large.
pub const MEMORIES: u32 = 2;
/// The most tables of a component: one of the Rust compiler has two.
pub const TABLES: u32 = 8;
/// The stack of a component's functions, besides the one that it keeps in its own memory.
pub const STACK_BYTES: usize = MIB as usize;
/// The longest topic, so that topics stay labels and a ledger of them stays readable.
pub const TOPIC_BYTES: usize = 256;
/// The longest storage key: room for a path with a digest in it.
pub const KEY_BYTES: usize = 512;
/// How many keys one listing returns, so that its answer is at most half a mebibyte.
pub const LISTED_KEYS: usize = 1_000;
/// The longest line of a log; more of a line than this helps nobody to read it.
pub const LOG_LINE_BYTES: usize = 16 * KIB as usize;
/// How many rows one batch of a dataset has: a few hundred kilobytes for a dozen columns.
pub const BATCH_ROWS: usize = 4_096;
/// How long `describe` may compute: it returns constants.
pub const DESCRIBE_TIME: Duration = Duration::from_secs(1);
/// The largest description, its JSON Schema of the arguments included.
pub const DESCRIPTION_BYTES: usize = MIB as usize;
/// The most parties of one task: every pair of them exchanges a grant.
pub const PARTIES: usize = 256;
/// The longest name of an organization, an algorithm, a role or a dataset: it fits a line, and a
/// storage key that contains it stays short.
pub const NAME_BYTES: usize = 64;
/// The largest RSA public key, 8,192 bits, as SubjectPublicKeyInfo.
pub const PUBLIC_KEY_BYTES: usize = 2 * KIB as usize;
/// The longest origin of a server: a domain name has at most 253 bytes.
pub const ORIGIN_BYTES: usize = 512;
/// The largest thing that is signed: a manifest of 256 parties has some 100 KB.
pub const SIGNED_BYTES: usize = MIB as usize;
/// The most algorithms of one run: a pipeline has a handful of steps.
pub const RUN_DIGESTS: usize = 64;
/// The most datasets that one party grants to a task.
pub const TASK_DATASETS: usize = 64;
/// The largest piece of a parcel on a link: small enough that many executions share one.
pub const FRAME_BYTES: usize = 512 * KIB as usize;
/// The largest message on a link: an offer with the key statements of 256 parties, of 3 KB each,
/// and two manifests.
pub const LINK_MESSAGE_BYTES: usize = 4 * MIB as usize;
/// The most streams that are told of when a link begins: a thousand tasks of eight parties.
pub const LINK_STREAMS: usize = 50_000;
/// The most key statements that come with a task: those of its parties, and of the requester one
/// that its run names and one that the task names.
pub const OFFERED_STATEMENTS: usize = PARTIES + 2;
/// The longest sentence that a party tells the requester at its end: an algorithm's error text.
pub const SENTENCE_BYTES: usize = 16 * KIB as usize;
/// The longest text with which a party tells the requester how far it is: it fits into an envelope
/// of the smallest size.
pub const PROGRESS_TEXT_BYTES: usize = 200;
/// The largest grant, and the largest envelope, of a report of progress.
pub const REPORT_BYTES: usize = 4 * KIB as usize;
/// The largest arguments of one party: parameters, and not data.
pub const ARGUMENT_BYTES: usize = MIB as usize;

/// Bounds what one execution uses. An operator may set others than the defaults.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Linear memory in bytes, summed over all memories. 512 MiB holds a model of 50 million
    /// parameters twice; thirty such executions fit into a small server.
    pub memory_bytes: u64,
    /// Elements summed over all tables; a Rust component has a few thousand functions.
    pub table_elements: u64,
    /// Computing time that an execution may use in all; waiting is not counted.
    #[serde(with = "seconds")]
    pub cpu_time: Duration,
    /// Time from the start of an execution to its end, waiting included.
    #[serde(with = "seconds")]
    pub deadline: Duration,
    /// What one call of the host may copy out of the guest: the largest message and a little more.
    pub host_call_bytes: u64,
    /// WASI resources open at once: streams and pollables.
    pub handles: u32,
    /// Random bytes drawn: shares of eight million 64-bit numbers.
    pub random_bytes: u64,
    /// Log bytes in all; whoever needs more wants a message.
    pub log_bytes: u64,
    /// Log bytes a second of computing, so that a flood does not reach the disk all at once.
    pub log_bytes_per_second: u64,
    /// The body of one message.
    pub message_bytes: u64,
    /// Messages sent.
    pub messages: u64,
    /// Bodies and topics of all messages sent.
    pub sent_bytes: u64,
    /// Bodies and topics of the messages that came and were not yet received, and 256 bytes for
    /// each message.
    pub inbox_bytes: u64,
    /// The value of one storage key.
    pub value_bytes: u64,
    /// Names and values of the run's storage.
    pub storage_bytes: u64,
    /// Keys of the run's storage; their names are held in memory.
    pub storage_keys: u64,
    /// Calls of storage.
    pub storage_operations: u64,
    /// The result.
    pub result_bytes: u64,
    /// The text of the error that an algorithm returns.
    pub error_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_bytes: 512 * MIB,
            table_elements: 100_000,
            cpu_time: Duration::from_secs(600),
            deadline: Duration::from_secs(24 * 3600),
            host_call_bytes: 129 * MIB,
            handles: 1_000,
            random_bytes: 64 * MIB,
            log_bytes: MIB,
            log_bytes_per_second: 256 * KIB,
            message_bytes: 128 * MIB,
            messages: 100_000,
            sent_bytes: GIB,
            inbox_bytes: GIB,
            value_bytes: 64 * MIB,
            storage_bytes: 256 * MIB,
            storage_keys: 10_000,
            storage_operations: 1_000_000,
            result_bytes: 64 * MIB,
            error_bytes: 16 * KIB,
        }
    }
}

/// How many limits there are.
const NUMBERS: usize = 19;

impl Limits {
    /// Returns of each limit the narrower one.
    #[must_use]
    pub fn within(&self, other: &Self) -> Self {
        let mut numbers = self.numbers();
        for (number, other) in numbers.iter_mut().zip(other.numbers()) {
            *number = other.min(*number);
        }
        Self::from_numbers(numbers).expect("each of them is one of a limit")
    }

    /// Returns them in the order in which they are declared, times in seconds.
    pub(crate) fn numbers(&self) -> [u64; NUMBERS] {
        let Self {
            memory_bytes,
            table_elements,
            cpu_time,
            deadline,
            host_call_bytes,
            handles,
            random_bytes,
            log_bytes,
            log_bytes_per_second,
            message_bytes,
            messages,
            sent_bytes,
            inbox_bytes,
            value_bytes,
            storage_bytes,
            storage_keys,
            storage_operations,
            result_bytes,
            error_bytes,
        } = *self;
        [
            memory_bytes,
            table_elements,
            cpu_time.as_secs(),
            deadline.as_secs(),
            host_call_bytes,
            handles.into(),
            random_bytes,
            log_bytes,
            log_bytes_per_second,
            message_bytes,
            messages,
            sent_bytes,
            inbox_bytes,
            value_bytes,
            storage_bytes,
            storage_keys,
            storage_operations,
            result_bytes,
            error_bytes,
        ]
    }

    /// Reads what [`Limits::numbers`] returns, or none where a number is too large.
    pub(crate) fn from_numbers(numbers: [u64; NUMBERS]) -> Option<Self> {
        let [
            memory_bytes,
            table_elements,
            cpu_time,
            deadline,
            host_call_bytes,
            handles,
            random_bytes,
            log_bytes,
            log_bytes_per_second,
            message_bytes,
            messages,
            sent_bytes,
            inbox_bytes,
            value_bytes,
            storage_bytes,
            storage_keys,
            storage_operations,
            result_bytes,
            error_bytes,
        ] = numbers;
        Some(Self {
            memory_bytes,
            table_elements,
            cpu_time: Duration::from_secs(cpu_time),
            deadline: Duration::from_secs(deadline),
            host_call_bytes,
            handles: handles.try_into().ok()?,
            random_bytes,
            log_bytes,
            log_bytes_per_second,
            message_bytes,
            messages,
            sent_bytes,
            inbox_bytes,
            value_bytes,
            storage_bytes,
            storage_keys,
            storage_operations,
            result_bytes,
            error_bytes,
        })
    }
}

/// Names the limit that ended an execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Limit {
    /// [`Limits::memory_bytes`] or [`MEMORIES`].
    Memory,
    /// [`Limits::table_elements`] or [`TABLES`].
    Tables,
    /// [`INSTANCES`].
    Instances,
    /// [`STACK_BYTES`].
    Stack,
    /// [`Limits::cpu_time`].
    CpuTime,
    /// [`Limits::deadline`].
    Deadline,
    /// [`Limits::host_call_bytes`].
    HostCallBytes,
    /// [`Limits::handles`].
    Handles,
    /// [`Limits::random_bytes`].
    RandomBytes,
    /// [`Limits::log_bytes`] or [`Limits::log_bytes_per_second`].
    Log,
    /// [`TOPIC_BYTES`].
    TopicBytes,
    /// [`Limits::message_bytes`].
    MessageBytes,
    /// [`Limits::messages`].
    Messages,
    /// [`Limits::sent_bytes`].
    SentBytes,
    /// [`Limits::inbox_bytes`].
    InboxBytes,
    /// [`KEY_BYTES`].
    KeyBytes,
    /// [`Limits::value_bytes`].
    ValueBytes,
    /// [`Limits::storage_bytes`].
    StorageBytes,
    /// [`Limits::storage_keys`].
    StorageKeys,
    /// [`Limits::storage_operations`].
    StorageOperations,
    /// [`Limits::result_bytes`] or [`Limits::error_bytes`].
    ResultBytes,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Memory => "memory",
            Self::Tables => "tables",
            Self::Instances => "instances",
            Self::Stack => "stack",
            Self::CpuTime => "computing time",
            Self::Deadline => "deadline",
            Self::HostCallBytes => "bytes of one host call",
            Self::Handles => "open handles",
            Self::RandomBytes => "random bytes",
            Self::Log => "log",
            Self::TopicBytes => "bytes of a topic",
            Self::MessageBytes => "bytes of a message",
            Self::Messages => "number of messages",
            Self::SentBytes => "bytes sent",
            Self::InboxBytes => "bytes waiting in the inbox",
            Self::KeyBytes => "bytes of a storage key",
            Self::ValueBytes => "bytes of a storage value",
            Self::StorageBytes => "bytes of storage",
            Self::StorageKeys => "keys of storage",
            Self::StorageOperations => "calls of storage",
            Self::ResultBytes => "bytes of the result",
        })
    }
}

/// Durations as whole seconds, for configuration files.
mod seconds {
    use super::Duration;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(time.as_secs())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_secs)
    }
}
