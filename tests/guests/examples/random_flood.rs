//! Draws random bytes for ever.

#![allow(unsafe_code)]

use anchorhold_test_guests::{guest, types::Task};

#[link(wasm_import_module = "wasi:random/random@0.2.0")]
unsafe extern "C" {
    #[link_name = "get-random-u64"]
    fn get_random_u64() -> u64;
}

fn run(_: Task) -> Result<Vec<u8>, String> {
    loop {
        // SAFETY: the import takes and returns a number.
        std::hint::black_box(unsafe { get_random_u64() });
    }
}

guest!(run);
