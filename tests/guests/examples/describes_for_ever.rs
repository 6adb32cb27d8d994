//! Computes for ever when it is asked what it is.

use anchorhold_test_guests::types::{Description, Task};
use anchorhold_test_guests::{Guest, bindings, description, export};

struct Component;

impl Guest for Component {
    fn describe() -> Description {
        let mut number = 1_u64;
        while number != 0 {
            number = std::hint::black_box(number | 1);
        }
        description()
    }

    fn run(_: Task) -> Result<Vec<u8>, String> {
        Ok(Vec::new())
    }
}

export!(Component with_types_in bindings);
