//! A component made ready to run.

use std::fmt;
use std::sync::Arc;

use anchorhold_model::inspection::{Inspection, Refusal};
use anchorhold_model::{Description, Digest, limits};
use wasmtime::component::Component;

use crate::bindings::GuestPre;
use crate::compile::compile;
use crate::describe::{DescribeError, describe};
use crate::engine::Engine;
use crate::state::State;

/// A component that was inspected, compiled and linked, and that has said what it is.
pub struct Algorithm {
    engine: Engine,
    component: GuestPre<State>,
    inspection: Inspection,
    description: Description,
}

/// Why a component cannot be run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PrepareError {
    /// Inspection refused it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It does not compile.
    #[error("the component does not compile: {0}")]
    Compile(String),
    /// It does not compile in time.
    #[error("the component did not compile within {} s", limits::COMPILE_TIME.as_secs())]
    CompileTime,
    /// Others are being compiled, and none was done in time.
    #[error("the compiler was busy for {} s", limits::COMPILE_TIME.as_secs())]
    Busy,
    /// It needs more memories or tables at once than an execution has.
    #[error("the component has {actual} {what}; at most {expected} are allowed")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many are allowed.
        expected: u32,
        /// How many it has.
        actual: u32,
    },
    /// Its imports or exports have other types than the contract says.
    #[error("the component does not fit the contract: {0}")]
    Contract(String),
    /// It does not describe itself.
    #[error("the component does not describe itself: {0}")]
    Describe(String),
    /// The host failed.
    #[error("the WebAssembly runtime failed")]
    Runtime,
}

impl Algorithm {
    /// Inspects, compiles and links a component and asks it what it is.
    pub(crate) async fn prepare(
        engine: &Engine,
        digest: Digest,
        bytes: Vec<u8>,
    ) -> Result<Arc<Self>, PrepareError> {
        let (inspection, compiled) = compile(engine, digest, bytes).await?;
        check_resources(&compiled)?;
        let linked = engine.linker().instantiate_pre(&compiled).and_then(GuestPre::new);
        let component = linked.map_err(|error| PrepareError::Contract(format!("{error:#}")))?;
        let described = describe(engine, &component).await;
        let description =
            described.map_err(|error: DescribeError| PrepareError::Describe(error.to_string()))?;
        Ok(Arc::new(Self { engine: engine.clone(), component, inspection, description }))
    }

    /// Returns what the component imports and exports, and its digest.
    pub fn inspection(&self) -> &Inspection {
        &self.inspection
    }

    /// Returns what the algorithm says of itself.
    pub fn description(&self) -> &Description {
        &self.description
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(crate) fn component(&self) -> &GuestPre<State> {
        &self.component
    }
}

impl fmt::Debug for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Algorithm({}@{})", self.description.name(), self.description.version())
    }
}

/// Checks what an instance needs at once. The pool would refuse it too, in words of its own.
fn check_resources(component: &Component) -> Result<(), PrepareError> {
    let Some(needed) = component.resources_required() else {
        return Err(PrepareError::Contract("it imports a core module".into()));
    };
    for (what, actual, expected) in [
        ("memories", needed.num_memories, limits::MEMORIES),
        ("tables", needed.num_tables, limits::TABLES),
    ] {
        if actual > expected {
            return Err(PrepareError::TooMany { what, expected, actual });
        }
    }
    Ok(())
}
