//! The server from the outside: its calls, and its links, byte by byte.

#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

mod algorithms;
mod collaborations;
mod configuration;
mod ends;
mod http;
mod links;
mod node;
mod organizations;
mod progress;
mod rates;
mod relay;
mod restart;
mod running;
mod runs;
mod tasks;
mod tls;
mod world;
