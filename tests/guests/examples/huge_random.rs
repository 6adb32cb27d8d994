//! Asks for more random bytes at once than there is memory.

#![allow(unsafe_code)]

use anchorhold_test_guests::{guest, types::Task};

#[link(wasm_import_module = "wasi:random/random@0.2.0")]
unsafe extern "C" {
    #[link_name = "get-random-bytes"]
    fn get_random_bytes(length: u64, result: *mut u8);
}

fn run(_: Task) -> Result<Vec<u8>, String> {
    let mut result = [0; 8];
    // SAFETY: the import writes a pointer and a length.
    unsafe { get_random_bytes(u64::MAX, result.as_mut_ptr()) };
    Err("the host gave them".into())
}

guest!(run);
