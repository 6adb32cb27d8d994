//! The engine: one per process. It compiles components, keeps them, and sets aside the address
//! space in which they run.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anchorhold_model::{Digest, inspection, limits};
use tokio::sync::{OnceCell, Semaphore, SemaphorePermit};
use wasmtime::component::Linker;
use wasmtime::{
    Config, Enabled, InstanceAllocationStrategy, PoolingAllocationConfig, WasmFeatures,
};

use crate::algorithm::{Algorithm, PrepareError};
use crate::cache::Cache;
use crate::state::{State, linker};

/// How often a computing guest is looked at: often enough for its neighbours, rarely enough to
/// cost nothing.
const TICK: Duration = Duration::from_millis(10);
/// The stack of an execution's host functions and guest together; a guest has
/// [`limits::STACK_BYTES`] of it.
const FIBER_STACK_BYTES: usize = 2 * limits::STACK_BYTES;
/// How many components are compiled at once: each takes a core for about a second.
const COMPILATIONS: usize = 2;
/// How many prepared algorithms are kept beside those in use.
const KEPT_ALGORITHMS: usize = 64;

/// How an engine is set up.
#[derive(Debug)]
pub struct EngineConfig {
    /// How many executions are in memory at once; more wait for their turn. A thousand of them
    /// waiting for messages take some 50 MiB, and the kernel's default number of mappings
    /// suffices for about seven thousand.
    pub executions: u32,
    /// Where compiled components are kept between starts, if anywhere.
    pub cache: Option<Cache>,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self { executions: 1_000, cache: None }
    }
}

/// Where the memory of executions comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allocation {
    /// From a pool set aside at the start: fast to start, and without bounds checks.
    Pooled,
    /// From the operating system, one by one: the address space had no room for the pool.
    OnDemand,
}

/// Why there is no engine.
#[derive(Debug, thiserror::Error)]
#[error("the WebAssembly runtime cannot be set up")]
pub struct EngineError(#[from] wasmtime::Error);

type Prepared = Arc<OnceCell<Arc<Algorithm>>>;

/// Compiles and runs components. Clones share it.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    engine: wasmtime::Engine,
    linker: Linker<State>,
    allocation: Allocation,
    executions: Semaphore,
    compilations: Arc<Semaphore>,
    descriptions: Semaphore,
    cache: Option<Cache>,
    algorithms: Mutex<HashMap<Digest, Prepared>>,
}

impl Engine {
    /// Sets up an engine and starts the thread that ticks for it, which ends with the engine.
    ///
    /// # Errors
    ///
    /// Where this processor or operating system is not one that the runtime knows.
    pub fn new(config: EngineConfig) -> Result<Self, EngineError> {
        // Setting up the pool is the probe: it maps the address space of all its memories.
        let (engine, allocation) = match wasmtime::Engine::new(&pooled(config.executions)) {
            Ok(engine) => (engine, Allocation::Pooled),
            Err(error) => {
                tracing::warn!(%error, "no room for the pool of memories; allocating on demand");
                (wasmtime::Engine::new(&on_demand())?, Allocation::OnDemand)
            }
        };
        tick(&engine)?;
        Ok(Self(Arc::new(Inner {
            linker: linker(&engine)?,
            engine,
            allocation,
            executions: Semaphore::new(usize::try_from(config.executions).unwrap_or(usize::MAX)),
            compilations: Arc::new(Semaphore::new(COMPILATIONS)),
            descriptions: Semaphore::new(DESCRIPTIONS as usize),
            cache: config.cache,
            algorithms: Mutex::new(HashMap::new()),
        })))
    }

    /// Returns where the memory of executions comes from.
    pub fn allocation(&self) -> Allocation {
        self.0.allocation
    }

    /// Inspects, compiles and links a component and asks it what it is, or returns the algorithm
    /// kept from an earlier time: there is one per digest.
    ///
    /// # Errors
    ///
    /// Where the component is refused, does not compile in time or does not describe itself.
    pub async fn prepare(&self, component: Vec<u8>) -> Result<Arc<Algorithm>, PrepareError> {
        let digest = Digest::of(&component);
        let prepared = self.slot(digest);
        let algorithm =
            prepared.get_or_try_init(|| Algorithm::prepare(self, digest, component)).await?;
        Ok(algorithm.clone())
    }

