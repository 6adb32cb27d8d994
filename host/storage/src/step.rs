//! Names the points between which a test lets a crash happen. Outside tests it does nothing.

/// Where a crash can be simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// One row was inserted or removed.
    Row,
    /// All rows so far are synced.
    Synced,
    /// A new run has a commit record and no key file yet.
    RecordCreated,
    /// All of a commit is in sled, tombstones too, and not synced.
    Staged,
    /// The commit record is written and synced.
    Committed,
    /// The run's key is overwritten; its file is still there.
    KeyOverwritten,
    /// The run's key file is gone; its commit record and rows are still there.
    KeyRemoved,
    /// The run's commit record is gone; its rows are still there.
    RecordRemoved,
}

#[cfg(not(test))]
pub(crate) fn reached(_: Step) {}

#[cfg(test)]
pub(crate) use hook::{during, each_row_is_written, reached, write_each_row};

#[cfg(test)]
mod hook {
    use std::cell::{Cell, RefCell};

    use super::Step;

    type Hook = Box<dyn FnMut(Step)>;

    thread_local! {
        static HOOK: RefCell<Option<Hook>> = const { RefCell::new(None) };
        static WRITE_EACH_ROW: Cell<bool> = const { Cell::new(false) };
    }

    /// Calls this thread's hook; what the hook itself reaches is not told to it.
    pub(crate) fn reached(step: Step) {
        let Some(mut hook) = HOOK.take() else { return };
        hook(step);
        HOOK.set(Some(hook));
    }

    /// Runs `work` with a hook that is told of each step.
    pub(crate) fn during<T>(hook: impl FnMut(Step) + 'static, work: impl FnOnce() -> T) -> T {
        HOOK.set(Some(Box::new(hook)));
        let result = work();
        HOOK.set(None);
        result
    }

    /// Lets sled write each row of this thread at once, unsynced, or only when it must.
    pub(crate) fn write_each_row(write: bool) {
        WRITE_EACH_ROW.set(write);
    }

    pub(crate) fn each_row_is_written() -> bool {
        WRITE_EACH_ROW.get()
    }
}
