//! The execution's log at this organization, which never leaves it, and how far it is, which does.

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

    /// Tells the requester how far the execution is: `done` of `total` steps, and what the step is
    /// called, in at most 200 bytes. Through a network it hears the newest of what is said within a
    /// second or more, and the words only where the operator gives an algorithm's texts away. It
    /// leaves the organization, so it must say nothing about data that the result does not say.
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
