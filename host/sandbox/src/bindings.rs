//! The Rust side of the contract in `wit/`, generated.

#![allow(missing_docs, unsafe_code, clippy::unwrap_used)]

wasmtime::component::bindgen!({
    path: ["../../wit", "wit"],
    world: "anchorhold:sandbox/guest",
    imports: { default: async | trappable },
    exports: { default: async },
    with: {
        "wasi:io": wasmtime_wasi_io::bindings::wasi::io,
        "wasi:cli/terminal-input.terminal-input": crate::wasi::NoTerminal,
        "wasi:cli/terminal-output.terminal-output": crate::wasi::NoTerminal,
    },
});
