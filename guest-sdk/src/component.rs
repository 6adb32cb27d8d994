//! The component's side of `wit/world.wit`: imports become [`Windows`], exports call the
//! [`Algorithm`].

use std::io::Write as _;
use std::rc::Rc;

use crate::windows::{NoSuchParty, RawMessage, ReadOnly, ReceiveError, Windows};
use crate::{Algorithm, ColumnType, CorruptionModel, Description, Ending, Party, Seat, Task};
use bindings::Guest;
use bindings::anchorhold::algorithm::{messaging, storage, types};

/// Generated from `wit/`.
#[allow(missing_docs, unsafe_code, clippy::all, reason = "generated")]
pub mod bindings {
    wit_bindgen::generate!({
        path: "../wit",
        world: "algorithm",
        pub_export_macro: true,
    });
}

/// Generated; the interface is WASI's, of which this needs one function.
#[allow(missing_docs, unsafe_code, clippy::all, reason = "generated")]
mod wasi {
    wit_bindgen::generate!({
        inline: "
            package anchorhold:sdk;

            world seeded {
                import wasi:random/random@0.2.0;
            }

            package wasi:random@0.2.0 {
                interface random {
                    get-random-bytes: func(len: u64) -> list<u8>;
                }
            }
        ",
        generate_all,
    });
}

/// A crate that declared an algorithm. Implemented by [`algorithm!`](crate::algorithm).
pub trait Declared {
    /// Returns it.
    fn algorithm() -> Algorithm;
}

impl<T: Declared> Guest for T {
    fn describe() -> types::Description {
        T::algorithm().describe().into()
    }

    fn run(task: types::Task) -> Result<Vec<u8>, String> {
        let mut task = Task::from(task);
        T::algorithm().run(&mut task).map_err(|error| error.sentence())
    }
}

struct Host;

impl Windows for Host {
    fn send_message(&self, receiver: u32, topic: &str, body: &[u8]) -> Result<(), NoSuchParty> {
        messaging::send_message(receiver, topic, body)
            .map_err(|messaging::SendError::NoSuchParty| NoSuchParty)
    }

    fn receive_message(
        &self,
        sender: Option<u32>,
        topic: Option<&str>,
        timeout_ms: Option<u64>,
    ) -> Result<RawMessage, ReceiveError> {
        match messaging::receive_message(sender, topic, timeout_ms) {
            Ok(message) => {
                Ok(RawMessage { sender: message.sender, topic: message.topic, body: message.body })
            }
            Err(messaging::ReceiveError::NoSuchParty) => Err(ReceiveError::NoSuchParty),
            Err(messaging::ReceiveError::TimedOut) => Err(ReceiveError::TimedOut),
            Err(messaging::ReceiveError::PeerEnded(ending)) => {
                Err(ReceiveError::PeerEnded(match ending {
                    messaging::Ending::Finished => Ending::Finished,
                    messaging::Ending::Failed => Ending::Failed,
                    messaging::Ending::Refused => Ending::Refused,
                    messaging::Ending::Lost => Ending::Lost,
                }))
            }
        }
    }

    fn get(&self, key: &str) -> Option<Vec<u8>> {
        storage::get(key)
    }

    fn set(&self, key: &str, value: &[u8]) -> Result<(), ReadOnly> {
        storage::set(key, value).map_err(|storage::WriteError::ReadOnly| ReadOnly)
    }

    fn delete(&self, key: &str) -> Result<bool, ReadOnly> {
        storage::delete(key).map_err(|storage::WriteError::ReadOnly| ReadOnly)
    }

    fn exists(&self, key: &str) -> bool {
        storage::exists(key)
    }

    fn list_keys(&self, prefix: &str, after: Option<&str>) -> Vec<String> {
        storage::list_keys(prefix, after)
    }

    fn take(&self, key: &str) -> Result<Option<Vec<u8>>, ReadOnly> {
        storage::take(key).map_err(|storage::WriteError::ReadOnly| ReadOnly)
    }

    fn random_seed(&self) -> [u8; 32] {
        let bytes = wasi::wasi::random::random::get_random_bytes(32);
        bytes.try_into().expect("the host returns as many bytes as it was asked for")
    }

    fn log(&self, line: &str) {
        // One write, since each is a call of the host. A log that cannot be written is the host's
        // concern.
        let _ = std::io::stderr().write_all(format!("{line}\n").as_bytes());
    }
}

impl From<types::Task> for Task {
    fn from(task: types::Task) -> Self {
        let parties = task.parties.into_iter().map(|party| Party {
            seat: Seat::new(party.seat),
            organization: party.organization,
            role: party.role,
        });
        Self {
            run_id: task.run_id,
            task_id: task.task_id,
            seat: Seat::new(task.seat),
            parties: parties.collect(),
            arguments: task.arguments,
            datasets: task.datasets,
            windows: Rc::new(Host),
            rng: None,
        }
    }
}

impl From<Description> for types::Description {
    fn from(description: Description) -> Self {
        let roles = description.roles.into_iter().map(|role| types::Role {
            name: role.name,
            min_parties: role.min_parties,
            max_parties: role.max_parties,
            learns: role.learns,
        });
        let datasets = description.datasets.into_iter().map(|dataset| {
            let columns = dataset.columns.into_iter().map(|column| types::Column {
                name: column.name,
                type_: column.column_type.into(),
                nullable: column.nullable,
            });
            types::Dataset {
                name: dataset.name,
                roles: dataset.roles,
                columns: columns.collect(),
                columns_by_argument: dataset.columns_by_argument,
                file: dataset.file,
            }
        });
        Self {
            name: description.name,
            version: description.version,
            summary: description.summary,
            roles: roles.collect(),
            arguments: description.arguments,
            datasets: datasets.collect(),
            security: types::Security {
                corruption: match description.security.corruption {
                    CorruptionModel::SemiHonest => types::CorruptionModel::SemiHonest,
                    CorruptionModel::Malicious => types::CorruptionModel::Malicious,
                },
                collusion: description.security.collusion,
                leaks: description.security.leaks,
            },
        }
    }
}

impl From<ColumnType> for types::ColumnType {
    fn from(column_type: ColumnType) -> Self {
        match column_type {
            ColumnType::Int64 => Self::Int64,
            ColumnType::Float64 => Self::Float64,
            ColumnType::Utf8 => Self::Utf8,
            ColumnType::Boolean => Self::Boolean,
        }
    }
}
