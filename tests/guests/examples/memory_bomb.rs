//! Asks for more and more memory.

use anchorhold_test_guests::{guest, types::Task};

fn run(_: Task) -> Result<Vec<u8>, String> {
    let mut hoard = Vec::new();
    loop {
        // A failed allocation is tried around: the limit must not be an error that a guest sees.
        let mut block: Vec<u8> = Vec::new();
        if block.try_reserve_exact(16 << 20).is_err() {
            return Err("the guest saw the limit".into());
        }
        hoard.push(std::hint::black_box(block));
    }
}

guest!(run);
