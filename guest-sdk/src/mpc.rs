//! Secure multi-party computation: what a protocol on paper is written with.
//!
//! - [`Domain`]s: the rings and fields in which values are shared, [`Z2_64`] and [`Z2_128`],
//!   [`Fp61`] and [`Fp127`], [`Bits64`] for 64 bits side by side, and [`Tiny`] ones in which all
//!   randomness can be enumerated. [`FixedPoint`] represents numbers with a fractional part.
//! - Ways of sharing: [`replicated`] among three parties, one of which may be corrupt; [`spdz`] among
//!   two or more with a crypto provider, all but one of which may be corrupt and do what they like;
//!   [`shamir`] among n parties with a threshold.
//! - [`Arithmetic`] is what the first two have in common, and [`Numbers`] what is computed with it:
//!   comparison, choice, order, division. A protocol is one function, generic over it, which all
//!   parties run.
//! - [`Setting`] says which of them a task's parties have; [`agree`]: before the first share leaves, all parties have the same task and good inputs, or
//!   all are told who has not.
//!
//! Vectors and matrices are the unit of work: a step on a vector is one message to each party that
//! needs one, however long the vector is.
//!
//! ```
//! use anchorhold_sdk::mpc::replicated::{Replicated, Servers};
//! use anchorhold_sdk::mpc::{Arithmetic as _, Number as _, Numbers};
//! use anchorhold_sdk::{Algorithm, Description, Result, Security, Task, lab::Lab};
//!
//! /// All learn the larger of the first two parties' values, times the third one's.
//! fn larger_times<A: Numbers>(mut parties: A, own: i64) -> Result<i64> {
//!     let x = parties.share_all(Some(&[A::Element::from_integer(own.into())]), 1)?;
//!     let larger = parties.maximum(&x[0], &x[1])?;
//!     let product = parties.multiply(&larger, &x[2])?;
//!     Ok(parties.open(&product)?[0].to_integer() as i64)
//! }
//!
//! fn run(task: &mut Task, own: i64) -> Result<i64> {
//!     let servers = Servers::first(task)?;
//!     larger_times(Replicated::new(task, servers)?, own)
//! }
//!
//! fn describe() -> Description {
//!     let security = Security::semi_honest("No two of the three.", "Nothing.");
//!     Description::new("larger-times", "1.0.0", "An example.", security)
//! }
//!
//! let mut lab = Lab::new(Algorithm::new(describe, run));
//! lab.parties(3).arguments_of(0, -7).arguments_of(1, 6).arguments_of(2, 3);
//! let report = lab.run();
//! assert_eq!(report.common_result(), 18);
//! // Keys, shares, eleven to compare and choose, the product, and the opening.
//! assert_eq!(report.traffic().rounds, 15);
//! ```
//!
//! Two or more with a provider run the same, as `larger_times(Spdz::new(task, provider)?, own)`, where
//! the provider gives `None` for its values.

mod agree;
mod arithmetic;
mod domain;
mod fixed;
mod matrix;
mod numbers;
mod prss;
pub mod replicated;
mod setting;
pub mod shamir;
mod shared;
pub mod spdz;
mod wire;

pub use agree::agree;
pub use arithmetic::Arithmetic;
pub use domain::{
    Bits64, Domain, Field, Fp7, Fp61, Fp127, Number, Tiny, Z2_64, Z2_128, Z16, add_vectors,
    scale_vector, subtract_vectors,
};
pub use fixed::FixedPoint;
pub use matrix::SharedMatrix;
pub use numbers::{Numbers, Threshold};
pub use setting::Setting;
pub use shared::{Scheme, Shared};
