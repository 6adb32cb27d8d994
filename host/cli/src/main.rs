//! The command `anchorhold`.

use std::io::{self, BufWriter, ErrorKind, StdoutLock, Write};
use std::process::ExitCode;

use anchorhold::{Cli, CommandError, say};
use clap::Parser as _;

fn main() -> ExitCode {
    // What the host's own parts say: why a fault was one, what a node takes on.
    let cli = Cli::parse();
    let log = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::INFO)
        .with_writer(io::stderr)
        .with_target(false);
    // Of what goes on for days one wants to know when.
    if cli.is_service() {
        log.init()
    } else {
        log.without_time().init()
    }
    let mut out = Output(BufWriter::new(io::stdout().lock()));
    let done = cli.run(&mut out);
    match done.and_then(|()| out.flush().map_err(CommandError::from)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // What is still to be said comes before the reason why there is no more.
            let _ = out.flush();
            say(&error.to_string());
            error.kind().exit_code()
        }
    }
}

/// Standard output. A reader that has seen enough and went away is no error.
struct Output(BufWriter<StdoutLock<'static>>);

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.write(bytes) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(bytes.len()),
            written => written,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.0.flush() {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            flushed => flushed,
        }
    }
}
