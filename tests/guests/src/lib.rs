//! What the components in `examples/` share: the bindings of the contract, without the SDK, since
//! most of them do what the SDK would not let them do.

#![cfg(target_family = "wasm")]

/// The contract's bindings.
#[allow(missing_docs, unsafe_code, clippy::all)]
pub mod bindings {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "algorithm",
        pub_export_macro: true,
        default_bindings_module: "anchorhold_test_guests::bindings",
    });
}

pub use bindings::anchorhold::algorithm::{messaging, storage, types};
pub use bindings::{Guest, export};

/// What every guest here says of itself.
pub fn description() -> types::Description {
    types::Description {
        name: "guest".into(),
        version: "0.1.0".into(),
        summary: "A guest of the tests.".into(),
        roles: vec![types::Role {
            name: "party".into(),
            min_parties: 1,
            max_parties: None,
            learns: "nothing".into(),
        }],
        arguments: "{}".into(),
        datasets: Vec::new(),
        security: types::Security {
            corruption: types::CorruptionModel::SemiHonest,
            collusion: "none".into(),
            leaks: "nothing".into(),
        },
    }
}

/// Makes a component of a function `fn(Task) -> Result<Vec<u8>, String>`.
#[macro_export]
macro_rules! guest {
    ($run:path) => {
        struct Component;

        impl $crate::Guest for Component {
            fn describe() -> $crate::types::Description {
                $crate::description()
            }

            fn run(task: $crate::types::Task) -> Result<Vec<u8>, String> {
                $run(task)
            }
        }

        $crate::export!(Component with_types_in $crate::bindings);
    };
}
