//! Stands in for the crate of this name, of which polytune calls one function, and only where it is
//! given a folder to keep intermediate data in.
//!
//! A component has no files, and a host refuses one that could open any.

use std::fs::File;
use std::io;
use std::path::Path;

/// Opens no file.
///
/// # Errors
/// Always.
pub fn tempfile_in(_: impl AsRef<Path>) -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}
