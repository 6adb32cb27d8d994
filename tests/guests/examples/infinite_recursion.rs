//! Calls itself for ever.

use anchorhold_test_guests::{guest, types::Task};

#[inline(never)]
fn deeper(number: u64) -> u64 {
    if std::hint::black_box(false) {
        return number;
    }
    std::hint::black_box(deeper(std::hint::black_box(number + 1))) ^ number
}

fn run(task: Task) -> Result<Vec<u8>, String> {
    Ok(deeper(u64::from(task.seat)).to_le_bytes().to_vec())
}

guest!(run);
