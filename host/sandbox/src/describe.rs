//! Asks an algorithm what it is, in an instance of its own that has no windows.

use std::time::Duration;

use anchorhold_model::description::{self, Description, DescriptionError};
use anchorhold_model::{Limits, limits};

use crate::bindings::GuestPre;
use crate::bindings::anchorhold::algorithm::types as wit;
use crate::engine::Engine;
use crate::log::LogEntry;
use crate::meter::Meter;
use crate::state::State;
use crate::stop::{Stop, classify};

/// Why an algorithm's description is not to be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DescribeError {
    #[error("describing itself it stopped: {0}")]
    Stopped(Stop),
    #[error(transparent)]
    NotAccepted(#[from] DescriptionError),
}

/// Calls `describe` in a fresh store with a fixed seed and clock.
pub(crate) async fn describe(
    engine: &Engine,
    component: &GuestPre<State>,
) -> Result<Description, DescribeError> {
    let limits = Limits {
        cpu_time: limits::DESCRIBE_TIME,
        host_call_bytes: u64::try_from(limits::DESCRIPTION_BYTES).unwrap_or(u64::MAX),
        ..Limits::default()
    };
    let _place = engine.describing().await;
    let meter = Meter::new(limits.cpu_time);
    let ignore = Box::new(|_: LogEntry| ());
    let state = State::new(limits, None, [0; 32], Duration::ZERO, (ignore, meter.clone()));
    let mut store = state.into_store(engine, meter.clone()).map_err(DescribeError::Stopped)?;
    let called = meter.metered(async {
        let guest = component.instantiate_async(&mut store).await?;
        guest.call_describe(&mut store).await
    });
    let described = called.await.map_err(|error| DescribeError::Stopped(classify(&error)))?;
    Ok(Description::new(described.into())?)
}

impl From<wit::Description> for description::Parts {
    fn from(described: wit::Description) -> Self {
        Self {
            name: described.name,
            version: described.version,
            summary: described.summary,
            roles: described.roles.into_iter().map(Into::into).collect(),
            arguments: described.arguments,
            datasets: described.datasets.into_iter().map(Into::into).collect(),
            security: described.security.into(),
        }
    }
}

impl From<wit::Role> for description::Role {
    fn from(role: wit::Role) -> Self {
        let wit::Role { name, min_parties, max_parties, learns } = role;
        Self { name, min_parties, max_parties, learns }
    }
}

impl From<wit::Dataset> for description::Dataset {
    fn from(dataset: wit::Dataset) -> Self {
        let wit::Dataset { name, roles, columns, columns_by_argument, file } = dataset;
        let columns = columns.into_iter().map(Into::into).collect();
        Self { name, roles, columns, columns_by_argument, file }
    }
}

impl From<wit::Column> for description::Column {
    fn from(column: wit::Column) -> Self {
        let column_type = match column.type_ {
            wit::ColumnType::Int64 => description::ColumnType::Int64,
            wit::ColumnType::Float64 => description::ColumnType::Float64,
            wit::ColumnType::Utf8 => description::ColumnType::Utf8,
            wit::ColumnType::Boolean => description::ColumnType::Boolean,
        };
        Self { name: column.name, column_type, nullable: column.nullable }
    }
}

impl From<wit::Security> for description::Security {
    fn from(security: wit::Security) -> Self {
        let corruption = match security.corruption {
            wit::CorruptionModel::SemiHonest => description::CorruptionModel::SemiHonest,
            wit::CorruptionModel::Malicious => description::CorruptionModel::Malicious,
        };
        Self { corruption, collusion: security.collusion, leaks: security.leaks }
    }
}
