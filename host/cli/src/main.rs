//! The command `anchorhold`.

use std::process::ExitCode;

use anchorhold::Cli;
use clap::Parser as _;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            error.kind().exit_code()
        }
    }
}
