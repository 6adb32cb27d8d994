//! Opens a connection.

use std::net::TcpStream;

use anchorhold_test_guests::{guest, types::Task};

fn run(_: Task) -> Result<Vec<u8>, String> {
    TcpStream::connect("127.0.0.1:80").map_err(|error| error.to_string())?;
    Ok(Vec::new())
}

guest!(run);
