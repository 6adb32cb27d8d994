//! Bounds memory and tables, summed over all that an execution has.

use anchorhold_model::{Limit, Limits, limits};
use wasmtime::ResourceLimiter;

use crate::stop::Stop;

/// What an execution may still grow by.
#[derive(Debug)]
pub(crate) struct Limiter {
    memory_left: u64,
    memory_used: u64,
    elements_left: u64,
}

impl Limiter {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            memory_left: limits.memory_bytes,
            memory_used: 0,
            elements_left: limits.table_elements,
        }
    }

    /// Returns the linear memory in use, in bytes; memory never shrinks.
    pub(crate) fn memory_used(&self) -> u64 {
        self.memory_used
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false); // Past the component's own maximum, which it knows.
        }
        let growth = take(&mut self.memory_left, current, desired, Limit::Memory)?;
        self.memory_used = self.memory_used.saturating_add(growth);
        Ok(true)
    }

    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        // The operating system has no memory left: the guest shall not see it and try around.
        Err(Stop::Limit(Limit::Memory).into())
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        take(&mut self.elements_left, current, desired, Limit::Tables)?;
        Ok(true)
    }

    fn table_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        Err(Stop::Limit(Limit::Tables).into())
    }

    fn instances(&self) -> usize {
        usize::try_from(limits::INSTANCES).unwrap_or(usize::MAX)
    }

    fn tables(&self) -> usize {
        usize::try_from(limits::TABLES).unwrap_or(usize::MAX)
    }

    fn memories(&self) -> usize {
        usize::try_from(limits::MEMORIES).unwrap_or(usize::MAX)
    }
}

/// Takes the growth from what is left and returns it.
fn take(left: &mut u64, current: usize, desired: usize, limit: Limit) -> Result<u64, Stop> {
    let growth = u64::try_from(desired.saturating_sub(current)).unwrap_or(u64::MAX);
    *left = left.checked_sub(growth).ok_or(Stop::Limit(limit))?;
    Ok(growth)
}
