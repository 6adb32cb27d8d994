//! What WASI's command line interfaces say to a component: nothing.

use anchorhold_model::Trap;
use wasmtime::component::Resource;
use wasmtime_wasi_io::async_trait;
use wasmtime_wasi_io::bytes::Bytes;
use wasmtime_wasi_io::poll::Pollable;
use wasmtime_wasi_io::streams::{
    DynInputStream, DynOutputStream, InputStream, StreamError, StreamResult,
};

use crate::bindings::wasi::cli::{
    environment, exit, stderr, stdin, stdout, terminal_input, terminal_output, terminal_stderr,
    terminal_stdin, terminal_stdout,
};
use crate::state::State;
use crate::stop::Stop;

/// A terminal that nobody ever gets.
pub enum NoTerminal {}

/// Standard input: at its end.
struct Empty;

#[async_trait]
impl InputStream for Empty {
    fn read(&mut self, _size: usize) -> StreamResult<Bytes> {
        Err(StreamError::Closed)
    }
}

#[async_trait]
impl Pollable for Empty {
    async fn ready(&mut self) {}
}

impl environment::Host for State {
    async fn get_environment(&mut self) -> wasmtime::Result<Vec<(String, String)>> {
        Ok(Vec::new())
    }

    async fn get_arguments(&mut self) -> wasmtime::Result<Vec<String>> {
        Ok(Vec::new())
    }

    async fn initial_cwd(&mut self) -> wasmtime::Result<Option<String>> {
        Ok(None)
    }
}

impl exit::Host for State {
    async fn exit(&mut self, _status: Result<(), ()>) -> wasmtime::Result<()> {
        Err(Stop::Trap(Trap::Exit).into())
    }

    async fn exit_with_code(&mut self, _status: u8) -> wasmtime::Result<()> {
        Err(Stop::Trap(Trap::Exit).into())
    }
}

impl stdin::Host for State {
    async fn get_stdin(&mut self) -> wasmtime::Result<Resource<DynInputStream>> {
        let stream: DynInputStream = Box::new(Empty);
        Ok(self.table.push(stream)?)
    }
}

impl stdout::Host for State {
    async fn get_stdout(&mut self) -> wasmtime::Result<Resource<DynOutputStream>> {
        let stream: DynOutputStream = Box::new(self.journal.stdout());
        Ok(self.table.push(stream)?)
    }
}

impl stderr::Host for State {
    async fn get_stderr(&mut self) -> wasmtime::Result<Resource<DynOutputStream>> {
        let stream: DynOutputStream = Box::new(self.journal.stderr());
        Ok(self.table.push(stream)?)
    }
}

impl terminal_input::Host for State {}

impl terminal_input::HostTerminalInput for State {
    async fn drop(&mut self, _terminal: Resource<NoTerminal>) -> wasmtime::Result<()> {
        Err(Stop::Trap(Trap::Contract).into())
    }
}

impl terminal_output::Host for State {}

impl terminal_output::HostTerminalOutput for State {
    async fn drop(&mut self, _terminal: Resource<NoTerminal>) -> wasmtime::Result<()> {
        Err(Stop::Trap(Trap::Contract).into())
    }
}

impl terminal_stdin::Host for State {
    async fn get_terminal_stdin(&mut self) -> wasmtime::Result<Option<Resource<NoTerminal>>> {
        Ok(None)
    }
}

impl terminal_stdout::Host for State {
    async fn get_terminal_stdout(&mut self) -> wasmtime::Result<Option<Resource<NoTerminal>>> {
        Ok(None)
    }
}

impl terminal_stderr::Host for State {
    async fn get_terminal_stderr(&mut self) -> wasmtime::Result<Option<Resource<NoTerminal>>> {
        Ok(None)
    }
}
