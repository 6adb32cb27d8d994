//! `anchorhold algorithm list`: which components a server has.

use std::io::Write;

use anchorhold_client::Client;
use anchorhold_model::printable;

use crate::CommandError;
use crate::remote::ListOptions;

/// Lists the algorithms that a server has
///
/// The names are what those said who brought them: only the digest says what an algorithm is.
#[derive(Debug, clap::Args)]
pub(crate) struct List {
    #[command(flatten)]
    list: ListOptions,
}

impl List {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        self.list.run(out, Client::algorithms, |out, algorithm, _| {
            let name = printable(&algorithm.name);
            writeln!(out, "{}  {name}, {} bytes", algorithm.digest, algorithm.bytes)
        })
    }
}
