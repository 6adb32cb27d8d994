//! The algorithm in the lab, against a plaintext oracle.

mod arguments;
mod faults;
mod lung;
mod messages;
mod oracle;
mod random;
mod runs;
