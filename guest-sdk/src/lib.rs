//! What an author of Anchorhold algorithms uses.
//!
//! An algorithm is two functions: one says what it is, the other computes one party's part. The
//! same source becomes the component (`cargo build --release --target wasm32-wasip2`, of a crate
//! whose type is `cdylib`) and runs in the [`lab`] under `cargo test`. Here is one whole: the
//! parties learn the sum of a column over all of them, and no party's own sum.
//!
//! ```
//! use anchorhold_sdk::{Dataset, Description, Domain, Error, Result, Role, Seat, Security, Task};
//! use anchorhold_sdk::{Z2_64, algorithm};
//!
//! algorithm!(describe, run);
//!
//! #[derive(serde::Deserialize, schemars::JsonSchema)]
//! struct Arguments {
//!     column: String,
//! }
//!
//! fn describe() -> Description {
//!     let security = Security::semi_honest("Any but two neighbours of a party.", "Nothing.");
//!     Description::new("ring-sum", "1.0.0", "Adds a column over all parties.", security)
//!         .role(Role::new("party", "The sum.").at_least(3))
//!         .arguments::<Arguments>()
//!         .dataset(Dataset::new("patients").columns_by_argument())
//! }
//!
//! fn run(task: &mut Task, arguments: Arguments) -> Result<i64> {
//!     let column = task.table("patients")?.int64(&arguments.column)?;
//!     let own = Z2_64::from_signed(column.iter().flatten().sum());
//!     if task.seat() != Seat::FIRST {
//!         let masked: Z2_64 = task.receive(task.previous(), "masked")?;
//!         task.send(task.next(), "masked", &(masked + own))?;
//!         return Ok(task.receive::<Z2_64>(Seat::FIRST, "total")?.to_signed());
//!     }
//!     let mask = Z2_64::random(task.rng());
//!     task.storage().set("mask", &mask)?;
//!     task.send(task.next(), "masked", &(mask + own))?;
//!     let masked: Z2_64 = task.receive(task.previous(), "masked")?;
//!     let mask: Option<Z2_64> = task.storage().take("mask")?;
//!     let total = masked - mask.ok_or_else(|| Error::new("the mask is gone"))?;
//!     task.broadcast("total", &total)?;
//!     Ok(total.to_signed())
//! }
//!
//! # fn main() {
//! use anchorhold_sdk::lab::{Lab, Rows};
//!
//! let mut lab = Lab::new(algorithm());
//! lab.parties(3).arguments(serde_json::json!({ "column": "age" }));
//! for (seat, ages) in [[61, 70], [54, 48], [80, 33]].into_iter().enumerate() {
//!     lab.dataset(seat, "patients", &Rows::new().int64("age", ages));
//! }
//! assert_eq!(lab.run().common_result(), 346);
//! # }
//! ```
//!
//! What an algorithm needs is in [`Task`]: messages ([`messaging`]), [`storage`], datasets
//! ([`Table`]), random numbers ([`Task::rng`]), random orders ([`shuffle()`]) and a log ([`Task::info`]). Numbers that can be
//! hidden are in [`Z2_64`] and [`Decimal`]; [`masked_ring`] is the algorithm above as a building
//! block, for vectors; [`newton`] fits models to the rows of all parties. Rows that one task has matched, a later
//! one reads from [`linked_rows`].

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

mod argument;
#[cfg(target_family = "wasm")]
#[doc(hidden)]
pub mod component;
mod decimal;
mod declaration;
mod description;
mod encoding;
mod error;
mod file;
mod fingerprint;
#[cfg(not(target_family = "wasm"))]
pub mod lab;
pub mod linked_rows;
mod log;
pub mod masked_ring;
pub mod messaging;
pub mod mpc;
pub mod newton;
mod output;
pub mod privacy;
mod shuffle;
pub mod storage;
mod table;
mod task;
mod windows;

pub use argument::check_range;
pub use chacha20::ChaCha20Rng;
pub use decimal::{Decimal, DecimalError, MAX_DECIMALS, decimal_text};
pub use declaration::Algorithm;
pub use description::{Column, ColumnType, CorruptionModel, Dataset, Description, Role, Security};
pub use error::{DecodeError, Error, Result};
pub use fingerprint::Fingerprint;
pub use messaging::{Ending, Inbox, Message};
pub use mpc::{Domain, Z2_64};
pub use output::{Output, Returned};
pub use shuffle::{exchanges, shuffle};
pub use storage::Storage;
pub use table::{Batch, Batches, ColumnArray, Number, Numbers, Table, TableError, Values};
pub use task::{Party, Seat, Task};
pub use {arrow_array, rand_core};
