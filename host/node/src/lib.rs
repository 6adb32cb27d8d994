//! What an organization's node offers to an execution.
//!
//! So far the datasets, tables that the node's operator offers read-only and of which a task is
//! granted chosen columns, and the storage window, which shows them beside the run's storage.

pub mod dataset;
pub mod storage;
