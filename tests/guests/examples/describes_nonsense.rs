//! Says of itself that nobody takes part.

use anchorhold_test_guests::types::{Description, Task};
use anchorhold_test_guests::{Guest, bindings, description, export};

struct Component;

impl Guest for Component {
    fn describe() -> Description {
        let mut description = description();
        description.roles.clear();
        description
    }

    fn run(_: Task) -> Result<Vec<u8>, String> {
        Ok(Vec::new())
    }
}

export!(Component with_types_in bindings);