    /// Returns the place of an algorithm, and forgets some that are not in use where too many are
    /// kept.
    fn slot(&self, digest: Digest) -> Prepared {
        let mut algorithms = self.0.algorithms.lock().unwrap_or_else(PoisonError::into_inner);
        if algorithms.len() > KEPT_ALGORITHMS {
            let in_use = |kept: &Prepared| {
                Arc::strong_count(kept) > 1
                    || kept.get().is_some_and(|algorithm| Arc::strong_count(algorithm) > 1)
            };
            algorithms.retain(|_, kept| in_use(kept));
        }
        algorithms.entry(digest).or_default().clone()
    }

    pub(crate) fn wasmtime(&self) -> &wasmtime::Engine {
        &self.0.engine
    }

    pub(crate) fn linker(&self) -> &Linker<State> {
        &self.0.linker
    }

    pub(crate) fn executions(&self) -> &Semaphore {
        &self.0.executions
    }

    /// Waits for a place in the pool in which an algorithm describes itself.
    pub(crate) async fn describing(&self) -> Option<SemaphorePermit<'_>> {
        // It is never closed.
        self.0.descriptions.acquire().await.ok()
    }

    pub(crate) fn compilations(&self) -> Arc<Semaphore> {
        self.0.compilations.clone()
    }

    pub(crate) fn cache(&self) -> Option<&Cache> {
        self.0.cache.as_ref()
    }
}

/// The rules under which every component runs, wherever its memory comes from.
fn rules() -> Config {
    let mut config = Config::new();
    // What a component may use is what inspection lets pass, and nothing by default.
    config.wasm_features(WasmFeatures::all().difference(inspection::features()), false);
    config.wasm_features(inspection::features(), true);
    config
        // Asynchronous component functions had a native stack overflow; the contract has none.
        .concurrency_support(false)
        .relaxed_simd_deterministic(true)
        .cranelift_nan_canonicalization(true)
        .epoch_interruption(true)
        .max_wasm_stack(limits::STACK_BYTES)
        .async_stack_size(FIBER_STACK_BYTES)
        .wasm_backtrace_max_frames(None)
        .generate_address_map(false)
        .native_unwind_info(false)
        .shared_memory(false);
    config
}

fn pooled(executions: u32) -> Config {
    // Algorithms describe themselves beside the executions, however many of those wait.
    let executions = executions.saturating_add(DESCRIPTIONS);
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(executions)
        .total_core_instances(executions.saturating_mul(limits::INSTANCES))
        .total_memories(executions.saturating_mul(limits::MEMORIES))
        .total_tables(executions.saturating_mul(limits::TABLES))
        .total_stacks(executions)
        .max_core_instances_per_component(limits::INSTANCES)
        .max_memories_per_component(limits::MEMORIES)
        .max_memories_per_module(limits::MEMORIES)
        .max_tables_per_component(limits::TABLES)
        .max_tables_per_module(limits::TABLES)
        .total_gc_heaps(0)
        .table_elements(TABLE_ELEMENTS);
    if PoolingAllocationConfig::is_pagemap_scan_available() {
        // Only the pages that an execution wrote are cleared at its end: half the time of giving
        // them all back to the operating system.
        pool.pagemap_scan(Enabled::Yes)
            .linear_memory_keep_resident(KEPT_BYTES)
            .table_keep_resident(KEPT_BYTES);
    }
    let mut config = rules();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    config
}

/// How many algorithms describe themselves at once.
const DESCRIPTIONS: u32 = 2;

/// The elements that the pool sets aside for one table: what [`limits::Limits`] allows in all.
const TABLE_ELEMENTS: usize = 100_000;

/// The bytes of a memory that stay with its place in the pool, cleared, for the next execution.
const KEPT_BYTES: usize = 256 << 10;

fn on_demand() -> Config {
    let mut config = rules();
    // Small reservations, so that a narrow address space holds many: accesses are then checked.
    config
        .allocation_strategy(InstanceAllocationStrategy::OnDemand)
        .memory_reservation(0)
        .memory_reservation_for_growth(1 << 20)
        .memory_guard_size(1 << 16);
    config
}

/// Starts the thread that moves the engine's epoch on as long as the engine is there.
fn tick(engine: &wasmtime::Engine) -> Result<(), wasmtime::Error> {
    let engine = engine.weak();
    let ticking = move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            std::thread::sleep(TICK);
        }
    };
    std::thread::Builder::new()
        .name("epoch".into())
        .spawn(ticking)
        .map_err(wasmtime::Error::new)?;
    Ok(())
}
