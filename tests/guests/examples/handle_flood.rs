//! Opens standard output for ever.

#![allow(unsafe_code)]

use anchorhold_test_guests::{guest, types::Task};

#[link(wasm_import_module = "wasi:cli/stdout@0.2.0")]
unsafe extern "C" {
    #[link_name = "get-stdout"]
    fn get_stdout() -> u32;
}

fn run(_: Task) -> Result<Vec<u8>, String> {
    loop {
        // SAFETY: the import returns a number.
        std::hint::black_box(unsafe { get_stdout() });
    }
}

guest!(run);
