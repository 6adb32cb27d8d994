//! Looks into storage when it is asked what it is.

use anchorhold_test_guests::types::{Description, Task};
use anchorhold_test_guests::{Guest, bindings, description, export, storage};

struct Component;

impl Guest for Component {
    fn describe() -> Description {
        let mut description = description();
        description.summary = format!("It found {:?}.", storage::get("key"));
        description
    }

    fn run(_: Task) -> Result<Vec<u8>, String> {
        Ok(Vec::new())
    }
}

export!(Component with_types_in bindings);
