//! What the host keeps of one execution while it runs.

use std::time::Duration;

use anchorhold_model::{Fault, Limits, Task, Trap};
use wasmtime::component::{HasSelf, Linker, ResourceTable};
use wasmtime::{Store, UpdateDeadline};

use crate::bindings::anchorhold::algorithm::{messaging, storage, types};
use crate::bindings::wasi::cli::{
    environment, exit, stderr, stdin, stdout, terminal_input, terminal_output, terminal_stderr,
    terminal_stdin, terminal_stdout,
};
use crate::bindings::wasi::clocks::{monotonic_clock, wall_clock};
use crate::bindings::wasi::random::{insecure, insecure_seed, random};
use crate::clock::Clock;
use crate::engine::Engine;
use crate::limiter::Limiter;
use crate::log::{Journal, Log};
use crate::messaging::{Courier, Traffic};
use crate::meter::Meter;
use crate::random::Random;
use crate::stop::Stop;
use crate::storage::{Operations, Storage};

/// The windows of an execution, and its task.
pub(crate) struct Windows {
    pub(crate) task: Task,
    pub(crate) courier: Box<dyn Courier>,
    pub(crate) storage: Box<dyn Storage>,
    pub(crate) traffic: Traffic,
    pub(crate) operations: Operations,
}

/// What the host keeps of one execution.
pub(crate) struct State {
    pub(crate) table: ResourceTable,
    pub(crate) clock: Clock,
    pub(crate) random: Random,
    pub(crate) journal: Journal,
    pub(crate) limits: Limits,
    pub(crate) meter: Meter,
    limiter: Limiter,
    /// None while an algorithm describes itself: then there is nothing outside.
    windows: Option<Windows>,
}

impl State {
    pub(crate) fn new(
        limits: Limits,
        windows: Option<Windows>,
        key: [u8; 32],
        created: Duration,
        (log, meter): (Log, Meter),
    ) -> Self {
        let mut table = ResourceTable::new();
        table.set_max_capacity(usize::try_from(limits.handles).unwrap_or(usize::MAX));
        Self {
            table,
            clock: Clock::new(created),
            random: Random::new(key, limits.random_bytes),
            journal: Journal::new(log, &limits, meter.clone()),
            meter,
            limiter: Limiter::new(&limits),
            windows,
            limits,
        }
    }

    /// Returns the windows, or stops an algorithm that looks for them while it describes itself.
    pub(crate) fn windows(&mut self) -> Result<&mut Windows, Stop> {
        self.windows.as_mut().ok_or(Stop::Trap(Trap::CallInDescribe))
    }

    /// Returns the linear memory in use, in bytes.
    pub(crate) fn memory_used(&self) -> u64 {
        self.limiter.memory_used()
    }

    /// Puts the state into a store that holds its limits.
    pub(crate) fn into_store(self, engine: &Engine, meter: Meter) -> Result<Store<Self>, Stop> {
        let host_call_bytes = usize::try_from(self.limits.host_call_bytes).unwrap_or(usize::MAX);
        let handles = usize::try_from(self.limits.handles).unwrap_or(usize::MAX);
        let mut store =
            Store::try_new(engine.wasmtime(), self).map_err(|_| Stop::Fault(Fault::Runtime))?;
        store.limiter(|state| &mut state.limiter);
        store.set_hostcall_fuel(host_call_bytes);
        store.set_max_component_handles(handles);
        // At every tick of the engine an endless loop yields to its neighbours on the thread.
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(move |_| {
            meter.check()?;
            Ok(UpdateDeadline::Yield(1))
        });
        store.call_hook(|mut context, hook| {
            if let wasmtime::CallHook::CallingHost = hook {
                context.data_mut().clock.tick();
            }
            Ok(())
        });
        Ok(store)
    }
}

/// Makes the linker: all that a component can reach, each interface by its name.
pub(crate) fn linker(engine: &wasmtime::Engine) -> wasmtime::Result<Linker<State>> {
    fn same(state: &mut State) -> &mut State {
        state
    }
    type Own = HasSelf<State>;
    let mut linker = Linker::new(engine);
    let to = &mut linker;
    types::add_to_linker::<_, Own>(to, same)?;
    messaging::add_to_linker::<_, Own>(to, same)?;
    storage::add_to_linker::<_, Own>(to, same)?;
    environment::add_to_linker::<_, Own>(to, same)?;
    exit::add_to_linker::<_, Own>(to, same)?;
    stdin::add_to_linker::<_, Own>(to, same)?;
    stdout::add_to_linker::<_, Own>(to, same)?;
    stderr::add_to_linker::<_, Own>(to, same)?;
    terminal_input::add_to_linker::<_, Own>(to, same)?;
    terminal_output::add_to_linker::<_, Own>(to, same)?;
    terminal_stdin::add_to_linker::<_, Own>(to, same)?;
    terminal_stdout::add_to_linker::<_, Own>(to, same)?;
    terminal_stderr::add_to_linker::<_, Own>(to, same)?;
    monotonic_clock::add_to_linker::<_, Own>(to, same)?;
    wall_clock::add_to_linker::<_, Own>(to, same)?;
    random::add_to_linker::<_, Own>(to, same)?;
    insecure::add_to_linker::<_, Own>(to, same)?;
    insecure_seed::add_to_linker::<_, Own>(to, same)?;
    // wasi:io/error, poll and streams.
    wasmtime_wasi_io::add_to_linker_async(to)?;
    Ok(linker)
}

impl types::Host for State {}

impl wasmtime_wasi_io::IoView for State {
    fn table(&mut self) -> &mut ResourceTable {
        &mut self.table
    }
}
