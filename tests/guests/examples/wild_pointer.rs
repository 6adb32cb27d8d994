//! Gives the host a list that lies outside its memory.

#![allow(unsafe_code)]

use anchorhold_test_guests::{guest, types::Task};

#[link(wasm_import_module = "anchorhold:algorithm/storage@0.1.0")]
unsafe extern "C" {
    #[link_name = "set"]
    fn set(key: usize, key_length: usize, value: usize, value_length: usize, result: *mut u8);
}

fn run(_: Task) -> Result<Vec<u8>, String> {
    let mut result = [0; 16];
    // SAFETY: none is claimed; the host must not trust a pointer.
    unsafe { set(0, 1, 0xffff_0000, 1 << 15, result.as_mut_ptr()) };
    Err("the host read it".into())
}

guest!(run);
