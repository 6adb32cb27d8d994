//! Why an execution stops before it finishes, and how that is read off a wasmtime error.
//!
//! Host functions stop a guest by returning a [`Stop`] as their error; everything else that
//! wasmtime reports was done by the guest.

use anchorhold_model::{Ending, Fault, Limit, Trap};
use wasmtime::component::ResourceTableError;

/// Why a host function stops the guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Stop {
    #[error("limit reached: {0}")]
    Limit(Limit),
    #[error("trap: {0}")]
    Trap(Trap),
    #[error("fault of the host: {0}")]
    Fault(Fault),
}

impl From<Stop> for Ending {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Limit(limit) => Ending::LimitReached(limit),
            Stop::Trap(trap) => Ending::Trap(trap),
            Stop::Fault(fault) => Ending::Fault(fault),
        }
    }
}

/// What wasmtime says when a guest hands over more than `Store::set_hostcall_fuel` allows. The
/// error has no public type; a hostile guest in the tests shows that the text is still this.
const FUEL_EXHAUSTED: &str = "fuel allocated for hostcalls has been exhausted";
/// What wasmtime says when a guest opens more handles than `Store::set_max_component_handles`.
const HANDLES_EXHAUSTED: &str = "store handle limit exceeded";

/// What wasmtime says when a guest makes more core instances than [`ResourceLimiter::instances`];
/// from the pool such a component does not even compile.
///
/// [`ResourceLimiter::instances`]: wasmtime::ResourceLimiter::instances
const INSTANCES_EXHAUSTED: &str = "instance count too high";

/// Reads off an error why it stopped the guest.
pub(crate) fn classify(error: &wasmtime::Error) -> Stop {
    if let Some(stop) = error.downcast_ref::<Stop>() {
        return *stop;
    }
    if let Some(trap) = error.downcast_ref::<wasmtime::Trap>() {
        return classify_trap(*trap);
    }
    if let Some(error) = error.downcast_ref::<ResourceTableError>() {
        return match error {
            ResourceTableError::Full => Stop::Limit(Limit::Handles),
            _ => Stop::Trap(Trap::Contract),
        };
    }
    if error.is::<wasmtime::PoolConcurrencyLimitError>() {
        return Stop::Fault(Fault::Runtime);
    }
    let text = format!("{error:#}");
    if text.contains(FUEL_EXHAUSTED) {
        return Stop::Limit(Limit::HostCallBytes);
    }
    if text.contains(HANDLES_EXHAUSTED) {
        return Stop::Limit(Limit::Handles);
    }
    if text.contains(INSTANCES_EXHAUSTED) {
        return Stop::Limit(Limit::Instances);
    }
    Stop::Trap(Trap::Contract)
}

fn classify_trap(trap: wasmtime::Trap) -> Stop {
    use wasmtime::Trap as T;
    Stop::Trap(match trap {
        T::StackOverflow => return Stop::Limit(Limit::Stack),
        T::Interrupt | T::OutOfFuel => return Stop::Limit(Limit::CpuTime),
        T::UnreachableCodeReached => Trap::Unreachable,
        T::MemoryOutOfBounds | T::StringOutOfBounds | T::ListOutOfBounds => Trap::MemoryOutOfBounds,
        T::TableOutOfBounds | T::IndirectCallToNull | T::BadSignature => Trap::BadTableAccess,
        T::IntegerOverflow | T::IntegerDivisionByZero | T::BadConversionToInteger => {
            Trap::Arithmetic
        }
        _ => Trap::Contract,
    })
}

#[cfg(test)]
mod tests {
    use anchorhold_model::{Limits, limits};
    use wasmtime::component::{Component, Linker};
    use wasmtime::{Engine, Store};

    use super::*;
    use crate::limiter::Limiter;

    #[test]
    fn too_many_instances_without_a_pool_are_their_limit() {
        let instances = |number: u32| {
            let instances = "(core instance (instantiate $m))".repeat(number.try_into().unwrap());
            let engine = Engine::default();
            let component =
                wat::parse_str(format!("(component (core module $m) {instances})")).unwrap();
            let component = Component::new(&engine, component).unwrap();
            let mut store = Store::new(&engine, Limiter::new(&Limits::default()));
            store.limiter(|limiter| limiter);
            let made = Linker::new(&engine).instantiate(&mut store, &component);
            made.map(drop).map_err(|error| classify(&error))
        };
        assert_eq!(instances(limits::INSTANCES), Ok(()));
        let refused = Err(Stop::Limit(Limit::Instances));
        assert_eq!(instances(limits::INSTANCES + 1), refused);
    }
}
