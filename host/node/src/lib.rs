//! What an organization's node offers to an execution.
//!
//! So far the datasets: tables that the node's operator offers, read-only, and of which a task is
//! granted chosen columns.

pub mod dataset;
