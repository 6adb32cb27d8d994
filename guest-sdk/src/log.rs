//! The execution's log at this organization, which never leaves it.

use crate::Task;

impl Task {
    /// Logs what is worth knowing.
    pub fn info(&self, text: &str) {
        self.log("info: ", text);
    }

    /// Logs what the operator should look at.
    pub fn warn(&self, text: &str) {
        self.log("warning: ", text);
    }

    /// Shows how far the execution is: `done` of `total` steps, and what the step is called.
    pub fn progress(&self, done: u64, total: u64, text: &str) {
        let text = text.replace(['\n', '\r'], " ");
        self.windows.log(&format!("@progress {done}/{total} {text}"));
    }

    fn log(&self, level: &str, text: &str) {
        for line in text.lines() {
            self.windows.log(&format!("{level}{line}"));
        }
    }
}
