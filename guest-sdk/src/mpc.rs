//! Secure multi-party computation: what a protocol on paper is written with.
//!
//! - [`Domain`]s: the rings and fields in which values are shared, [`Z2_64`] and [`Z2_128`],
//!   [`Fp61`] and [`Fp127`], [`Bits64`] for 64 bits side by side, and [`Tiny`] ones in which all
//!   randomness can be enumerated. [`Matrix`] is a table of elements, [`FixedPoint`] represents
//!   numbers with a fractional part.
//! - [`replicated`]: three parties, one of which may be corrupt.
//! - [`shamir`]: n parties and a threshold.
//! - [`agree`]: before the first share leaves, all parties have the same task and good inputs, or
//!   all are told who has not.
//!
//! Vectors are the unit of work: a step on a vector is one message to each party that needs one,
//! however long the vector is.
//!
//! ```
//! use anchorhold_sdk::mpc::{Z2_64, replicated::{Replicated, Servers}};
//! use anchorhold_sdk::{Algorithm, Description, Result, Security, Task, lab::Lab};
//!
//! /// All learn the larger of the first two parties' values, times the third one's.
//! fn run(task: &mut Task, own: i64) -> Result<i64> {
//!     let servers = Servers::first(task)?;
//!     let mut three = Replicated::new(task, servers)?;
//!     let x = three.share_all(&[Z2_64::from_signed(own)])?;
//!     let larger = three.maximum(&x[0], &x[1])?;
//!     let product = three.multiply(&larger, &x[2])?;
//!     Ok(three.open(&product)?[0].to_signed())
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

mod agree;
mod domain;
mod fixed;
mod matrix;
mod prss;
pub mod replicated;
pub mod shamir;
mod wire;

pub use agree::agree;
pub use domain::{
    Bits64, Domain, Field, Fp7, Fp61, Fp127, Tiny, Z2_64, Z2_128, Z16, add_vectors, scale_vector,
    subtract_vectors,
};
pub use fixed::FixedPoint;
pub use matrix::Matrix;
