//! How a crate becomes an algorithm.

use std::fmt;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use crate::error::Result;
use crate::{Description, Returned, Task};

type Run = dyn Fn(&mut Task) -> Result<Vec<u8>> + Send + Sync;

/// An algorithm: what it says about itself and what it does.
#[derive(Clone)]
pub struct Algorithm {
    describe: fn() -> Description,
    run: Arc<Run>,
}

impl Algorithm {
    /// Makes an algorithm of a description and of what each party does.
    ///
    /// The arguments are read from JSON text; the result is written as JSON text, or is bytes of an
    /// [`Output`](crate::Output).
    pub fn new<A, R>(
        describe: fn() -> Description,
        run: impl Fn(&mut Task, A) -> Result<R> + Send + Sync + 'static,
    ) -> Self
    where
        A: DeserializeOwned,
        R: Returned,
    {
        let run = move |task: &mut Task| {
            let arguments = task.arguments()?;
            run(task, arguments)?.into_bytes()
        };
        Self { describe, run: Arc::new(run) }
    }

    /// Says what this algorithm is.
    pub fn describe(&self) -> Description {
        (self.describe)()
    }

    /// Computes one party's part of a task and returns its result.
    ///
    /// # Errors
    /// Whatever the algorithm returns; [`Error::Arguments`](crate::Error::Arguments),
    /// [`Error::Result`](crate::Error::Result).
    pub fn run(&self, task: &mut Task) -> Result<Vec<u8>> {
        (self.run)(task)
    }
}

impl fmt::Debug for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Algorithm").field(&self.describe().name).finish()
    }
}

/// Declares what a crate's algorithm is: `algorithm!(describe, run);`
///
/// `fn describe() -> Description` and `fn run(task: &mut Task, arguments: A) -> Result<R>`, with
/// arguments that can be deserialized and a result that is [`Returned`](crate::Returned), become
/// `pub fn algorithm() -> Algorithm` for the [lab](crate::lab) and, where the crate is built for
/// WebAssembly, the exports of the component. A crate whose functions other components use must not
/// declare an algorithm: each component has these exports once.
#[macro_export]
macro_rules! algorithm {
    ($describe:path, $run:path) => {
        /// Returns this crate's algorithm.
        pub fn algorithm() -> $crate::Algorithm {
            $crate::Algorithm::new($describe, $run)
        }

        #[cfg(target_family = "wasm")]
        const _: () = {
            struct Component;
            impl $crate::component::Declared for Component {
                fn algorithm() -> $crate::Algorithm {
                    algorithm()
                }
            }
            $crate::component::bindings::export!(
                Component with_types_in $crate::component::bindings
            );
        };
    };
}
