//! Standard output.

use std::io::{self, BufWriter, Write};

use crate::{CommandError, Kind};

/// Writes to standard output. A reader that has seen enough and went away is no error.
pub(crate) fn print(
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), CommandError> {
    let mut out = BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(CommandError::new(Kind::Fault, format!("standard output: {error}")))
        }
        _ => Ok(()),
    }
}
