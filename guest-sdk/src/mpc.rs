//! Secure multi-party computation: what a protocol on paper is written with.
//!
//! - [`Domain`]s: the rings and fields in which values are shared, [`Z2_64`] and [`Z2_128`],
//!   [`Fp61`] and [`Fp127`], [`Bits64`] and [`Bits128`] for bits side by side, and [`Tiny`] ones in which all
//!   randomness can be enumerated. [`FixedPoint`] represents numbers with a fractional part.
//! - Ways of sharing: [`replicated`] among three parties, one of which may be corrupt; [`spdz`] among
//!   two or more with a crypto provider, all but one of which may be corrupt and do what they like;
//!   [`shamir`] among n parties with a threshold. Where only sums are needed, [`pairwise`] masks, or those of
//!   [`aggregation`], whose givers may leave.
//! - [`Arithmetic`] is what the first two have in common, and [`Numbers`] what is computed with it:
//!   comparison, choice, order, division. A protocol is one function, generic over it, which all
//!   parties run.
//! - [`Setting`] says which of them a task's parties have. By [`agree`], before the first share
//!   leaves, all parties have the same task and good inputs, or
//!   all are told who has not.
//!
//! Vectors and matrices are the unit of work: a step on a vector is one message to each party that
//! needs one, however long the vector is.
//!
//! ```
//! use anchorhold_sdk::mpc::replicated::Replicated;
//! use anchorhold_sdk::mpc::spdz::Spdz;
//! use anchorhold_sdk::mpc::{Number as _, Numbers, Setting, Z2_64, agree};
//! use anchorhold_sdk::{Algorithm, Description, Result, Role, Security, Task, lab::Lab};
//!
//! /// All learn the larger of the first two parties' values, times the third one's. Who deals
//! /// randomness runs it too, without a value, and is told zeros.
//! fn larger_times<A: Numbers>(mut parties: A, own: Option<i64>) -> Result<i64> {
//!     let own = own.map(|own| [A::Element::from_integer(own.into())]);
//!     let x = parties.share_all(own.as_ref().map(|own| &own[..]), 1)?;
//!     let larger = parties.maximum(&x[0], &x[1])?;
//!     let product = parties.multiply(&larger, &x[2])?;
//!     Ok(parties.open(&product)?[0].to_integer() as i64)
//! }
//!
//! fn run(task: &mut Task, own: Option<i64>) -> Result<i64> {
//!     // Before the first share leaves, all know that nobody lacks anything.
//!     let setting = Setting::of(task, "provider");
//!     match agree(task, &(), setting, |_| ())?.0 {
//!         Setting::Provider(seat) => larger_times(Spdz::new(task, seat)?, own),
//!         Setting::Servers(servers) => larger_times(Replicated::<Z2_64>::new(task, servers)?, own),
//!     }
//! }
//!
//! fn describe() -> Description {
//!     let security = Security::semi_honest("No two of the three.", "Nothing.");
//!     Description::new("larger-times", "1.0.0", "An example.", security)
//!         .role(Role::new("party", "The product.").exactly(3))
//!         .role(Role::new("provider", "Nothing.").at_least(0).at_most(1))
//! }
//!
//! for has_provider in [false, true] {
//!     let mut lab = Lab::new(Algorithm::new(describe, run));
//!     for (seat, value) in [-7, 6, 3].into_iter().enumerate() {
//!         lab.party(&format!("clinic-{seat}"), "party").arguments_of(seat, value);
//!     }
//!     if has_provider {
//!         lab.party("dealer", "provider").arguments_of(3, None::<i64>);
//!     }
//!     let report = lab.run();
//!     assert_eq!(report.result(0), 18);
//!     // To agree, keys, shares, eleven to compare and choose, the product, and the opening.
//!     assert!(has_provider || report.traffic().rounds == 16);
//! }
//! ```
//!
//! A program that takes a step too many at one party, or another one, may work among three parties and
//! fail with a provider: so test both.

pub mod aggregation;
pub(crate) mod agree;
mod arithmetic;
mod domain;
mod fixed;
mod matrix;
mod numbers;
pub mod pairwise;
mod prss;
pub mod replicated;
mod setting;
pub mod shamir;
mod shared;
pub mod spdz;
mod wire;

pub use agree::{agree, agree_without};
pub use arithmetic::Arithmetic;
pub use domain::{
    Bits64, Bits128, Domain, Field, Fp7, Fp61, Fp127, Number, Tiny, Z2_64, Z2_128, Z16,
    add_vectors, scale_vector, subtract_vectors,
};
pub use fixed::FixedPoint;
pub use matrix::SharedMatrix;
pub use numbers::{Numbers, Threshold};
pub use setting::Setting;
pub use shared::{Scheme, Shared};
