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
